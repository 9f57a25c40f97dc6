package explore

import (
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// arrives notes a write of a process that reached the API, and judges what can be
// judged at once. The caller has the lock.
func (u *run) arrives(c call) *attempt {
	u.catchUp()
	a := &attempt{run: u, call: c, sent: u.now(), op: -1}
	if l := u.last; l != nil && l.id == c.id && l.kind == c.kind && string(l.body) == string(c.body) {
		a.op, a.reading, a.read = l.op, l.reading, l.read // one operation, sent again
		if r, ok := u.readings[c.id]; ok {
			a.reading = r
		}
	} else {
		a.reading, a.read = u.readings[c.id]
		a.op = u.operation(c)
		u.sent[c.id] = a.op + 1
	}
	if _, wrote := u.modified[c.id]; !wrote {
		u.modified[c.id] = a.reading.Modified
	}
	a.modified = u.modified[c.id]
	if failed(u.truth(c.id)) {
		u.fail(c.id)
	}
	a.stood = open(u.words[c.id]) && u.words[c.id] == u.atPlan[c.id]
	delete(u.readings, c.id)
	if c.kind == "renew" {
		a.thumbprint = u.thumbprint(c.id)
	}
	a.intent = u.intentOf(c, a.thumbprint)
	u.last = a
	u.attempts = append(u.attempts, a)
	u.counts[c.kind]++
	u.judgeWrite(a)
	return a
}

// operation finds what the plan calls a write: the next one of its request that is it.
func (u *run) operation(c call) int {
	ops := u.step(c.id).Ops
	for i := u.sent[c.id]; i < len(ops); i++ {
		if isIt(ops[i], c) {
			return i
		}
	}
	return -1
}

func (u *run) step(id int64) plan.Step {
	i := slices.IndexFunc(u.plan.Steps, func(s plan.Step) bool { return int64(s.Want.ID) == id })
	if i < 0 {
		return plan.Step{}
	}
	return u.plan.Steps[i]
}

// isIt reports whether a request is what an operation says.
func isIt(o plan.Operation, c call) bool {
	if c.kind != "patch" || o.Kind != plan.Patch {
		return c.kind == o.Kind.String()
	}
	e := c.edit()
	same := equal(e.Label, o.Body.Label) && equal(e.Description, o.Body.Description) && equal(e.AutoRenew, o.Body.AutoRenew)
	if method, ok := o.Body.DCVMethod.Get(); ok != (e.DCVMethod != nil) || ok && string(method) != *e.DCVMethod {
		return false
	}
	names, common := e.names()
	want, ok := o.Body.Domains.Get()
	return same && ok == (e.Domains != nil) && slices.Equal(names, slices.Sorted(slices.Values(want.Names))) && common == want.Common
}

func equal[T comparable](sent *T, want cert.Opt[T]) bool {
	value, ok := want.Get()
	return ok == (sent != nil) && (!ok || *sent == value)
}

// judgeWrite holds a write against plan, manifest and the reading before it.
func (u *run) judgeWrite(a *attempt) {
	if a.op < 0 {
		u.violated("run %s sent what its plan does not say: %s", u.name, a.call)
		return
	}
	if !a.read {
		u.violated("run %s wrote without reading first: %s", u.name, a.call)
		return
	}
	u.judgeBegin(a)
	u.judgeOpen(a)
	want := u.want(a.id)
	for _, e := range a.edits() {
		if want.Policy.Protects(e) {
			u.violated("run %s sent what the manifest protects: %s", u.name, a.call)
		}
		u.waits(a, e)
	}
	switch {
	case a.kind == "renew" && (u.autoRead[a.id] || a.reading.AutoRenew):
		u.violated("run %s renewed although auto_renew was on as read: %s", u.name, a.call)
	case a.kind == "renew" && !want.Policy.Renews(), a.kind == "retrigger" && !want.Policy.RetriggerUntil.IsSet():
		u.violated("run %s ordered what no policy asks for: %s", u.name, a.call)
	case a.edit().Domains != nil:
		u.judgeNames(a, want)
	}
}

// judgeBegin: nothing is begun that a limit or an end of the run stands against.
func (u *run) judgeBegin(a *attempt) {
	orders := map[int64]bool{}
	for _, b := range u.attempts {
		if b.run == u && (b.kind == "renew" || b.kind == "retrigger") {
			orders[b.id] = true
		}
	}
	if a.intent != "" && u.rival != "" {
		u.violated("run %s orders beside another run that it has read of (%s): %s", u.name, u.rival, a.call)
	}
	switch {
	case a.kind == "patch" && u.plan.Limits.Exceeded():
		u.violated("run %s edits although a limit is exceeded: %s", u.name, a.call)
	case len(orders) > u.options.Rules.MaxRenewals:
		u.violated("run %s starts more than %d renewals and retriggers: %s", u.name, u.options.Rules.MaxRenewals, a.call)
	case u.stopAfter > 0 && len(u.triedOf(a.id, a.op)) == 1 && a.sent.After(u.now0.Add(u.stopAfter+time.Second)):
		u.violated("run %s begins something after it was told to stop: %s", u.name, a.call)
	}
}

// judgeOpen: no order goes out beside one that is open as read: Awaiting… or Pending…, and
// where a name failed, until the request has not changed for seven days.
func (u *run) judgeOpen(a *attempt) {
	if a.intent == "" {
		return
	}
	word := u.words[a.id]
	failed := slices.ContainsFunc(a.reading.Domains, func(d domain) bool {
		return d.Status == "TimedOut" || d.Status == "Rejected" || d.Status == "SecretRejected"
	})
	if failed {
		u.counts["orders after a name failed"]++
	}
	if open(word) && !(failed && u.now0.Sub(a.modified) > timesOut) {
		u.violated("run %s orders beside an order that is open (%s): %s", u.name, word, a.call)
	}
}

// fail notes that the orders to a request so far are over.
func (u *run) fail(id int64) {
	for _, a := range u.attempts {
		if a.id == id && a.ordered && a.failed.IsZero() {
			a.failed = u.now()
		}
	}
}

// open reports whether an order status is that of an order under way.
func open(word string) bool {
	return strings.HasPrefix(word, "Awaiting") || strings.HasPrefix(word, "Pending")
}

// judgeNames: no name leaves that was not told to, and none comes that was not asked for.
func (u *run) judgeNames(a *attempt, want cert.Spec) {
	sent, common := a.edit().names()
	live := a.reading.names()
	d, _ := want.Domains.Get()
	for _, n := range live {
		if !slices.Contains(sent, n) && !slices.Contains(want.Policy.RemoveDomains, n) {
			u.violated("run %s took %s off, which nobody told it to: %s", u.name, n, a.call)
		}
	}
	for _, n := range sent {
		if !slices.Contains(live, n) && !slices.Contains(d.Names, n) {
			u.violated("run %s added %s, which nobody asked for: %s", u.name, n, a.call)
		}
	}
	if !slices.Contains(sent, common) {
		u.violated("run %s marked no name as common: %s", u.name, a.call)
	}
}

// waits: what the plan says waits, or needs a person, is not in a write.
func (u *run) waits(a *attempt, e cert.Edit) {
	sent, _ := a.edit().names()
	for _, b := range u.step(a.id).Withheld {
		has := func(n string) bool { return slices.Contains(sent, n) }
		lacks := func(n string) bool { return !has(n) }
		switch {
		case b.Edit != e:
		case e != cert.EditDomains, slices.ContainsFunc(b.Change.Add, has), slices.ContainsFunc(b.Change.Remove, lacks):
			u.violated("run %s sent what it said waits (%s): %s", u.name, b.Rule, a.call)
		}
	}
}

// edits are what a write changes.
func (a *attempt) edits() []cert.Edit {
	e := a.edit()
	var all []cert.Edit
	for edit, in := range map[cert.Edit]bool{
		cert.EditLabel: e.Label != nil, cert.EditDescription: e.Description != nil, cert.EditAutoRenew: e.AutoRenew != nil,
		cert.EditDCVMethod: e.DCVMethod != nil, cert.EditDomains: e.Domains != nil,
		cert.EditRenew: a.kind == "renew", cert.EditRetrigger: a.kind == "retrigger",
	} {
		if in {
			all = append(all, edit)
		}
	}
	return all
}

// want is the manifest that the run has of a request.
func (u *run) want(id int64) cert.Spec {
	return u.wants[slices.IndexFunc(u.wants, func(s cert.Spec) bool { return int64(s.ID) == id })]
}
