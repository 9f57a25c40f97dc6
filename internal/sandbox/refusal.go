package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// A refusal is an error answer of the API (cps-api, section 2.3).
type refusal struct {
	status  int
	details []detail
}

// A detail is one reason of a refusal.
type detail struct {
	source string // JSON Pointer, or the name of a query parameter
	text   string
}

func (r *refusal) Error() string {
	texts := []string{http.StatusText(r.status)}
	for _, d := range r.details {
		texts = append(texts, d.source+" "+d.text)
	}
	return strings.Join(texts, ": ")
}

// codes are the words of cps-api, section 2.4.
var codes = map[int]string{
	400: "invalid_input", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
	409: "invalid_operation", 413: "payload_too_large", 422: "invalid_input", 429: "rate_limit_reached",
	500: "internal_error", 502: "bad_gateway", 503: "service_unavailable", 504: "gateway_timeout",
}

// refused returns an error answer with one reason.
func refused(status int, source, format string, args ...any) *refusal {
	return &refusal{status, []detail{{source, fmt.Sprintf(format, args...)}}}
}

// invalid returns a 400 about one place.
func invalid(source, format string, args ...any) *refusal {
	return refused(http.StatusBadRequest, source, format, args...)
}

// permit refuses an operation that the state of c forbids: with 409 for a cancel, else 400,
// or 409 by switch (cps-api, sections 2.4 and 8).
func (s *Server) permit(op world.Operation, c *world.Certificate) error {
	if s.world.Permits(op, c) {
		return nil
	}
	status := http.StatusBadRequest
	if op == world.Cancel || op == world.PreviewCancel || s.world.Switches.StateConflicts == "409" {
		status = http.StatusConflict
	}
	phase := c.Phase(s.world.Clock)
	if op.IsEdit() {
		return refused(status, "/"+string(op), "The property %s cannot be changed in the current state (%s).", op, phase)
	}
	return refused(status, "", "The operation %q is not possible in the current state (%s).", string(op), phase)
}

// reasons collects refusals, so that one answer has all of them.
type reasons struct{ refusals []*refusal }

func (r *reasons) add(err error) {
	var one *refusal
	if errors.As(err, &one) {
		r.refusals = append(r.refusals, one)
	}
}

func (r *reasons) any() bool { return len(r.refusals) > 0 }

// refusal returns all reasons as one error, nil when there is none.
func (r *reasons) refusal() error {
	if !r.any() {
		return nil
	}
	all := &refusal{status: r.refusals[0].status}
	for _, one := range r.refusals {
		all.details = append(all.details, one.details...)
	}
	return all
}

// oneOf refuses a word that is not in a list.
func oneOf(pointer, word string, words []string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return invalid(pointer, "This must be one of %s.", strings.Join(words, ", "))
}

// errorAnswer returns the answer to a request that was refused.
func (s *Server) errorAnswer(err error) answer {
	var r *refusal
	if !errors.As(err, &r) {
		r = refused(http.StatusInternalServerError, "", "%v", err)
	}
	return s.jsonAnswer(r.status, errorBody(r, s.world.Switches.ErrorBody))
}

// errorBody returns the JSON of a refusal in the form that a switch asks for; nil
// is an empty body (cps-api, sections 2.3 and 12.7).
func errorBody(r *refusal, form string) any {
	details := []object{}
	for _, d := range r.details {
		o := object{"@type": "ErrorDetail", "description": d.text}
		if d.source != "" {
			o["source"], o["meta"] = d.source, nil
		}
		details = append(details, o)
	}
	body := object{"@type": "Error", "code": codes[r.status], "status_code": r.status, "details": details}
	switch form {
	case "title":
		body["title"], body["description"] = http.StatusText(r.status), r.Error()
	case "null-details":
		body["details"] = nil
	case "message":
		return object{"Message": http.StatusText(r.status)}
	case "empty":
		return nil
	}
	return body
}
