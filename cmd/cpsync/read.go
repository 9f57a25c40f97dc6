package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// Sizes, in bytes, of the largest files that are read whole. Those of other packages are
// beside what reads them; docs/reliability.md lists all.
const (
	mostPlan   = 32 << 20 // one with an edit of each of 10,000 certificates takes two thirds
	mostPage   = 32 << 20
	mostEvent  = 32 << 20
	mostSecret = 64 << 10
)

// readFile reads a file of at most so many bytes, until ctx ends: nobody may write to a
// pipe.
func readFile(ctx context.Context, name string, most int64) ([]byte, error) {
	return until(ctx, func() ([]byte, error) { return readAtMost(name, most) })
}

func readAtMost(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	tooLarge := fmt.Errorf("%s is larger than %s", name, size(most))
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, tooLarge
	}
	var data bytes.Buffer
	data.Grow(int(info.Size()) + bytes.MinRead) // in one piece, where the size is known
	n, err := data.ReadFrom(io.LimitReader(f, most+1))
	if err == nil && n > most {
		err = tooLarge
	}
	return data.Bytes(), err
}

// size writes a number of bytes in the largest unit.
func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// until does work that no signal could end, such as opening a file, and leaves it behind
// when ctx ends first.
func until[T any](ctx context.Context, work func() (T, error)) (T, error) {
	type outcome struct {
		value    T
		err      error
		panicked string
	}
	done := make(chan outcome, 1)
	background(func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil {
				o.panicked = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
			}
			done <- o
		}()
		o.value, o.err = work()
	})
	select {
	case o := <-done:
		if o.panicked != "" {
			panic(o.panicked)
		}
		return o.value, o.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}
