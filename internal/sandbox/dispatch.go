package sandbox

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// dispatch answers a request, without faults.
func (s *Server) dispatch(q *request) answer {
	if q.path == TokenPath {
		return s.token(q)
	}
	body, err := s.call(q)
	if err != nil {
		a := s.errorAnswer(err)
		if a.status == http.StatusMethodNotAllowed {
			a.header.Set("Allow", strings.Join(q.allowed, ", "))
		}
		return a
	}
	status := http.StatusNoContent
	if body != nil {
		status = q.route.status
	}
	a := s.jsonAnswer(status, body)
	a.header.Set("Cache-Control", "private")
	if q.method == http.MethodGet {
		a.header.Set("Cache-Control", "no-cache")
	}
	return a
}

// call checks what is common to all endpoints, then serves one.
func (s *Server) call(q *request) (any, error) {
	if !strings.HasPrefix(q.path, Prefix+"/") {
		return nil, refused(http.StatusNotFound, "", "Nothing is at %s.", q.path)
	}
	g, err := s.authorize(q)
	if err != nil {
		return nil, err
	}
	if q.route == nil && len(q.allowed) > 0 {
		return nil, refused(http.StatusMethodNotAllowed, "", "%s is not one of %s.", q.method, strings.Join(q.allowed, ", "))
	}
	if q.route == nil {
		return nil, refused(http.StatusNotFound, "", "Nothing is at %s.", q.public())
	}
	if !g.allows(q.route.access) {
		return nil, refused(http.StatusForbidden, "", "The token lacks the scope sec.cps.certificates for what this call does (%s).", q.route.access)
	}
	if err := q.checkQuery(); err != nil {
		return nil, err
	}
	if err := q.checkBody(); err != nil {
		return nil, err
	}
	return q.route.serve(s, q)
}

// checkQuery refuses parameters that the endpoint does not know, and repeated ones.
func (q *request) checkQuery() error {
	query, err := url.ParseQuery(q.rawQuery)
	if err != nil {
		return invalid("", "The query string is malformed.")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(q.route.query, name) {
			return invalid(name, "This query parameter is not known.")
		}
		if len(query[name]) > 1 {
			return invalid(name, "This query parameter is given twice.")
		}
	}
	q.query = query
	return nil
}

// checkBody refuses a body where none belongs, and one that is too large or not
// declared as JSON (cps-api, section 2.1).
func (q *request) checkBody() error {
	if q.oversize {
		return refused(http.StatusRequestEntityTooLarge, "", "The body is larger than %d bytes.", maxBody)
	}
	if !q.route.body {
		if len(q.body) > 0 {
			return invalid("", "This call takes no body.")
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(q.header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return invalid("", "The Content-Type must be application/json.")
	}
	return nil
}

// decode reads the body strictly; its refusal has one detail per flaw.
func (q *request) decode(into any) (reading, error) {
	r := strict(q.body, into)
	if len(r.flaws) == 0 {
		return r, nil
	}
	refusal := &refusal{status: http.StatusBadRequest}
	for _, f := range r.flaws {
		refusal.details = append(refusal.details, detail{f.pointer, "This is " + f.text + "."})
	}
	return r, refusal
}

// pathID reads the {id} of a path: decimal digits of a positive 64-bit integer.
func pathID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || text[0] == '+' {
		return 0, invalid("id", "%q is not the id of anything: it must be a whole number.", text)
	}
	return id, nil
}

// certificate returns the one a request is about; a deleted one only when asked for.
func (s *Server) certificate(q *request, evenDeleted bool) (*Certificate, error) {
	id, err := pathID(q.id)
	if err != nil {
		return nil, err
	}
	c := s.world.find(id)
	if c == nil || c.phase(s.world.Clock) == deleted && !evenDeleted && s.world.Switches.DeletedGet != "200" {
		return nil, refused(http.StatusNotFound, "", "No certificate has id %d.", id)
	}
	return c, nil
}

// client is the actor of everything that is done through the API.
func (s *Server) client() *Actor {
	id, kind := s.world.credentials().ClientID, "Client"
	return &Actor{IdentityID: &id, IdentityType: &kind}
}
