package explore

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// call is a request, as far as the exploration is concerned.
type call struct {
	method, path string // below the API's prefix
	kind         string // token, list, get, status, patch, renew, retrigger, cancel
	id           int64
	body         []byte
}

const prefix = "/sec/cps/v2.0/certificates"

func callOf(req *http.Request) call {
	c := call{method: req.Method, path: strings.TrimPrefix(req.URL.Path, prefix)}
	if req.Body != nil {
		c.body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	id, rest, _ := strings.Cut(strings.TrimPrefix(c.path, "/"), "/")
	c.id, _ = strconv.ParseInt(id, 10, 64)
	switch {
	case strings.HasSuffix(c.path, "/connect/token"):
		c.kind = "token"
	case c.id == 0:
		c.kind, c.path = "list", req.URL.RawQuery
	case rest != "":
		c.kind = rest
	case c.method == http.MethodPatch:
		c.kind = "patch"
	default:
		c.kind = "get"
	}
	return c
}

func (c call) writes() bool { return c.method != http.MethodGet && c.kind != "token" }

func (c call) String() string {
	return strings.TrimSpace(c.method + " " + c.kind + " " + strconv.FormatInt(c.id, 10) + " " + string(c.body))
}

// RoundTrip is the wire between a process and the simulated API. Each request takes a
// time of its own, so that no two things happen at one instant and a seed always plays
// the same way.
func (u *run) RoundTrip(req *http.Request) (*http.Response, error) {
	c := callOf(req)
	u.mu.Lock()
	key := c.method + " " + c.kind + " " + c.path
	u.times[key]++
	r := u.dice("wire", u.name, key, u.times[key])
	if u.flying++; u.flying == 5 {
		u.counts["reads beyond four at a time"]++
	}
	u.mu.Unlock()
	defer u.landed()
	u.moment("a request")
	if c.writes() {
		u.moment("a write before it is sent")
	}
	if err := u.travel(req.Context(), r.Int64N(3e8)); err != nil {
		return nil, err
	}
	f := u.fault(c)
	if u.tooFast() {
		f = fault{name: "429", status: http.StatusTooManyRequests, after: "1"}
	}
	truth, at := u.exchange(req, c, f), u.now()
	if c.writes() {
		u.moment("a write before its answer")
	}
	u.moment("a request")
	if err := u.travel(req.Context(), r.Int64N(3e8)); err != nil && !f.silent {
		return nil, err
	}
	lies := truth != nil && truth.StatusCode >= 400 && f.status < 300
	if f.name == "" || lies {
		u.delivered(c, truth, at)
		return truth, nil
	}
	return f.answer(req.Context(), req, truth)
}

// landed ends a request.
func (u *run) landed() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.flying--
}

// tooFast reports whether the API has answered as many requests in this second as it does.
func (u *run) tooFast() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if now := u.now().Truncate(time.Second); !now.Equal(u.second) {
		u.second, u.answered = now, 0
	}
	u.answered++
	fast := u.rate > 0 && u.answered > u.rate
	if fast {
		u.counts["refused by the rate"]++
	}
	return fast
}

// fault is what goes wrong with a request.
func (u *run) fault(c call) fault {
	u.mu.Lock()
	defer u.mu.Unlock()
	key := c.method + " " + c.kind + " " + c.path
	percent := u.reads
	if c.writes() {
		percent = u.writes
	}
	return befalls(u.dice("fault", u.name, key, u.times[key]), percent)
}

// travel is the time a request is on its way.
func (u *run) travel(ctx context.Context, nanoseconds int64) error {
	t := time.NewTimer(time.Duration(nanoseconds))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
		u.alive()
		return context.Cause(ctx)
	}
	u.alive()
	return nil
}

// exchange hands a request to the API, as far as the fault lets it, and returns the
// true answer; nil when there is none now.
func (u *run) exchange(req *http.Request, c call, f fault) *http.Response {
	u.mu.Lock()
	defer u.mu.Unlock()
	if f.unsent {
		u.say("run %s  %s: %s", u.name, c, f.name)
		return nil
	}
	var a *attempt
	if c.writes() {
		a = u.arrives(c)
		a.fault = f
	}
	switch {
	case f.late && a != nil:
		later := req.Clone(context.Background())
		after := lateness(u.dice("lateness", u.name, c.String(), u.times[c.String()]))
		a.coming = true
		time.AfterFunc(after, func() {
			u.mu.Lock()
			defer u.mu.Unlock()
			a.coming = false
			truth := u.serve(later, c, a)
			u.say("run %s  %s arrives late -> %d", u.name, c, truth.StatusCode)
		})
	case f.name == "" || f.commits:
		truth := u.serve(req, c, a)
		if f.name != "" || c.writes() {
			u.say("run %s  %s -> %d %s", u.name, c, truth.StatusCode, f.name)
		}
		return truth
	}
	u.say("run %s  %s: %s", u.name, c, f.name)
	return nil
}

// serve has the API answer a request now, and notes what it started. The caller has
// the lock.
func (s *schedule) serve(req *http.Request, c call, a *attempt) *http.Response {
	s.catchUp()
	req = req.Clone(context.Background())
	req.Body = io.NopCloser(bytes.NewReader(c.body))
	res, err := s.api.RoundTrip(req)
	if err != nil {
		panic(err) // nothing is to go wrong there
	}
	if a != nil && res.StatusCode < 300 {
		a.committed = s.now()
		a.ordered = s.ordered(c.id)
	}
	return res
}

// delivered notes a reading that the process got whole.
func (u *run) delivered(c call, truth *http.Response, at time.Time) {
	if c.method != http.MethodGet || truth.StatusCode != http.StatusOK {
		return
	}
	whole, _ := io.ReadAll(truth.Body)
	truth.Body = io.NopCloser(bytes.NewReader(whole))
	u.mu.Lock()
	defer u.mu.Unlock()
	if c.kind == "status" {
		u.noteStatus(c, whole)
		return
	}
	u.noteReading(c, whole, at)
}
