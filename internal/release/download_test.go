//go:build unix

// Package release_test has the scripts of a release, and looks into what they built.
package release_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"path/filepath"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/patience"
)

// program is a released cpsync: it leaves a trace when it runs.
const program = "#!/bin/sh\necho \"cpsync v9.9.9\" \"$@\"\n"

// A pinned commit downloads the program of its release. Each row changes one thing. The tests
// run one by one: a script that was just written can not be started while another test forks.
func TestTheActionInstallsWhatItsCommitNames(t *testing.T) {
	archive := packed(t, program)
	for name, c := range map[string]struct {
		served  []byte // nil: nothing is there
		env     string
		change  func(t *testing.T, root string) // after the digests were added
		want    string                          // in what the step says
		build   string                          // the output of the step; "" when it fails
		present bool                            // a program is installed
	}{
		"the release":                {served: archive, want: "cpsync v9.9.9 version", build: "false", present: true},
		"the input asks for a build": {served: archive, env: "INPUT_BUILD=true", want: "built from source", build: "true"},
		"a later commit": {served: archive, want: "built from source", build: "true",
			change: func(t *testing.T, root string) { write(t, root, "main.go", "package main // changed") }},
		"a file that the release has not": {served: archive, want: "built from source", build: "true",
			change: func(t *testing.T, root string) { write(t, root, "go.work", "go 1.26") }},
		"a commit without digests": {served: archive, want: "built from source", build: "true",
			change: func(t *testing.T, root string) { must(t, os.RemoveAll(filepath.Join(root, ".github/digests"))) }},
		"another archive of the same size": {served: packed(t, strings.Replace(program, "v9", "v8", 1)), want: "is not what was released"},
		"an archive cut off":               {served: archive[:len(archive)-1], want: "is not what was released"},
		"no archive":                       {want: "could not be downloaded"},
		"no program for the platform":      {served: archive, env: "RUNNER_ARCH=ARM", want: "no program for Linux on ARM"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if c.served == nil || q.URL.Path != "/v9.9.9/cpsync_9.9.9_linux_amd64.tar.gz" {
					http.NotFound(w, q)
					return
				}
				_, _ = w.Write(c.served)
			}))
			defer server.Close()
			root, temp := t.TempDir(), t.TempDir()
			write(t, root, "main.go", "package main")
			for _, script := range []string{"download.sh", "tree.sh"} {
				text, err := os.ReadFile(filepath.Join("../../.github/scripts", script))
				must(t, err)
				write(t, root, ".github/scripts/"+script, string(text))
			}
			tree, err := patience.Command(t, filepath.Join(root, ".github/scripts/tree.sh"), "9.9.9").Output()
			must(t, err)
			write(t, root, ".github/digests/9.9.9", fmt.Sprintf("tree %scpsync_9.9.9_linux_amd64.tar.gz %d %x\n", tree, len(archive), sha256.Sum256(archive)))
			if c.change != nil {
				c.change(t, root)
			}
			step := patience.Command(t, filepath.Join(root, ".github/scripts/download.sh"))
			step.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "RUNNER_OS=Linux", "RUNNER_ARCH=X64", "CPSYNC_RELEASES="+server.URL,
				"GITHUB_PATH="+filepath.Join(temp, "path"), "GITHUB_OUTPUT="+filepath.Join(temp, "output"), c.env)
			out, err := step.CombinedOutput()
			if !strings.Contains(string(out), c.want) || (err == nil) != (c.build != "") {
				t.Errorf("%v; it says\n%s", err, out)
			}
			if c.build != "" && read(t, temp, "output") != "build="+c.build+"\n" {
				t.Errorf("output %q, want build=%s", read(t, temp, "output"), c.build)
			}
			_, err = os.Stat(filepath.Join(temp, "cpsync-bin/cpsync"))
			if installed := err == nil && read(t, temp, "path") != ""; installed != c.present {
				t.Errorf("installed: %t", installed)
			}
		})
	}
}

// TestATagAddsDigestsAndNothingElse: anything else is not rebuilt, and nothing is published.
func TestATagAddsDigestsAndNothingElse(t *testing.T) {
	root := t.TempDir()
	text, err := os.ReadFile("../../.github/scripts/rebuild.sh")
	must(t, err)
	write(t, root, ".github/scripts/rebuild.sh", string(text))
	git := func(args ...string) {
		t.Helper()
		c := patience.Command(t, "git", append([]string{"-C", root, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q")
	git("add", "-A")
	git("commit", "-qm", "X")
	write(t, root, ".github/digests/9.9.9", "tree 0\n")
	write(t, root, "main.go", "package main // not reviewed")
	git("add", "-A")
	git("commit", "-qm", "Y")
	out, err := patience.Command(t, filepath.Join(root, ".github/scripts/rebuild.sh"), "v9.9.9").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "and nothing else") {
		t.Errorf("%v\n%s", err, out)
	}
}

// packed is an archive that holds a program.
func packed(t *testing.T, program string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	must(t, w.WriteHeader(&tar.Header{Name: "cpsync", Mode: 0o755, Size: int64(len(program))}))
	_, err := w.Write([]byte(program))
	must(t, err)
	must(t, w.Close())
	must(t, z.Close())
	return b.Bytes()
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o755))
}

// read returns "" for a file that is not there.
func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if !os.IsNotExist(err) {
		must(t, err)
	}
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
