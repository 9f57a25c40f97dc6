package sandbox

import (
	"fmt"
	"net/http"
	"strings"
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

// conflict returns the refusal of an operation by the state of a certificate:
// 409 for a cancel, else 400, or 409 by switch (cps-api, sections 2.4 and 8).
func (w *World) conflict(op operation, c *Certificate) *refusal {
	status := http.StatusBadRequest
	if op == doCancel || op == doCancelPreview || w.Switches.StateConflicts == "409" {
		status = http.StatusConflict
	}
	state := c.phase(w.Clock)
	if isEdit(op) {
		return refused(status, "/"+string(op), "The property %s cannot be changed in the current state (%s).", op, state)
	}
	return refused(status, "", "The operation %q is not possible in the current state (%s).", string(op), state)
}

func isEdit(op operation) bool {
	switch op {
	case editLabel, editDescription, editAutoRenew, editMethod, editDomains, editOrganization, editNotifications:
		return true
	default:
		return false
	}
}

// permit returns a refusal when the state of c forbids an operation.
func (w *World) permit(op operation, c *Certificate) error {
	if w.permits(op, c) {
		return nil
	}
	return w.conflict(op, c)
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
