package sandbox

import (
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// A route is one endpoint (cps-api, section 3).
type route struct {
	method, pattern string
	call            string // the kind of request, for faults
	access          access
	query           []string // parameters it knows
	body            bool     // whether it takes one
	status          int      // of an answer with a body; without one it is 204
	serve           func(*Server, *request, *world.Certificate) (any, error)
}

// routes are the endpoints that cpsync calls, and those that the vendor's SDK and its
// Terraform provider call besides: create, delete, cancel, organization, notifications,
// domain control validation.
var routes = []route{
	// Section 3.1.
	{"GET", "/certificates", "list", reads, []string{"page", "page_size", "query", "sort"}, false, 200, (*Server).list},
	{"POST", "/certificates/cdnprovided", "create", creates, nil, true, 201, (*Server).create},
	{"GET", "/certificates/{id}", "get", reads, nil, false, 200, (*Server).read},
	{"PATCH", "/certificates/{id}", "patch", changes, nil, true, 200, (*Server).patch},
	{"DELETE", "/certificates/{id}", "delete", deletes, nil, false, 204, (*Server).remove},
	{"GET", "/certificates/{id}/status", "status", reads, nil, false, 200, (*Server).readStatus},
	{"PUT", "/certificates/{id}/renew", "renew", changes, nil, false, 204, (*Server).renew},
	{"PUT", "/certificates/{id}/retrigger", "retrigger", changes, nil, false, 204, (*Server).retrigger},
	{"PUT", "/certificates/{id}/cancel", "cancel", changes, []string{"apply"}, false, 200, (*Server).cancel},
	{"PUT", "/certificates/{id}/organization", "other", changes, nil, true, 200, (*Server).putOrganization},
	{"GET", "/certificates/{id}/notifications", "other", reads, nil, false, 200, (*Server).notifications},
	{"PATCH", "/certificates/{id}/notifications", "other", changes, nil, true, 200, (*Server).patchNotifications},
	// Section 3.2.
	{"GET", "/dcv/certificates/{id}", "dcv", reads, []string{"domain_ids"}, false, 200, (*Server).dcvMetadata},
	{"PUT", "/dcv/certificates/{id}/token", "dcv", changes, []string{"domain_ids"}, false, 200, (*Server).dcvToken},
	{"PUT", "/dcv/certificates/{id}/check", "dcv", changes, []string{"domain_ids"}, false, 204, (*Server).dcvCheck},
	{"POST", "/dcv/certificates/{id}/emails/resend", "dcv", changes, []string{"domain_ids"}, false, 204, (*Server).dcvResend},
	{"PUT", "/dcv/certificates/{id}/method", "dcv", changes, nil, true, 204, (*Server).dcvMethod},
}

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
	if !strings.Contains(q.route.pattern, "{id}") {
		return q.route.serve(s, q, nil)
	}
	c, err := s.lookUp(q)
	if err != nil {
		return nil, err
	}
	return q.route.serve(s, q, c)
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

// sent are the members of a body.
type sent map[string]json.RawMessage

func (s sent) has(name string) bool  { return s[name] != nil }
func (s sent) null(name string) bool { return string(s[name]) == "null" }

// decode reads the body strictly; its refusal has one detail per problem.
func (q *request) decode(into any) (members sent, err error) {
	problems := decode(q.body, into)
	if len(problems) == 0 {
		_ = json.Unmarshal(q.body, &members) // an array has none
		return members, nil
	}
	refusal := &refusal{status: http.StatusBadRequest}
	for _, p := range problems {
		refusal.details = append(refusal.details, detail{p.pointer, "This is " + p.text + "."})
	}
	return nil, refusal
}

// pathID reads the {id} of a path: decimal digits of a positive 64-bit integer.
func pathID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 || text[0] == '+' {
		return 0, invalid("id", "%q is not the id of anything: it must be a whole number.", text)
	}
	return id, nil
}

// lookUp returns the one that a request is about. Of a deleted one it is the status
// alone, but by switch.
func (s *Server) lookUp(q *request) (*world.Certificate, error) {
	id, err := pathID(q.id)
	if err != nil {
		return nil, err
	}
	c := s.world.Find(id)
	if c == nil || c.Phase(s.world.Clock) == world.Deleted && q.route.call != "status" && s.world.Switches.DeletedGet != "200" {
		return nil, notFound(id)
	}
	return c, nil
}

func notFound(id int64) error {
	return refused(http.StatusNotFound, "", "No certificate has id %d.", id)
}

// client is the actor of everything that is done through the API.
func (s *Server) client() *world.Actor {
	id, kind := s.accepted().ClientID, "Client"
	return &world.Actor{IdentityID: &id, IdentityType: &kind}
}

// accepted returns those of the client that may ask for tokens.
func (s *Server) accepted() world.Credentials {
	if s.world.Credentials == nil {
		return world.Credentials{ClientID: ClientID, ClientSecret: ClientSecret}
	}
	return *s.world.Credentials
}
