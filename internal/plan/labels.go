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
	add := func(label string, by owner) {
		key := strings.ToLower(label)
		all[key] = append(all[key], by)
	}
	if a.Complete {
		wanted := map[cert.ID]cert.Opt[string]{}
		for _, s := range a.Others {
			wanted[s.ID] = s.Label
		}
		for _, l := range slices.Concat(a.Unselected, a.Unmanaged) {
			add(l.Label, owner{id: l.ID, frees: !strings.EqualFold(wanted[l.ID].Or(l.Label), l.Label)})
		}
	}
	for _, p := range a.Pairs {
		if p.Found {
			add(p.Have.Label, owner{id: p.Have.ID})
		}
	}
	for _, p := range a.Pairs {
		if l, ok := p.Want.Label.Get(); ok {
			add(l, owner{id: p.Want.ID, wants: true})
		}
	}
	return all
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
	owners   owners
	steps    map[cert.ID]*Step
	exceeded bool // a limit is, so that no edit is sent
}

// settleLabels says what each label waits for that is not free.
func (p *Plan) settleLabels(o owners) {
	l := labels{o, map[cert.ID]*Step{}, p.Limits.Exceeded()}
	var waiting []*Step
	for i := range p.Steps {
		s := &p.Steps[i]
		l.steps[s.Want.ID] = s
		if s.waitsForLabel() {
			waiting = append(waiting, s)
		}
	}
	settled := make([]*Withheld, len(waiting))
	for i, s := range waiting { // before any is written, because one depends on another
		settled[i] = l.why(s)
	}
	for i, s := range waiting {
		x := s.blockOf(cert.EditLabel)
		settled[i].Edit, settled[i].Change = x.Edit, x.Change
		s.fleet.label, *x = settled[i], *settled[i]
	}
}

// waitsForLabel reports whether the label is not free, and nothing else keeps it.
func (s *Step) waitsForLabel() bool {
	x := s.blockOf(cert.EditLabel)
	return x != nil && x.Rule == RuleLabelTaken
}

// why says what keeps the wanted label of a step from being free.
func (l labels) why(s *Step) *Withheld {
	rivals := l.owners.before(s.Want)
	if i := slices.IndexFunc(rivals, func(o owner) bool { return !l.leaves(o) }); i >= 0 {
		return l.taken(s, rivals[i])
	}
	first := "request " + rivals[0].id.String()
	return deferredBy(RuleLabelLeaving, first+" has this label, and its manifest gives it up", first+" is renamed, which this run does")
}

// leaves reports whether this run renames a request.
func (l labels) leaves(o owner) bool {
	s := l.steps[o.id]
	return s != nil && !o.wants && !l.exceeded && s.MayGo() && s.renames() &&
		slices.ContainsFunc(s.Ops, func(op Operation) bool { return op.Body.Label.IsSet() })
}

// renames reports whether the manifest gives the label of the request up.
func (s *Step) renames() bool {
	return s.Found && !strings.EqualFold(s.Want.Label.Or(s.Have.Label), s.Have.Label)
}

// taken says which other request has the label, and what a person can do.
func (l labels) taken(s *Step, o owner) *Withheld {
	request, ring, other := "request "+o.id.String(), l.ring(s), l.steps[o.id]
	switch {
	case len(ring) > 0:
		all := strings.Join(ring[:len(ring)-1], ", ") + " and " + ring[len(ring)-1]
		return blockedBy(RuleLabelTaken, "requests "+all+" want each other's labels, and none can go first",
			"give one of them an intermediate label first, in a change of its own")
	case o.wants:
		return blockedBy(RuleLabelTaken, "labels are unique, and the manifest of "+request+" wants this one too",
			"leave it to one of the two manifests")
	case o.frees:
		return blockedBy(RuleLabelTaken, request+" has this label; its manifest gives it up, and is not one of this run",
			"run for the manifest of "+request+" first")
	case other != nil && other.renames() && other.Phase != cert.Deleted: // one that is deleted keeps its label
		return l.takenBack(other)
	default:
		return blockedBy(RuleLabelTaken, "labels are unique, deleted requests included, and "+request+" has this one",
			"choose another label")
	}
}

// takenBack withholds the label because the request that has it is to be renamed, and is not now.
func (l labels) takenBack(other *Step) *Withheld {
	request := "request " + other.Want.ID.String()
	because, do := "", ""
	b := other.blockOf(cert.EditLabel)
	if other.waitsForLabel() {
		b = l.why(other)
	}
	switch {
	case other.Fault != nil:
		because, do = other.Fault.Message, other.Fault.clause()
	case b == nil:
		held, let := (&builder{Step: *other}).heldBack()
		because, do = held, let.Text
	default:
		because, do = b.Because, b.Do.String()
	}
	because = request + " has this label, and is not renamed: " + because
	if b != nil && b.Next != Person {
		return deferredBy(RuleLabelTaken, because, request+" is renamed")
	}
	return blockedBy(RuleLabelTaken, because, "for "+request+": "+do)
}

// clause is the hint without its second sentence, as an action has it.
func (f *Fault) clause() string {
	hint, _, _ := strings.Cut(strings.TrimSuffix(f.Hint, "."), ". ")
	return strings.ToLower(hint[:1]) + hint[1:]
}

// ring returns the requests that wait for each other's labels, this one first; none when
// it waits for no such ring, or is not part of it.
func (l labels) ring(s *Step) []string {
	isInTheWay := func(o owner) bool { return l.steps[o.id] != nil && !o.wants && !l.leaves(o) }
	var ring []string
	for at := s; at.waitsForLabel() && len(ring) < len(l.steps); {
		ring = append(ring, at.Want.ID.String())
		rivals := l.owners.before(at.Want)
		i := slices.IndexFunc(rivals, isInTheWay)
		if i < 0 {
			return nil
		}
		if at = l.steps[rivals[i].id]; at == s {
			return ring
		}
	}
	return nil
}
