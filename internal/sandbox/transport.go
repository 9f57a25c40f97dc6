package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, err := readRequest(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client closed the connection while sending
	}
	a, err := s.handle(q, func(d time.Duration) error {
		select {
		case <-time.After(d):
			return nil
		case <-r.Context().Done():
			return r.Context().Err()
		}
	})
	if err != nil || a.lost {
		panic(http.ErrAbortHandler) // ends the connection without an answer
	}
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	w.Write(a.body) //nolint:errcheck // the client closed the connection
}

// RoundTrip implements http.RoundTripper, without a socket and whatever the host.
// A slow answer moves the simulated clock and takes no time.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	q, err := readRequest(r)
	if err != nil {
		return nil, err
	}
	a, err := s.handle(q, func(d time.Duration) error {
		s.Advance(d)
		return r.Context().Err()
	})
	if err != nil {
		return nil, err
	}
	if a.lost {
		return nil, fmt.Errorf("sandbox: connection ended before the answer: %w", io.ErrUnexpectedEOF)
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.header,
		Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r,
	}, nil
}

// maxBody is the size in bytes of the largest request body.
const maxBody = 1 << 20

// A request is what was received, and the route that was found for it.
type request struct {
	method, path, rawQuery string
	header                 http.Header
	body                   []byte
	oversize               bool

	query   url.Values
	route   *route   // nil when no route has this path and method
	allowed []string // methods that the path has
	idText  string   // the path's {id}
	id      int64    // the same, 0 when it is none
	kinds   []string // what faults call it
	shifted bool     // by a fault: pages overlap
}

// readRequest reads r to its end, within bounds, and finds its route.
func readRequest(r *http.Request) (*request, error) {
	q := &request{method: r.Method, path: r.URL.EscapedPath(), rawQuery: r.URL.RawQuery, header: r.Header}
	if r.Body != nil {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return nil, fmt.Errorf("reading the request: %w", err)
		}
		q.body, q.oversize = body, len(body) > maxBody
	}
	path, ok := strings.CutPrefix(q.path, Prefix)
	switch {
	case q.path == TokenPath:
		q.kinds = []string{"token"}
	case ok:
		q.findRoute(strings.Split(path, "/"))
	}
	return q, nil
}

func (q *request) findRoute(path []string) {
	for i, segment := range path {
		text, err := url.PathUnescape(segment)
		if err != nil {
			return
		}
		path[i] = text
	}
	for i, r := range routes {
		want, id := strings.Split(r.pattern, "/"), ""
		if at := slices.Index(want, "{id}"); at > 0 && at < len(path) {
			want[at], id = path[at], path[at]
		}
		if !slices.Equal(path, want) {
			continue
		}
		q.idText, q.allowed = id, append(q.allowed, r.method)
		if r.method == q.method {
			q.route, q.kinds = &routes[i], []string{r.call}
			break
		}
	}
	if id, err := strconv.ParseUint(q.idText, 10, 63); err == nil {
		q.id = int64(id)
	}
	var body struct {
		Domains json.RawMessage `json:"domains"`
	}
	if q.route != nil && q.route.call == "patch" && json.Unmarshal(q.body, &body) == nil &&
		len(body.Domains) > 0 && string(body.Domains) != "null" {
		q.kinds = append(q.kinds, "patch-domains")
	}
}

// writes reports whether the request may change the world.
func (q *request) writes() bool { return q.method != http.MethodGet && q.path != TokenPath }

// public returns the path and query without the part of the path that the API
// leaves out of its own links (cps-api, section 4.1).
func (q *request) public() string {
	path := strings.TrimPrefix(q.path, "/sec/cps")
	if q.rawQuery != "" && q.path != TokenPath {
		path += "?" + q.rawQuery
	}
	return path
}

// String returns the request as the log of writes has it.
func (q *request) String() string {
	path := strings.TrimPrefix(q.public(), "/v2.0/")
	text := q.method + " " + strings.TrimPrefix(path, "certificates/")
	var body bytes.Buffer
	switch {
	case len(q.body) == 0:
		return text
	case q.oversize || json.Compact(&body, q.body) != nil:
		return text + fmt.Sprintf(" (%d bytes that are not JSON)", len(q.body))
	}
	return text + " " + body.String()
}

// handle answers one request: logs it, injects the faults that match it, stores what it
// changed. Wait lets the time of a slow answer pass.
func (s *Server) handle(q *request, wait func(time.Duration) error) (answer, error) {
	s.mu.Lock()
	s.requests = append(s.requests, q.method+" "+q.public())
	active := s.inject(func(f world.Fault) bool { return matches(f, q) })
	s.mu.Unlock()
	if err := active.delay("before", wait); err != nil {
		return answer{}, err
	}
	a := s.answer(q, active)
	return a, active.delay("after", wait)
}

// answer serves a request, or what the faults make of it.
func (s *Server) answer(q *request, faults activeFaults) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		if prepare := kindOf(f).prepare; prepare != nil {
			prepare(s, q, f)
			s.changed()
		}
	}
	lost := "lost before it took effect"
	a, replaced := faults.replace(s, q, "before")
	if !replaced {
		lost = "lost after commit"
		a = s.serve(q)
		if instead, ok := faults.replace(s, q, "after"); ok {
			a, replaced = instead, true
		}
	}
	for _, f := range faults {
		if edit := kindOf(f).edit; edit != nil && !replaced {
			a = edit(a)
		}
	}
	if q.writes() {
		outcome := strconv.Itoa(a.status)
		if a.lost {
			outcome = lost
		}
		s.log = append(s.log, q.String()+" -> "+outcome)
		s.changed()
	}
	return a
}

// serve answers a request and stores an accepted write before it is answered;
// one that cannot be stored did not happen.
func (s *Server) serve(q *request) answer {
	var before world.World
	if s.file != nil && q.writes() {
		before = s.world.Clone()
	}
	a := s.dispatch(q)
	if !q.writes() || a.status >= 400 {
		return a
	}
	s.world.Writes = append(s.world.Writes, world.Write{At: s.world.Clock, Request: q.String(), Status: a.status})
	if err := s.store(); err != nil {
		s.world = before
		return s.errorAnswer(fmt.Errorf("storing the state: %w", err))
	}
	return a
}

// An answer is a response that is ready to be sent, or lost.
type answer struct {
	status int
	header http.Header
	body   []byte
	lost   bool // the connection ends instead
}

// jsonAnswer returns an answer with a JSON body; nil is an empty one, which has
// the JSON content type all the same (cps-api, section 2.2).
func (s *Server) jsonAnswer(status int, body any) answer {
	a := answer{status: status, header: http.Header{
		"Content-Type": {"application/json; charset=utf-8"},
		"Date":         {s.world.Clock.Format(http.TimeFormat)},
	}}
	if body != nil {
		a.body = world.JSON(body, "")
	}
	return a
}
