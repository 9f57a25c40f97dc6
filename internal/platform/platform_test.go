package platform_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cpsync/cpsync/internal/platform"
)

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	for _, content := range []string{"first, and longer", "second"} {
		if err := platform.ReplaceFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if have, err := os.ReadFile(path); err != nil || string(have) != content {
			t.Errorf("file holds %q, %v; want %q", have, err, content)
		}
	}
	if err := platform.ReplaceFile(filepath.Join(dir, "none", "plan.json"), nil); err == nil {
		t.Error("no error for a directory that does not exist")
	}
	if err := os.Mkdir(filepath.Join(dir, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := platform.ReplaceFile(filepath.Join(dir, "taken"), nil); err == nil {
		t.Error("a directory was replaced by a file")
	}
	if names, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(names) > 0 {
		t.Errorf("temporary files are left: %q, %v", names, err)
	}
}

// TestTruncateWhatIsAppendedTo: the next line follows what is left, as the journal needs it.
func TestTruncateWhatIsAppendedTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, step := range []func() error{
		func() error { _, err := f.WriteString("whole\ntorn"); return err },
		func() error { return platform.Truncate(f, 6) },
		func() error { _, err := f.WriteString("next\n"); return err },
		f.Sync,
		func() error { return platform.SyncDirectory(filepath.Dir(path)) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(path); err != nil || string(have) != "whole\nnext\n" {
		t.Errorf("file holds %q, %v", have, err)
	}
}

func TestIsClosedPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("nobody reads this"); !platform.IsClosedPipe(err) {
		t.Errorf("%v is not taken for a closed pipe", err)
	}
	if platform.IsClosedPipe(os.ErrClosed) {
		t.Error("a closed file is taken for a closed pipe")
	}
}
