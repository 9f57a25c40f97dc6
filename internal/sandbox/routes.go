package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// A route is one endpoint (cps-api, section 3).
type route struct {
	method, pattern string
	call            string // the kind of request, for faults
	access          string
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

// call checks what is common to all endpoints, then serves one. Of a deleted certificate that
// is the status alone, but by switch.
func (s *Server) call(q *request) (any, error) {
	if !strings.HasPrefix(q.path, Prefix+"/") {
		return nil, refused(http.StatusNotFound, "", "Nothing is at %s.", q.path)
	}
	kind, token, _ := strings.Cut(q.header.Get("Authorization"), " ")
	granted, known := s.grants[token]
	switch {
	case !strings.EqualFold(kind, "Bearer"), !known, !s.world.Clock.Before(granted.expires):
		return nil, refused(http.StatusUnauthorized, "", "The access token is missing, invalid or expired.")
	case q.route == nil && len(q.allowed) > 0:
		return nil, refused(http.StatusMethodNotAllowed, "", "%s is not one of %s.", q.method, strings.Join(q.allowed, ", "))
	case q.route == nil:
		return nil, refused(http.StatusNotFound, "", "Nothing is at %s.", q.public())
	case !allow(granted.scopes, q.route.access):
		return nil, refused(http.StatusForbidden, "", "The token lacks the scope sec.cps.certificates for what this call does (%s).", q.route.access)
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	if !strings.Contains(q.route.pattern, "{id}") {
		return q.route.serve(s, q, nil)
	}
	if q.id == 0 {
		return nil, invalid("id", "%q is not the id of anything: it must be a whole number.", q.idText)
	}
	c := s.world.Find(q.id)
	if c == nil || s.deleted(c) && q.route.call != "status" && s.world.Switches.DeletedGet != "200" {
		return nil, notFound(q.id)
	}
	return q.route.serve(s, q, c)
}

// check refuses parameters that the endpoint does not know, repeated ones, a body where none
// belongs, and one that is too large or not declared as JSON (cps-api, section 2.1).
func (q *request) check() error {
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
	kind, _, err := mime.ParseMediaType(q.header.Get("Content-Type"))
	switch {
	case q.oversize:
		return refused(http.StatusRequestEntityTooLarge, "", "The body is larger than %d bytes.", maxBody)
	case !q.route.body && len(q.body) > 0:
		return invalid("", "This call takes no body.")
	case q.route.body && (err != nil || kind != "application/json"):
		return invalid("", "The Content-Type must be application/json.")
	}
	return nil
}

// decode reads the body strictly, and returns its members too; its refusal has one reason per
// problem.
func (q *request) decode(into any) (sent map[string]json.RawMessage, err error) {
	var reasons []error
	for _, p := range decode(q.body, into) {
		reasons = append(reasons, invalid(p.pointer, "This is %s.", p.text))
	}
	if len(reasons) == 0 {
		_ = json.Unmarshal(q.body, &sent) // an array has none
	}
	return sent, errors.Join(reasons...)
}

// client is the actor of everything that is done through the API.
func (s *Server) client() *world.Actor {
	id, kind := s.accepted().ClientID, "Client"
	return &world.Actor{IdentityID: &id, IdentityType: &kind}
}

func (s *Server) deleted(c *world.Certificate) bool { return c.Phase(s.world.Clock) == world.Deleted }

// A refusal is a reason of an error answer of the API (cps-api, section 2.3). Several are one
// error by errors.Join.
type refusal struct {
	status int
	source string // JSON Pointer, or the name of a query parameter
	text   string
}

func (r *refusal) Error() string { return r.source + " " + r.text }

func refused(status int, source, format string, args ...any) error {
	return &refusal{status, source, fmt.Sprintf(format, args...)}
}

// invalid returns a 400 about one place.
func invalid(source, format string, args ...any) error {
	return refused(http.StatusBadRequest, source, format, args...)
}

func notFound(id int64) error {
	return refused(http.StatusNotFound, "", "No certificate has id %d.", id)
}

func oneOf(pointer, word string, words []string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return invalid(pointer, "This must be one of %s.", strings.Join(words, ", "))
}

// permit refuses an operation that the state of c forbids: with 409 for a cancel, else 400,
// or 409 by switch (cps-api, sections 2.4 and 8).
func (s *Server) permit(op world.Operation, c *world.Certificate) error {
	if _, permitted := s.world.Verdict(op, c); permitted {
		return nil
	}
	status := http.StatusBadRequest
	if op == world.Cancel || op == world.PreviewCancel || s.world.Switches.StateConflicts == "409" {
		status = http.StatusConflict
	}
	phase := c.Phase(s.world.Clock)
	if op.IsEdit {
		return refused(status, "/"+op.Name, "The property %s cannot be changed in the current state (%s).", op.Name, phase)
	}
	return refused(status, "", "The operation %q is not possible in the current state (%s).", op.Name, phase)
}

// codes are the words of cps-api, section 2.4.
var codes = map[int]string{
	400: "invalid_input", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
	409: "invalid_operation", 413: "payload_too_large", 422: "invalid_input", 429: "rate_limit_reached",
	500: "internal_error", 502: "bad_gateway", 503: "service_unavailable", 504: "gateway_timeout",
}

// refusals returns the reasons of an error; a foreign one is an error of the server.
func refusals(err error) (all []*refusal) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			all = append(all, refusals(one)...)
		}
		return all
	}
	if r, ok := err.(*refusal); ok {
		return []*refusal{r}
	}
	return []*refusal{{http.StatusInternalServerError, "", err.Error()}}
}

// errorAnswer returns the answer to a request that was refused, in the form that a switch asks
// for (cps-api, sections 2.3 and 12.7).
func (s *Server) errorAnswer(err error) answer {
	reasons := refusals(err)
	status := reasons[0].status
	title := http.StatusText(status)
	details, texts := []object{}, []string{title}
	for _, r := range reasons {
		if r.text == "" {
			continue // a status alone
		}
		o := object{"@type": "ErrorDetail", "description": r.text}
		if r.source != "" {
			o["source"], o["meta"] = r.source, nil
		}
		details, texts = append(details, o), append(texts, r.Error())
	}
	body := object{"@type": "Error", "code": codes[status], "status_code": status, "details": details}
	switch s.world.Switches.ErrorBody {
	case "title":
		body["title"], body["description"] = title, strings.Join(texts, ": ")
	case "null-details":
		body["details"] = nil
	case "message":
		body = object{"Message": title}
	case "empty":
		return s.jsonAnswer(status, nil)
	}
	return s.jsonAnswer(status, body)
}
