package plan

import (
	"cmp"
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

// Progress is what a run is through with for one certificate so far. The zero value: nothing.
type Progress struct {
	Edits    []cert.Edit // of its operations: those sent, and those that this run sends no more
	Modified time.Time   // last_modified of the reading before the first write
}

// Has reports whether the run is through with an edit.
func (p Progress) Has(e cert.Edit) bool { return slices.Contains(p.Edits, e) }

// ordered reports whether the run is through with an order: it sends one at most for each certificate.
func (p Progress) ordered() bool { return slices.ContainsFunc(p.Edits, orders) }

// orders reports whether the edit is an order at the CA.
func orders(e cert.Edit) bool {
	return e == cert.EditDomains || e == cert.EditRenew || e == cert.EditRetrigger
}

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
	b.due = b.decideOrder(cert.EditRenew)
	changes := b.changes()
	b.wait = b.pausing(changes[cert.EditDomains])
	b.edits(changes)
	b.orders(changes)
	if c, ok := changes[cert.EditLabel]; ok && b.allows(c) { // last, so that what comes before is found under the name people know
		b.add(Operation{Changes: []diff.Change{c}, Body: b.Want.Only(cert.EditLabel)})
	}
	b.restartCooldown()
	b.requireAll(changes)
	b.refused = slices.ContainsFunc(b.Ops, func(op Operation) bool { return b.o.refusedBefore(b.Want.ID, op) != nil })
	b.Approved = b.o.Approval[b.Want.ID]
	b.Consent = b.o.Approval.consentTo(b.Step, b.o)
	if x := b.blockOf(cert.EditRenew); x != nil && x.Rule == RuleAutoRenewOn { // only now it is known whether the edit before it goes out
		*x = *cmp.Or(b.withheldBy(diff.Change{Edit: cert.EditRenew}), x)
	}
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
	found, left := false, c
	for _, x := range changes {
		if x.Edit != c.Edit {
			continue
		}
		found, left.Add, left.Remove = true, without(left.Add, x.Add), without(left.Remove, x.Remove)
		if x.CommonTo == c.CommonTo {
			left.CommonTo = ""
		}
	}
	return found && len(left.Add) == 0 && len(left.Remove) == 0 && left.CommonTo == ""
}

// expectations blocks what differs and can't be changed at all.
func (b *builder) expectations() {
	for _, c := range diff.Expectations(b.Want.Expect, b.Have) {
		because := "the API can't change it"
		if c.Edit == cert.ExpectOrganization {
			because = "cpsync does not change organizations (the portal does)"
		}
		if from := inheritedFrom(b.Want, "expect."+c.Edit.String()); from != "" {
			because = "it is expected" + from + "; " + because
		}
		x := blockedBy(RuleExpect, because+"; changes of domains and retriggers are blocked until manifest and request agree", "correct expect")
		x.Edit, x.Change = c.Edit, c
		b.block(x)
	}
}

// edits adds the PATCH of metadata and the PATCH of the DCV method.
func (b *builder) edits(changes map[cert.Edit]diff.Change) {
	var edits []cert.Edit
	var sent []diff.Change
	for _, f := range cert.Fields {
		if c, ok := changes[f.Edit]; ok && isMetadata(b.Want, f.Edit) && b.allows(c) {
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

// isMetadata reports whether the edit is sent with the first PATCH, which starts nothing at the CA.
func isMetadata(want cert.Spec, e cert.Edit) bool {
	return e != cert.EditLabel && !want.Only(e).AtMostOnce()
}

func (b *builder) add(o Operation) { b.Ops = append(b.Ops, o) }

func (b *builder) block(x *Withheld) { b.Withheld = append(b.Withheld, *x) }

// allows reports whether the change may be sent; when not, it is blocked.
func (b *builder) allows(c diff.Change) bool {
	refused := b.withheldBy(c)
	if refused == nil {
		return true
	}
	refused.Change = c
	b.block(refused)
	return false
}

// rulesOf returns the rules of an edit in the order in which they are asked: the first that
// refuses wins. Of a renewal and a retrigger, and of an edit that nobody asks for, the change
// is the edit alone.
func rulesOf(e cert.Edit) []func(*builder, diff.Change) *Withheld {
	type list = []func(*builder, diff.Change) *Withheld
	switch e {
	case cert.EditDomains:
		return list{isProtected, byTable, refusedLately, isWildcardOnEV, isUnlikeExpectation, orderPending, waitsWithOrder,
			withoutModified, orderCooldown, isFrozen}
	case cert.EditRenew:
		return list{isProtected, nothingToRenew, autoRenewWasOn, renewByTable, renewsByItself, windowNotOpen, renewalCooldown,
			refusedLately, dateNotReached, orderPending, withoutModified, orderCooldown, isPaced}
	case cert.EditRetrigger:
		return list{isProtected, nothingToRetrigger, byTable, refusedLately, wouldOrderOtherwise, oneOrderARun, orderPending,
			withoutModified, orderCooldown, isPaced}
	default:
		return list{isProtected, byTable, refusedLately, isUnknownMethod, isLabelTaken, waitsWithOrder, isFrozen}
	}
}

// withheldBy is what the first rule that refuses the change says of it, or nil.
func (b *builder) withheldBy(c diff.Change) *Withheld {
	for _, refuses := range rulesOf(c.Edit) {
		if x := refuses(b, c); x != nil {
			x.Edit = c.Edit
			return x
		}
	}
	if there, differ := b.there(); differ && c.Edit == cert.EditDomains {
		return there.withheldBy(c)
	}
	return nil
}

// blockedBy returns what a rule withholds until a person acts.
func blockedBy(r Rule, because, do string) *Withheld {
	return &Withheld{Verdict: Blocked, Rule: r, Next: Person, Because: because, Do: Advise(do)}
}

// deferredBy returns what a rule withholds until a later run sends it.
func deferredBy(r Rule, because, until string) *Withheld {
	return &Withheld{Verdict: Deferred, Rule: r, Next: NextRun, Because: because, Until: until}
}

// at adds about when that is over.
func (x *Withheld) at(t time.Time) *Withheld {
	x.UntilAt = t
	return x
}

// isProtected withholds what the manifest, or a folder that it is in, says never to send.
func isProtected(b *builder, c diff.Change) *Withheld {
	if !b.Want.Policy.Protects(c.Edit) {
		return nil
	}
	x := blockedBy(RuleProtect, "policy.protect lists "+c.Edit.String(), "remove "+c.Edit.String()+" from policy.protect")
	x.Verdict = Protected
	if at, is := b.Want.Protection(c.Edit); is && at.File != b.Want.At[""].File {
		x.Because += ", from " + placeOf(at)
		x.Do = Advise("ask the owner of " + at.File + " to remove " + c.Edit.String() + " from policy.protect")
	}
	return x
}

// isWildcardOnEV refuses names that the level of validation does not allow.
func isWildcardOnEV(b *builder, c diff.Change) *Withheld {
	if !slices.ContainsFunc(c.Add, func(n string) bool { return !b.Have.ValidationType.Allows(n) }) {
		return nil
	}
	return blockedBy(RuleWildcardEV, "the request is EV, and no CA puts a wildcard on an EV certificate", "remove the wildcard from domains")
}

func isUnknownMethod(b *builder, c diff.Change) *Withheld {
	if c.Edit != cert.EditDCVMethod || slices.Contains(cert.DCVMethods, b.Have.DCVMethod) {
		return nil
	}
	x := blockedBy(RuleUnknownWord, "the request has a DCV method unknown to this version of cpsync", "")
	x.Do = WordsOf(cert.Unknown, b.Have, b.now).Do
	return x
}

// isUnlikeExpectation refuses names of a request that is not what the manifest describes.
func isUnlikeExpectation(b *builder, _ diff.Change) *Withheld {
	if !slices.ContainsFunc(b.Withheld, isExpectation) {
		return nil
	}
	return blockedBy(RuleExpect, "the request is not what expect describes", "resolve that difference first")
}

func isExpectation(x Withheld) bool { return x.Edit >= cert.NumEdits }

// Outlook says of one edit whether a manifest that asks for it now would have it sent.
type Outlook struct {
	Edit cert.Edit
	Open bool
	Why  Withheld // what an edit that is not open waits for, or is shut by; else zero
}

// Outlooks says for each edit what would become of it now, wanted or not. Of a renewal
// or retrigger that the policy asks for it is what was decided; of the rest it is the
// table of rules, and the rules beside it that do not need a wish, in words.
func (s Step) Outlooks(now time.Time, o Options) []Outlook {
	if s.Fault != nil {
		return nil
	}
	b := newBuilder(s.Pair, s.fleet, now, o, Progress{})
	b.pending = s.pending
	b.expectations()
	b.due = b.decideOrder(cert.EditRenew)
	b.wait = b.pausing(b.changes()[cert.EditDomains])
	var all []Outlook
	for _, e := range cert.Edits() {
		byPolicy := e == cert.EditRenew || e == cert.EditRetrigger
		bySent := func(x Withheld) bool { return x.Rule == RuleOneOrder || x.Rule == RuleUndocumentedCooldown } // not by the state
		decided := slices.IndexFunc(s.Withheld, func(x Withheld) bool { return x.Edit == e && (byPolicy || bySent(x)) })
		sent := func(o Operation) bool { return o.Kind != Patch && o.Edit() == e }
		var refused *Withheld
		switch {
		case decided >= 0:
			refused = &s.Withheld[decided]
		case !slices.ContainsFunc(s.Ops, sent):
			refused = b.withheldBy(diff.Change{Edit: e})
		}
		look := Outlook{Edit: e, Open: refused == nil}
		if refused != nil {
			look.Why = *refused
		}
		all = append(all, look)
	}
	return all
}
