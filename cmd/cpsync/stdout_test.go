package main

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
)

// noSpace is a stdout that can't be written to.
type noSpace struct{}

func (noSpace) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
}

// TestWhatNoStdoutTakesIsSaid: the last line of stderr says why the code is not 0, and what it points at is there.
func TestWhatNoStdoutTakesIsSaid(t *testing.T) {
	t.Parallel()
	certs := manifests(t, same(700))
	for name, args := range map[string][]string{
		"version": {"version"}, "help": {"help"}, "schema": {"schema", "certificate"}, "auth": {"auth"}, "validate": {"validate", certs},
		"list": {"list", certs}, "list in JSON": {"list", "--format", "json", certs}, "explain": {"explain", "700", certs},
		"import": {"import", t.TempDir()}, "report": {"report", "--html", filepath.Join(t.TempDir(), "x.html"), certs}, "plan": {certs},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, served(700))
			var stderr lockedBuffer
			code := run(t.Context(), g.world(noSpace{}, &stderr, args...))
			if code != cli.Failed || !strings.HasSuffix(stderr.String(), "error: stdout: no space left on device\nexit 1: an output could not be written\n") {
				t.Errorf("exit code %d\n%s", code, stderr.String())
			}
		})
	}
}

func TestASignalEndsACheckOfTheCredentials(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700))
	ctx, stop := context.WithCancelCause(t.Context())
	stop(cli.Interrupted{Code: cli.Interrupt})
	var stdout, stderr lockedBuffer
	if code := run(ctx, g.world(&stdout, &stderr, "auth")); code != cli.Interrupt || !strings.Contains(stderr.String(), "interrupted by SIGINT") {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}

// TestAVariableOfNoTimeIsRefused: it is as good as the flag.
func TestAVariableOfNoTimeIsRefused(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700))
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, "auth")
	getenv := w.Getenv
	w.Getenv = func(name string) string {
		if name == "CPSYNC_TIMEOUT" {
			return "0s"
		}
		return getenv(name)
	}
	if code := run(t.Context(), w); code != cli.Usage || !strings.Contains(stderr.String(), "error: CPSYNC_TIMEOUT=0s: use 1s or more") {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}

// TestJSONOnStderrIsNothingElse: also of what goes wrong.
func TestJSONOnStderrIsNothingElse(t *testing.T) {
	t.Parallel()
	bad := manifests(t, "apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 700}\nx: 1\n")
	for name, args := range map[string][]string{
		"problems": {"list", bad}, "problems of an import": {"import", t.TempDir(), bad},
		"wrong usage":                 {"--plan", "x", "--github-output", filepath.Join(t.TempDir(), "none", "out"), bad},
		"a request that is not there": {"list", manifests(t, same(709))}, "no comment": {"comment", "--plan", filepath.Join(t.TempDir(), "none")},
	} {
		g := newRig(t, served(700))
		var stdout, stderr lockedBuffer
		code := run(t.Context(), g.world(&stdout, &stderr, append(args, "--log-format", "json")...))
		for line := range strings.Lines(stderr.String()) {
			if !strings.HasPrefix(line, "{") || code == cli.OK {
				t.Errorf("%s: exit code %d\n%s", name, code, stderr.String())
			}
		}
	}
}
