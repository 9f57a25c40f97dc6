package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// A FaultKind is one row of FaultTable.
type FaultKind struct {
	Name string
	Help string
	// prepare changes the world or the request before it is served.
	prepare func(*Server, *request, Fault)
	// replace gives an answer in place of the real one.
	replace func(*Server, *request, Fault) answer
	// edit changes the real answer.
	edit func(answer, Fault) answer
}

// FaultTable lists every fault: name, and a sentence for help.
var FaultTable = []FaultKind{
	{Name: "throttle", Help: "429; retry_after: seconds, \"date\", or none", replace: statusFault(429)},
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
	{Name: "drop", Help: "the connection ends; when: before or after the write took effect", replace: dropFault},
	{Name: "drop-answer", Help: "the write takes effect, then the connection ends", replace: dropFault},
	{Name: "slow", Help: "takes time: for (30s); when: before or after the write took effect"},
	{Name: "garbage", Help: "200 with a body that is not JSON", replace: garbageFault},
	{Name: "redirect", Help: "302 to another path: what", replace: redirectFault},
	{Name: "truncated", Help: "the body ends in its middle", edit: truncate},
	{Name: "other-id", Help: "the answer is about another id", edit: edited(otherID)},
	{Name: "unknown-word", Help: "every status is a word nobody heard of", edit: edited(unknownWord)},
	{Name: "timestamps-7", Help: "timestamps with seven fraction digits", edit: edited(sevenDigits)},
	{Name: "timestamps-0", Help: "timestamps without fraction", edit: edited(noFraction)},
	{Name: "nulls", Help: "null wherever the client can do without", edit: edited(nulls)},
	{Name: "extra-fields", Help: "members nobody heard of in every object", edit: edited(extraFields)},
	{Name: "total-items-wrong", Help: "total_items is 7 too high", edit: edited(wrongTotal)},
	{Name: "total-items-absent", Help: "no total_items", edit: edited(absentTotal)},
	{Name: "moves", Help: "another party changes the certificate right before; what: description, domains, auto_renew, renewal or last_modified",
		prepare: moveMeanwhile},
	{Name: "moves-pages", Help: "items move to the next page between two pages", prepare: shiftPages},
}

// statusFault returns a fault that answers with an error of the vendor's shape.
func statusFault(status int) func(*Server, *request, Fault) answer {
	return func(s *Server, _ *request, f Fault) answer {
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

func htmlFault(s *Server, _ *request, _ Fault) answer {
	a := s.jsonAnswer(http.StatusBadGateway, nil)
	a.header.Set("Content-Type", "text/html")
	a.body = []byte("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n")
	return a
}

func dropFault(*Server, *request, Fault) answer { return answer{lost: true} }

func garbageFault(s *Server, _ *request, _ Fault) answer {
	a := s.jsonAnswer(http.StatusOK, nil)
	a.body = []byte("%PDF-1.7 this is not JSON \x00\xff\n")
	return a
}

func redirectFault(s *Server, q *request, f Fault) answer {
	a := s.jsonAnswer(http.StatusFound, nil)
	to := f.What
	if to == "" {
		to = strings.TrimSuffix(q.path, "/") + "/elsewhere"
	}
	a.header.Set("Location", to)
	return a
}

func shiftPages(_ *Server, q *request, _ Fault) { q.shifted = true }

// moveMeanwhile is another party's edit of the certificate a request is about.
func moveMeanwhile(s *Server, q *request, f Fault) {
	id, err := pathID(q.id)
	c := s.world.find(id)
	if err != nil || c == nil {
		return
	}
	other, user := int64(501), "User"
	switch f.What {
	case "", "description":
		text := "edited by somebody else"
		c.Description = &text
	case "auto_renew":
		c.AutoRenew = !c.AutoRenew
	case "domains":
		names := append([]Domain(nil), c.Domains...)
		c.Domains = append(names, Domain{ID: s.world.domainID(), Name: "meanwhile.example.net",
			Status: c.usualName(), Created: s.world.Clock})
	}
	by := &Actor{UserID: &other, IdentityType: &user}
	if f.What == "renewal" {
		s.world.start(c, Workflow{Kind: kindRenewal}, by)
		return
	}
	s.world.touch(c, by)
}
