package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// rig is a simulated API on a loopback socket, with a place for faults on both ends
// of the wire. Its time moves only when the program waits, so nothing sleeps.
type rig struct {
	t       *testing.T
	api     *sandbox.Server
	server  *httptest.Server
	wire    *http.Transport
	single  *http.Transport // uses a connection once
	secret  string          // for CPSYNC_CLIENT_SECRET
	retired map[string]bool

	// serve stands before the simulated API and may answer in its place.
	serve  func(w http.ResponseWriter, r *http.Request, c call) (answered bool)
	silent chan struct{} // told of each request that is left without an answer

	mu      sync.Mutex
	strikes []*strike
	seen    []call
	spoilt  map[call]int    // requests that arrived and met a fault
	whole   map[call]int    // requests that the API answered itself
	applied map[call]int    // requests that the API accepted, whoever got the answer
	bearers map[string]bool // Authorization headers that were used
	overdue []overdue
	waits   []time.Duration
	flying  int // requests at the server now, and at most so far
	peak    int

	connections atomic.Int64 // to the server, so far

	takes time.Duration // of the simulated time, for each request
}

// overdue is a write that has been on its way for a while, and takes effect later.
type overdue struct {
	at   time.Time
	call call
	r    *http.Request
}

// call is the kind of a request.
type call string

// The calls that cpsync makes.
const (
	aToken    call = "token"
	aList     call = "list"
	aGet      call = "get"
	aStatus   call = "status"
	anEditing call = "edit"    // PATCH of label, description or auto_renew
	aNaming   call = "domains" // PATCH of domains
	aMethod   call = "method"  // PATCH of dcv_method
	aRenewal  call = "renew"
	aSecond   call = "retrigger"
	aProof    call = "control"
)

// newRig serves certificates at a fixed time.
func newRig(t *testing.T, certificates ...sandbox.Certificate) *rig {
	t.Helper()
	return rigOf(t, sandbox.World{Clock: start2026, Certificates: certificates})
}

var start2026 = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func rigOf(t *testing.T, w sandbox.World) *rig {
	t.Helper()
	if w.Switches.ExpiresIn == "" {
		w.Switches.ExpiresIn = "1h"
	}
	g := &rig{
		t: t, api: sandbox.New(w), wire: &http.Transport{}, single: &http.Transport{DisableKeepAlives: true}, secret: sandbox.ClientSecret,
		spoilt: map[call]int{}, whole: map[call]int{}, applied: map[call]int{}, retired: map[string]bool{}, bearers: map[string]bool{}, silent: make(chan struct{}),
	}
	g.server = httptest.NewUnstartedServer(http.HandlerFunc(g.handle))
	g.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	g.server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			g.connections.Add(1)
		}
	}
	g.server.Start()
	t.Cleanup(func() {
		g.wire.CloseIdleConnections()
		g.server.CloseClientConnections()
		g.server.Close()
	})
	return g
}

// result is what one run of the program came to.
type result struct {
	code           int
	stdout, stderr string
}

// cpsync runs the program once against the rig.
func (g *rig) cpsync(args ...string) result {
	g.t.Helper()
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, args...)
	code := run(patience.Context(g.t), w)
	return result{code, stdout.String(), stderr.String()}
}

// world is that of a run against the rig.
func (g *rig) world(stdout, stderr io.Writer, args ...string) cli.World {
	env := map[string]string{
		"CPSYNC_API_URL": g.server.URL + "/sec/cps", "CPSYNC_TOKEN_URL": g.server.URL + "/connect/token",
		"CPSYNC_CLIENT_ID": sandbox.ClientID, "CPSYNC_CLIENT_SECRET": g.secret,
	}
	return cli.World{
		Args: args, Getenv: func(name string) string { return env[name] },
		Stdout: stdout, Stderr: stderr, Now: g.api.Now, Wait: g.wait, Transport: g,
	}
}

// wait moves the simulated time in place of sleeping, and lets overdue writes arrive.
func (g *rig) wait(ctx context.Context, d time.Duration) error {
	g.mu.Lock()
	g.waits = append(g.waits, d)
	g.mu.Unlock()
	g.advance(d)
	return context.Cause(ctx)
}

// advance moves the simulated time.
func (g *rig) advance(d time.Duration) {
	target := g.api.Now().Add(d)
	for {
		next, ok := g.due(target)
		if !ok {
			break
		}
		g.api.SetClock(next.at)
		g.commit(next.call, next.r)
	}
	g.api.SetClock(target)
}

// due takes the first overdue write that arrives by target.
func (g *rig) due(target time.Time) (overdue, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, o := range g.overdue {
		if !o.at.After(target) {
			g.overdue = append(g.overdue[:i:i], g.overdue[i+1:]...)
			return o, true
		}
	}
	return overdue{}, false
}

// commit has the API carry a request out, and returns its answer.
func (g *rig) commit(c call, r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	g.api.ServeHTTP(rec, r)
	if rec.Code < 300 {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.applied[c]++
	}
	return rec
}

// handle is the server's end of the wire.
func (g *rig) handle(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := callOf(r.Method, r.URL.Path, body)
	name := r.Header.Get(faultHeader)
	g.arrived(c, name != "")
	g.advance(g.takes)
	defer g.left()
	r.Header.Del(faultHeader)
	if g.isRetired(r.Header.Get("Authorization")) {
		answer(w, http.StatusUnauthorized, `{"code":"unauthorized"}`)
		return
	}
	switch {
	case name != "":
		faults[name].serve(g, w, r, c)
	case g.serve != nil && g.serve(w, r, c):
	default:
		replay(w, g.commit(c, r))
	}
}

func (g *rig) arrived(c call, spoilt bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen = append(g.seen, c)
	if spoilt {
		g.spoilt[c]++
	} else {
		g.whole[c]++
	}
	g.flying++
	g.peak = max(g.peak, g.flying)
}

func (g *rig) left() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flying--
}

// retire has the API refuse a token from now on.
func (g *rig) retire(authorization string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.retired[authorization] = true
}

func (g *rig) isRetired(authorization string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.retired[authorization]
}

// count returns how many requests of a kind the server saw.
func (g *rig) count(c call) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, s := range g.seen {
		if s == c {
			n++
		}
	}
	return n
}

func (g *rig) accepted(c call) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.applied[c]
}

// replay writes a recorded answer.
func replay(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// callOf tells the kind of a request.
func callOf(method, path string, body []byte) call {
	path = strings.TrimPrefix(path, "/sec/cps/v2.0/certificates")
	switch {
	case strings.Contains(path, "/v2.0/dcv/"):
		return aProof
	case strings.HasSuffix(path, "/connect/token"):
		return aToken
	case method == http.MethodPatch && bytes.Contains(body, []byte(`"domains"`)):
		return aNaming
	case method == http.MethodPatch && bytes.Contains(body, []byte(`"dcv_method"`)):
		return aMethod
	case method == http.MethodPatch:
		return anEditing
	case strings.HasSuffix(path, "/renew"):
		return aRenewal
	case strings.HasSuffix(path, "/retrigger"):
		return aSecond
	case strings.HasSuffix(path, "/status"):
		return aStatus
	case strings.Contains(path, "/"):
		return aGet
	default:
		return aList
	}
}

// manifests writes the texts into one file, with a name for each, and returns its directory. A file for each would
// take longer than the runs.
func manifests(t *testing.T, texts ...string) string {
	t.Helper()
	dir := t.TempDir()
	var all strings.Builder
	for i, text := range texts {
		all.WriteString(strings.Replace(text, "metadata:\n", fmt.Sprintf("metadata:\n  name: c%03d\n", i), 1) + "---\n")
	}
	place(t, dir, "certs.yaml", strings.TrimSuffix(all.String(), "---\n"))
	return dir
}

// wish is a manifest that asks for a certificate to be as it is served, but for lines of its spec:
// "key: value" replaces the line with that key. policy is a line too, or "".
func wish(id int64, policy string, instead ...string) string {
	spec := []string{
		fmt.Sprintf("certificate_label: label-%d", id), "description: as it is", "auto_renew: false", "dcv_method: DnsTxtToken",
		fmt.Sprintf("common_name: h%d.example.com", id), fmt.Sprintf("domains: [h%d.example.com]", id),
	}
	for _, line := range instead {
		key, _, _ := strings.Cut(line, ":")
		i := slices.IndexFunc(spec, func(s string) bool { return strings.HasPrefix(s, key+":") })
		spec[i] = line
	}
	text := fmt.Sprintf("apiVersion: cpsync/v1\nkind: Certificate\nmetadata:\n  id: %d\nspec:\n  %s\n", id, strings.Join(spec, "\n  "))
	if policy != "" {
		text += "policy:\n  " + policy + "\n"
	}
	return text
}

// What the tests ask for: one operation each.
func renewing(id int64) string     { return wish(id, "renew_before: 30d") }
func retriggering(id int64) string { return wish(id, "retrigger_until: 2026-12-31") }
func editing(id int64) string      { return wish(id, "", "description: as it shall be") }
func methodic(id int64) string     { return wish(id, "", "dcv_method: Email") }
func naming(id int64) string {
	return wish(id, "", fmt.Sprintf("domains: [h%d.example.com, new%[1]d.example.com]", id))
}

const day = 24 * time.Hour

// served is a certificate in service for 20 more days. It was renewed a year ago, and
// its order status still says so.
func served(id int64) sandbox.Certificate {
	text := "as it is"
	return sandbox.Certificate{
		ID: id, Label: fmt.Sprintf("label-%d", id), Description: &text,
		Domains:      []sandbox.Domain{{Name: fmt.Sprintf("h%d.example.com", id), IsCommonName: true, Status: "Active"}},
		Expires:      start2026.Add(20 * day).Truncate(day),
		Created:      start2026.Add(-200 * day),
		LastModified: start2026.Add(-100 * day),
		Status:       &sandbox.Status{Status: "Active", OrderValidation: &sandbox.OrderValidation{Status: "Renewed"}},

		ValidatesAfter: "1h",
	}
}

// timedOut is a request whose names were never validated.
func timedOut(id int64) sandbox.Certificate {
	c := served(id)
	c.Domains[0].Status = "TimedOut"
	c.Expires = time.Time{}
	c.Status = &sandbox.Status{Status: "DomainControlValidation", RequiresAttention: true,
		OrderValidation: &sandbox.OrderValidation{Status: "Canceled"}}
	return c
}

// jsonReport is what a run reported, in JSON.
type jsonReport struct {
	Steps []struct {
		ID         int64 `json:"id"`
		Operations []struct {
			Kind     string `json:"kind"`
			Outcome  string `json:"outcome"`
			By       string `json:"by"`
			Attempts int    `json:"attempts"`
			Error    string `json:"error"`
		} `json:"operations"`
		Withheld []struct {
			Field string `json:"field"`
			Rule  string `json:"rule"`
		} `json:"withheld"`
	} `json:"steps"`
	Errors []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"errors"`
}

// jsonReport reads the JSON report of a run.
func (r result) reported(t *testing.T) jsonReport {
	t.Helper()
	var all jsonReport
	if err := json.Unmarshal([]byte(r.stdout), &all); err != nil {
		t.Fatalf("exit %d, no JSON report: %v\n%s%s", r.code, err, r.stdout, r.stderr)
	}
	return all
}

// outcomes lists what became of each operation, as "renew done".
func (r result) outcomes(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, s := range r.reported(t).Steps {
		for _, o := range s.Operations {
			all = append(all, o.Kind+" "+o.Outcome)
		}
	}
	return all
}

// lockedBuffer is a buffer that several goroutines may write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
