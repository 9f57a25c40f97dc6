package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// faultHeader tells the server's end which fault befalls a request.
const faultHeader = "X-Fault"

// fault is something that goes wrong with a request, on one end of the wire.
type fault struct {
	// send takes the place of sending it.
	send func(g *rig, r *http.Request) (*http.Response, error)
	// serve takes the place of answering it.
	serve server
}

// server answers a request of a kind, in place of the simulated API.
type server func(g *rig, w http.ResponseWriter, r *http.Request, c call)

// faults are known by the names that the matrix shows.
var faults = map[string]fault{
	"connection refused":     {send: refused},
	"reset before commit":    {serve: reset},
	"reset after commit":     {serve: afterwards(reset)},
	"timeout before commit":  {send: impatient, serve: silence},
	"timeout after commit":   {send: impatient, serve: afterwards(silence)},
	"reset, commit in 60 s":  {serve: late(60 * time.Second)},
	"reset, commit in 5 min": {serve: late(5 * time.Minute)},
	"400":                    {serve: says(400, `{"code":"invalid_input","details":[{"description":"no","source":"/x"}]}`)},
	"401 once":               {serve: says(401, `{"code":"unauthorized"}`)},
	"401 always":             {serve: says(401, `{"code":"unauthorized"}`)},
	"403":                    {serve: says(403, `{"code":"forbidden"}`)},
	"404":                    {serve: says(404, `{"code":"not_found"}`)},
	"409":                    {serve: says(409, `{"code":"invalid_operation"}`)},
	"422":                    {serve: says(422, ``)},
	"429":                    {serve: says(429, `{"code":"rate_limit_reached"}`)},
	"429 always":             {serve: says(429, `{"code":"rate_limit_reached"}`)},
	"401 after commit":       {serve: afterwards(says(401, `{"code":"unauthorized"}`))},
	"429 after commit":       {serve: afterwards(says(429, `{"code":"rate_limit_reached"}`))},
	"500":                    {serve: says(500, `{"code":"internal_error"}`)},
	"502 HTML":               {serve: says(502, `<html><title>502 Bad Gateway</title></html>`)},
	"503":                    {serve: says(503, `{"code":"service_unavailable"}`)},
	"503 always":             {serve: says(503, `{"code":"service_unavailable"}`)},
	"503 after commit":       {serve: afterwards(says(503, `{"code":"service_unavailable"}`))},
	"504":                    {serve: says(504, `{"code":"gateway_timeout"}`)},
	"truncated":              {serve: truncated},
	"garbage":                {serve: afterwards(says(200, "%PDF-1.7 \x00\xff this is not JSON"))},
	"200 of a proxy":         {serve: says(200, `<html><title>Please log in</title></html>`)},
	"redirect": {serve: func(_ *rig, w http.ResponseWriter, r *http.Request, _ call) {
		http.Redirect(w, r, "/sec/cps/v2.0/certificates/elsewhere", http.StatusTemporaryRedirect)
	}},
}

// strike lets a fault befall requests of one kind: the next n of them, after skip.
type strike struct {
	name    string
	call    call
	skip, n int
}

// always is a number of strikes that no test exhausts.
const always = 1 << 20

// breaks lets a fault befall the next n requests of a kind.
func (g *rig) breaks(name string, c call, n int) {
	g.strikes = append(g.strikes, &strike{name: name, call: c, n: n})
}

// striking returns the fault that befalls the next request of a kind.
func (g *rig) striking(c call) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.strikes {
		switch {
		case s.call != c || s.n == 0:
		case s.skip > 0:
			s.skip--
		default:
			s.n--
			return s.name, true
		}
	}
	return "", false
}

// RoundTrip is the client's end of the wire.
func (g *rig) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	r := req.Clone(req.Context())
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	g.used(r.Header.Get("Authorization"))
	name, struck := g.striking(callOf(r.Method, r.URL.Path, body))
	if !struck {
		return g.wire.RoundTrip(r)
	}
	r.Header.Set(faultHeader, name)
	if send := faults[name].send; send != nil {
		return send(g, r)
	}
	if r.Method == http.MethodGet {
		// On a used connection net/http may by itself send a GET again, or not.
		return g.single.RoundTrip(r)
	}
	return g.wire.RoundTrip(r)
}

// used remembers what must not be shown.
func (g *rig) used(authorization string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if authorization != "" {
		g.bearers[authorization] = true
	}
}

// CloseIdleConnections passes on what the client asks for before a write.
func (g *rig) CloseIdleConnections() { g.wire.CloseIdleConnections() }

// refused meets a port where nobody listens.
func refused(_ *rig, r *http.Request) (*http.Response, error) {
	nobody := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, "127.0.0.1:1")
	}}
	return nobody.RoundTrip(r)
}

// impatient gives up as soon as the server has the request and stays silent: a
// timeout without the time.
func impatient(g *rig, r *http.Request) (*http.Response, error) {
	ctx, giveUp := context.WithCancel(r.Context())
	defer giveUp()
	go func() {
		select {
		case <-g.silent:
			giveUp()
		case <-ctx.Done():
		}
	}()
	if res, err := g.wire.RoundTrip(r.WithContext(ctx)); err == nil {
		return res, nil
	}
	return nil, os.ErrDeadlineExceeded
}

// silence holds a request until the client has given up.
func silence(g *rig, _ http.ResponseWriter, r *http.Request, _ call) {
	select {
	case g.silent <- struct{}{}:
	case <-r.Context().Done():
	}
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// says is an answer in place of the true one.
func says(status int, body string) server {
	return func(_ *rig, w http.ResponseWriter, _ *http.Request, _ call) { answer(w, status, body) }
}

// afterwards lets the request take effect first.
func afterwards(then server) server {
	return func(g *rig, w http.ResponseWriter, r *http.Request, c call) {
		g.commit(c, r)
		then(g, w, r, c)
	}
}

// late loses the answer, and the request takes effect only some time later.
func late(after time.Duration) server {
	return func(g *rig, w http.ResponseWriter, r *http.Request, c call) {
		g.mu.Lock()
		g.overdue = append(g.overdue, overdue{g.api.Now().Add(after), c, r.Clone(context.Background())})
		g.mu.Unlock()
		reset(g, w, r, c)
	}
}

// reset ends the connection as a machine that crashes does.
func reset(_ *rig, w http.ResponseWriter, _ *http.Request, _ call) { cut(w, nil) }

// truncated ends the connection in the middle of the true answer.
func truncated(g *rig, w http.ResponseWriter, r *http.Request, c call) {
	res := g.commit(c, r).Result()
	var all bytes.Buffer
	if body, _ := io.ReadAll(res.Body); len(body) > 0 {
		res.ContentLength, res.Body = int64(len(body)), io.NopCloser(bytes.NewReader(body))
	}
	if err := res.Write(&all); err != nil {
		panic(err)
	}
	cut(w, all.Bytes()[:all.Len()/2])
}

// cut writes to the bare connection and ends it.
func cut(w http.ResponseWriter, text []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = conn.Write(text)
	if tcp, ok := conn.(*net.TCPConn); ok && text == nil {
		_ = tcp.SetLinger(0) // a reset, not a polite end
	}
	_ = conn.Close()
}
