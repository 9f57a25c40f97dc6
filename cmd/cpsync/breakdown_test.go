//go:build unix

package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
)

// TestPanicsOfAProcess: in whatever stage a worker panics, a process of its own ends with
// one report, a trace for whoever mends it, and a code that does not say less than the
// truth: never 2, with which Go ends a process.
func TestPanicsOfAProcess(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]int{
		"token 0 before":  cli.Failed,
		"list 0 after":    cli.Failed,
		"status 1 before": cli.Failed, // beside others
		"get 0 before":    cli.Failed,
		"renew 0 before":  cli.Unknown,
		"renew 0 after":   cli.Unknown,
		"get 1 after":     cli.Unknown,    // the reading after the first order
		"get 2 before":    cli.Incomplete, // the reading before the second
		"edit 0 after":    cli.Incomplete,
	} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, served(700), served(701))
			asked := []string{renewing(700), renewing(701)}
			if strings.HasPrefix(at, "edit") {
				asked = []string{editing(700), editing(701)}
			}
			dir := manifests(t, asked...)
			r := finished(g.clocked(t, []string{timedPanic + "=" + at}, "--apply", "--format", "json", dir))
			r.wants(t, want, "internal error", "goroutine")
			if all := result(r).reported(t); len(all.Errors) == 0 || !strings.Contains(all.Errors[0].Message, "a bug in a worker") {
				t.Errorf("the report does not name the panic: %v", all.Errors)
			}
			if again := g.cpsync("--apply", dir); again.code != cli.OK {
				t.Errorf("the next run ends with %d\n%s", again.code, again.stderr)
			}
			wantOrders(t, g, asked)
		})
	}
}

// finished runs a command to its end.
func finished(c *exec.Cmd) result {
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	code := 0
	var exit *exec.ExitError
	if err := c.Run(); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		code = -1
	}
	return result{code, stdout.String(), stderr.String()}
}

// fullDisk is a file to which nothing can be written.
const fullDisk = "/dev/full"

// TestFullDisk: a disk that is full from the start keeps an apply whose record was asked
// for from writing. One behind stdout stops nothing and shows in the exit code.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(fullDisk); err != nil {
		t.Skip(err)
	}
	for name, test := range map[string]struct {
		args   []string
		stdout bool
		want   int
		sent   int
		says   string
	}{
		"behind --out of a plan":    {[]string{"--out", "json=" + fullDisk}, false, cli.Failed, 0, "no space left"},
		"behind --out of an apply":  {[]string{"--apply", "--out", "json=" + fullDisk}, false, cli.Failed, 0, "nothing was sent, because an --out file can't be written"},
		"behind stdout of a plan":   {nil, true, cli.Failed, 0, "no space left"},
		"behind stdout of an apply": {[]string{"--apply"}, true, cli.Incomplete, 1, "no space left on device\nexit 3: an output could not be written\n"},
		"in place of the journal":   {[]string{"--apply", "--journal", fullDisk}, false, cli.Failed, 0, "not a regular file"},
		"in place of the approval":  {[]string{"--apply", "--plan", "/dev/zero"}, false, cli.Failed, 0, "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, served(700))
			p := g.clocked(t, nil, append(test.args, manifests(t, renewing(700)))...)
			var stderr bytes.Buffer
			var r result
			if test.stdout {
				full, err := os.OpenFile(fullDisk, os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				defer full.Close()
				p.Stdout, p.Stderr = full, &stderr
				_ = p.Run()
				r = result{p.ProcessState.ExitCode(), "", stderr.String()}
			} else {
				r = finished(p)
			}
			r.wants(t, test.want, test.says)
			if n := g.count(aRenewal); n != test.sent {
				t.Errorf("%d orders sent, want %d", n, test.sent)
			}
		})
	}
}

// TestADiskThatFillsUp: the record at the end can't be written once the writes were made.
// The exit code says so, and what was done is on stdout.
func TestADiskThatFillsUp(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700))
	out := filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}
	g.serve = func(_ http.ResponseWriter, _ *http.Request, c call) bool {
		if c == aRenewal {
			_ = os.RemoveAll(out)
		}
		return false
	}
	r := finished(g.clocked(t, nil, "--apply", "--out", "json="+filepath.Join(out, "plan.json"), manifests(t, renewing(700))))
	r.wants(t, cli.Incomplete, "1 done", "plan.json")
	if n := g.api.Orders(700); n != 1 {
		t.Errorf("%d orders", n)
	}
}
