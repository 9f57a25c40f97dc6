package plan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// builder decides one step: the Step in it holds what has been decided so far.
type builder struct {
	Step
	now  time.Time
	o    Options
	done Progress
	due  decision  // of the renewal that policy asks for
	wait *Withheld // the order that waits for the cooldown; other edits wait with it
}

// fleet is what the other certificates of the run mean for this one.
type fleet struct {
	limited  bool      // a limit is exceeded, so no PATCH is made
	paced    bool      // more renewals are due than one run may start, and others are due first
	label    *Withheld // what keeps the wanted label from being free; nil when it is
	overlaps []Warning // what the manifest has in common with others
}

// Progress is what a run has sent for one certificate so far. The zero value:
// nothing.
type Progress struct {
	Sent     []cert.Edit // the edits of the operations sent
	Modified time.Time   // last_modified of the reading before the first of them
}

// Has reports whether an operation with this edit was sent.
func (p Progress) Has(e cert.Edit) bool { return slices.Contains(p.Sent, e) }

// ordered reports whether an order was sent: a run sends one for each certificate.
func (p Progress) ordered() bool {
	return p.Has(cert.EditDomains) || p.Has(cert.EditRenew) || p.Has(cert.EditRetrigger)
}

// decideStep decides the step of a pair.
func decideStep(p Pair, f fleet, now time.Time, o Options, done Progress) Step {
	b := newBuilder(p, f, now, o, done)
	switch b.Fault = faultOf(p, b.Phase); {
	case b.Fault != nil:
		b.ListOnly = false
	case !b.ListOnly:
		b.decide()
	}
	return b.Step
}

// newBuilder returns a builder that has decided nothing yet.
func newBuilder(p Pair, f fleet, now time.Time, o Options, done Progress) *builder {
	b := &builder{Step: Step{Pair: p, fleet: f}, now: now, o: o, done: done}
	if h, ok := o.PendingOrders[p.Want.ID]; ok {
		pending := h // memory is taken only where there is one
		b.pending = &pending
	}
	if p.Found && p.Err == nil {
		b.Phase = cert.PhaseOf(p.Have, now)
	}
	return b
}

// decide fills operations, what is not an operation, and warnings. The order of
// the operations is: metadata, DCV method, at most one order, label.
func (b *builder) decide() {
	b.expectations()
	b.due = b.decideRenewal()
	changes := b.changes()
	b.wait = b.pausing(changes[cert.EditDomains])
	b.edits(changes)
	b.orders(changes)
	b.label(changes)
	b.restartCooldown()
	b.requireAll(changes)
	b.refused = slices.ContainsFunc(b.Ops, func(op Operation) bool { return b.o.refusedBefore(b.Want.ID, op) != nil })
	b.Approved = b.o.Approval[b.Want.ID]
	b.Consent = b.o.Approval.consentTo(b.Step, b.o)
	b.warnings()
}

// changes are the differences that no operation of this run has seen to.
func (b *builder) changes() map[cert.Edit]diff.Change {
	open := map[cert.Edit]diff.Change{}
	for _, c := range diff.Fields(b.Want.Patch, b.Have) {
		if !b.done.Has(c.Edit) {
			open[c.Edit] = c
		}
	}
	return open
}

// requireAll panics unless every difference is part of an operation or withheld: a field
// that is forgotten here would be reported as up to date. After an order of this run the
// domains are left out, because a later run decides about them.
func (b *builder) requireAll(changes map[cert.Edit]diff.Change) {
	var decided []diff.Change
	for _, o := range b.Ops {
		decided = append(decided, o.Changes...)
	}
	for _, x := range b.Withheld {
		if x.Change.Edit == x.Edit { // a renewal and a retrigger hold no change
			decided = append(decided, x.Change)
		}
	}
	for e, c := range changes {
		if !covers(decided, c) && !(e == cert.EditDomains && b.done.ordered()) {
			panic("plan: a difference of " + e.String() + " is neither an operation nor withheld")
		}
	}
}

// covers reports whether changes hold all of c between them: of the domains each one that
// is added or removed, and the new common name.
func covers(changes []diff.Change, c diff.Change) bool {
	holds := func(is func(diff.Change) bool) bool {
		return slices.ContainsFunc(changes, func(x diff.Change) bool { return x.Edit == c.Edit && is(x) })
	}
	if !holds(func(diff.Change) bool { return true }) {
		return false
	}
	adds := func(name string) bool { return holds(func(x diff.Change) bool { return slices.Contains(x.Add, name) }) }
	removes := func(name string) bool {
		return holds(func(x diff.Change) bool { return slices.Contains(x.Remove, name) })
	}
	no := func(is func(string) bool) func(string) bool { return func(name string) bool { return !is(name) } }
	return !slices.ContainsFunc(c.Add, no(adds)) && !slices.ContainsFunc(c.Remove, no(removes)) &&
		(c.CommonTo == "" || holds(func(x diff.Change) bool { return x.CommonTo == c.CommonTo }))
}

// expectations blocks what differs and can't be changed at all.
func (b *builder) expectations() {
	for _, c := range diff.Expectations(b.Want.Expect, b.Have) {
		refused := Withheld{
			Edit: c.Edit, Change: c, Verdict: Blocked, Rule: RuleExpect, Next: Person,
			Because: "the API can't change it; changes of domains and retriggers are blocked until manifest and request agree",
			Do:      Advise("correct expect"),
		}
		from := inheritedFrom(b.Want, "expect."+c.Edit.String())
		if c.Edit == cert.ExpectOrganization {
			refused.Because = "cpsync does not change organizations (the portal does); changes of domains and retriggers are blocked until manifest and request agree"
		}
		if from != "" {
			refused.Because = "it is expected" + from + "; " + refused.Because
		}
		b.block(refused)
	}
}

// edits adds the PATCH of metadata and the PATCH of the DCV method.
func (b *builder) edits(changes map[cert.Edit]diff.Change) {
	var edits []cert.Edit
	var sent []diff.Change
	for _, f := range cert.Fields {
		if c, ok := changes[f.Edit]; ok && !f.SentOnce && f.Edit != cert.EditLabel && b.allows(c) {
			edits, sent = append(edits, f.Edit), append(sent, c)
		}
	}
	if len(sent) > 0 {
		b.add(Operation{Changes: sent, Body: b.Want.Only(edits...)})
	}
	if c, ok := changes[cert.EditDCVMethod]; ok && b.allows(c) {
		effect := Effect{Kind: MethodBefore, Method: b.Want.DCVMethod.Or(""), Before: b.Have.DCVMethod}
		if b.Have.Issued() {
			effect.Kind, effect.Before = MethodInActive, ""
		}
		b.add(Operation{Changes: []diff.Change{c}, Body: b.Want.Only(cert.EditDCVMethod), Effect: effect})
	}
}

// label adds the PATCH of the label, which comes last so that everything before it
// is found under the name people know.
func (b *builder) label(changes map[cert.Edit]diff.Change) {
	if c, ok := changes[cert.EditLabel]; ok && b.allows(c) {
		b.add(Operation{Changes: []diff.Change{c}, Body: b.Want.Only(cert.EditLabel)})
	}
}

// allows reports whether the change may be sent; when not, it is blocked.
func (b *builder) allows(c diff.Change) bool {
	refused := b.withheldBy(c)
	if refused == nil {
		return true
	}
	refused.Edit, refused.Change = c.Edit, c
	b.block(*refused)
	return false
}

// withheldBy is what the first rule that refuses the change says of it, or nil.
func (b *builder) withheldBy(c diff.Change) *Withheld {
	for _, rule := range editRules {
		if refused := rule(b, c); refused != nil {
			return refused
		}
	}
	if there, differ := b.there(); differ && orders(c.Edit) {
		return there.withheldBy(c)
	}
	return nil
}

// editRules are asked in this order of every change that could be sent.
var editRules = []func(*builder, diff.Change) *Withheld{
	isProtected,         // the manifest itself says: never
	byPhase,             // the table
	editRefusedLately,   // the same answer would come again
	isWildcardOnEV,      // the CA issues none
	isUnknownMethod,     // a DCV method this build does not know
	isUnlikeExpectation, // names of a request that is not what the manifest describes
	isLabelTaken,        // labels are unique in an account
	domainsPending,      // the journal knows of an order that no reading has shown
	waitsWithOrder,      // nothing may move last_modified while an order waits for the cooldown
	domainsCooldown,     // the API may show an order late
	isFrozen,            // a limit of 0
}

func isProtected(b *builder, c diff.Change) *Withheld {
	if !b.Want.Policy.Protects(c.Edit) {
		return nil
	}
	return protectedBy(b.Want, c.Edit)
}

func byPhase(b *builder, c diff.Change) *Withheld {
	return b.byTable(c.Edit)
}

// isWildcardOnEV refuses names that the level of validation does not allow.
func isWildcardOnEV(b *builder, c diff.Change) *Withheld {
	if !slices.ContainsFunc(c.Add, func(n string) bool { return !b.Have.ValidationType.Allows(n) }) {
		return nil
	}
	return &Withheld{Verdict: Blocked, Rule: RuleWildcardEV, Next: Person,
		Because: "the request is EV, and no CA puts a wildcard on an EV certificate",
		Do:      Advise("remove the wildcard from domains")}
}

func isUnknownMethod(b *builder, c diff.Change) *Withheld {
	if c.Edit != cert.EditDCVMethod || slices.Contains(cert.DCVMethods, b.Have.DCVMethod) {
		return nil
	}
	return &Withheld{Verdict: Blocked, Rule: RuleUnknownWord, Next: Person,
		Because: "the request has a DCV method unknown to this version of cpsync",
		Do:      doOf(cert.Unknown, b.Have, b.now)}
}

func isUnlikeExpectation(b *builder, c diff.Change) *Withheld {
	if c.Edit != cert.EditDomains || !b.blocksAny(isExpectation) {
		return nil
	}
	return &Withheld{Verdict: Blocked, Rule: RuleExpect, Next: Person,
		Because: "the request is not what expect describes",
		Do:      Advise("resolve that difference first")}
}

func domainsPending(b *builder, c diff.Change) *Withheld {
	if c.Edit != cert.EditDomains {
		return nil
	}
	return orderPending(b)
}

func isExpectation(x Withheld) bool { return x.Edit >= cert.NumEdits }

func (b *builder) blocksAny(is func(Withheld) bool) bool {
	return slices.ContainsFunc(b.Withheld, is)
}

func (b *builder) add(o Operation) { b.Ops = append(b.Ops, o) }

func (b *builder) block(x Withheld) { b.Withheld = append(b.Withheld, x) }
