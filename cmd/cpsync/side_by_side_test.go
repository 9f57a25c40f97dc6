package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
	"github.com/cpsync/cpsync/internal/seed"
)

// lane is a simulated API in this process, in the time of a synctest bubble: answers
// take as long as a test says, and no time passes outside.
type lane struct {
	*rig
	takes func(c call) time.Duration
}

// RoundTrip is the whole wire.
func (l *lane) RoundTrip(r *http.Request) (*http.Response, error) {
	c := callOf(r.Method, r.URL.Path, nil)
	l.mu.Lock()
	l.seen = append(l.seen, c)
	l.flying++
	l.peak = max(l.peak, l.flying)
	took := l.takes(c)
	l.mu.Unlock()
	time.Sleep(took)
	rec := httptest.NewRecorder()
	if l.serve == nil || !l.serve(rec, r, c) {
		l.api.ServeHTTP(rec, r)
	}
	l.left()
	return rec.Result(), nil
}

// inLane runs the program in a bubble, and returns how long it took there.
func inLane(t *testing.T, w sandbox.World, takes func(call) time.Duration, happen func(*rig), args ...string) (l *lane, r result, took time.Duration) {
	t.Helper()
	w.Clock, w.Switches.ExpiresIn = start2026, "1h"
	synctest.Test(t, func(t *testing.T) {
		l = &lane{rig: &rig{t: t, api: sandbox.New(w), wire: &http.Transport{}, secret: sandbox.ClientSecret, applied: map[call]int{}}, takes: takes}
		if happen != nil {
			happen(l.rig)
		}
		var stdout, stderr lockedBuffer
		env := map[string]string{
			"CPSYNC_API_URL": "http://127.0.0.1/sec/cps", "CPSYNC_TOKEN_URL": "http://127.0.0.1/connect/token",
			"CPSYNC_CLIENT_ID": sandbox.ClientID, "CPSYNC_CLIENT_SECRET": sandbox.ClientSecret,
		}
		start := time.Now()
		code := run(t.Context(), cli.World{
			Args: args, Getenv: func(name string) string { return env[name] },
			Stdout: &stdout, Stderr: &stderr, Now: l.api.Now, Transport: l, Wait: l.wait,
		})
		took = time.Since(start)
		r = result{code, stdout.String(), stderr.String()}
	})
	return l, r, took
}

const latency = 50 * time.Millisecond

func steady(call) time.Duration { return latency }

// TestRunAtALatency: a run takes the token, the first page, and then as many rounds as
// there are further pages and statuses, divided by those in flight. Nothing else waits.
func TestRunAtALatency(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		world       sandbox.World
		manifests   []string
		concurrency string
		rounds      int
	}{
		"200 in step": {
			sandbox.World{Certificates: many(200, lasting)}, many(200, same), "4", 1 + 1 + 3, // 9 pages
		},
		"200 in step, one after another": {
			sandbox.World{Certificates: many(200, lasting)}, many(200, same), "1", 1 + 1 + 9,
		},
		"statuses beside the last page": {
			sandbox.World{Certificates: append(many(3, served), many(120, lasting)[3:]...)}, many(120, same), "4",
			1 + 1 + 2, // 5 pages and 3 statuses
		},
		"statuses beside pages that come one by one": {
			sandbox.World{Certificates: slices.Concat(many(2, served), many(20, lasting)[2:], many(26, served)[20:], many(45, lasting)[26:]),
				Faults: []sandbox.Fault{{Name: "total-items-absent", Call: "list", Times: -1}}}, many(45, same), "4",
			1 + 1 + 3, // page 2 beside 2 statuses, page 3 beside 3, and 3 more
		},
		"records to set beside the last statuses": {
			sandbox.World{Certificates: append([]sandbox.Certificate{unproven(700), unproven(701)}, many(6, served)[2:]...)},
			append([]string{manifestOf(700), manifestOf(701)}, many(6, same)[2:]...), "4",
			1 + 1 + 2, // 4 statuses, then 2 beside the records of two
		},
		"single reads, each with its status": {
			sandbox.World{Certificates: append(many(200, lasting), served(1200), served(1201))}, []string{same(1200), same(1201)}, "4",
			1 + 1 + 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, r, took := inLane(t, test.world, steady, nil, "--concurrency", test.concurrency, manifests(t, test.manifests...))
			if want := time.Duration(test.rounds) * latency; took != want || r.code != cli.OK {
				t.Errorf("took %s, want %s; exit code %d; %v\n%s", took, want, r.code, l.seen, r.stderr)
			}
			if fmt.Sprint(l.peak) > test.concurrency {
				t.Errorf("%d requests at once", l.peak)
			}
		})
	}
}

var (
	firstSeed = seed.Flag()
	whole     = flag.Bool("whole", false, "judge every case that is made up, not the part that follows from the seed")
)

// chosen reports whether the i-th case that is made up is judged: one of n, or with -whole each.
func chosen(i, n int) bool { return *whole || (uint64(i)+firstSeed())%uint64(n) == 0 }

// TestOrderOfArrival: in whatever order answers come, the output is the same.
func TestOrderOfArrival(t *testing.T) {
	t.Parallel()
	account := slices.Concat(many(90, lasting), many(130, served)[90:], []sandbox.Certificate{vetted(lasting(830)), timedOut(831)})
	dir := manifests(t, slices.Concat(many(60, editing), many(125, renewing)[60:], []string{expecting(naming(830)), retriggering(831), same(4711)})...)
	want := ""
	for i := range 25 {
		if !chosen(i, 5) {
			continue
		}
		seed := firstSeed() + uint64(i)
		random := rand.New(rand.NewPCG(seed, 0))
		takes := func(call) time.Duration { return time.Duration(random.IntN(100)) * time.Millisecond }
		_, r, _ := inLane(t, sandbox.World{Certificates: account}, takes, nil, "-v", "--log-format", "json", dir)
		if want == "" {
			want = r.stdout
		}
		if diff := cmp.Diff(want, r.stdout); diff != "" || r.code != cli.Refused {
			t.Errorf("seed %d: exit code %d %s", seed, r.code, diff)
		}
	}
}

// TestStatusOfAListThatMoved: statuses are read beside a list that turns out to have
// moved. When it is read again, those of requests that look as they did are kept, those
// of others are read again, or not used.
func TestStatusOfAListThatMoved(t *testing.T) {
	t.Parallel()
	swift := func(c call) time.Duration {
		return map[bool]time.Duration{true: time.Millisecond, false: latency}[c == aStatus]
	}
	moves := func(g *rig) {
		g.pages(func(page string, reading int, object map[string]any) {
			delete(object, "total_items") // so that pages come one by one
			items := object["items"].([]any)
			switch {
			case page == "3" && reading == 1:
				object["items"] = append(items, items[0])
			case page == "1" && reading == 2:
				items[1].(map[string]any)["last_modified"] = "2026-11-22T08:59:59Z"
				items[2].(map[string]any)["expiration_date"] = "2027-11-22T00:00:00Z"
			}
		})
	}
	world := sandbox.World{Certificates: append(many(3, served), many(45, lasting)[3:]...)}
	l, r, _ := inLane(t, world, swift, moves, "--format", "json", "--order-cooldown", "0s", manifests(t, many(45, renewing)...))
	want := map[string]int{"700": 1, "701": 2, "702": 1}
	got := map[string]int{}
	for _, line := range l.api.Requests() {
		if id, is := strings.CutSuffix(line, "/status"); is {
			got[path.Base(id)]++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses read: %s", diff)
	}
	var renewed []int64
	for _, s := range r.reported(t).Steps {
		if len(s.Operations) > 0 {
			renewed = append(renewed, s.ID)
		}
	}
	if diff := cmp.Diff([]int64{700, 701}, renewed); diff != "" {
		t.Errorf("renewals: %s\n%s", diff, r.stderr)
	}
}

// TestConnectionsAreReused: reads need as many connections as may be in flight, and a
// few that net/http dialed when another one came free first.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	const flying = 4
	g := newRig(t, many(25*flying, served)...)
	g.wire = cli.NewTransport(new(net.Dialer).DialContext)
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, "--concurrency", fmt.Sprint(flying), manifests(t, many(25*flying, same)...))
	w.Transport = &squad{rig: g, size: flying, here: make(chan struct{})}
	code := run(t.Context(), w)
	if got := g.connections.Load(); got > 2*flying || code != cli.OK || len(g.seen) != 1+5+25*flying {
		t.Errorf("%d connections for %d requests; exit code %d\n%s", got, len(g.seen), code, stderr.String())
	}
}

// squad has so many statuses arrive together, so that all connections are idle at once.
type squad struct {
	*rig
	size int

	mu   sync.Mutex
	here chan struct{}
	n    int
}

func (s *squad) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := s.rig.RoundTrip(r)
	if err != nil || callOf(r.Method, r.URL.Path, nil) != aStatus {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	here := s.here
	if s.n++; s.n%s.size == 0 {
		close(here)
		s.here = make(chan struct{})
	}
	s.mu.Unlock()
	<-here
	return res, err
}
