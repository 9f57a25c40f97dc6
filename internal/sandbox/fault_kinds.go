package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// A FaultKind is one row of FaultTable.
type FaultKind struct {
	Name string
	Help string
	// prepare changes the world or the request before it is served.
	prepare func(*Server, *request, world.Fault)
	// replace gives an answer in place of the real one.
	replace func(*Server, *request, world.Fault) answer
	// edit changes the real answer.
	edit func(answer) answer
	// edge changes what a handshake shows. Such a fault is of no request, and lasts.
	edge func(*greeting, world.Fault)
}

// FaultTable lists every fault: name, and a sentence for help.
var FaultTable = []FaultKind{
	{Name: "throttle", Help: "429 rate_limit_reached; retry_after: seconds, \"date\", or absent", replace: statusFault(429)},
	{Name: "status-400", Help: "400 invalid_input", replace: statusFault(400)},
	{Name: "status-401", Help: "401 unauthorized", replace: statusFault(401)},
	{Name: "status-403", Help: "403 forbidden", replace: statusFault(403)},
	{Name: "status-404", Help: "404 not_found", replace: statusFault(404)},
	{Name: "status-409", Help: "409 invalid_operation", replace: statusFault(409)},
	{Name: "status-422", Help: "422", replace: statusFault(422)},
	{Name: "status-500", Help: "500 internal_error", replace: statusFault(500)},
	{Name: "status-502", Help: "502 with an HTML body", replace: htmlFault},
	{Name: "status-503", Help: "503 service_unavailable; retry_after as for throttle", replace: statusFault(503)},
	{Name: "status-504", Help: "504 gateway_timeout", replace: statusFault(504)},
	{Name: "drop", Help: "the connection ends; when: before or after the write takes effect", replace: dropFault},
	{Name: "drop-answer", Help: "the write takes effect, then the connection ends", replace: dropFault},
	{Name: "slow", Help: "the answer is late; for: how long (30s); when: before or after the write takes effect"},
	{Name: "garbage", Help: "200 with a body that is not JSON", replace: garbageFault},
	{Name: "redirect", Help: "302 to another path; what: the path", replace: redirectFault},
	{Name: "truncated", Help: "the body is cut in the middle", edit: truncate},
	{Name: "other-id", Help: "the answer is about another id", edit: edited(otherID)},
	{Name: "unknown-word", Help: "every status is an unknown word", edit: edited(unknownWord)},
	{Name: "timestamps-7", Help: "timestamps with seven fraction digits", edit: edited(restamped(".1234567"))},
	{Name: "timestamps-0", Help: "timestamps without fraction", edit: edited(restamped(""))},
	{Name: "nulls", Help: "null in every member that the client does not need", edit: edited(nulls)},
	{Name: "extra-fields", Help: "unknown members in every object", edit: edited(extraFields)},
	{Name: "total-items-absent", Help: "no total_items", edit: edited(absentTotal)},
	{Name: "moves", Help: "somebody else changes the certificate right before the call; what: description, domains, auto_renew, renewal or last_modified",
		prepare: editMeanwhile},
	{Name: "moves-pages", Help: "between two pages of the list, items move to the next page", prepare: func(_ *Server, q *request, _ world.Fault) { q.shifted = true }},
	{Name: edgePrefix + "old", Help: "the edge serves the certificate before the current one", edge: func(g *greeting, _ world.Fault) { g.shows = g.before }},
	{Name: edgePrefix + "behind", Help: "one region serves the certificate before the current one; what: the region (the last one)", edge: edgeBehind},
	{Name: edgePrefix + "wrong-name", Help: "the edge serves a certificate for another domain",
		edge: func(g *greeting, _ world.Fault) { g.shows.Names = []string{"wrong.example.net"} }},
	{Name: edgePrefix + "expired", Help: "the edge serves a certificate that expired a day ago", edge: edgeExpired},
	{Name: edgePrefix + "silent", Help: "the edge accepts connections and never answers", edge: func(g *greeting, _ world.Fault) { g.silent = true }},
	{Name: edgePrefix + "half", Help: "the connection ends in the middle of the handshake", edge: func(g *greeting, _ world.Fault) { g.half = true }},
	{Name: edgeDNS, Help: "the address of the domains leads to another server, with another certificate", edge: func(*greeting, world.Fault) {}},
}

// The faults of the edge: how their names begin, and the one of names rather than handshakes.
const (
	edgePrefix = "edge-"
	edgeDNS    = edgePrefix + "dns-elsewhere"
)

func edgeBehind(g *greeting, f world.Fault) {
	if f.What == g.where.DeliveryRegion || f.What == "" && g.last {
		g.shows = g.before
	}
}

func edgeExpired(g *greeting, _ world.Fault) {
	g.shows.NotAfter = g.now.AddDate(0, 0, -1)
	g.shows.NotBefore = g.shows.NotAfter.AddDate(0, -6, 0)
}

// statusFault returns a fault that answers with an error of the vendor's shape.
func statusFault(status int) func(*Server, *request, world.Fault) answer {
	return func(s *Server, _ *request, f world.Fault) answer {
		r := &refusal{status: status}
		if status != http.StatusTooManyRequests {
			r.details = []detail{{text: "This answer is the sandbox's fault " + f.Name + "."}}
		}
		a := s.errorAnswer(r)
		switch f.RetryAfter {
		case "":
		case "date":
			a.header.Set("Retry-After", s.world.Clock.Add(30*time.Second).Format(http.TimeFormat))
		default:
			a.header.Set("Retry-After", f.RetryAfter)
		}
		return a
	}
}

func htmlFault(s *Server, _ *request, _ world.Fault) answer {
	a := s.jsonAnswer(http.StatusBadGateway, nil)
	a.header.Set("Content-Type", "text/html")
	a.body = []byte("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n")
	return a
}

func dropFault(*Server, *request, world.Fault) answer { return answer{lost: true} }

func garbageFault(s *Server, _ *request, _ world.Fault) answer {
	a := s.jsonAnswer(http.StatusOK, nil)
	a.body = []byte("%PDF-1.7 this is not JSON \x00\xff\n")
	return a
}

func redirectFault(s *Server, q *request, f world.Fault) answer {
	a := s.jsonAnswer(http.StatusFound, nil)
	to := f.What
	if to == "" {
		to = strings.TrimSuffix(q.path, "/") + "/elsewhere"
	}
	a.header.Set("Location", to)
	return a
}

// editMeanwhile is another party's edit of the certificate a request is about.
func editMeanwhile(s *Server, q *request, f world.Fault) {
	id, err := pathID(q.id)
	c := s.world.Find(id)
	if err != nil || c == nil {
		return
	}
	other, user := int64(501), "User"
	by := &world.Actor{UserID: &other, IdentityType: &user}
	switch f.What {
	case "", "description":
		text := "edited by somebody else"
		c.Description = &text
	case "auto_renew":
		c.AutoRenew = !c.AutoRenew
	case "domains":
		c.Domains = append(slices.Clone(c.Domains), world.Domain{ID: s.world.DomainID(), Name: "meanwhile.example.net",
			Status: c.UsualWord(), Created: s.world.Clock})
	case "renewal":
		s.world.Start(c, world.Workflow{Kind: world.Renewal}, by)
		return
	}
	s.world.Touch(c, by)
}

// An object is a JSON object of an answer that a fault changes.
type object = map[string]any

// edited returns a fault that changes the objects of a JSON answer, the
// outermost one first.
func edited(change func(o object, outermost bool)) func(answer) answer {
	return func(a answer) answer {
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

func truncate(a answer) answer {
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

// restamped gives timestamps another fraction.
func restamped(digits string) func(object, bool) {
	return func(o object, _ bool) {
		for name, v := range o {
			if text, ok := v.(string); ok && !strings.HasPrefix(text, "0001-") {
				o[name] = fraction.ReplaceAllString(text, "${1}"+digits+"Z")
			}
		}
	}
}

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
	o["x_new_member"] = []any{"unknown", 1, nil}
}

func absentTotal(o object, outermost bool) {
	if outermost {
		delete(o, "total_items")
	}
}
