package manifest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// made makes a tree of files and links. A text that begins with "->" is where a link leads.
func made(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if target, isLink := strings.CutPrefix(text, "-> "); isLink {
			err = errors.Join(err, os.Symlink(strings.ReplaceAll(target, "DIR", dir), path))
		} else {
			err = errors.Join(err, os.WriteFile(path, []byte(text), 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestLinksStayBelowTheTop: a link works within the top, be it written in full, and what
// leads out is refused by its name, wherever on the way the link is.
func TestLinksStayBelowTheTop(t *testing.T) {
	t.Parallel()
	const out = "leads out of the repository"
	dir := made(t, map[string]string{
		"ws/.git/HEAD":         "x",
		"ws/.git/token.yaml":   legal(9),
		"ws/certs/a.yaml":      legal(1),
		"ws/more/b.yaml":       legal(2),
		"ws/near/b.yaml":       "-> ../more/b.yaml",
		"ws/full/b.yaml":       "-> DIR/ws/more/b.yaml",
		"ws/round/b.yaml":      "-> ../../ws/more/b.yaml",
		"ws/far/x.yaml":        "-> ../../outside/x.yaml",
		"ws/farfull/x.yaml":    "-> DIR/outside/x.yaml",
		"ws/hops/x.yaml":       "-> ../far/x.yaml",
		"ws/token/x.yaml":      "-> ../.git/token.yaml",
		"ws/.GIT/token.yaml":   legal(9),
		"ws/shout/x.yaml":      "-> ../.GIT/token.yaml",
		"ws/zero/x.yaml":       "-> /dev/zero",
		"ws/gone":              "-> ../outside",
		"ws/inner":             "-> more",
		"outside/x.yaml":       legal(3),
		"outside/deep/y.yaml":  legal(4),
		"release/v1/c.yaml":    legal(5),
		"release/v1/out.yaml":  "-> ../../outside/x.yaml",
		"release/current":      "-> v1",
		"release/v2/c.yaml":    legal(6),
		"mount/..data":         "-> ..2026",
		"mount/..2026/d.yaml":  legal(7),
		"mount/d.yaml":         "-> ..data/d.yaml",
		"mount/..2026/skip.md": "",
	})
	for _, c := range []struct{ path, root, want string }{
		{"ws/near", "", "b"},
		{"ws/full", "", "b"},
		{"ws/round", "", "b"},
		{"ws/near/b.yaml", "", "b"},
		{"ws/inner/", "", "b"},
		{"ws/inner/.", "", "b"},
		{"ws/inner", "", "is a link to a directory"},
		{"ws/far", "", "x.yaml:0:0: " + out},
		{"ws/far/x.yaml", "", "x.yaml:0:0: " + out},
		{"ws/farfull", "", "x.yaml:0:0: " + out},
		{"ws/hops", "", "x.yaml:0:0: " + out},
		{"ws/token", "", "x.yaml:0:0: " + out},
		{"ws/shout", "", "x.yaml:0:0: " + out},
		{"ws/zero", "", "x.yaml:0:0: " + out},
		{"ws/gone", "", "gone:0:0: " + out},
		{"ws/gone/", "", "gone:0:0: " + out},
		{"ws/gone/x.yaml", "", "x.yaml:0:0: " + out},
		{"ws/gone/deep", "", "deep:0:0: " + out},
		{"release/current/", "", "out.yaml:0:0: " + out},
		{"release/current/c.yaml", "", "c"},
		{"release/v2", "", "c"},
		{"mount", "", "d"},
		{"ws/near", "ws/near", "b.yaml:0:0: " + out},
		{"ws/near", "ws", "b"},
		{"ws/far", ".", "x"},
		{"release/v1", ".", "c out"},
		{"outside", "ws", "lies outside of --root"},
	} {
		path, root := dir+"/"+c.path, c.root
		if root != "" {
			root = filepath.Join(dir, root)
		}
		got := ""
		if disk, err := OpenDisk(t.Context(), []string{path}, root, nil); err != nil {
			got = err.Error()
		} else if got = loaded(disk, path); strings.Contains(got, "unknown") {
			t.Errorf("%s: text was read:\n%s", c.path, got)
		}
		if short := strings.HasPrefix(c.want, "is a ") || strings.Contains(c.want, " "+out) || strings.HasPrefix(c.want, "lies"); short && strings.Contains(got, c.want) {
			continue
		}
		if got != c.want {
			t.Errorf("%s with root %q gives %s, want %s", c.path, c.root, got, c.want)
		}
	}
}
