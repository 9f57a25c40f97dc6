package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Read returns what Holding of an opened journal would, without keeping others off.
// A file that is not there holds nothing.
func Read(path, api string) ([]Entry, error) {
	entries, err := read(path, api)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return entries, nil
}

// read returns the orders in the file that may have been placed and were not seen.
func read(path, api string) ([]Entry, error) {
	if err := isFile(path); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data, err = withoutTorn(data)
	if err != nil {
		return nil, err
	}
	var all []Entry
	at := 0
	for text := range bytes.Lines(data) {
		at++
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		if all, err = take(all, text, at, api); err != nil {
			return nil, fmt.Errorf("line %d: %w; mend or remove the line", at, err)
		}
	}
	return holding(all), nil
}

// withoutTorn takes off a last line that a crash cut off: nothing was sent after it. One
// that is whole and lacks its end alone, as some editors leave it, stays.
func withoutTorn(data []byte) ([]byte, error) {
	end := bytes.LastIndexByte(data, '\n') + 1
	switch last := data[end:]; {
	case bytes.ContainsRune(last, '\r'):
		return nil, errors.New("its lines end in CR alone, or its last one does; end each with LF")
	case json.Valid(last):
		return data, nil
	default:
		return data[:end], nil
	}
}

// isFile refuses what is there and no file: a device, such as /dev/full, may have no end.
func isFile(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	return nil
}

// take adds what a line says to the writes read so far. An outcome of no write is what is
// left when a person has removed the line before.
func take(all []Entry, text []byte, at int, api string) ([]Entry, error) {
	l, err := parse(text)
	if err != nil {
		return nil, err
	}
	switch {
	case l.API != api: // of another target
		return all, nil
	case l.Before != nil:
		e, err := l.entry(at)
		return append(all, e), err
	}
	for i := range all {
		if all[i].Write == l.Write {
			all[i].Outcome, all[i].Told = l.Outcome, l.Time
		}
	}
	return all, nil
}

// parse reads a line that this version could have written. A member it does not know, or
// one that is missing, may be what holds an order.
func parse(text []byte) (l line, err error) {
	if !json.Valid(text) {
		return l, errors.New("it is not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return l, fmt.Errorf("it is not a line of a journal: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if l.API == "" || l.Write == "" || (l.Before == nil) == (l.Outcome == "") {
		return l, errors.New("it is not a line of a journal: it says no API, no write, or neither what was before nor what came of it")
	}
	return l, nil
}

// holding leaves the orders of which it is not known that they were not placed, nor
// that a reading showed them.
func holding(all []Entry) []Entry {
	var held []Entry
	for _, e := range all {
		if e.Operation.Order() && !harmless[e.Outcome] {
			held = append(held, e)
		}
	}
	return held
}

// mend takes away what is left of a line that a crash cut off, and ends one that lacks its
// end alone, so that the next one stands alone. It returns the size of the file.
func mend(f *os.File, path string) (size int64, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if data, err = withoutTorn(data); err != nil {
		return 0, err
	}
	if err := f.Truncate(int64(len(data))); err != nil {
		return 0, err
	}
	if n := len(data); n > 0 && data[n-1] != '\n' {
		_, err = f.Write([]byte{'\n'})
		return int64(n + 1), err
	}
	return int64(len(data)), nil
}
