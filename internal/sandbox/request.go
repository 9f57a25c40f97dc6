package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

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
	id      string   // the path's {id}, unchecked
	kinds   []string // what faults call it
	shifted bool     // by a fault: pages overlap
}

// readRequest reads r to its end, within bounds.
func readRequest(r *http.Request) (*request, error) {
	q := &request{method: r.Method, path: r.URL.EscapedPath(), rawQuery: r.URL.RawQuery, header: r.Header}
	if r.Body != nil {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return nil, fmt.Errorf("reading the request: %w", err)
		}
		q.body, q.oversize = body, len(body) > maxBody
	}
	q.findRoute()
	return q, nil
}

// findRoute finds the route and the kinds of a request.
func (q *request) findRoute() {
	if q.path == TokenPath {
		q.kinds = []string{"token"}
		return
	}
	path, ok := strings.CutPrefix(q.path, Prefix)
	if !ok {
		return
	}
	for i := range routes {
		if !q.matches(path, routes[i].pattern) {
			continue
		}
		q.allowed = append(q.allowed, routes[i].method)
		if routes[i].method == q.method {
			q.route = &routes[i]
			q.kinds = []string{q.route.call}
			break
		}
	}
	if q.route != nil && q.route.call == "patch" && q.changesDomains() {
		q.kinds = append(q.kinds, "patch-domains")
	}
}

// matches compares a path with a pattern and keeps what {id} stands for.
func (q *request) matches(path, pattern string) bool {
	have, want := strings.Split(path, "/"), strings.Split(pattern, "/")
	if len(have) != len(want) {
		return false
	}
	id := ""
	for i, segment := range have {
		text, err := url.PathUnescape(segment)
		switch {
		case err != nil:
			return false
		case want[i] == "{id}":
			id = text
		case want[i] != text:
			return false
		}
	}
	q.id = id
	return true
}

func (q *request) changesDomains() bool {
	var body struct {
		Domains json.RawMessage `json:"domains"`
	}
	return json.Unmarshal(q.body, &body) == nil && len(body.Domains) > 0 && string(body.Domains) != "null"
}

// writes reports whether the request may change the world.
func (q *request) writes() bool { return q.method != http.MethodGet && q.path != TokenPath }

// public returns the path and query without the part of the path that the API
// leaves out of its own links (cps-api, section 4.1).
func (q *request) public() string {
	if q.path == TokenPath {
		return q.path
	}
	path := strings.TrimPrefix(q.path, "/sec/cps")
	if q.rawQuery != "" {
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
