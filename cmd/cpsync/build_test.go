//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/patience"
)

// stolen is what the code of an attacker says when it is part of what was built.
const stolen = "this is not cpsync's own code"

// TestTheActionBuildsItsOwnCommit builds as a called workflow does: below the tree of a
// caller who tries to have other code in what is built.
func TestTheActionBuildsItsOwnCommit(t *testing.T) {
	t.Parallel()
	if !*whole {
		t.Skip("builds cpsync: with -whole")
	}
	caller, temp, home := t.TempDir(), t.TempDir(), t.TempDir()
	pinned := filepath.Join(caller, ".cpsync")
	checkOut(t, pinned)
	hostile(t, caller)

	path := filepath.Join(temp, "path.txt")
	build := bash(t, caller, []string{"RUNNER_TEMP=" + temp, "GITHUB_PATH=" + path, "XDG_CONFIG_HOME=" + home,
		"GOWORK=" + filepath.Join(caller, "go.work"), "GOCACHE=" + goEnv(t, "GOCACHE"), "GOMODCACHE=" + goEnv(t, "GOMODCACHE")},
		`GOTOOLCHAIN=local go env -w GOFLAGS=-mod=vendor GOTOOLCHAIN=go9.99.0 2>/dev/null && .cpsync/.github/scripts/build.sh`)
	if !strings.HasPrefix(build, "cpsync ") || strings.Contains(build, stolen) {
		t.Errorf("not built from the commit alone:\n%s", build)
	}
	if added := textOf(t, temp, "path.txt"); strings.TrimSpace(added) != filepath.Join(temp, "cpsync-bin") {
		t.Errorf("on the PATH: %q", added)
	}
}

// TestADownloadedActionKnowsItsCommit builds as the action alone does, from files without a
// repository, which only the pin of the action says the commit of.
func TestADownloadedActionKnowsItsCommit(t *testing.T) {
	t.Parallel()
	if !*whole {
		t.Skip("builds cpsync: with -whole")
	}
	commit := strings.Repeat("5a", 20)
	for _, pin := range []struct{ ref, want string }{{commit, "cpsync devel " + commit}, {"x -X github.com/cpsync/cpsync/internal/cli.builtCommit=y", "cpsync devel"}} {
		files, temp := t.TempDir(), t.TempDir()
		checkOut(t, files)
		if err := os.RemoveAll(filepath.Join(files, ".git")); err != nil {
			t.Fatal(err)
		}
		got := bash(t, t.TempDir(), []string{"RUNNER_TEMP=" + temp, "GITHUB_PATH=" + filepath.Join(temp, "path.txt"), "INPUT_ACTION_REF=" + pin.ref,
			"GOCACHE=" + goEnv(t, "GOCACHE"), "GOMODCACHE=" + goEnv(t, "GOMODCACHE")}, files+"/.github/scripts/build.sh")
		if strings.TrimSpace(got) != pin.want {
			t.Errorf("%s: %q, want %q", pin.ref, got, pin.want)
		}
	}
}

// hostile puts in the caller's tree what Go would look at when it builds below it, and
// beside the files of the commit what was never part of it.
func hostile(t *testing.T, caller string) {
	t.Helper()
	evil := "import \"fmt\"\n\nfunc init() { fmt.Println(\"" + stolen + "\") }\n"
	module := goList(t, "{{.Dir}}", "github.com/spf13/pflag")
	for _, to := range []string{"evil", "vendor/github.com/spf13/pflag"} {
		if err := os.CopyFS(filepath.Join(caller, to), os.DirFS(module)); err != nil {
			t.Fatal(err)
		}
		place(t, caller, to+"/evil.go", "package pflag\n\n"+evil)
	}
	place(t, caller, "go.work", "go 1.26.8\n\nuse ./.cpsync\n\nreplace github.com/spf13/pflag => ./evil\n")
	place(t, caller, "go.mod", "module example.com/certs\n\ngo 1.26.8\n\ntoolchain go9.99.0\n")
	place(t, caller, "vendor/modules.txt", "# github.com/spf13/pflag "+goList(t, "{{.Version}}", "github.com/spf13/pflag")+"\n## explicit\ngithub.com/spf13/pflag\n")
	place(t, caller, ".cpsync/go.work", "go 1.26.8\n\nuse .\n\nreplace github.com/spf13/pflag => ../evil\n")
	place(t, caller, ".cpsync/vendor/modules.txt", "")
	place(t, caller, ".cpsync/cmd/cpsync/evil.go", "package main\n\n"+evil)
}

// TestWhatACallerPlantsIsTakenAway: where cpsync is checked out, there is nothing of the
// caller, whatever it is, and what a link leads to stays.
func TestWhatACallerPlantsIsTakenAway(t *testing.T) {
	t.Parallel()
	for name, text := range workflowFiles(t) {
		steps, checkouts := clears.FindAllStringSubmatch(text, -1), strings.Count(text, "path: .cpsync\n")
		if len(steps) != checkouts {
			t.Errorf("%s checks cpsync out %d times, and makes room for it %d times", name, checkouts, len(steps))
		}
		if len(steps) == 0 {
			continue
		}
		for what, plant := range map[string]string{
			"a file": "echo >.cpsync", "a link": "ln -s kept .cpsync", "a link to nothing": "ln -s none .cpsync",
			"a directory": "cp -R kept .cpsync", "nothing": "true",
		} {
			out := bash(t, t.TempDir(), nil, "mkdir kept; echo >kept/action.yml; "+plant+"; SELF=a/b@c; "+steps[0][1]+"; ls -A . kept")
			if out != ".:\nkept\n\nkept:\naction.yml\n" {
				t.Errorf("%s, %s: %s", name, what, out)
			}
		}
		for _, unknown := range []string{"@", "a/b@", "@c"} {
			out := bash(t, t.TempDir(), nil, "SELF="+unknown+"; ("+steps[0][1]+") || echo stopped")
			if !strings.Contains(out, "CPSYNC_COMMIT") || !strings.HasSuffix(out, "stopped\n") {
				t.Errorf("%s: where the runner says %q of the commit: %q", name, unknown, out)
			}
		}
	}
}

// checkOut puts what is under test into a repository of its own, as actions/checkout does.
func checkOut(t *testing.T, dir string) {
	t.Helper()
	for _, part := range []string{"cmd", "internal", "examples", "schemas", ".github/scripts"} {
		if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join("..", "..", part))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		place(t, dir, file, textOf(t, filepath.Join("..", ".."), file))
	}
	bash(t, dir, []string{"GIT_CONFIG_GLOBAL=" + os.DevNull}, "git init -q && git add . && git -c user.name=a -c user.email=a@example.com commit -qm pinned")
}

// bash runs a script in dir and returns what it says.
func bash(t *testing.T, dir string, env []string, script string) string {
	t.Helper()
	for _, tool := range []string{"bash", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the steps need %s", tool)
		}
	}
	c := patience.Command(t, "bash", "-euc", script)
	c.Dir, c.Env = dir, append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LC_ALL=C"}, env...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(bash(t, ".", nil, "go env "+name))
}

func goList(t *testing.T, format, module string) string {
	t.Helper()
	return strings.TrimSpace(bash(t, ".", nil, "go list -m -f '"+format+"' "+module))
}
