package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// TestRetryAfter: an apply waits as long as the server asks, or backs off, says so,
// and places its order once.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []call{aToken, aList, aStatus, aGet, aRenewal} {
		for header, least := range map[string]time.Duration{
			"": time.Second, "0": time.Second, "45": 45 * time.Second, "date": 90 * time.Second, "soon": time.Second,
		} {
			if c == aRenewal {
				least = max(least, 10*time.Second) // and reads before it sends again
			}
			t.Run(fmt.Sprint(c, " ", header), func(t *testing.T) {
				t.Parallel()
				g := newRig(t, served(700))
				limited := false
				g.serve = func(w http.ResponseWriter, _ *http.Request, got call) bool {
					if got != c || limited {
						return false
					}
					limited = true
					g.tooMany(w, header)
					return true
				}
				r := g.cpsync("--apply", manifests(t, renewing(700)))
				if r.code != cli.OK || g.api.Orders(700) != 1 {
					t.Errorf("exit code %d, %d orders\n%s", r.code, g.api.Orders(700), r.stderr)
				}
				if len(g.waits) != 1 || g.waits[0] < least || g.waits[0] > least+2*time.Second {
					t.Errorf("waited %v, want one of %s", g.waits, least)
				}
				next := "; retrying in "
				if c == aRenewal {
					next = "; reading the request in "
				}
				if !strings.Contains(r.stderr, next) {
					t.Errorf("the wait is not told:\n%s", r.stderr)
				}
			})
		}
	}
}

// tooMany answers 429. A date is 90 seconds ahead.
func (g *rig) tooMany(w http.ResponseWriter, after string) {
	if after == "date" {
		after = g.api.Now().Add(90 * time.Second).Format(http.TimeFormat)
		w.Header().Set("Date", g.api.Now().Format(http.TimeFormat))
	}
	if after != "" {
		w.Header().Set("Retry-After", after)
	}
	answer(w, http.StatusTooManyRequests, `{"code":"rate_limit_reached"}`)
}

// TestAnHourOfWaitingIsTooLong: the run gives up at once, and says the numbers.
func TestAnHourOfWaitingIsTooLong(t *testing.T) {
	t.Parallel()
	for c, want := range map[call]int{aToken: cli.Failed, aList: cli.Failed, aGet: cli.Incomplete, aRenewal: cli.Incomplete} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			g := newRig(t, served(700))
			g.serve = func(w http.ResponseWriter, _ *http.Request, got call) bool {
				if got == c {
					g.tooMany(w, "3600")
				}
				return got == c
			}
			r := g.cpsync("--apply", manifests(t, renewing(700)))
			waits := []time.Duration(nil)
			if c == aRenewal { // which is looked for once
				waits = []time.Duration{10 * time.Second}
			}
			if r.code != want || !slices.Equal(g.waits, waits) || g.api.Orders(700) != 0 {
				t.Errorf("exit code %d, want %d; waited %v\n%s", r.code, want, g.waits, r.stderr)
			}
			if !strings.Contains(r.stderr, "the wait would be 1h0m") || !strings.Contains(r.stderr, "are left") {
				t.Errorf("the numbers are not told:\n%s", r.stderr)
			}
		})
	}
}

// TestThreeHundredAnHour: the server takes 300 requests in any hour. A plan within
// them is made; one beyond them gives up with the numbers, and no plan.
func TestThreeHundredAnHour(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{200: cli.OK, 400: cli.Failed} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			g := newRig(t, fleet(n)...)
			taken := 0
			g.serve = func(w http.ResponseWriter, _ *http.Request, c call) bool {
				g.mu.Lock()
				defer g.mu.Unlock()
				if taken++; taken <= 300 || c == aToken {
					return false
				}
				w.Header().Set("Retry-After", "3000")
				answer(w, http.StatusTooManyRequests, `{"code":"rate_limit_reached"}`)
				return true
			}
			var asked []string
			for i := range n {
				asked = append(asked, renewing(int64(700+i)))
			}
			r := g.cpsync(manifests(t, asked...))
			if r.code != want {
				t.Errorf("exit code %d, want %d\n%s", r.code, want, r.stderr)
			}
			if want == cli.Failed && !strings.Contains(r.stdout+r.stderr, "the wait would be 50m") {
				t.Errorf("the numbers are not told:\n%s%s", r.stdout, r.stderr)
			}
		})
	}
}

// TestFiveASecond: the server takes 5 requests in any second. A hundred certificates
// take the token and 5 pages, and one of these twice.
func TestFiveASecond(t *testing.T) {
	t.Parallel()
	limit := func(g *rig) {
		var taken []time.Time
		g.serve = func(w http.ResponseWriter, _ *http.Request, _ call) bool {
			g.mu.Lock()
			defer g.mu.Unlock()
			now := g.api.Now()
			taken = slices.DeleteFunc(taken, func(at time.Time) bool { return now.Sub(at) >= time.Second })
			if len(taken) >= 5 {
				answer(w, http.StatusTooManyRequests, `{"code":"rate_limit_reached"}`)
				return true
			}
			taken = append(taken, now)
			return false
		}
	}
	l, r, _ := inLane(t, sandbox.World{Certificates: many(100, lasting)}, steady, limit, manifests(t, many(100, same)...))
	if r.code != cli.OK || len(l.seen) > 7 || l.count(aList) != 5+1 {
		t.Errorf("exit code %d; %d requests: %v\n%s%s", r.code, len(l.seen), l.seen, r.stdout, r.stderr)
	}
}

// TestATightLimitIsUsed: a server that takes so many requests a second, and says "1" to
// those beyond, gets a plan that takes little longer than that allows. No page and no
// status is given up because others took its turn.
func TestATightLimitIsUsed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		account int // a quarter needs a status
		rate    float64
		flags   []string
	}{
		"120 at 1 a second":             {120, 1, nil},
		"514 at 3 a second":             {514, 3, nil},
		"1000 at 5 a second":            {1000, 5, nil},
		"60 requests at 300 in an hour": {192, 300.0 / 3600, []string{"--timeout", "30m"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := many(test.account, lasting)
			for i := 0; i < len(account); i += 4 {
				account[i] = served(account[i].ID)
			}
			limit := func(g *rig) {
				tokens, at := max(test.rate, 1), g.api.Now()
				g.serve = func(w http.ResponseWriter, _ *http.Request, _ call) bool {
					g.mu.Lock()
					defer g.mu.Unlock()
					now := g.api.Now()
					tokens, at = min(max(test.rate, 1), tokens+test.rate*now.Sub(at).Seconds()), now
					if tokens < 1-1e-9 {
						g.tooMany(w, "1")
						return true
					}
					tokens--
					return false
				}
			}
			_, r, took := inLane(t, sandbox.World{Certificates: account}, steady, limit, append(test.flags, manifests(t, many(test.account, same)...))...)
			requests := 1 + (test.account+19)/20 + (test.account+3)/4
			if least := float64(requests) / test.rate; r.code != cli.OK || took.Seconds() > 1.2*least {
				t.Errorf("exit code %d; %d requests took %s, %.2f times what the limit allows\n%s", r.code, requests, took, took.Seconds()/least, r.stderr)
			}
		})
	}
}

// TestAPlanThatOutlastsItsTime says so as soon as the pace is known, once, with the flag
// that helps, and goes on.
func TestAPlanThatOutlastsItsTime(t *testing.T) {
	t.Parallel()
	for timeout, warns := range map[string]bool{"20s": true, "10m": false} {
		limit := func(g *rig) {
			last := start2026.Add(-time.Hour)
			g.serve = func(w http.ResponseWriter, _ *http.Request, _ call) bool {
				g.mu.Lock()
				defer g.mu.Unlock()
				if g.api.Now().Sub(last) < time.Second {
					g.tooMany(w, "1")
					return true
				}
				last = g.api.Now()
				return false
			}
		}
		_, r, _ := inLane(t, sandbox.World{Certificates: many(60, served)}, steady, limit,
			"--timeout", timeout, "--read-status", "all", manifests(t, many(60, same)...))
		text := regexp.MustCompile(`the \d+ reads that are left take about \d+s at the pace of this API, and --timeout leaves 1\ds: --timeout \dm gives time; without --read-status all fewer are read\n`)
		if n := len(text.FindAllString(r.stderr, -1)); (n == 1) != warns || strings.Contains(r.stderr, "that are left take") != warns {
			t.Errorf("--timeout %s: %d such warnings\n%s", timeout, n, r.stderr)
		}
		if (r.code == cli.OK) == warns {
			t.Errorf("--timeout %s: exit code %d", timeout, r.code)
		}
	}
}

// TestLimitAboveTwoInFlight: the run slows down until the server is content, and ends
// well.
func TestLimitAboveTwoInFlight(t *testing.T) {
	t.Parallel()
	const n = 40
	var asked []string
	for i := range n {
		asked = append(asked, renewing(int64(700+i)))
	}
	bitten := 0
	bites := func(g *rig) {
		g.serve = func(w http.ResponseWriter, _ *http.Request, c call) bool {
			g.mu.Lock()
			defer g.mu.Unlock()
			if c == aToken || g.flying <= 2 {
				return false
			}
			bitten++
			answer(w, http.StatusTooManyRequests, `{"code":"rate_limit_reached"}`)
			return true
		}
	}
	l, r, _ := inLane(t, sandbox.World{Certificates: fleet(n)}, steady, bites, "--apply", "--concurrency", "4", manifests(t, asked...))
	if r.code != cli.OK || bitten < 2 || bitten > 5 { // of the first four, two; then when one more is tried
		t.Errorf("exit code %d; the limit bit %d times\n%s", r.code, bitten, r.stderr)
	}
	wantOrders(t, l.rig, asked)
}
