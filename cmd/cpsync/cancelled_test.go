//go:build unix

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
)

// A step is one of the action, run as the runner of GitHub Actions does it: its text is
// given to a shell, and what the runner signals is that process and no other. Its time is
// the test's.
type step struct {
	*process
	dir    string
	mu     sync.Mutex
	timers map[string]chan struct{} // since the first signal, by how long
	set    chan struct{}            // told of each timer
}

// cancelSequence is what the runner does to a step when somebody cancels the job, and when
// timeout-minutes is over: SIGINT, and if the process lives on SIGTERM 7.5 s later, and
// SIGKILL 10 s later.
//
// Source: actions/runner, src/Runner.Sdk/ProcessInvoker.cs, read 2026-11-22.
var cancelSequence = []struct {
	at     time.Duration
	signal syscall.Signal
}{{0, syscall.SIGINT}, {7500 * time.Millisecond, syscall.SIGTERM}, {10 * time.Second, syscall.SIGKILL}}

// TestCancelledStep cancels the step of an apply that has made an edit, while its first order
// is in flight. cpsync hears of it, whenever the answer comes; the step is over before it is
// killed, and everything is written: at once, and again at the end.
func TestCancelledStep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer  time.Duration
		ends    time.Duration
		code    int
		outcome string
		heading string
	}{
		{time.Second, time.Second, cli.Incomplete, "done", "2 done, 2 not started"},
		{9 * time.Second, cli.Grace, cli.Unknown, "unknown", "1 done, 1 unknown, 2 not started"},
		{30 * time.Second, cli.Grace, cli.Unknown, "unknown", "1 done, 1 unknown, 2 not started"},
	} {
		t.Run(fmt.Sprint("an answer after ", c.answer), func(t *testing.T) {
			t.Parallel()
			api := newGate(t, 3)
			api.closeFor("PUT")
			s := newStep(t, api)
			api.arrived(t, "PUT 1")

			s.signal(t, cancelSequence[0].signal)
			atOnce := s.outputs(t)
			s.wants(t, "at once", atOnce, cli.Unknown, `"finished": false`, []string{`"outcome": "done"`, `"outcome": null`}, "This apply has not finished")
			patience.For(t, "a timer", s.set)
			patience.For(t, "another timer", s.set)
			for _, next := range cancelSequence[1:] {
				if c.ends < next.at {
					break
				}
				s.signal(t, next.signal)
				awaited(launch(t, s.dir, nil, "version")) // meanwhile the step hears of it
			}
			if c.answer <= c.ends {
				api.open()
			} else {
				close(s.timers[cli.Grace.String()])
			}
			atEnd := s.outputs(t)
			if r := awaited(s.process); r.code != c.code {
				t.Errorf("exit code %d, want %d\n%s%s", r.code, c.code, r.stdout, r.stderr)
			}
			s.wants(t, "at the end", atEnd, c.code, `"finished": true`, []string{`"outcome": "` + c.outcome + `"`, `"outcome": "not-started"`}, "### cpsync applied: "+c.heading)
			trail := textOf(t, s.dir, "journal/journal.jsonl")
			if strings.Count(trail, "\n") < 4 || !strings.Contains(trail, `"outcome":"`+c.outcome+`"`) {
				t.Errorf("the journal does not say %s:\n%s", c.outcome, trail)
			}
			if n := api.api.Orders(2) + api.api.Orders(3); n != 0 {
				t.Errorf("%d orders after the signal", n)
			}
		})
	}
}

// newStep starts the step of the action that applies three renewals.
func newStep(t *testing.T, api *gate) *step {
	t.Helper()
	run := regexp.MustCompile(`(?m)^      run: '(.*/run\.sh")'`).FindStringSubmatch(workflowFiles(t)["action.yml"])
	if run == nil {
		t.Fatal("the action has no step that runs cpsync")
	}
	s := &step{dir: t.TempDir(), timers: map[string]chan struct{}{}, set: make(chan struct{}, 2)}
	for id := 1; id <= 3; id++ {
		place(t, s.dir, fmt.Sprintf("certs/%d.yaml", id), fmt.Sprintf("apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: %d}\npolicy: {renew_before: 60d}\n", id))
	}
	place(t, s.dir, "certs/1.yaml", textOf(t, s.dir, "certs/1.yaml")+"spec: {description: new}\n")
	place(t, s.dir, "step.sh", run[1]+"\n")
	place(t, s.dir, "bin/cpsync", "#!/bin/sh\nexec "+timedCommand+" \"$@\"\n")
	if err := os.Chmod(filepath.Join(s.dir, "bin/cpsync"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(s.dir, "output"), 0o600); err != nil {
		t.Fatal(err)
	}
	clock := httptest.NewServer(http.HandlerFunc(s.clock))
	t.Cleanup(clock.Close)
	t.Cleanup(clock.CloseClientConnections)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	s.process = &process{cmd: patience.Command(t, "bash", "--noprofile", "--norc", "-eo", "pipefail", "step.sh")}
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.dir, &s.stdout, &s.stderr
	s.cmd.Env = append(api.env(), "PATH="+filepath.Join(s.dir, "bin")+":"+os.Getenv("PATH"), noLinger,
		timedFrom+"="+api.api.Now().Format(time.RFC3339), timedAt+"="+clock.URL,
		"GITHUB_ACTION_PATH="+root, "RUNNER_TEMP="+s.dir, "GITHUB_OUTPUT="+filepath.Join(s.dir, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(s.dir, "summary.md"),
		"INPUT_MODE=apply", "INPUT_PATHS=certs", "INPUT_KEY=default", "INPUT_JOURNAL="+filepath.Join(s.dir, "journal/journal.jsonl"))
	s.run(t)
	return s
}

// clock answers a pause at once, and a timer when the test says so.
func (s *step) clock(_ http.ResponseWriter, r *http.Request) {
	after := r.URL.Query().Get("after")
	if after == "" {
		return
	}
	over := make(chan struct{})
	s.mu.Lock()
	s.timers[after] = over
	s.mu.Unlock()
	select {
	case s.set <- struct{}{}:
	case <-r.Context().Done():
		return
	}
	select {
	case <-over:
	case <-r.Context().Done():
	}
}

// outputs waits until the step writes its outputs, which is after its files. They go
// through a pipe, so that what stands in the files is what they are about.
func (s *step) outputs(t *testing.T) string {
	t.Helper()
	came := make(chan string, 1)
	go func() {
		text, err := os.ReadFile(filepath.Join(s.dir, "output"))
		if err != nil {
			t.Error(err)
		}
		came <- string(text)
	}()
	text, ok := patience.For(t, "outputs", came)
	if !ok {
		t.FailNow()
	}
	return text
}

// wants checks the outputs, the plan that they name, and the summary.
func (s *step) wants(t *testing.T, when, outputs string, code int, finished string, outcomes []string, summary string) {
	t.Helper()
	plan := filepath.Join("cpsync", "default", "plan.json")
	for _, line := range []string{fmt.Sprintf("exit-code=%d\n", code), "changes=true\n", "json=" + filepath.Join(s.dir, plan) + "\n"} {
		if !strings.Contains(outputs, line) {
			t.Errorf("%s: the outputs lack %q:\n%s", when, line, outputs)
		}
	}
	text := textOf(t, s.dir, plan)
	for _, member := range append(outcomes, finished) {
		if !strings.Contains(text, member) {
			t.Errorf("%s: the plan lacks %s:\n%s", when, member, text)
		}
	}
	if text := textOf(t, s.dir, "summary.md"); !strings.HasPrefix(text, summary) {
		t.Errorf("%s: the summary does not begin with %q:\n%s", when, summary, text)
	}
}
