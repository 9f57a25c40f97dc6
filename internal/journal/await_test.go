package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAwaitFree: what saves a journal waits for the run that has it, and not for ever.
func TestAwaitFree(t *testing.T) {
	t.Parallel()
	stopped := errors.New("told to stop")
	for name, c := range map[string]struct {
		waits int // before the run gives the journal back; more than there are: never
		stop  error
		want  string
	}{
		"nobody has it":      {0, nil, ""},
		"for three seconds":  {3, nil, ""},
		"for a minute":       {60, nil, ""},
		"for longer":         {61, nil, "another run still has it after 1m0s"},
		"until told to stop": {5, stopped, "told to stop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "journal.jsonl")
			j, err := Open(path, api, at)
			if err != nil {
				t.Fatal(err)
			}
			give := func() { j.lock.Unlock() } //nolint:errcheck // the test shows it
			if c.waits == 0 {
				give()
			}
			waited := 0
			err = AwaitFree(t.Context(), path, time.Minute, func(_ context.Context, d time.Duration) error {
				if d != time.Second {
					t.Errorf("waits %s", d)
				}
				if waited++; waited == c.waits {
					give()
					return c.stop
				}
				return nil
			})
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err == nil && waited != c.waits {
				t.Errorf("waited %d s, want %d", waited, c.waits)
			}
		})
	}
}

// TestNothingToAwait: no file begins to be because somebody looks.
func TestNothingToAwait(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	written := filepath.Join(dir, "never-opened.jsonl")
	if err := os.WriteFile(written, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", filepath.Join(dir, "none"), written} {
		if err := AwaitFree(t.Context(), path, time.Minute, nil); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%v", files)
	}
}
