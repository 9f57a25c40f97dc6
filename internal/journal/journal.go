// Package journal keeps the trail of writes: a line before and after each, synced,
// so that a later run knows of an order that the API does not show. It decides
// nothing about it.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Journal is an open file. One run at a time has it.
type Journal struct {
	file *os.File
	lock *flock.Flock
	api  string
	now  func() time.Time
	runs string // tells the writes of this run from those of others: the file only grows
	n    int    // writes of this run
	past []Entry
	err  error // the first line after a write that could not be written
}

// Open reads the journal of writes to an API and keeps it for this run. A file that
// is not there yet is begun. It is an error when another run has it, or when a line
// can't be understood: then nobody knows what is held.
func Open(path, api string, now func() time.Time) (*Journal, error) {
	if err := isFile(path); err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	lock := flock.New(path + ".lock")
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	if !locked {
		return nil, fmt.Errorf("journal %s: another run has it", path)
	}
	j := &Journal{lock: lock, api: api, now: now}
	if err := j.begin(path); err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, errors.Join(err, lock.Unlock()))
	}
	return j, nil
}

// begin reads what is there and opens the file for more.
func (j *Journal) begin(path string) (err error) {
	if j.past, err = read(path, j.api); err != nil {
		return err
	}
	if j.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	size, err := mend(j.file, path)
	j.runs = fmt.Sprintf("%s-%d", j.now().UTC().Format("20060102T150405Z"), size)
	return err
}

// Before writes, and syncs, that an operation is about to be sent to a request that
// looks like have. It returns the name that After takes. With an error, nothing may
// be sent.
func (j *Journal) Before(op plan.Operation, id cert.ID, have cert.Live) (write string, err error) {
	j.n++
	write = fmt.Sprintf("%s-%d", j.runs, j.n)
	return write, j.append(lineBefore(j.line(write), op, id, have))
}

// After writes, and syncs, what became of a write, in a word of the report. Close
// returns the error of it: the write itself was made.
func (j *Journal) After(write, outcome string) {
	l := j.line(write)
	l.Outcome = outcome
	if err := j.append(l); err != nil && j.err == nil {
		j.err = err
	}
}

// Seen writes that a reading shows the effect of an earlier order: it holds nothing
// any more, however the request looks later.
func (j *Journal) Seen(e Entry) { j.After(e.Write, seen) }

// Holding returns the orders of earlier runs that may have been placed and that no
// reading has shown so far, oldest first.
func (j *Journal) Holding() []Entry { return j.past }

// Close gives the journal back. Its error says when a line is missing.
func (j *Journal) Close() error { return errors.Join(j.err, j.file.Close(), j.lock.Unlock()) }

func (j *Journal) line(write string) line {
	return line{Time: j.now().UTC(), Write: write, API: j.api}
}

// append writes one line in one piece, and waits until it is on the disk.
func (j *Journal) append(l line) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if _, err := j.file.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
