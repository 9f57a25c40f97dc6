package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cpsync/cpsync/internal/sandbox"
)

var update = flag.Bool("update", false, "rewrite expected outputs")

// TestMain lets the stories run this test binary as cpsync.
func TestMain(m *testing.M) {
	testscript.Main(roomy{m}, map[string]func(){
		"cpsync": func() {
			var end func()
			code := start(func(w *world) { end = ofStory(w) })
			end()
			os.Exit(weighed(code))
		},
		timedCommand: func() { os.Exit(start(timed)) },
	})
}

// ofStory adapts the world of a story. The function that it returns writes what the sandbox received beside the
// story's files.
func ofStory(w *world) (end func()) {
	var api *sandbox.Server
	w.Embedded = func(s *sandbox.Server) http.RoundTripper {
		api = s
		return s
	}
	if w.Getenv("WAITS") == "none" {
		w.Wait = func(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }
	}
	all := newTranscript()
	w.Stdout, w.Stderr = io.MultiWriter(w.Stdout, all), io.MultiWriter(w.Stderr, all)
	return func() {
		if api != nil && len(api.Requests()) > 0 {
			note("requests.txt", api.Requests())
			note("writes.txt", api.Log())
		}
	}
}

// roomy runs the tests with less work for the collector: it would take a sixth of their time.
type roomy struct{ *testing.M }

func (r roomy) Run() int {
	debug.SetGCPercent(400)
	file, err := os.CreateTemp("", "said")
	if err == nil {
		err = errors.Join(file.Close(), os.Setenv(said, file.Name()))
		defer os.Remove(file.Name())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return checkSaid(file.Name(), r.M.Run())
}

// weighIn names the file that a process writes to how much memory it took: what the system
// tells of a process that has ended counts that of its parent too.
const weighIn = "WEIGH_IN"

// weighed writes it down, and passes an exit code on.
func weighed(code int) int {
	if file := os.Getenv(weighIn); file != "" {
		status, _ := os.ReadFile("/proc/self/status") // where there is none nothing is weighed
		_ = os.WriteFile(file, status, 0o600)
	}
	return code
}

// TestStories runs testdata/script/*.txtar, one behaviour each. Besides the usual
// commands of testscript there is
//
//	code N cpsync ARG...   run cpsync and expect exit code N
//	fleet NAME...          copy the files of testdata/fleets/NAME, which many stories share
//	collected FILE         have the parser of the node exporter read FILE
//	dns FILE               serve a zone file on loopback; $DNS is its address
//	repository             make the directory of the story a git repository that holds nothing
//
// With WAITS=none in its environment cpsync waits for nothing. Git knows no configuration but that of the
// story's repository; $BIN is the directory of cpsync, and of nothing else.
//
// An embedded sandbox leaves what it received in requests.txt, one request a line,
// and the writes with their bodies and answers in writes.txt.
//
// A process for each of a thousand commands would take most of the time of the tests. So "code" runs cpsync in this
// process, one story after the other, where the story has not set PATH; with -whole each is a process.
func TestStories(t *testing.T) {
	p := testscript.Params{
		Dir:           storiesDir,
		UpdateScripts: *update,
		Setup:         isolateGit,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"code": code, "collected": collected, "dns": serveDNS, "fleet": copyFleets, "repository": repository},
	}
	if *whole {
		testscript.Run(t, p)
	} else {
		testscript.RunT(inTurn{t}, p)
	}
}

// inTurn runs the stories one after the other: a process has one working directory.
type inTurn struct{ *testing.T }

func (inTurn) Parallel()     {}
func (inTurn) Verbose() bool { return testing.Verbose() }
func (s inTurn) Run(name string, story func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { story(inTurn{t}) })
}

// noLinger lets a process that is watched for races end without the second it would wait.
const noLinger = "GORACE=atexit_sleep_ms=0"

func isolateGit(e *testscript.Env) error {
	bin, err := exec.LookPath("cpsync")
	e.Vars = append(e.Vars, noLinger, said+"="+os.Getenv(said))
	for name, value := range map[string]string{
		"BIN": filepath.Dir(bin), "GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_CEILING_DIRECTORIES": filepath.Dir(e.WorkDir),
		"GIT_AUTHOR_NAME":         "a", "GIT_AUTHOR_EMAIL": "a@example.com",
		"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		e.Setenv(name, value)
	}
	e.Values[environ{}], e.Values[pathAtFirst{}] = e.Vars, e.Getenv("PATH")
	return err
}

// What is kept of the environment that a story begins with.
type (
	environ     struct{}
	pathAtFirst struct{}
)

// storiesDir and sharedFleets are absolute: a story has another working directory.
var (
	storiesDir, _   = filepath.Abs("testdata/script")
	sharedFleets, _ = filepath.Abs("testdata/fleets")
)

func repository(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Check(beginRepository(ts.MkAbs(".")))
}

// beginRepository makes a directory an empty repository, without the time that git takes.
func beginRepository(dir string) error {
	git := filepath.Join(dir, ".git")
	return errors.Join(os.MkdirAll(filepath.Join(git, "objects"), 0o755), os.MkdirAll(filepath.Join(git, "refs", "heads"), 0o755),
		os.WriteFile(filepath.Join(git, "HEAD"), []byte("ref: refs/heads/main\n"), 0o644))
}

// copyFleets refuses a file that is there already.
func copyFleets(ts *testscript.TestScript, neg bool, names []string) {
	if neg || len(names) == 0 {
		ts.Fatalf("usage: fleet name...")
	}
	for _, name := range names {
		ts.Check(os.CopyFS(ts.Getenv("WORK"), os.DirFS(filepath.Join(sharedFleets, name))))
	}
}

// code runs a command and checks its exit code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command [arg...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if args[1] == "cpsync" && !*whole && ts.Getenv("PATH") == ts.Value(pathAtFirst{}) { // git is searched in the PATH of this process
		here, err := os.Getwd()
		ts.Check(err)
		ts.Check(os.Chdir(ts.MkAbs(".")))
		r := inThisProcess(variables(ts), args[2:]...)
		ts.Check(os.Chdir(here))
		fmt.Fprint(ts.Stdout(), r.stdout)
		fmt.Fprint(ts.Stderr(), r.stderr)
		got = r.code
	} else if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// variables are those of a process that a story would start now.
func variables(ts *testscript.TestScript) []string {
	text, err := os.ReadFile(filepath.Join(storiesDir, ts.Name()+".txtar"))
	ts.Check(err)
	all := slices.Clone(ts.Value(environ{}).([]string))
	for line := range strings.Lines(string(text)) {
		if words, sets := strings.CutPrefix(line, "env "); sets {
			for _, word := range strings.Fields(words) {
				name, _, _ := strings.Cut(word, "=")
				all = append(all, name+"="+ts.Getenv(name))
			}
		}
	}
	return all
}

// inThisProcess runs cpsync, in the working directory of the tests.
func inThisProcess(environ []string, args ...string) result {
	w := outside()
	w.Args, w.Environ, w.Loaded = args, environ, nil
	w.Getenv = func(name string) string {
		for _, variable := range slices.Backward(environ) {
			if value, ok := strings.CutPrefix(variable, name+"="); ok {
				return value
			}
		}
		return ""
	}
	var stdout, stderr lockedBuffer
	w.Stdout, w.Stderr = &stdout, &stderr
	end := ofStory(&w)
	code := run(context.Background(), w.World)
	end()
	return result{code, stdout.String(), stderr.String()}
}

func note(file string, lines []string) {
	text := strings.Join(append(lines, ""), "\n")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		panic(err)
	}
}
