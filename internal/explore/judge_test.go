package explore

import (
	"bytes"
	"os"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/journal"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// judge says in the end what can only be said then.
func (s *schedule) judge() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range s.attempts {
		for _, a := range s.attempts[:i] {
			s.judgePair(a, b)
		}
	}
	var told []*run
	for _, a := range s.attempts {
		if a.run != nil && !slices.Contains(told, a.run) {
			told = append(told, a.run)
			a.run.judgeFailed()
		}
	}
	if s.rest != nil {
		for _, id := range s.ids {
			s.judgeEnd(id)
		}
	}
}

// judgePair: b must not be sent when a is an order to the same end, and the process that
// sends b can know it: it sent a itself, the journal says so, or the reading before b
// shows a by any field within the order pause.
func (s *schedule) judgePair(a, b *attempt) {
	if b.run == nil || a.id != b.id || a.intent == "" || a.intent != b.intent || !a.ordered {
		return
	}
	if a.kind == "retrigger" && !b.sent.Before(a.committed.Add(timesOut)) {
		return // it has timed out again
	}
	s.counts["two orders to one end"]++
	know := ""
	switch {
	case a.run == b.run:
		know = "itself"
	case a.run != nil && a.run.journal != "" && b.run.journal != "" && !a.lifted:
		know = "its journal says so"
	case !b.reading.at.After(a.committed):
	case !b.reading.at.Before(a.committed.Add(s.delay)):
		know = "the reading before it shows it"
	case s.moves && !b.modified.Before(a.committed.Truncate(time.Second)) && b.run.now0.Before(b.modified.Add(pause)):
		know = "last_modified moved within the order pause"
	}
	if know != "" {
		s.violated("run %s sent a second order to one end: %s; the first was that of %s, %s", b.run.name, b.call, a.by(), know)
	}
}

// timesOut is how long the CA looks for the proof of control.
const timesOut = 7 * day

func (a *attempt) by() string {
	if a.run == nil {
		return "somebody else"
	}
	return "run " + a.run.name
}

// judgeFailed: what is reported failed never took effect, not even later.
func (u *run) judgeFailed() {
	for _, o := range u.outcomes {
		for _, a := range u.triedOf(int64(o.Step.Want.ID), o.Op) {
			if o.Result == report.Failed && !a.committed.IsZero() {
				u.violated("run %s says that %s failed, and it took effect", u.name, a.call)
			}
		}
	}
}

// judgeEnd: once nothing changes any more, each request is what its manifest asks for,
// as far as its state lets anybody edit it.
func (s *schedule) judgeEnd(id int64) {
	c, want, now := s.truth(id), s.wants[id], s.now()
	r := readingOf(c)
	wrong := func(e cert.Edit, what string) {
		if !want.Policy.Protects(e) {
			s.violated("in the end %s of %d is %s; wanted %s; it is %s", e, id, what, wants(want), looks{s, id})
		}
	}
	if !editable(c, now) {
		return
	}
	if v, ok := want.Label.Get(); ok && v != r.Label {
		wrong(cert.EditLabel, r.Label)
	}
	if v, ok := want.Description.Get(); ok && !(edit{Description: &v}).shows(r) {
		wrong(cert.EditDescription, "another")
	}
	if v, ok := want.AutoRenew.Get(); ok && v != r.AutoRenew {
		wrong(cert.EditAutoRenew, "the other")
	}
	if inService(c, now) {
		s.judgeService(id, r, wrong)
	}
	if v, ok := want.Policy.RetriggerUntil.Get(); ok && timedOut(c) && now.Before(v.Add(day)) && r.agrees(want) {
		wrong(cert.EditRetrigger, "still due")
	}
}

// judgeService is judgeEnd for what only a request in service lets anybody change.
func (s *schedule) judgeService(id int64, r reading, wrong func(cert.Edit, string)) {
	c, want, now := s.truth(id), s.wants[id], s.now()
	if v, ok := want.DCVMethod.Get(); ok && string(v) != r.DCVMethod {
		wrong(cert.EditDCVMethod, r.DCVMethod)
	}
	if d, ok := want.Domains.Get(); ok {
		for _, n := range d.Names {
			if !slices.Contains(r.names(), n) {
				wrong(cert.EditDomains, "without "+n)
			}
		}
		for _, n := range want.Policy.RemoveDomains {
			if slices.Contains(r.names(), n) {
				wrong(cert.EditDomains, "still with "+n)
			}
		}
	}
	left := c.Expires.Sub(now)
	if before, ok := want.Policy.RenewBefore.Get(); ok && !c.AutoRenew && left < min(before, window) {
		wrong(cert.EditRenew, "still due")
	}
	if by, ok := want.Policy.RenewIfEndsBefore.Get(); ok && !c.AutoRenew && c.Expires.Before(by) && left < window {
		wrong(cert.EditRenew, "still due by its date")
	}
}

// window is how near its end a certificate may be renewed for certain: half of the
// shortest validity that these schedules see.
const window = 49 * day

// readingOf is a request as it is.
func readingOf(c sandbox.Certificate) reading {
	r := reading{ID: c.ID, Label: c.Label, Description: c.Description, AutoRenew: c.AutoRenew, DCVMethod: c.DCVMethod, Modified: c.LastModified}
	for _, d := range c.Domains {
		r.Domains = append(r.Domains, struct {
			Name   string `json:"name"`
			Common bool   `json:"is_common_name"`
			Status string `json:"status"`
		}{d.Name, d.IsCommonName, d.Status})
	}
	return r
}

// agrees reports whether names and method are as wanted.
func (r reading) agrees(want cert.Spec) bool {
	d, ok := want.Domains.Get()
	method, has := want.DCVMethod.Get()
	return (!ok || slices.Equal(d.Names, r.names()) && d.Common == r.common()) && (!has || string(method) == r.DCVMethod)
}

func word(c sandbox.Certificate) string {
	if c.Status.OrderValidation == nil {
		return ""
	}
	return c.Status.OrderValidation.Status
}

func timedOut(c sandbox.Certificate) bool {
	return c.Thumbprint == nil && slices.ContainsFunc(c.Domains, func(d sandbox.Domain) bool { return d.Status == "TimedOut" })
}

// editable reports whether the sheet of facts lets label, description and auto_renew be
// edited: not after a rejection, nor after the end.
func editable(c sandbox.Certificate, now time.Time) bool {
	rejected := c.Thumbprint == nil && (slices.Contains([]string{"Rejected", "Revoked"}, word(c)) || word(c) == "Canceled" && !timedOut(c))
	ended := !c.Expires.IsZero() && !c.Expires.After(now)
	return !rejected && !ended && c.Status.Status != "Deleted"
}

// inService reports whether a request serves and no order of it failed or is under way.
func inService(c sandbox.Certificate, now time.Time) bool {
	through := slices.Contains([]string{"", "Issued", "Renewed", "OrgUpdated"}, word(c))
	failed := slices.ContainsFunc(c.Domains, func(d sandbox.Domain) bool {
		return d.Status != "Active" && d.Status != "PendingDelete"
	})
	return c.Status.Status == "Active" && through && !failed && !c.Status.RequiresAttention && c.Workflow == nil && c.Expires.After(now)
}

// settleJournal is the person who looks at what the journal holds, and removes a line of
// which nothing came, or whose order is over.
func (s *schedule) settleJournal() {
	if s.journal == "" {
		return
	}
	entries, err := journal.Read(s.journal, "sandbox")
	if err != nil {
		s.violated("the journal can't be read: %v", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range slices.Backward(entries) { // a line that goes moves those after it
		if s.mayLift(e) {
			s.lift(e)
		}
	}
}

// mayLift reports whether nothing of a held order is under way.
func (s *schedule) mayLift(e journal.Entry) bool {
	return s.truth(int64(e.ID)).Workflow == nil
}

func (s *schedule) lift(e journal.Entry) {
	s.say("by hand  line %d leaves the journal: %s of %d", e.Line, e.Operation.Kind, e.ID)
	for _, a := range s.attempts {
		if a.run != nil && a.id == int64(e.ID) && a.intent != "" && !a.sent.Before(e.Time) && a.sent.Before(e.Time.Add(time.Hour)) {
			a.lifted = true
		}
	}
	data, err := os.ReadFile(s.journal)
	if err != nil {
		s.violated("the journal can't be read: %v", err)
		return
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if err := os.WriteFile(s.journal, bytes.Join(slices.Delete(lines, e.Line-1, e.Line), nil), 0o600); err != nil {
		panic(err)
	}
	s.counts["lines lifted"]++
}
