package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// Across returns, for each manifest, the notes on what it has in common with others: the
// whole set of names, a name, a name that a wildcard covers, a label. It looks at the
// manifests alone, in whichever order they come.
//
// A note names both places. It is accepted where either of the two manifests accepts its
// code. Of many that have one thing in common each is told of one other, first of one
// that does not accept it, and of how many more there are: so the effort, and what there
// is to read, grow with the number of names and not with its square.
func Across(specs []cert.Spec) [][]Warning {
	x := overlapsOf(specs)
	all := make([][]Warning, len(specs))
	for i := range specs {
		all[i] = slices.Concat(x.sameNames(i), x.sharedNames(i), x.coveredNames(i), x.coveringNames(i), x.sameLabel(i))
	}
	return all
}

// overlaps is an index of what manifests ask for.
type overlaps struct {
	specs  []cert.Spec
	set    []string // of names, as one text
	sets   index
	names  index
	wild   map[string]bool // the domains right below which a wildcard stands
	below  index           // by domain with a wildcard: who has a name right below it, and not the wildcard
	labels index           // in lower case
}

// index gives the manifests that have a thing. Most things one alone has, so that it
// keeps little of those.
type index struct {
	first  map[string]int
	shared map[string]*holders
}

// newIndex has room for things that one manifest alone has.
func newIndex(room int) index { return index{make(map[string]int, room), map[string]*holders{}} }

// add is called with manifests in the order of their places.
func (x index) add(key string, i int) {
	first, again := x.first[key]
	if !again {
		x.first[key] = i
		return
	}
	h := x.shared[key]
	if h == nil {
		h = &holders{members: []int{first}}
		x.shared[key] = h
	}
	if h.members[len(h.members)-1] != i {
		h.members = append(h.members, i)
	}
}

// get returns those that have a thing, nil where nobody does.
func (x index) get(key string) *holders {
	if h := x.shared[key]; h != nil {
		return h
	}
	if i, one := x.first[key]; one {
		return &holders{members: []int{i}}
	}
	return nil
}

// holders are manifests that have one thing in common, in the order of their places.
type holders struct {
	members []int
	pairs   map[cert.Code]pair // as far as they were asked for
}

// pair is whom the others are told of: the first that does not accept the code, and the
// first beside it that has another set of names. It is -1 where there is none.
type pair struct{ first, second int }

const nobody = -1

func overlapsOf(specs []cert.Spec) *overlaps {
	order, names := make([]int, len(specs)), 0
	for i := range order {
		order[i] = i
		names += len(wantedNames(specs[i]))
	}
	x := &overlaps{specs: specs, set: make([]string, len(specs)), sets: newIndex(len(specs)), names: newIndex(names),
		wild: map[string]bool{}, below: newIndex(0), labels: newIndex(len(specs))}
	slices.SortStableFunc(order, func(a, b int) int {
		p, q := specs[a].At[""], specs[b].At[""]
		return cmp.Or(strings.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(specs[a].ID, specs[b].ID))
	})
	for _, i := range order {
		x.enter(i)
	}
	for _, i := range order {
		x.enterBelow(i)
	}
	return x
}

func (x *overlaps) enter(i int) {
	names := wantedNames(x.specs[i])
	if len(names) > 0 {
		x.set[i] = strings.Join(names, " ")
		x.sets.add(x.set[i], i)
	}
	for _, n := range names {
		x.names.add(n, i)
		if domain, is := strings.CutPrefix(n, "*."); is {
			x.wild[domain] = true
		}
	}
	if label, ok := x.specs[i].Label.Get(); ok {
		x.labels.add(strings.ToLower(label), i)
	}
}

// enterBelow comes when all wildcards are known.
func (x *overlaps) enterBelow(i int) {
	for _, n := range wantedNames(x.specs[i]) {
		if domain, ok := x.above(i, n); ok {
			x.below.add(domain, i)
		}
	}
}

// above is the domain right above a name of a manifest, where a wildcard of another
// covers the name; false where none does, or the manifest has the wildcard too.
func (x *overlaps) above(i int, name string) (domain string, ok bool) {
	first, domain, _ := strings.Cut(name, ".")
	if first == "*" || !x.wild[domain] {
		return domain, false
	}
	_, own := slices.BinarySearch(wantedNames(x.specs[i]), "*."+domain)
	return domain, !own
}

// pair works out whom the holders are told of. alike says which of them are the same
// party, so that they are not told of each other.
func (x *overlaps) pair(h *holders, c cert.Code, alike func(a, b int) bool) pair {
	if p, known := h.pairs[c]; known {
		return p
	}
	p := pair{nobody, nobody}
	for _, accepting := range []bool{false, true} {
		for _, i := range h.members {
			switch {
			case x.specs[i].Policy.Accepts(c) != accepting:
			case p.first == nobody:
				p.first = i
			case p.second == nobody && !alike(p.first, i):
				p.second = i
			}
		}
	}
	if h.pairs == nil {
		h.pairs = map[cert.Code]pair{}
	}
	h.pairs[c] = p
	return p
}

func (x *overlaps) sameParty(a, b int) bool { return a == b }

func (x *overlaps) sameSet(a, b int) bool { return x.set[a] == x.set[b] }

// sameNames: the whole set of names stands in another manifest.
func (x *overlaps) sameNames(i int) []Warning {
	h := x.sets.get(x.set[i])
	if h == nil || len(h.members) < 2 {
		return nil
	}
	other := x.pair(h, cert.SameNames, x.sameParty).otherThan(i, x.sameParty)
	names := wantedNames(x.specs[i])
	text := fmt.Sprintf("the same %s wanted at %s and at %s", countedNames(names), x.at(i, namesKey), x.at(other, namesKey))
	return []Warning{x.note(cert.SameNames, i, other, namesKey, names, text+moreManifests(", and in ", len(h.members)-2),
		"make the two one, or take one of the requests out of use")}
}

// sharedNames: some of the names stand in other manifests, which have another set.
func (x *overlaps) sharedNames(i int) []Warning {
	alike := 0
	if h := x.sets.get(x.set[i]); h != nil {
		alike = len(h.members)
	}
	var g groups
	for _, n := range wantedNames(x.specs[i]) {
		if h := x.names.shared[n]; h != nil && len(h.members) > alike {
			g.add(x.pair(h, cert.SharedName, x.sameSet).otherThan(i, x.sameSet), "", n, len(h.members)-alike-1)
		}
	}
	var all []Warning
	for _, e := range g {
		text := fmt.Sprintf("%s wanted at %s and at %s%s", are(e.names), x.at(i, namesKey), x.at(e.other, namesKey), moreManifests(", and in ", e.more))
		all = append(all, x.note(cert.SharedName, i, e.other, namesKey, e.names, text, "leave the name to one of the two"))
	}
	return all
}

// coveredNames: a wildcard of another manifest stands for some of the names.
func (x *overlaps) coveredNames(i int) []Warning {
	var g groups
	for _, n := range wantedNames(x.specs[i]) {
		domain, ok := x.above(i, n)
		if ok {
			h := x.names.get("*." + domain)
			g.add(x.pair(h, cert.CoveredName, x.sameParty).first, "*."+domain, n, len(h.members)-1)
		}
	}
	var all []Warning
	for _, e := range g {
		text := fmt.Sprintf("%s wanted at %s, and covered by %s at %s%s", are(e.names), x.at(i, namesKey),
			cert.DisplayName(e.by), x.at(e.other, namesKey), moreManifests(", and in ", e.more))
		all = append(all, x.note(cert.CoveredName, i, e.other, namesKey, e.names, text, "leave the name to the wildcard, if its certificate serves the name"))
	}
	return all
}

// coveringNames: a wildcard stands for names of other manifests.
func (x *overlaps) coveringNames(i int) []Warning {
	var all []Warning
	for _, n := range wantedNames(x.specs[i]) {
		domain, is := strings.CutPrefix(n, "*.")
		h := x.below.get(domain)
		if !is || h == nil {
			continue
		}
		other := x.pair(h, cert.CoveredName, x.sameParty).first
		covered := x.firstBelow(other, domain)
		text := fmt.Sprintf("%s is wanted at %s, and covers %s at %s%s", cert.DisplayName(n), x.at(i, namesKey),
			cert.DisplayName(covered), x.at(other, namesKey), moreManifests(", and names of ", len(h.members)-1))
		all = append(all, x.note(cert.CoveredName, i, other, namesKey, []string{n}, text, "leave the names below to the wildcard, if its certificate serves them"))
	}
	return all
}

func (x *overlaps) firstBelow(i int, domain string) string {
	names := wantedNames(x.specs[i])
	return names[slices.IndexFunc(names, func(n string) bool {
		above, ok := x.above(i, n)
		return ok && above == domain
	})]
}

// sameLabel: another manifest wants the label, at least but for its case.
func (x *overlaps) sameLabel(i int) []Warning {
	label, ok := x.specs[i].Label.Get()
	h := x.labels.shared[strings.ToLower(label)]
	if !ok || h == nil || len(h.members) < 2 {
		return nil
	}
	other := x.pair(h, cert.SameLabel, x.sameParty).otherThan(i, x.sameParty)
	text := fmt.Sprintf("the label %q is wanted at %s and at %s", label, x.at(i, labelKey), x.at(other, labelKey))
	if its := x.specs[other].Label.Or(""); its != label {
		text = fmt.Sprintf("the label %q at %s and %q at %s differ only in case", label, x.at(i, labelKey), its, x.at(other, labelKey))
	}
	return []Warning{x.note(cert.SameLabel, i, other, labelKey, nil, text+moreManifests(", and there are ", len(h.members)-2), "choose another label for one of the two")}
}

// The keys that notes point at.
const (
	namesKey = "spec.domains"
	labelKey = "spec.certificate_label"
)

// otherThan is the one that i is told of.
func (p pair) otherThan(i int, alike func(a, b int) bool) int {
	if alike(p.first, i) {
		return p.second
	}
	return p.first
}

func (x *overlaps) at(i int, key string) string { return placeOf(x.specs[i].Place(key)) }

func (x *overlaps) note(c cert.Code, i, other int, key string, names []string, text, do string) Warning {
	return Warning{Code: c, Text: text, Do: do + "; where it is meant, accept: [" + string(c) + "] in either",
		Accepted: x.specs[i].Policy.Accepts(c) || x.specs[other].Policy.Accepts(c),
		At:       x.specs[i].Place(key), Also: x.specs[other].Place(key), Names: names}
}

// group is the names that a manifest has in common with one other.
type group struct {
	other int
	by    string // the wildcard of the other that covers them; "" where the other has them itself
	names []string
	more  int // manifests that have one of them too
}

// groups are in the order in which the others were come upon.
type groups []group

func (g *groups) add(other int, by, name string, more int) {
	at := slices.IndexFunc(*g, func(e group) bool { return e.other == other && e.by == by })
	if at < 0 {
		at = len(*g)
		*g = append(*g, group{other: other, by: by})
	}
	e := &(*g)[at]
	e.names, e.more = append(e.names, name), max(e.more, more)
}

// are names a few names, with the verb.
func are(names []string) string {
	const few = 3
	if len(names) == 1 {
		return cert.DisplayName(names[0]) + " is"
	}
	var shown []string
	for _, n := range names[:min(len(names), few)] {
		shown = append(shown, cert.DisplayName(n))
	}
	switch rest := len(names) - few; {
	case rest == 1:
		shown = append(shown, "1 more name")
	case rest > 1:
		shown = append(shown, fmt.Sprintf("%d more names", rest))
	}
	return strings.Join(shown[:len(shown)-1], ", ") + " and " + shown[len(shown)-1] + " are"
}

func countedNames(names []string) string {
	if len(names) == 1 {
		return "name is"
	}
	return fmt.Sprintf("%d names are", len(names))
}

func moreManifests(lead string, n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return lead + "1 more manifest"
	default:
		return fmt.Sprintf("%s%d more manifests", lead, n)
	}
}
