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

// layout is where an archive has its files.
type layout struct {
	program, readme, schemas string
	bash, zsh, fish          string // completions
}

var (
	inOne = layout{program: "cpsync", readme: "README.md", schemas: "schemas",
		bash: "completions/cpsync.bash", zsh: "completions/_cpsync", fish: "completions/cpsync.fish"}
	debian = layout{program: "usr/bin/cpsync", readme: "usr/share/doc/cpsync/README.md", schemas: "usr/share/cpsync/schemas",
		bash: "usr/share/bash-completion/completions/cpsync", zsh: "usr/share/zsh/vendor-completions/_cpsync", fish: "usr/share/fish/vendor_completions.d/cpsync.fish"}
)

func lookInto(t *testing.T, archive string) {
	dir, l := t.TempDir(), inOne
	command := []string{"tar", "-xzf", archive, "-C", dir}
	switch filepath.Ext(archive) {
	case ".zip":
		command, l.program = []string{"unzip", "-q", archive, "-d", dir}, "cpsync.exe"
	case ".deb":
		command, l = []string{"dpkg-deb", "--extract", archive, dir}, debian
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		t.Skip(err)
	}
	if out, err := patience.Command(t, command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	for _, name := range []string{l.readme, l.schemas + "/plan.v2.schema.json", l.bash, l.zsh, l.fish} {
		if read(t, dir, name) == "" {
			t.Errorf("%s is missing", name)
		}
	}
	program := filepath.Join(dir, l.program)
	info, err := os.Stat(program)
	if err != nil || info.Size() < 1<<20 || info.Mode().Perm() != 0o755 && l.program != "cpsync.exe" {
		t.Fatalf("program: %v, %v", info, err)
	}
	if parts := strings.Split(filepath.Base(archive), "_"); !slices.Contains(parts, runtime.GOOS) || !strings.HasPrefix(parts[len(parts)-1], runtime.GOARCH) {
		return // not for this machine
	}
	version, commit := strings.Split(filepath.Base(archive), "_")[1], strings.TrimSpace(read(t, *dist, "commit"))
	for _, asked := range []string{"version", "--version"} {
		out, err := patience.Command(t, program, asked).CombinedOutput()
		if err != nil || commit == "" || !strings.Contains(string(out), "v"+version) || !strings.Contains(string(out), commit) {
			t.Errorf("%s: %v\n%s; want v%s of %s", asked, err, out, version, commit)
		}
	}
	for shell, script := range map[string]string{
		"bash": `source ` + l.bash + `; COMP_WORDS=(cpsync vali) COMP_CWORD=1; _cpsync; echo "${COMPREPLY[@]}"`,
		"zsh":  `compadd() { echo ${(P)2} }; _files() { :; }; fpath=(` + filepath.Dir(l.zsh) + `); autoload -Uz _cpsync; words=(cpsync vali) CURRENT=2; _cpsync`,
		"fish": `source ` + l.fish + `; complete -C "cpsync vali"`,
	} {
		t.Run(shell, func(t *testing.T) { completes(t, dir, filepath.Dir(program), shell, script) })
	}
}

// completes expects a script to complete "cpsync vali", with what the archive holds.
func completes(t *testing.T, dir, bin, shell, script string) {
	flags := map[string][]string{"bash": {"--norc", "-c"}, "zsh": {"-f", "-c"}, "fish": {"--no-config", "-c"}}
	if _, err := exec.LookPath(shell); err != nil {
		t.Skip(err)
	}
	c := patience.Command(t, shell, append(flags[shell], script)...)
	c.Dir = dir
	c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	if out, err := c.CombinedOutput(); strings.TrimSpace(string(out)) != "validate" {
		t.Errorf("%v: it completes vali to %q", err, out)
	}
}
