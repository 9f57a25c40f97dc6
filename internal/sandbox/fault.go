package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// Calls are the kinds of requests a fault can name. "any" is every one but token;
// "patch" includes "patch-domains"; "dcv" is every request below /dcv; "other"
// is organization and notifications; "edge" is a TLS handshake.
var Calls = []string{
	"any", "token", "list", "get", "status", "patch", "patch-domains", "renew", "retrigger",
	"create", "cancel", "delete", "dcv", "other", "edge",
}

// ParseFault reads NAME[:CALL[:TIMES[:MEMBER=VALUE...]]], for example
// "drop-answer:renew", "throttle:list:2:retry_after=30" or "status-500:any:always".
func ParseFault(text string) (f world.Fault, err error) {
	for i, part := range strings.Split(text, ":") {
		member, value, _ := strings.Cut(part, "=")
		switch {
		case i == 0:
			f.Name = part
		case i == 1:
			f.Call = part
		case i == 2 && part == "always":
			f.Times = -1
		case i == 2:
			if f.Times, err = strconv.Atoi(part); err != nil || f.Times < -1 {
				err = fmt.Errorf("%q is not a number of times", part)
			}
		case member == "id":
			f.ID, err = strconv.ParseInt(value, 10, 64)
		case member == "when":
			f.When = value
		case member == "skip":
			f.Skip, err = strconv.Atoi(value)
		case member == "retry_after":
			f.RetryAfter = value
		case member == "for":
			f.For = world.Wait(value)
			_, err = world.ParseDuration(value)
		case member == "what":
			f.What = value
		default:
			err = fmt.Errorf("unknown member %q: must be id, when, skip, retry_after, for or what", member)
		}
		if err != nil {
			return world.Fault{}, fmt.Errorf("fault %q: %w", text, err)
		}
	}
	return f, checkFault(f)
}

// checkFault returns an error when no request can ever match f as written.
func checkFault(f world.Fault) error {
	onEdge := kindOf(f).edge != nil
	length := f.For.Check()
	switch {
	case kindOf(f).Name == "":
		return fmt.Errorf("fault %q: no fault has this name", f.Name)
	case f.Call != "" && !slices.Contains(Calls, f.Call):
		return fmt.Errorf("fault %s: call must be one of %s, not %q", f.Name, strings.Join(Calls, ", "), f.Call)
	case f.When != "" && f.When != "before" && f.When != "after":
		return fmt.Errorf("fault %s: when must be before or after, not %q", f.Name, f.When)
	case f.Call != "" && onEdge != (f.Call == "edge"):
		return fmt.Errorf("fault %s: call edge is for the faults that begin with edge-, and for no other", f.Name)
	case f.Name == "moves" && !slices.Contains([]string{"", "description", "domains", "auto_renew", "renewal", "last_modified"}, f.What):
		return fmt.Errorf("fault moves: what must be description, domains, auto_renew, renewal or last_modified, not %q", f.What)
	case length != nil:
		return fmt.Errorf("fault %s: for: %w", f.Name, length)
	case f.Skip < 0 || f.Times < -1:
		return fmt.Errorf("fault %s: skip and times must not be negative, but for times -1", f.Name)
	}
	return nil
}

// kindOf returns the row of FaultTable, an empty one when no fault has the name.
func kindOf(f world.Fault) (kind FaultKind) {
	if i := slices.IndexFunc(FaultTable, func(k FaultKind) bool { return k.Name == f.Name }); i >= 0 {
		kind = FaultTable[i]
	}
	return kind
}

func matches(f world.Fault, q *request) bool {
	if f.ID != 0 && f.ID != q.id || kindOf(f).edge != nil {
		return false
	}
	if f.Call == "" || f.Call == "any" {
		return !slices.Contains(q.kinds, "token")
	}
	return slices.Contains(q.kinds, f.Call)
}

// inject returns the faults that are injected into what they apply to, and counts that. A
// fault of the edge lasts, uncounted, unless it says how often.
func (s *Server) inject(applies func(world.Fault) bool) (active activeFaults) {
	for _, list := range [][]world.Fault{s.world.Faults, s.faults} {
		for i := range list {
			f := &list[i]
			if !applies(*f) {
				continue
			}
			if f.Times != 0 || kindOf(*f).edge == nil {
				f.Seen++
				if f.Seen <= f.Skip || f.Times >= 0 && f.Struck >= max(f.Times, 1) {
					continue
				}
				f.Struck++
			}
			active = append(active, *f)
		}
	}
	return active
}

type activeFaults []world.Fault

// delay lets the time of the slow faults of this moment pass.
func (fs activeFaults) delay(when string, wait func(time.Duration) error) error {
	for _, f := range fs {
		if f.Name != "slow" || whenOf(f) != when {
			continue
		}
		d, err := world.ParseDuration(string(f.For))
		if err != nil || d == 0 {
			d = 30 * time.Second
		}
		if err := wait(d); err != nil {
			return err
		}
	}
	return nil
}

// replace returns the answer of the first fault that gives one at this moment.
func (fs activeFaults) replace(s *Server, q *request, when string) (answer, bool) {
	for _, f := range fs {
		if replace := kindOf(f).replace; replace != nil && whenOf(f) == when {
			return replace(s, q, f), true
		}
	}
	return answer{}, false
}

func whenOf(f world.Fault) string {
	if f.Name == "drop-answer" || f.When == "after" {
		return "after"
	}
	return "before"
}

// A FaultKind is one row of FaultTable.
type FaultKind struct {
	Name, Help string
	prepare    func(*Server, *request, world.Fault)        // changes the world or the request before it is served
	replace    func(*Server, *request, world.Fault) answer // in place of the real one
	edit       func(answer) answer                         // changes the real one
	edge       func(*greeting, world.Fault)                // changes what a handshake shows: of no request, and lasting
}

// edgeDNS is the fault of the edge that is of names rather than handshakes.
const edgeDNS = "edge-dns-elsewhere"

// FaultTable lists every fault: name, and a sentence for help.
var FaultTable = []FaultKind{
	{Name: "throttle", Help: "429 rate_limit_reached; retry_after: seconds, \"date\", or absent", replace: fails(429)},
	{Name: "status-400", Help: "400 invalid_input", replace: fails(400)},
	{Name: "status-401", Help: "401 unauthorized", replace: fails(401)},
	{Name: "status-403", Help: "403 forbidden", replace: fails(403)},
	{Name: "status-404", Help: "404 not_found", replace: fails(404)},
	{Name: "status-409", Help: "409 invalid_operation", replace: fails(409)},
	{Name: "status-422", Help: "422", replace: fails(422)},
	{Name: "status-500", Help: "500 internal_error", replace: fails(500)},
	{Name: "status-502", Help: "502 with an HTML body",
		replace: answers(502, "text/html", "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n")},
	{Name: "status-503", Help: "503 service_unavailable; retry_after as for throttle", replace: fails(503)},
	{Name: "status-504", Help: "504 gateway_timeout", replace: fails(504)},
	{Name: "drop", Help: "the connection ends; when: before or after the write takes effect", replace: drops},
	{Name: "drop-answer", Help: "the write takes effect, then the connection ends", replace: drops},
	{Name: "slow", Help: "the answer is late; for: how long (30s); when: before or after the write takes effect"},
	{Name: "garbage", Help: "200 with a body that is not JSON",
		replace: answers(200, "application/json; charset=utf-8", "%PDF-1.7 this is not JSON \x00\xff\n")},
	{Name: "redirect", Help: "302 to another path; what: the path", replace: func(s *Server, q *request, f world.Fault) answer {
		a := s.jsonAnswer(http.StatusFound, nil)
		a.header.Set("Location", cmp.Or(f.What, strings.TrimSuffix(q.path, "/")+"/elsewhere"))
		return a
	}},
	{Name: "truncated", Help: "the body is cut in the middle", edit: func(a answer) answer {
		a.body = a.body[:len(a.body)/2]
		return a
	}},
	{Name: "other-id", Help: "the answer is about another id", edit: edited(func(o object, outermost bool) { // (cps-api, section 14, 1)
		if n, ok := o["id"].(json.Number); ok && outermost {
			id, _ := n.Int64()
			o["id"] = id + 10
		}
	})},
	{Name: "unknown-word", Help: "every status is an unknown word", edit: edited(func(o object, _ bool) {
		if _, ok := o["status"].(string); ok {
			o["status"] = "Levitating"
		}
	})},
	{Name: "timestamps-7", Help: "timestamps with seven fraction digits", edit: edited(restamped(".1234567"))},
	{Name: "timestamps-0", Help: "timestamps without fraction", edit: edited(restamped(""))},
	{Name: "nulls", Help: "null in every member that the client does not need", edit: edited(func(o object, _ bool) {
		for name := range o {
			if slices.Contains(nullable, name) {
				o[name] = nil
			}
		}
	})},
	{Name: "extra-fields", Help: "unknown members in every object",
		edit: edited(func(o object, _ bool) { o["x_new_member"] = []any{"unknown", 1, nil} })},
	{Name: "total-items-absent", Help: "no total_items", edit: edited(func(o object, outermost bool) {
		if outermost {
			delete(o, "total_items")
		}
	})},
	{Name: "moves", Help: "somebody else changes the certificate right before the call; what: description, domains, auto_renew, renewal or last_modified",
		prepare: editMeanwhile},
	{Name: "moves-pages", Help: "between two pages of the list, items move to the next page", prepare: func(_ *Server, q *request, _ world.Fault) { q.shifted = true }},
	{Name: "edge-old", Help: "the edge serves the certificate before the current one", edge: func(g *greeting, _ world.Fault) { g.shows = g.before }},
	{Name: "edge-behind", Help: "one region serves the certificate before the current one; what: the region (the last one)",
		edge: func(g *greeting, f world.Fault) {
			if f.What == g.where.DeliveryRegion || f.What == "" && g.last {
				g.shows = g.before
			}
		}},
	{Name: "edge-wrong-name", Help: "the edge serves a certificate for another domain",
		edge: func(g *greeting, _ world.Fault) { g.shows.Names = []string{"wrong.example.net"} }},
	{Name: "edge-expired", Help: "the edge serves a certificate that expired a day ago", edge: func(g *greeting, _ world.Fault) {
		g.shows.NotAfter = g.now.AddDate(0, 0, -1)
		g.shows.NotBefore = g.shows.NotAfter.AddDate(0, -6, 0)
	}},
	{Name: "edge-silent", Help: "the edge accepts connections and never answers", edge: func(g *greeting, _ world.Fault) { g.silent = true }},
	{Name: "edge-half", Help: "the connection ends in the middle of the handshake", edge: func(g *greeting, _ world.Fault) { g.half = true }},
	{Name: edgeDNS, Help: "the address of the domains leads to another server, with another certificate", edge: func(*greeting, world.Fault) {}},
}

func fails(status int) func(*Server, *request, world.Fault) answer {
	return func(s *Server, _ *request, f world.Fault) answer {
		r := &refusal{status: status, text: "This answer is the sandbox's fault " + f.Name + "."}
		if status == http.StatusTooManyRequests {
			r.text = "" // no details
		}
		a := s.errorAnswer(r)
		if f.RetryAfter == "date" {
			a.header.Set("Retry-After", s.world.Clock.Add(30*time.Second).Format(http.TimeFormat))
		} else if f.RetryAfter != "" {
			a.header.Set("Retry-After", f.RetryAfter)
		}
		return a
	}
}

// answers gives an answer that no API would.
func answers(status int, kind, body string) func(*Server, *request, world.Fault) answer {
	return func(s *Server, _ *request, _ world.Fault) answer {
		a := s.jsonAnswer(status, nil)
		a.header.Set("Content-Type", kind)
		a.body = []byte(body)
		return a
	}
}

func drops(*Server, *request, world.Fault) answer { return answer{lost: true} }

// editMeanwhile is another party's edit of the certificate a request is about.
func editMeanwhile(s *Server, q *request, f world.Fault) {
	c := s.world.Find(q.id)
	if c == nil {
		return
	}
	other, user, text := int64(501), "User", "edited by somebody else"
	by := &world.Actor{UserID: &other, IdentityType: &user}
	switch f.What {
	case "", "description":
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

// An object is a JSON object of an answer.
type object = map[string]any

// edited returns a fault that changes the objects of a JSON answer, the
// outermost one first.
func edited(change func(o object, outermost bool)) func(answer) answer {
	var visit func(v any, outermost bool)
	visit = func(v any, outermost bool) {
		switch v := v.(type) {
		case object:
			change(v, outermost)
			for _, member := range v {
				visit(member, false)
			}
		case []any:
			for _, element := range v {
				visit(element, false)
			}
		}
	}
	return func(a answer) answer {
		d := json.NewDecoder(bytes.NewReader(a.body))
		d.UseNumber()
		var body any
		if d.Decode(&body) != nil {
			return a
		}
		visit(body, true)
		a.body = world.JSON(body, "")
		return a
	}
}

var fraction = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z$`)

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
