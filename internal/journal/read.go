package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/cpsync/cpsync/internal/jsontext"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/platform"
)

// Read returns the History of a journal without a lock. A missing file has none.
func Read(path, api string) (History, error) {
	entries, err := readFile(path, api)
	if err != nil {
		return History{}, fmt.Errorf("journal %s: %w", path, err)
	}
	return entries, nil
}

// readFile reads the file.
func readFile(path, api string) (h History, err error) {
	data, err := whole(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err == nil {
		data, err = withoutTorn(data)
	}
	if err != nil {
		return h, err
	}
	t := reader{api: api, writes: map[string]*Entry{}}
	at := 0
	for text := range bytes.Lines(data) {
		at++
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		if err := t.take(text, at); err != nil {
			return h, fmt.Errorf("line %d: %w; fix that line", at, err)
		}
	}
	h = History{Pending: mayBePlaced(t.all), Refused: refusals(t.all), all: t.all, Applied: t.applied}
	for _, e := range t.all {
		if !e.Shown.Modified.IsZero() {
			own := plan.Own{Before: e.Before.Modified, After: e.Shown.Modified, Metadata: e.Metadata}
			h.done = append(h.done, made{e.ID, e.Shown.By, own})
		}
	}
	return h, nil
}

// mostJournal is the size, in bytes, of the largest journal that is read: years of writes.
const mostJournal = 32 << 20

// mostWrites is how many writes a journal may hold: three for each of a fleet of 10,000.
const mostWrites = 30_000

// whole reads the file. It refuses a pipe or a device, which may have no end, and does not
// block when it opens one.
func whole(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, ErrNoFile
	case info.Size() > mostJournal:
		return nil, errLarge
	}
	data, err := io.ReadAll(io.LimitReader(f, mostJournal+1))
	if err == nil && len(data) > mostJournal {
		err = errLarge
	}
	return data, err
}

var (
	// ErrNoFile: the path is a directory or a device.
	ErrNoFile = errors.New("it is not a regular file")
	errMany   = fmt.Errorf("the journal holds more than %d writes; keep the lines of the last year", mostWrites)
	errLarge  = fmt.Errorf("it is larger than %d MiB; keep the lines of the last year", mostJournal>>20)
)

// withoutTorn removes a last line that a crash cut off: nothing was sent after it. A whole
// last line without a line break, as some editors leave it, stays.
func withoutTorn(data []byte) ([]byte, error) {
	end := bytes.LastIndexByte(data, '\n') + 1
	switch last := data[end:]; {
	case bytes.ContainsRune(last, '\r'):
		return nil, errors.New("its lines end in CR alone, or its last one does; end each with LF")
	case json.Valid(last):
		return data, nil
	case !begun(last):
		return nil, errors.New("its last line is not the beginning of a line of a journal")
	default:
		return data[:end], nil
	}
}

// begun reports whether a text can be the rest of a line after a crash: its beginning, or
// zero bytes. Any other text was not written by cpsync.
func begun(text []byte) bool {
	const line = `{"time":"`
	n := min(len(text), len(line))
	return string(text[:n]) == line[:n] || len(bytes.Trim(text, "\x00")) == 0
}

// isFile returns an error if path exists and is no regular file.
func isFile(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return ErrNoFile
	}
	return nil
}

// reader collects the lines of a journal.
type reader struct {
	api     string
	all     []*Entry
	writes  map[string]*Entry // the last of that name
	applied time.Time
}

// take adds a line. An outcome without a write is ignored: a person may have removed the
// first line of the write.
func (t *reader) take(text []byte, at int) error {
	l, err := parse(text)
	switch {
	case err != nil:
		return err
	case len(t.all) == mostWrites:
		return errMany
	case l.API != t.api: // of another target
	case l.Applied:
		t.applied = l.Time
	case l.Before != nil:
		e, err := l.toEntry(at)
		t.writes[l.Write] = &e
		t.all = append(t.all, &e)
		return err
	}
	if e, known := t.writes[l.Write]; known {
		e.Outcome, e.OutcomeAt, e.refused = inReport(l.Outcome), l.Time, l.Refused
		if l.Shown != nil {
			e.Shown = *l.Shown
		}
	}
	return nil
}

// parse reads a line. It ignores unknown members, which a later version may have added. A
// missing member is an error, because the line may be a pending order.
func parse(text []byte) (l line, err error) {
	if err := jsontext.Decode(text, &l); err != nil {
		return l, fmt.Errorf("it is not a line of a journal: %w", err)
	}
	if l.Applied && l.API != "" && l.Write == "" && l.Before == nil && l.Outcome == "" {
		return l, nil
	}
	if l.API == "" || l.Write == "" || (l.Before == nil) == (l.Outcome == "") {
		return l, errors.New("it is not a line of a journal: it says no API, no write, or neither what was before nor what came of it")
	}
	return l, nil
}

// repair removes the rest of a line that a crash cut off, and ends a whole last line, so that
// the next line begins on its own. It returns the size of the file.
func repair(f *os.File, path string) (size int64, err error) {
	data, err := whole(path)
	if err != nil {
		return 0, err
	}
	if data, err = withoutTorn(data); err != nil {
		return 0, err
	}
	if err := platform.Truncate(f, int64(len(data))); err != nil {
		return 0, err
	}
	if n := len(data); n > 0 && data[n-1] != '\n' {
		_, err = f.Write([]byte{'\n'})
		return int64(n + 1), err
	}
	return int64(len(data)), nil
}
