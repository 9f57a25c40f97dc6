package plan

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Counted returns the operations of a step that count against the limits. Of a certificate that
// was not evaluated they are what the list shows: its PATCHes, without what the manifest
// protects and without domains that it does not remove.
func (s Step) Counted() []Operation {
	if !s.ListOnly {
		return s.Ops
	}
	b := builder{Step: s}
	var ops []Operation
	var metadata []diff.Change
	for _, c := range diff.Fields(s.Want.Patch, s.Have) {
		if c.Edit == cert.EditDomains {
			c.Remove, _ = b.split(c)
		}
		switch {
		case s.Want.Policy.Protects(c.Edit), c.Edit == cert.EditDomains && c.Empty():
		case c.Edit == cert.EditDescription, c.Edit == cert.EditAutoRenew:
			metadata = append(metadata, c)
		default:
			ops = append(ops, Operation{Changes: []diff.Change{c}, Body: s.Want.Only(c.Edit)})
		}
	}
	if len(metadata) > 0 {
		ops = append(ops, Operation{Changes: metadata})
	}
	return ops
}

// NotEvaluated returns the steps of which only the list was read.
func (p Plan) NotEvaluated() []Step { return p.Where(func(s Step) bool { return s.ListOnly }).Steps }

// AlsoEvaluate returns, of the pairs that are not evaluated, those that must be so that the
// evaluated ones can be decided: those that claim the same label or domains, and those before
// which a renewal may have to wait. Older are the manifests that a change removes or had before.
func AlsoEvaluate(pairs []Pair, older map[cert.ID]cert.Spec, now time.Time, maxRenewals int) map[cert.ID]bool {
	also := pacedWith(pairs, now, maxRenewals)
	c := claims{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	removed := maps.Clone(older)
	for _, p := range pairs {
		if delete(removed, p.Want.ID); !p.ListOnly {
			c.add(p, older[p.Want.ID])
		}
	}
	for _, s := range removed {
		c.add(Pair{}, s)
	}
	for found := true; found; { // a label may wait for one that waits for another
		found = false
		for _, p := range pairs {
			if p.ListOnly && !also[p.Want.ID] && c.touch(p) {
				also[p.Want.ID], found = true, true
				c.addLabel(p.Want.Label.Or(""))
				c.addLabel(p.Have.Label)
			}
		}
	}
	return also
}

// claims are the labels and domains that a change claims or gives up, and the wildcards that
// cover these domains.
type claims struct{ labels, domains, covering map[string]bool }

// add adds the claims of a touched certificate. Older is its manifest before the change, or zero.
func (c claims) add(p Pair, older cert.Spec) {
	if was, is := older.Label.Or(""), p.Want.Label.Or(""); was != is || is != "" && is != p.Have.Label {
		c.addLabel(was)
		c.addLabel(is)
		c.addLabel(p.Have.Label)
	}
	names := p.Want.Names()
	for _, name := range slices.Concat(without(names, older.Names()), without(older.Names(), names)) {
		c.domains[name], c.covering[wildcardOf(name)] = true, true
	}
}

func (c claims) addLabel(label string) {
	if label != "" {
		c.labels[strings.ToLower(label)] = true
	}
}

// touch reports whether one of the claims is to something of p too.
func (c claims) touch(p Pair) bool {
	return c.labels[strings.ToLower(p.Want.Label.Or(""))] || c.labels[strings.ToLower(p.Have.Label)] ||
		slices.ContainsFunc(p.Want.Names(), func(name string) bool {
			return c.domains[name] || c.covering[name] || c.domains[wildcardOf(name)]
		})
}

// wildcardOf returns the wildcard that covers a domain.
func wildcardOf(name string) string {
	_, parent, _ := strings.Cut(name, ".")
	return "*." + parent
}

// pacedWith returns the pairs on which the pacing of an evaluated renewal depends: those that
// are due by the list, if they are more than one run starts. Whether a request timed out, the
// list does not show.
func pacedWith(pairs []Pair, now time.Time, maxRenewals int) map[cert.ID]bool {
	due, depends, n := map[cert.ID]bool{}, false, 0
	for _, p := range pairs {
		_, retriggers := retriggersUntil(p.Want.Policy, now)
		switch {
		case !p.Found || (!retriggers || p.Have.Issued()) && !renewalNear(p, now):
			continue
		case p.ListOnly:
			due[p.Want.ID] = true
		default:
			depends = true
		}
		n++
	}
	if !depends || n <= maxRenewals {
		return map[cert.ID]bool{}
	}
	return due
}
