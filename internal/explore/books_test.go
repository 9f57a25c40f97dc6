package explore

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
)

// books are what the exploration knows by itself, from what it made and from what the
// simulated API did. No report of the code under test is in them.
type books struct {
	delay    time.Duration // how late orders show
	moves    bool          // an order moves last_modified at once
	attempts []*attempt    // every write that reached the API, in order, and every order of the CDN's own
	epochs   map[int64]int // how often it began anew what may be wanted of a request
	orders   map[int64]int // as counted by the API so far
	rest     *run          // the quiet run that found nothing to do

	violations []string
	counts     map[string]int // what happened, so that nobody explores nothing
}

func newBooks() books {
	return books{epochs: map[int64]int{}, orders: map[int64]int{}, counts: map[string]int{}}
}

// attempt is a write that reached the API.
type attempt struct {
	call
	run        *run // nil: a person, or the CDN
	fault      fault
	op         int // of the plan of the run
	sent       time.Time
	committed  time.Time // zero until it took effect
	coming     bool      // it is still on its way
	ordered    bool      // it started an order
	intent     string    // what it is for; "" for what is no order
	reading    reading   // of the request, right before
	read       bool      // there was one
	modified   time.Time // last_modified before the first write of the run
	failed     time.Time // when it was found that it ended as a failure; zero while it did not
	stood      bool      // the order status as read before it is an open one that the plan knew
	settled    bool      // a person said that it was not placed
	thumbprint string
}

// intentOf is what an order is for. See the package comment.
func (s *schedule) intentOf(c call, thumbprint string) string {
	e := c.edit()
	switch {
	case c.kind == "renew":
		return fmt.Sprint("renew ", thumbprint, s.epochs[c.id])
	case c.kind == "retrigger":
		return fmt.Sprint("retrigger ", s.epochs[c.id])
	case e.Domains != nil:
		names, common := e.names()
		return fmt.Sprint("names ", names, common, s.epochs[c.id])
	}
	return ""
}

// catchUp lets the API come to the present. Orders that nobody asked for are the CDN's.
func (s *schedule) catchUp() {
	s.api.SetClock(s.now())
	for _, id := range s.ids {
		if !s.ordered(id) {
			continue
		}
		t := s.truth(id)
		a := &attempt{call: call{kind: "renew", id: id}, ordered: true, committed: s.now()}
		if t.Workflow != nil && t.Thumbprint != nil {
			a.committed, a.intent = t.Workflow.Started, s.intentOf(a.call, *t.Thumbprint)
		}
		a.sent = a.committed
		s.attempts = append(s.attempts, a)
		s.say("the CDN renews %d by itself", id)
	}
}

// ordered reports whether the API started an order since it was last asked.
func (s *schedule) ordered(id int64) bool {
	n := s.api.Orders(id)
	more := n > s.orders[id]
	s.orders[id] = n
	return more
}

func (s *schedule) thumbprint(id int64) string {
	if t := s.truth(id).Thumbprint; t != nil {
		return *t
	}
	return ""
}

// violated notes what must not be.
func (s *schedule) violated(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.violations = append(s.violations, text)
	s.say("VIOLATION: %s", text)
}

func (u *run) count(what string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.counts[what]++
}

// noteReading keeps what a process read.
func (u *run) noteReading(c call, whole []byte, at time.Time) {
	var page struct {
		reading
		Items []reading `json:"items"`
	}
	if err := json.Unmarshal(whole, &page); err != nil {
		panic(err)
	}
	for _, r := range append(page.Items, page.reading) {
		if r.at = at; r.ID == 0 {
			continue
		}
		switch {
		case u.applying && c.kind == "get":
			u.readings[r.ID], u.latest[r.ID] = r, r
			u.meets(r)
		case !u.applying:
			u.autoRead[r.ID] = r.AutoRenew
		}
	}
}

// meets notes that a reading before a write shows what another run of the same client wrote
// since this one began.
func (u *run) meets(r reading) {
	if _, wrote := u.modified[r.ID]; wrote {
		return // it may be this run's own
	}
	for _, a := range u.attempts {
		if a.id == r.ID && a.run != nil && a.run != u && sameSecond(a.committed, r.Modified) &&
			a.committed.After(u.now0.Add(2*time.Second)) {
			u.rival = fmt.Sprintf("run %s: %s", a.run.name, a.call)
		}
	}
}

// noteStatus keeps the order status that a process read.
func (u *run) noteStatus(c call, whole []byte) {
	var status struct {
		Order *struct {
			Status string `json:"status"`
		} `json:"order_validation"`
	}
	if err := json.Unmarshal(whole, &status); err != nil {
		panic(err)
	}
	u.words[c.id] = ""
	if status.Order != nil {
		u.words[c.id] = status.Order.Status
	}
	if !u.applying {
		u.atPlan[c.id] = u.words[c.id]
	}
}

// planned is the plan that the process goes by.
func (u *run) planned(p plan.Plan) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.plan, u.applying = p, true
	u.counts["runs"]++
	for _, s := range p.Steps {
		if s.Fault != nil {
			u.say("run %s  %d: error %s", u.name, s.Want.ID, s.Fault.Message)
		}
		for _, o := range s.Ops {
			u.say("run %s  %d: plans %s %s", u.name, s.Want.ID, o.Kind, o.Edit())
		}
		for _, b := range s.Withheld {
			u.say("run %s  %d: not %s: %s", u.name, s.Want.ID, b.Edit, b.Rule)
		}
	}
}
