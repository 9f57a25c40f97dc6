// Package overlap finds what manifests have in common: the whole set of domains, a domain, a
// domain that a wildcard covers, a label. It looks at the manifests alone.
package overlap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// Note says what a manifest has in common with one other, and how many more there are.
type Note struct {
	Code     cert.Code
	Text     string // a clause without a full stop
	Do       string // what a person does
	Accepted bool   // one of the two manifests accepts the code

	At, Also cert.Pos // where it stands in the manifest, and in the other
	Names    []string // the domains it is about, sorted; none of a label
}

// Find returns the notes of each manifest, whatever the order of the manifests.
//
// Of many manifests that have one thing in common each names one other, first one that
// does not accept the code, and counts the rest. So the effort and the output grow with the
// number of domains and not with its square.
func Find(specs []cert.Spec) [][]Note {
	x := newFinder(specs)
	all := make([][]Note, len(specs))
	for i := range specs {
		all[i] = slices.Concat(x.sameNames(i), x.sharedNames(i), x.coveringNames(i), x.sameLabel(i))
	}
	return all
}

// finder knows what manifests ask for.
type finder struct {
	specs  []cert.Spec
	set    []string        // the domains of each manifest, as one text
	sets   index           // by such a text
	names  index           // by domain
	wild   map[string]bool // the domains right below which a wildcard stands
	below  index           // by domain with a wildcard: who has a name right below it, and not the wildcard
	labels index           // in lower case
	pairs  map[pairKey]pair
	ones   []int // the first manifest of each key: see hold
}

// index holds the manifests that have a key, in the order of their places.
type index map[string][]int

// hold notes that a manifest has a key. Most keys have one, so that all of these share memory.
func (x *finder) hold(in index, key string, i int) {
	switch held := in[key]; {
	case len(held) == 0:
		x.ones = append(x.ones, i)
		in[key] = slices.Clip(x.ones[len(x.ones)-1:])
	case held[len(held)-1] != i:
		in[key] = append(held, i)
	}
}

// pair names two representatives of the manifests that have a key, -1 where there is none: the first
// that does not accept the code, and the first other one with different domains. Each is found once.
type pair struct{ first, second int }

type pairKey struct {
	code cert.Code
	key  string
}

const nobody = -1

func newFinder(specs []cert.Spec) *finder {
	order, names := make([]int, len(specs)), 0
	for i := range order {
		order[i] = i
		names += len(specs[i].Names())
	}
	x := &finder{specs: specs, set: make([]string, len(specs)), sets: make(index, len(specs)), names: make(index, names),
		wild: map[string]bool{}, below: index{}, labels: make(index, len(specs)), pairs: map[pairKey]pair{},
		ones: make([]int, 0, names+2*len(specs))}
	slices.SortStableFunc(order, func(a, b int) int {
		p, q := specs[a].At[""], specs[b].At[""]
		return cmp.Or(strings.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(specs[a].ID, specs[b].ID))
	})
	for _, i := range order {
		x.add(i)
	}
	for _, i := range order { // all wildcards are known
		for _, n := range specs[i].Names() {
			if domain, ok := x.above(i, n); ok {
				x.hold(x.below, domain, i)
			}
		}
	}
	return x
}

func (x *finder) add(i int) {
	names := x.specs[i].Names()
	if len(names) > 0 {
		x.set[i] = strings.Join(names, " ")
		x.hold(x.sets, x.set[i], i)
	}
	for _, n := range names {
		x.hold(x.names, n, i)
		if domain, is := strings.CutPrefix(n, "*."); is {
			x.wild[domain] = true
		}
	}
	if label, ok := x.specs[i].Label.Get(); ok {
		x.hold(x.labels, strings.ToLower(label), i)
	}
}

// above returns the domain right above a name of a manifest, where a wildcard of another
// covers the name; false where none does, or the manifest has the wildcard too.
func (x *finder) above(i int, name string) (domain string, ok bool) {
	first, domain, _ := strings.Cut(name, ".")
	if first == "*" || !x.wild[domain] {
		return domain, false
	}
	_, own := slices.BinarySearch(x.specs[i].Names(), "*."+domain)
	return domain, !own
}

// other returns the manifest that i names among those that have a key: a representative that is
// not like it.
func (x *finder) other(i int, c cert.Code, in index, key string) int {
	alike := func(a, b int) bool { return a == b || c == cert.SharedDomain && x.set[a] == x.set[b] }
	p, known := x.pairs[pairKey{c, key}]
	if !known {
		p = pair{nobody, nobody}
		for _, accepting := range []bool{false, true} {
			for _, i := range in[key] {
				switch {
				case x.specs[i].Policy.Accepts(c) != accepting:
				case p.first == nobody:
					p.first = i
				case p.second == nobody && !alike(p.first, i):
					p.second = i
				}
			}
		}
		x.pairs[pairKey{c, key}] = p
	}
	if alike(p.first, i) {
		return p.second
	}
	return p.first
}

// sameNames notes that another manifest has the whole set of domains.
func (x *finder) sameNames(i int) []Note {
	names, same := x.specs[i].Names(), x.sets[x.set[i]]
	if len(same) < 2 {
		return nil
	}
	counted := "domain is"
	if len(names) > 1 {
		counted = fmt.Sprintf("%d domains are", len(names))
	}
	other := x.other(i, cert.SameDomains, x.sets, x.set[i])
	text := fmt.Sprintf("the same %s wanted at %s and at %s%s", counted, x.at(i, namesKey), x.at(other, namesKey),
		moreManifests(", and in ", len(same)-2))
	return []Note{x.newNote(cert.SameDomains, i, other, namesKey, names, text, "merge the two")}
}

// sharedNames notes domains of manifests with another set, and then domains that a wildcard of
// another manifest covers.
func (x *finder) sharedNames(i int) []Note {
	alike := len(x.sets[x.set[i]])
	var shared, covered groups
	for _, n := range x.specs[i].Names() {
		if more := len(x.names[n]) - alike; more > 0 {
			shared.add(x.other(i, cert.SharedDomain, x.names, n), "", n, more-1)
		}
		if domain, ok := x.above(i, n); ok {
			wildcard := "*." + domain
			covered.add(x.other(i, cert.CoveredDomain, x.names, wildcard), wildcard, n, len(x.names[wildcard])-1)
		}
	}
	var all []Note
	for _, e := range shared {
		text := fmt.Sprintf("%s wanted at %s and at %s%s", are(e.names), x.at(i, namesKey), x.at(e.other, namesKey), e.moreManifests())
		all = append(all, x.newNote(cert.SharedDomain, i, e.other, namesKey, e.names, text, "keep the domain in one of the two"))
	}
	for _, e := range covered {
		text := fmt.Sprintf("%s wanted at %s, and covered by %s at %s%s", are(e.names), x.at(i, namesKey),
			cert.DisplayName(e.by), x.at(e.other, namesKey), e.moreManifests())
		all = append(all, x.newNote(cert.CoveredDomain, i, e.other, namesKey, e.names, text,
			"leave the domain to the wildcard, if its certificate is used for it"))
	}
	return all
}

// coveringNames notes wildcards that cover domains of other manifests.
func (x *finder) coveringNames(i int) []Note {
	var all []Note
	for _, n := range x.specs[i].Names() {
		domain, is := strings.CutPrefix(n, "*.")
		if !is || len(x.below[domain]) == 0 {
			continue
		}
		other := x.other(i, cert.CoveredDomain, x.below, domain)
		names := x.specs[other].Names()
		covered := names[slices.IndexFunc(names, func(n string) bool {
			above, ok := x.above(other, n)
			return ok && above == domain
		})]
		text := fmt.Sprintf("%s is wanted at %s, and covers %s at %s%s", cert.DisplayName(n), x.at(i, namesKey),
			cert.DisplayName(covered), x.at(other, namesKey), moreManifests(", and domains of ", len(x.below[domain])-1))
		all = append(all, x.newNote(cert.CoveredDomain, i, other, namesKey, []string{n}, text,
			"leave the domains to the wildcard, if its certificate is used for them"))
	}
	return all
}

// sameLabel notes that another manifest wants the label, in whatever case.
func (x *finder) sameLabel(i int) []Note {
	label, ok := x.specs[i].Label.Get()
	key := strings.ToLower(label)
	if !ok || len(x.labels[key]) < 2 {
		return nil
	}
	other := x.other(i, cert.SameLabel, x.labels, key)
	text := fmt.Sprintf("the label %q is wanted at %s and at %s", label, x.at(i, labelKey), x.at(other, labelKey))
	if its := x.specs[other].Label.Or(""); its != label {
		text = fmt.Sprintf("the label %q at %s and %q at %s differ only in case", label, x.at(i, labelKey), its, x.at(other, labelKey))
	}
	text += moreManifests(", and in ", len(x.labels[key])-2)
	return []Note{x.newNote(cert.SameLabel, i, other, labelKey, nil, text, "choose another label for one of the two")}
}

// The keys that notes point at.
const (
	namesKey = "spec.domains"
	labelKey = "spec.certificate_label"
)

func (x *finder) at(i int, key string) string {
	at := x.specs[i].Place(key)
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}

func (x *finder) newNote(c cert.Code, i, other int, key string, names []string, text, do string) Note {
	return Note{Code: c, Text: text, Do: do,
		Accepted: x.specs[i].Policy.Accepts(c) || x.specs[other].Policy.Accepts(c),
		At:       x.specs[i].Place(key), Also: x.specs[other].Place(key), Names: names}
}

// group holds the domains that a manifest has in common with one other.
type group struct {
	other int
	by    string // the wildcard of the other that covers them; "" where the other has them itself
	names []string
	more  int // other manifests that have one of them too: the most of any
}

// moreManifests says how many have one of the domains too. Of several domains these need not be the same.
func (g group) moreManifests() string {
	if len(g.names) > 1 && g.by == "" {
		return moreManifests(", and in at least ", g.more)
	}
	return moreManifests(", and in ", g.more)
}

// groups are in the order in which the others were found.
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

// are lists the first names, with the verb.
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
		shown = append(shown, "1 more domain")
	case rest > 1:
		shown = append(shown, fmt.Sprintf("%d more domains", rest))
	}
	return strings.Join(shown[:len(shown)-1], ", ") + " and " + shown[len(shown)-1] + " are"
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
