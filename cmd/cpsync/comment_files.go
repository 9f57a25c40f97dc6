package main

import (
	"fmt"
	"io"
	"os"

	"github.com/cpsync/cpsync/internal/comment"
)

// mostFile is how much of a saved plan or of an event is read. A plan of thousands of
// certificates takes a tenth of it.
const mostFile = 128 << 20

// read reads the saved plan and its page, and makes sure that they belong together.
func (c commentOptions) read() (saved comment.Saved, page string, err error) {
	data, err := readFile(c.plan)
	if err != nil {
		return saved, "", fmt.Errorf("--plan: %w", err)
	}
	if saved, err = comment.Read(data); err != nil {
		return saved, "", fmt.Errorf("--plan %s: %w", c.plan, err)
	}
	data, err = readFile(c.page())
	if err != nil {
		return saved, "", noPage{err, c}
	}
	if err := saved.Belongs(string(data)); err != nil {
		return saved, "", noPage{fmt.Errorf("%s: %w", c.page(), err), c}
	}
	return saved, string(data), nil
}

// noPage is a page that is missing, or of another run.
type noPage struct {
	error
	of commentOptions
}

func (e noPage) Unwrap() error { return e.error }

func (e noPage) hint() string {
	return fmt.Sprintf("Save both in one run: cpsync --out json=%s --out markdown=%s PATH...", e.of.plan, e.of.page())
}

// readFile reads a file that should be small.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostFile+1))
	if err == nil && len(data) > mostFile {
		err = fmt.Errorf("%s: over %d MiB", name, mostFile>>20)
	}
	return data, err
}
