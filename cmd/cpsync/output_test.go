package main

import (
	"errors"
	"io"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
)

// pipe is a writer whose reader goes away after some bytes.
type pipe struct{ left int }

func (p *pipe) Write(b []byte) (int, error) {
	if p.left -= len(b); p.left < 0 {
		return 0, errors.New("broken pipe")
	}
	return len(b), nil
}

// TestClosedOutput: a stdout that nobody reads shows in the exit code and stops
// nothing; a stderr that nobody reads shows nowhere.
func TestClosedOutput(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args           []string
		stdout, stderr io.Writer
		fault          string
		want, sent     int
	}{
		"a plan":                           {nil, &pipe{}, io.Discard, "", cli.Failed, 0},
		"a plan, in the middle":            {nil, &pipe{left: 100}, io.Discard, "", cli.Failed, 0},
		"a plan in JSON":                   {[]string{"--format", "json"}, &pipe{}, io.Discard, "", cli.Failed, 0},
		"an apply":                         {[]string{"--apply"}, &pipe{}, io.Discard, "", cli.Incomplete, 1},
		"an apply, in the middle":          {[]string{"--apply"}, &pipe{left: 100}, io.Discard, "", cli.Incomplete, 1},
		"an apply in JSON":                 {[]string{"--apply", "--format", "json"}, &pipe{}, io.Discard, "", cli.Incomplete, 1},
		"an apply whose order is unknown":  {[]string{"--apply"}, &pipe{}, io.Discard, "500", cli.Unknown, 1},
		"stderr of a plan":                 {[]string{"-v"}, io.Discard, &pipe{}, "", cli.OK, 0},
		"stderr of an apply":               {[]string{"--apply", "-v"}, io.Discard, &pipe{}, "", cli.OK, 1},
		"stderr of an apply, in JSON":      {[]string{"--apply", "--log-format", "json"}, io.Discard, &pipe{}, "", cli.OK, 1},
		"both of an apply":                 {[]string{"--apply"}, &pipe{}, &pipe{}, "", cli.Incomplete, 1},
		"both of an apply that is unknown": {[]string{"--apply"}, &pipe{}, &pipe{}, "500", cli.Unknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, served(700))
			if test.fault != "" {
				g.breaks(test.fault, aRenewal, 1)
			}
			w := g.world(test.stdout, test.stderr, append(test.args, manifests(t, renewing(700)))...)
			if code := run(patience.Context(t), w); code != test.want || g.count(aRenewal) != test.sent {
				t.Errorf("exit code %d, want %d; %d orders sent, want %d", code, test.want, g.count(aRenewal), test.sent)
			}
		})
	}
}
