package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// TestShortTokensOverALongApply: a token of a minute is renewed before it ends, all
// through an apply of half an hour.
func TestShortTokensOverALongApply(t *testing.T) {
	t.Parallel()
	const n = 8
	g := rigOf(t, sandbox.World{Clock: start2026, Certificates: fleet(n), Switches: sandbox.Switches{ExpiresIn: "60s", OrderShowsAfter: "100s"}})
	var asked []string
	for i := range n {
		asked = append(asked, renewing(int64(700+i)))
	}
	refused := 0
	g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
		rec := g.commit(c, r)
		if rec.Code == http.StatusUnauthorized {
			refused++
		}
		if c == aRenewal { // each order takes two minutes to settle
			reset(g, w, r, c)
		} else {
			replay(w, rec)
		}
		return true
	}
	r := g.cpsync("--apply", "--concurrency", "1", manifests(t, asked...))
	if r.code != cli.OK || refused > 0 {
		t.Errorf("exit code %d, %d requests with a token that had ended\n%s", r.code, refused, r.stderr)
	}
	if n := g.count(aToken); n < 8 || n > 60 {
		t.Errorf("%d tokens", n)
	}
	wantOrders(t, g, asked)
}

// TestTokensEndEarlierThanTheyClaim: a token that is said to last an hour ends after 100
// seconds, all through an apply of half an hour. Each end costs one request that is
// refused and one new token, and no order is placed twice.
func TestTokensEndEarlierThanTheyClaim(t *testing.T) {
	t.Parallel()
	const n = 8
	g := rigOf(t, sandbox.World{Clock: start2026, Certificates: fleet(n), Switches: sandbox.Switches{ExpiresIn: "100s", OrderShowsAfter: "100s"}})
	var asked []string
	for i := range n {
		asked = append(asked, renewing(int64(700+i)))
	}
	refused := 0
	g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
		rec := g.commit(c, r)
		switch {
		case rec.Code == http.StatusUnauthorized:
			refused++
		case c == aToken:
			answer(w, http.StatusOK, regexp.MustCompile(`"expires_in": *100`).ReplaceAllString(rec.Body.String(), `"expires_in": 3600`))
			return true
		case c == aRenewal: // each order takes two minutes to settle
			reset(g, w, r, c)
		}
		replay(w, rec)
		return true
	}
	r := g.cpsync("--apply", "--concurrency", "1", manifests(t, asked...))
	if r.code != cli.OK || refused < n || g.count(aToken) != refused+1 {
		t.Errorf("exit code %d, %d requests refused, %d tokens\n%s", r.code, refused, g.count(aToken), r.stderr)
	}
	wantOrders(t, g, asked)
}

// TestTokenRevoked: one new token, and the call again; an order is not placed twice.
func TestTokenRevoked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		at   call
		ever bool // every later token is revoked too
		code int
		sent int
	}{
		"at the first order":                   {aRenewal, false, cli.OK, 3},
		"at the reading before it":             {aGet, false, cli.OK, 2},
		"at a status":                          {aStatus, false, cli.OK, 2},
		"and every other, at the first order":  {aRenewal, true, cli.Unknown, 1}, // nobody can read what it did
		"and every other, at the reading":      {aGet, true, cli.Incomplete, 0},
		"and every other, at the first status": {aStatus, true, cli.Failed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, fleet(2)...)
			revoked := false
			g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
				if c == aToken || revoked && !test.ever || !revoked && c != test.at {
					return false
				}
				revoked = true
				g.retire(r.Header.Get("Authorization"))
				answer(w, http.StatusUnauthorized, `{"code":"unauthorized"}`)
				return true
			}
			asked := []string{renewing(700), renewing(701)}
			r := g.cpsync("--apply", "--concurrency", "1", manifests(t, asked...))
			if n := g.count(aRenewal); r.code != test.code || n != test.sent {
				t.Errorf("exit code %d, want %d; %d orders sent, want %d\n%s", r.code, test.code, n, test.sent, r.stderr)
			}
			if !test.ever && g.count(aToken) != 2 {
				t.Errorf("%d tokens", g.count(aToken))
			}
			if test.code == cli.OK {
				wantOrders(t, g, asked)
			}
		})
	}
}

// TestReadsAtOnce: reads in flight whose token is refused fetch one new token.
func TestReadsAtOnce(t *testing.T) {
	t.Parallel()
	const n, flying = 64, 4
	g := newRig(t, fleet(n)...)
	arrived := g.meeting(flying)
	g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
		if c != aStatus || !arrived() {
			return false
		}
		g.retire(r.Header.Get("Authorization"))
		answer(w, http.StatusUnauthorized, `{"code":"unauthorized"}`)
		return true
	}
	var asked []string
	for i := range n {
		asked = append(asked, renewing(int64(700+i)))
	}
	r := g.cpsync("--concurrency", fmt.Sprint(n), manifests(t, asked...))
	if r.code != cli.OK || g.count(aToken) != 2 || g.count(aStatus) != n+flying {
		t.Errorf("exit code %d, %d tokens for %d reads\n%s", r.code, g.count(aToken), g.count(aStatus), r.stderr)
	}
}

// meeting returns a function whose first n callers wait for one another. It tells
// whether the caller was one of them.
func (g *rig) meeting(n int) func() bool {
	all, came := make(chan struct{}), make(chan struct{}, n)
	return func() bool {
		select {
		case came <- struct{}{}:
		default:
			return false
		}
		if len(came) == n {
			close(all)
		}
		_, ok := patience.For(g.t, "the others to arrive", all)
		return ok
	}
}

// TestDueByOneClock: what is due by one of two clocks only is not sent, and where all the
// rest is done the counts do not say that all is.
func TestDueByOneClock(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-15 * day, 0} {
		g := newRig(t, served(700), served(701))
		g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
			rec := g.commit(c, r)
			rec.Header().Set("Date", g.api.Now().Add(-15*day-off).Format(http.TimeFormat))
			replay(w, rec)
			return true
		}
		var stdout, stderr lockedBuffer
		w := g.world(&stdout, &stderr, "--apply", manifests(t, renewing(700), editing(701)))
		w.Now = func() time.Time { return g.api.Now().Add(off) }
		if code := run(patience.Context(t), w); code != cli.Refused || g.api.Orders(700) != 0 {
			t.Errorf("%s: exit code %d, %d orders\n%s", off, code, g.api.Orders(700), stderr.String())
		}
		said := strings.Join(strings.Fields(stdout.String()), " ")
		if !strings.Contains(said, "Apply: 1 done. Correct the wrong clock and run again: 1 order is due by one of the two clocks only.") {
			t.Errorf("%s: the counts say something else:\n%s", off, stdout.String())
		}
	}
}

// TestClocksApart: a clock that is minutes off is told, and the token is used for as
// long as it lasts by our own.
func TestClocksApart(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-20 * time.Minute, 7 * time.Minute} {
		t.Run(off.String(), func(t *testing.T) {
			t.Parallel()
			g := newRig(t, served(700))
			g.serve = func(w http.ResponseWriter, r *http.Request, c call) bool {
				rec := g.commit(c, r)
				rec.Header().Set("Date", g.api.Now().Format(http.TimeFormat))
				replay(w, rec)
				return true
			}
			var stdout, stderr lockedBuffer
			w := g.world(&stdout, &stderr, "--apply", manifests(t, renewing(700)))
			w.Now = func() time.Time { return g.api.Now().Add(off) }
			if code := run(patience.Context(t), w); code != cli.OK || g.api.Orders(700) != 1 {
				t.Errorf("exit code %d, %d orders\n%s", code, g.api.Orders(700), stderr.String())
			}
			if !strings.Contains(stderr.String(), "apart") {
				t.Errorf("nothing tells of the clocks:\n%s", stderr.String())
			}
			if g.count(aToken) != 1 {
				t.Errorf("%d tokens", g.count(aToken))
			}
		})
	}
}
