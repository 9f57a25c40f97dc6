package journal

import (
	"errors"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// line is one line of the file. The first of a write has Before, the others Outcome.
type line struct {
	Time    time.Time         `json:"time"`
	Write   string            `json:"write,omitempty"` // the same in all lines of one write
	API     string            `json:"api"`
	ID      cert.ID           `json:"id,omitempty"`
	Kind    string            `json:"kind,omitempty"` // patch, renew or retrigger
	Fields  []string          `json:"fields,omitempty"`
	Sent    *names            `json:"sent,omitempty"` // the names a PATCH of domains asks for
	Before  *state            `json:"before,omitempty"`
	Run     map[string]string `json:"run,omitempty"` // beside Before: the run that writes
	Outcome string            `json:"outcome,omitempty"`
	Asked   []string          `json:"asked,omitempty"`   // digests of the changes of a PATCH
	Refused string            `json:"refused,omitempty"` // what the API answered to a write that failed
	Applied bool              `json:"applied,omitempty"` // in place of Write: an apply came to its end
	By      string            `json:"by,omitempty"`      // who says so, of an outcome that a person gives
	Shown   *shown            `json:"shown,omitempty"`   // beside an outcome: the reading that showed it
}

// shown is the last change of a request by the reading right after a write.
type shown struct {
	Modified time.Time `json:"last_modified"`
	By       string    `json:"modified_by"`
}

// state is a request right before a write, for comparison with later readings.
type state struct {
	Status     string    `json:"status"`
	Order      string    `json:"order"`
	Names      names     `json:"names"`
	TimedOut   bool      `json:"timed_out"`
	Domains    []string  `json:"domains,omitempty"` // each with its status
	Thumbprint string    `json:"thumbprint"`
	Expires    time.Time `json:"expires"`
	Modified   time.Time `json:"last_modified"`
}

type names struct {
	Common string   `json:"common"`
	All    []string `json:"all"`
}

// Words of an outcome after which an order is not pending: a later reading shows it, a person
// says that it was not placed, or it was rejected or not sent.
const (
	seenLater = "seen"
	settled   = "settled"
	failed    = "failed"
)

var harmless = map[string]bool{failed: true, "not-started": true, "stale": true, seenLater: true, settled: true}

// The outcome that reports name differently. Lines keep their own word, so that old journals stay readable.
const (
	notConverged       = "not-converged"
	notConvergedInLine = "did-not-converge"
)

// accepted are the words of an outcome after which the API has accepted the order.
var accepted = map[string]bool{"done": true, notConverged: true}

// Entry is a write of an earlier run: its line before the call, and what later lines say of it.
// Of those come the members Outcome, Refused and Shown of the line.
type Entry struct {
	line
	Operation plan.Operation // the call and the names sent
	Before    cert.Live      // the request right before, as far as it matters to settling
	OutcomeAt time.Time      // when the outcome was written; zero without one
	Line      int            // of the file, counts from 1
	Metadata  bool           // a PATCH of description and label alone
}

func stateOf(have cert.Live) *state {
	return &state{
		Status: have.Status.String(), Order: have.Order.String(),
		Names: names{have.Common, have.Names()}, TimedOut: have.TimedOut(), Domains: have.DomainStates(),
		Thumbprint: have.Thumbprint, Expires: have.Expires, Modified: have.Modified,
	}
}

// toEntry reads the first line of a write.
func (l line) toEntry(at int) (Entry, error) {
	if l.ID <= 0 {
		return Entry{}, errors.New("it names no request")
	}
	l.Shown, l.Refused = nil, "" // later lines say what came of it
	e := Entry{line: l, Line: at}
	kinds := []plan.Kind{plan.Patch, plan.Renew, plan.Retrigger}
	i := slices.IndexFunc(kinds, func(k plan.Kind) bool { return k.String() == l.Kind })
	if i < 0 {
		return Entry{}, errors.New("it names no known call")
	}
	e.Operation.Kind = kinds[i]
	// A change of another field may cause an order. While auto_renew is on, CPS orders by itself.
	e.Metadata = e.Operation.Kind == plan.Patch && !slices.ContainsFunc(l.Fields, func(field string) bool {
		return field != cert.EditDescription.String() && field != cert.EditLabel.String()
	})
	if l.Sent != nil {
		e.Operation.Body.Domains = cert.Some(cert.Domains{Common: l.Sent.Common, Names: l.Sent.All})
	}
	e.Before = l.Before.live(l.ID)
	return e, nil
}

func (s state) live(id cert.ID) cert.Live {
	have := cert.Live{
		ID: id, Common: s.Names.Common, Thumbprint: s.Thumbprint, Expires: s.Expires, Modified: s.Modified,
		Status: cert.ParseStatus(s.Status), Order: cert.ParseOrderStatus(s.Order),
	}
	status := cert.DomainActive
	if s.TimedOut {
		status = cert.DomainTimedOut
	}
	for _, n := range s.Names.All {
		have.Domains = append(have.Domains, cert.Domain{Name: n, Status: status})
	}
	return have
}
