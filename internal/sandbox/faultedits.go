package sandbox

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// An object is a JSON object of an answer that a fault changes.
type object = map[string]any

// edited returns a fault that changes the objects of a JSON answer, the
// outermost one first.
func edited(change func(o object, outermost bool)) func(answer, Fault) answer {
	return func(a answer, _ Fault) answer {
		d := json.NewDecoder(bytes.NewReader(a.body))
		d.UseNumber()
		var body any
		if d.Decode(&body) != nil {
			return a
		}
		visit(body, change, true)
		a.body = marshal(body)
		return a
	}
}

func visit(v any, change func(object, bool), outermost bool) {
	switch v := v.(type) {
	case object:
		change(v, outermost)
		for _, member := range v {
			visit(member, change, false)
		}
	case []any:
		for _, element := range v {
			visit(element, change, false)
		}
	}
}

func truncate(a answer, _ Fault) answer {
	a.body = a.body[:len(a.body)/2]
	return a
}

// otherID makes the answer one about another certificate (cps-api, section 14, 1).
func otherID(o object, outermost bool) {
	if n, ok := o["id"].(json.Number); ok && outermost {
		id, _ := n.Int64()
		o["id"] = id + 10
	}
}

func unknownWord(o object, _ bool) {
	if _, ok := o["status"].(string); ok {
		o["status"] = "Levitating"
	}
}

var fraction = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z$`)

func restamp(o object, digits string) {
	for name, v := range o {
		if text, ok := v.(string); ok && !strings.HasPrefix(text, "0001-") {
			o[name] = fraction.ReplaceAllString(text, "${1}"+digits+"Z")
		}
	}
}

func sevenDigits(o object, _ bool) { restamp(o, ".1234567") }

func noFraction(o object, _ bool) { restamp(o, "") }

// nullable are the members a client can do without (cps-api, section 4.1).
var nullable = []string{
	"@id", "@type", "@links", "description", "certificate_authority", "request_type", "organization", "deployments",
	"created", "created_by", "modified_by", "workflow_error_message", "error_message", "active_date", "step",
	"organization_validation", "domain_validations", "emails", "scope",
}

func nulls(o object, _ bool) {
	for _, name := range nullable {
		if _, ok := o[name]; ok {
			o[name] = nil
		}
	}
}

func extraFields(o object, _ bool) {
	o["x_new_member"] = []any{"nobody heard of this", 1, nil}
}

func wrongTotal(o object, outermost bool) {
	if n, ok := o["total_items"].(json.Number); ok && outermost {
		total, _ := n.Int64()
		o["total_items"] = total + 7
	}
}

func absentTotal(o object, outermost bool) {
	if outermost {
		delete(o, "total_items")
	}
}
