//go:build unix

package release_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/patience"
)

var dist = flag.String("dist", "", "directory with the files of a release, to look into")

// TestArchives unpacks each archive, and runs the program of those that are for this
// machine. `make release-snapshot` calls it.
func TestArchives(t *testing.T) {
	if *dist == "" {
		t.Skip("-dist names no release")
	}
	lines := strings.Split(strings.TrimSpace(read(t, *dist, "digests")), "\n")
	count := map[string]int{}
	for _, line := range lines[1:] {
		name, _, _ := strings.Cut(line, " ")
		count[filepath.Ext(name)]++
		if strings.HasSuffix(name, ".json") {
			if text := read(t, *dist, name); !strings.Contains(text, `"CycloneDX"`) || !strings.Contains(text, "golang.org/x/oauth2") {
				t.Errorf("%s names no modules", name)
			}
			continue
		}
		t.Run(name, func(t *testing.T) { lookInto(t, filepath.Join(*dist, name)) })
	}
	if count[".gz"] != 4 || count[".zip"] != 2 || count[".deb"] != 2 || count[".json"] != 6 {
		t.Errorf("files of a release: %v", count)
	}
}

func lookInto(t *testing.T, archive string) {
	dir := t.TempDir()
	command, bin, doc, schemas := []string{"tar", "-xzf", archive, "-C", dir}, "cpsync", "README.md", "schemas"
	switch filepath.Ext(archive) {
	case ".zip":
		command, bin = []string{"unzip", "-q", archive, "-d", dir}, "cpsync.exe"
	case ".deb":
		command, bin, doc, schemas = []string{"dpkg-deb", "--extract", archive, dir}, "usr/bin/cpsync", "usr/share/doc/cpsync/README.md", "usr/share/cpsync/schemas"
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skip(err)
	}
	if out, err := patience.Command(t, command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	if read(t, dir, doc) == "" || read(t, dir, schemas+"/plan.v2.schema.json") == "" {
		t.Error("README or schemas are missing")
	}
	info, err := os.Stat(filepath.Join(dir, bin))
	if err != nil || info.Size() < 1<<20 || info.Mode().Perm() != 0o755 && bin != "cpsync.exe" {
		t.Fatalf("program: %v, %v", info, err)
	}
	if parts := strings.Split(filepath.Base(archive), "_"); !slices.Contains(parts, runtime.GOOS) || !strings.HasPrefix(parts[len(parts)-1], runtime.GOARCH) {
		return // not for this machine
	}
	version := strings.Split(filepath.Base(archive), "_")[1]
	commit := strings.TrimSpace(read(t, *dist, "commit"))
	out, err := patience.Command(t, filepath.Join(dir, bin), "version").CombinedOutput()
	if err != nil || commit == "" || !strings.Contains(string(out), "v"+version) || !strings.Contains(string(out), commit) {
		t.Errorf("version: %v\n%s; want v%s of %s", err, out, version, commit)
	}
}
