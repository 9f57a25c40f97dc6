// Package journal keeps a file with a line before and after each write, synced to the disk,
// so that a later run knows of an order that the API does not show. It decides nothing.
package journal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/platform"
)

// Journal is an open file. One run at a time has it. The zero value has no file, and notes nothing.
type Journal struct {
	file    *os.File
	path    string
	size    int64 // bytes of whole lines
	lock    *flock.Flock
	api     string
	now     func() time.Time
	run     map[string]string // who started this run and what for
	runs    string            // prefix of the names of this run's writes, unique because the file only grows
	n       int               // writes of this run
	History History           // of earlier runs
	err     error             // the first line after a write that could not be written
	sync    func() error      // has the disk keep what was written
}

// Open reads the journal of writes to an API and locks it for this run. It creates a missing file first,
// so that it has one real path for its lock. It is an error if another run has the file, under whatever
// name, or if a line cannot be read: then the pending orders are unknown.
func Open(path, api string, now func() time.Time) (*Journal, error) {
	j := &Journal{path: path, api: api, now: now}
	if err := j.lockAndRead(); err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return j, nil
}

// ErrInUse means that another run has the journal. Two runs at a time would not see each other's orders.
var ErrInUse = errors.New("another run has it")

func (j *Journal) lockAndRead() (err error) {
	if info, err := os.Stat(j.path); err == nil && !info.Mode().IsRegular() {
		return ErrNoFile
	}
	if j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	j.sync = j.file.Sync
	real, err := filepath.EvalSymlinks(j.path)
	if err != nil {
		return errors.Join(err, j.file.Close())
	}
	j.lock = flock.New(real + ".lock")
	defer func() {
		if err != nil {
			err = errors.Join(err, j.file.Close(), j.lock.Unlock())
		}
	}()
	if locked, err := j.lock.TryLock(); err != nil || !locked {
		return cmp.Or(err, ErrInUse)
	}
	data, err := whole(j.path)
	if err != nil {
		return err
	}
	if j.History, err = historyOf(data, j.api); err != nil {
		return err
	}
	// The rest of a line that a crash cut off goes, and a whole last line ends.
	j.size = int64(len(data))
	if err := platform.Truncate(j.file, j.size); err != nil {
		return err
	}
	if n := len(data); n > 0 && data[n-1] != '\n' {
		if _, err := j.file.Write([]byte{'\n'}); err != nil {
			return err
		}
		j.size++
	}
	j.runs = fmt.Sprintf("%s-%d", j.now().UTC().Format("20060102T150405Z"), j.size)
	return platform.SyncDirectory(filepath.Dir(real))
}

// Of sets who started this run and what for. The lines of its writes hold that.
func (j *Journal) Of(run map[string]string) { j.run = run }

// Before writes a line that an operation is about to be sent to a request that looks like
// have. It returns the name of the write for After. With an error nothing may be sent.
func (j *Journal) Before(op plan.Operation, id cert.ID, have cert.Live) (write string, err error) {
	if j.file == nil {
		return "", nil
	}
	j.n++
	l := line{Write: fmt.Sprintf("%s-%d", j.runs, j.n), ID: id, Kind: op.Kind.String(), Before: stateOf(have), Run: j.run}
	for _, c := range op.Changes {
		l.Fields, l.Asked = append(l.Fields, c.Edit.String()), append(l.Asked, plan.Asked(c))
	}
	if d, ok := op.Body.Domains.Get(); ok {
		l.Sent = &names{d.Common, d.Names}
	}
	return l.Write, j.append(l)
}

// After writes the outcome of a write, in a word of the report, and the last change by the reading after
// it, which may be zero. Its error is returned by Close, because the write itself was made.
func (j *Journal) After(write, outcome string, have cert.Live) {
	l := line{Write: write, Outcome: outcome}
	if outcome == notConverged {
		l.Outcome = notConvergedInLine
	}
	if !have.Modified.IsZero() {
		l.Shown = &shown{have.Modified, have.ModifiedBy}
	}
	j.note(l)
}

// note appends a line about a write that was made, and keeps its error for Close. The line stays where it is
// only not certain that the disk has it.
func (j *Journal) note(l line) {
	if err := j.put(l); err != nil && j.err == nil {
		j.err = err
	}
}

// Refused is After for a write that the API rejected, with its answer.
func (j *Journal) Refused(write, answer string) {
	j.note(line{Write: write, Outcome: failed, Refused: answer})
}

// Settle writes that a person, by, says that the order of an entry was not placed. by may be
// "". With an error nothing was written.
func (j *Journal) Settle(e Entry, by string) error {
	if err := j.append(line{Write: e.Write, Outcome: settled, By: by}); err != nil {
		return err
	}
	for _, of := range j.History.all {
		if of.Write == e.Write {
			of.Outcome = settled
		}
	}
	return nil
}

// Seen writes that a reading shows the effect of an order. The order is then no longer
// pending, however the request looks later.
func (j *Journal) Seen(write string) { j.After(write, seenLater, cert.Live{}) }

// Applied writes that the apply is complete, also if it sent nothing.
func (j *Journal) Applied() { j.note(line{Applied: true, Run: j.run}) }

// Close unlocks the journal. Its error names a line that could not be written.
func (j *Journal) Close() error {
	if j.file == nil {
		return nil
	}
	return errors.Join(j.err, j.file.Close(), j.lock.Unlock())
}

// append is put for a line that the caller acts on. With an error the line is not in the file: it would say that
// something was sent that was not.
func (j *Journal) append(l line) error {
	size := j.size
	err := j.put(l)
	if err != nil && j.size > size { // written, but perhaps not on the disk
		j.size = size
		err = errors.Join(err, platform.Truncate(j.file, size))
	}
	return err
}

// put writes one line in one piece and syncs it to the disk. It truncates a line that could not
// be written whole, so that the next one is.
func (j *Journal) put(l line) error {
	if j.file == nil {
		return nil
	}
	l.Time, l.API = j.now().UTC(), j.api
	data, err := json.Marshal(l)
	if err == nil {
		err = j.inPlace()
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	data = append(data, '\n')
	if _, err := j.file.Write(data); err != nil {
		return fmt.Errorf("journal: %w", errors.Join(err, platform.Truncate(j.file, j.size)))
	}
	j.size += int64(len(data))
	if err := j.sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// inPlace returns an error if the file was removed, replaced or written to by others, so that
// another run would read something else.
func (j *Journal) inPlace() error {
	there, err := os.Stat(j.path)
	if err != nil {
		return err
	}
	ours, err := j.file.Stat()
	switch {
	case err != nil:
		return err
	case !os.SameFile(there, ours):
		return fmt.Errorf("%s is another file than when this run began", j.path)
	case ours.Size() != j.size:
		return fmt.Errorf("%s was written to by somebody else", j.path)
	}
	return nil
}

const pollEvery = time.Second

// AwaitFree waits until no run has the journal, at most for most. It returns at once without
// a path, or if the file was never opened.
func AwaitFree(ctx context.Context, path string, most time.Duration, wait func(context.Context, time.Duration) error) error {
	if path == "" {
		return nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		_, err = os.Stat(real + ".lock")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for passed := time.Duration(0); err == nil; passed += pollEvery {
		lock := flock.New(real + ".lock")
		free, locked := lock.TryLock()
		switch {
		case free:
			return lock.Unlock()
		case locked != nil:
			err = locked
		case passed >= most:
			err = fmt.Errorf("another run still has it after %s", most)
		default:
			err = wait(ctx, pollEvery)
		}
	}
	return fmt.Errorf("journal %s: %w", path, err)
}
