package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// written returns the path of a state file with this text.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sandbox.json")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func opened(t *testing.T, path string) *Server {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const shopFile = `{"clock": "2026-11-22T12:00:00Z", "certificates": [` + shop + `]}`

func TestReadingDoesNotTouchTheFile(t *testing.T) {
	t.Parallel()
	path := written(t, shopFile)
	os.Chmod(path, 0o400)
	os.Chmod(filepath.Dir(path), 0o500)
	t.Cleanup(func() { os.Chmod(filepath.Dir(path), 0o700) })
	before, _ := os.Stat(path)
	s := opened(t, path)
	c := call(t, s)
	c.get("/certificates")
	c.do(404, "PATCH", "/certificates/1", `{"auto_renew":true}`)
	if err := s.Save(); err != nil {
		t.Errorf("saving what did not change: %v", err)
	}
	s.Close()
	after, _ := os.Stat(path)
	if contents(t, path) != shopFile || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the file was touched:\n%s", contents(t, path))
	}
	if names, _ := os.ReadDir(filepath.Dir(path)); len(names) != 1 {
		t.Errorf("files beside it: %v", names)
	}
}

func TestAcceptedWriteIsStoredBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	path := written(t, shopFile)
	s := opened(t, path)
	s.Advance(time.Hour)
	call(t, s).do(204, "PUT", "/certificates/11604/renew", "")
	stored := parsed(t, contents(t, path)) // before Close, before Save
	if stored.Orders[11604] != 1 || len(stored.Writes) != 1 || !stored.Clock.Equal(instant(t, noon).Add(time.Hour)) {
		t.Errorf("stored: %+v", stored)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o640 {
		t.Errorf("permissions became %v", info.Mode())
	}
	s.Close()
	again := opened(t, path)
	again.Advance(5 * time.Hour)
	if got, want := call(t, again).look(), "Active/Renewed shop.example.com:Active www.shop.example.com:Active"; got != want {
		t.Errorf("after a restart: %s, want %s", got, want)
	}
}

func TestWriteThatCannotBeStoredDidNotHappen(t *testing.T) {
	t.Parallel()
	path := written(t, shopFile)
	s := opened(t, path)
	c := call(t, s)
	if err := os.Rename(written(t, shopFile), path); err != nil {
		t.Fatal(err)
	}
	before := encoded(s)
	body := c.do(500, "PUT", "/certificates/11604/renew", "")
	if !strings.Contains(body, "replaced by somebody else") || contents(t, path) != shopFile {
		t.Errorf("%s\n%s", body, contents(t, path))
	}
	if after := encoded(s); string(after) != string(before) {
		t.Errorf("the world changed:\n%s", after)
	}
}

func TestSecondServerIsRefused(t *testing.T) {
	t.Parallel()
	path := written(t, shopFile)
	s := opened(t, path)
	refused := func(when string) {
		t.Helper()
		if other, err := Open(path); err == nil || !strings.Contains(err.Error(), "in use by another process") {
			t.Errorf("%s: a second server got %v, %v", when, other, err)
		}
	}
	refused("at first")
	call(t, s).do(204, "PUT", "/certificates/11604/renew", "")
	refused("after the file was replaced")
	s.Close()
	opened(t, path)
}

func TestSaveStoresTheClock(t *testing.T) {
	t.Parallel()
	path := written(t, shopFile)
	s := opened(t, path)
	s.Advance(time.Hour)
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	if got := parsed(t, contents(t, path)).Clock; !got.Equal(instant(t, noon).Add(time.Hour)) {
		t.Errorf("stored clock: %v", got)
	}
	if err := New(World{Clock: instant(t, noon)}).Save(); err != nil {
		t.Errorf("saving without a file: %v", err)
	}
}

func TestSymbolicLinkStaysOne(t *testing.T) {
	t.Parallel()
	path := written(t, shopFile)
	link := filepath.Join(t.TempDir(), "link.json")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	call(t, opened(t, link)).do(204, "PUT", "/certificates/11604/renew", "")
	if info, _ := os.Lstat(link); info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced by a file")
	}
	if parsed(t, contents(t, path)).Orders[11604] != 1 {
		t.Error("the file it points to was not written")
	}
}

func TestOpenNamesTheFile(t *testing.T) {
	t.Parallel()
	path := written(t, "{\n  \"clok\": 1}")
	if _, err := Open(path); err == nil || !strings.HasPrefix(err.Error(), path+":2:3: ") {
		t.Errorf("got %v", err)
	}
	if _, err := Open(path + "?"); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: %v", err)
	}
}
