package plan

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// owner is a request that has a label, or whose manifest wants it.
type owner struct {
	id    cert.ID
	wants bool // the manifest wants it, the request does not have it
	frees bool // its manifest gives it up, and is not one of this run
}

// owners gives who has, or is to have, a label: those that have it first. Labels are
// compared without regard to case. Source: cps-api, section 15, number 24.
type owners map[string][]owner

func ownersOf(a Account) owners {
	all := owners{}
	if a.Complete {
		wanted := map[cert.ID]cert.Opt[string]{}
		for _, s := range a.Others {
			wanted[s.ID] = s.Label
		}
		for _, l := range slices.Concat(a.Unselected, a.Unmanaged) {
			all.add(l.Label, owner{id: l.ID, frees: !strings.EqualFold(wanted[l.ID].Or(l.Label), l.Label)})
		}
	}
	for _, p := range a.Pairs {
		if p.Found {
			all.add(p.Have.Label, owner{id: p.Have.ID})
		}
	}
	for _, p := range a.Pairs {
		if l, ok := p.Want.Label.Get(); ok {
			all.add(l, owner{id: p.Want.ID, wants: true})
		}
	}
	return all
}

func (o owners) add(label string, by owner) {
	key := strings.ToLower(label)
	o[key] = append(o[key], by)
}

// before returns the other requests that come first with the wanted label.
func (o owners) before(want cert.Spec) []owner {
	label, ok := want.Label.Get()
	if !ok {
		return nil
	}
	all := o[strings.ToLower(label)]
	return all[:slices.IndexFunc(all, func(x owner) bool { return x.id == want.ID })]
}

// isLabelTaken is decided by looking at the other requests: see labels.
func isLabelTaken(b *builder, c diff.Change) *Withheld {
	if c.Edit != cert.EditLabel || b.fleet.label == nil {
		return nil
	}
	taken := *b.fleet.label
	return &taken
}

// labels says of each label that is not free what it waits for, when all else is decided.
type labels struct {
	plan   *Plan
	owners owners
	steps  map[cert.ID]int
}

// settleLabels says what each label waits for that is not free.
func (p *Plan) settleLabels(o owners) {
	l := labels{p, o, map[cert.ID]int{}}
	for i, s := range p.Steps {
		l.steps[s.Want.ID] = i
	}
	settled := map[int]Withheld{}
	for i, s := range p.Steps {
		if s.waitsForLabel() {
			settled[i] = l.why(s)
		}
	}
	for i, why := range settled {
		s := &p.Steps[i]
		s.fleet.label = &why
		x := s.labelBlock()
		why.Edit, why.Change = x.Edit, x.Change
		*x = why
	}
}

// waitsForLabel reports whether the label is not free, and nothing else keeps it.
func (s Step) waitsForLabel() bool {
	x := s.labelBlock()
	return x != nil && x.Rule == RuleLabelTaken
}

func (s *Step) labelBlock() *Withheld {
	for i := range s.Withheld {
		if s.Withheld[i].Edit == cert.EditLabel {
			return &s.Withheld[i]
		}
	}
	return nil
}

// why says what keeps the wanted label of a step from being free.
func (l labels) why(s Step) Withheld {
	rivals := l.owners.before(s.Want)
	for _, o := range rivals {
		if !l.leaves(o) {
			return l.taken(s, o)
		}
	}
	return Withheld{Verdict: Deferred, Rule: RuleLabelLeaving, Next: NextRun,
		Because: "request " + rivals[0].id.String() + " has this label, and its manifest gives it up",
		Until:   "request " + rivals[0].id.String() + " is renamed, which this run does"}
}

// leaves reports whether this run renames a request.
func (l labels) leaves(o owner) bool {
	i, planned := l.steps[o.id]
	if !planned || o.wants || l.plan.Limits.Exceeded() || !l.plan.Steps[i].MayGo() {
		return false
	}
	sent := slices.ContainsFunc(l.plan.Steps[i].Ops, func(op Operation) bool { return op.Body.Label.IsSet() })
	return sent && l.plan.Steps[i].renames()
}

// taken says how another request has the label for good, or until its own rename goes out.
func (l labels) taken(s Step, o owner) Withheld {
	x := Withheld{Verdict: Blocked, Rule: RuleLabelTaken, Next: Person}
	has := "request " + o.id.String() + " has this label"
	i, planned := l.steps[o.id]
	ring := l.ring(s)
	switch {
	case len(ring) > 0:
		x.Because = "requests " + listed(ring) + " want each other's labels, and none can go first"
		x.Do = Advise("give one of them an intermediate label first, in a change of its own")
	case o.wants:
		x.Because = "labels are unique, and the manifest of request " + o.id.String() + " wants this one too"
		x.Do = Advise("leave it to one of the two manifests")
	case o.frees:
		x.Because = has + "; its manifest gives it up, and is not one of this run"
		x.Do = Advise("run for the manifest of request " + o.id.String() + " first")
	case planned && l.plan.Steps[i].renames():
		l.takenBack(&x, has, l.plan.Steps[i])
	default:
		x.Because = "labels are unique, deleted requests included, and request " + o.id.String() + " has this one"
		x.Do = Advise("choose another label")
	}
	return x
}

// renames reports whether the manifest gives the label of the request up.
func (s Step) renames() bool {
	return s.Found && !strings.EqualFold(s.Want.Label.Or(s.Have.Label), s.Have.Label)
}

// takenBack says why the request that has the label is not renamed.
func (l labels) takenBack(x *Withheld, has string, other Step) {
	why := func(because, do string) {
		x.Because, x.Do = has+", and is not renamed: "+because, Advise("for request "+other.Want.ID.String()+": "+do)
	}
	b := other.labelBlock()
	if other.waitsForLabel() {
		next := l.why(other)
		b = &next
	}
	switch {
	case other.Fault != nil:
		why(other.Fault.Message, "correct its manifest")
	case b == nil && l.plan.Limits.Exceeded():
		why("a limit is exceeded, so no edit is sent", "raise the exceeded limit")
	case b == nil:
		why("that is not approved", "have a new plan approved")
	case b.Next != Person:
		why(b.Because, "")
		x.Verdict, x.Next, x.Do, x.Until = Deferred, NextRun, Action{}, "request "+other.Want.ID.String()+" is renamed"
	default:
		why(b.Because, b.Do.String())
	}
}

// ring returns the requests that wait for each other's labels, this one first; none when
// it waits for no such ring, or is not part of it.
func (l labels) ring(s Step) []string {
	var ring []string
	for at := s; len(ring) < len(l.plan.Steps); {
		ring = append(ring, at.Want.ID.String())
		next, ok := l.waitsFor(at)
		if !ok {
			return nil
		}
		if next.Want.ID == s.Want.ID {
			return ring
		}
		at = next
	}
	return nil
}

// waitsFor is the planned request that has the label which a step waits for.
func (l labels) waitsFor(s Step) (Step, bool) {
	if !s.waitsForLabel() {
		return Step{}, false
	}
	for _, o := range l.owners.before(s.Want) {
		if i, planned := l.steps[o.id]; planned && !o.wants && !l.leaves(o) {
			return l.plan.Steps[i], true
		}
	}
	return Step{}, false
}

// listed joins words as people do.
func listed(all []string) string {
	if len(all) == 1 {
		return all[0]
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}
