package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
// A last line without its end is one that a crash cut off: nothing was sent after it.
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
	whole := data[:bytes.LastIndexByte(data, '\n')+1]
	var all []Entry
	at := 0
	for text := range bytes.Lines(whole) {
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

// isFile refuses what is there and no file: a device, such as /dev/full, may have no end.
func isFile(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	return nil
}

// take adds what a line says to the writes read so far.
func take(all []Entry, text []byte, at int, api string) ([]Entry, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, errors.New("it is not JSON")
	}
	if l.API != api {
		return all, nil // of another target
	}
	if l.Before == nil {
		for i := range all {
			if all[i].Write == l.Write {
				all[i].Outcome = l.Outcome
			}
		}
		return all, nil
	}
	e, err := l.entry(at)
	return append(all, e), err
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

// mend ends a line that a crash cut off, so that the next one stands alone. What is
// left of it is not JSON, so it is taken away. It returns the size of the file.
func mend(f *os.File, path string) (size int64, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	size = int64(bytes.LastIndexByte(data, '\n') + 1)
	return size, f.Truncate(size)
}
