package plan

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// Reads are the further reads that deciding about a certificate takes.
type Reads struct{ Status, Organization bool }

// Needs returns what else must be read before p can be decided, if Have comes from the list.
func Needs(p Pair, now time.Time) Reads {
	phase := cert.PhaseOf(p.Have, now)
	if !p.Found || phase == cert.Deleted {
		return Reads{}
	}
	names, _ := wantsOrder(p)
	_, retriggers := retriggersUntil(p.Want.Policy, now)
	return Reads{
		Status: decidedBy(p, now) != "",
		Organization: p.Want.Expect.Organization.IsSet() && !p.Have.OrganizationRead &&
			(names || retriggers && phase == cert.TimedOut),
	}
}

// StatusReason says why the status of a request is read when Have comes from the list: a decision
// depends on it, or an order may be open that the list does not show. It is "" when neither holds.
func StatusReason(p Pair, now time.Time) string {
	if !p.Found || cert.PhaseOf(p.Have, now) == cert.Deleted {
		return ""
	}
	reason := decidedBy(p, now)
	switch {
	case reason != "":
		return reason
	case p.Have.ErrorMessage != "":
		return "a workflow error message"
	case p.Have.AutoRenew && p.Have.Expires.Sub(now) < min(orderedBefore, MaxValidity(now)*2/3):
		// The list does not show that until the end changes. Source: cps-api, sections 9 and 12.2.
		return "CPS may have ordered its renewal"
	case now.Sub(p.Have.Modified) < recently:
		return "modified less than 14 days ago"
	default:
		return ""
	}
}

// decidedBy says what makes the decision depend on the status, or "".
func decidedBy(p Pair, now time.Time) string {
	names, method := wantsOrder(p)
	switch {
	case cert.PhaseOf(p.Have, now) != cert.Active:
		return "not plainly active"
	case names || method:
		return "other domains or another DCV method wanted"
	case renewalNear(p, now):
		return "a renewal is due"
	case p.Have.Expires.Sub(now) < Soon(p.Have, now, false): // warnings depend on what renews it
		return "expires soon"
	default:
		return ""
	}
}

// wantsOrder reports whether the manifest asks for a change of names, or of the DCV method.
func wantsOrder(p Pair) (names, method bool) {
	for _, c := range diff.Fields(p.Want.Patch, p.Have) {
		names = names || c.Edit == cert.EditDomains
		method = method || c.Edit == cert.EditDCVMethod
	}
	return names, method
}

// renewalNear reports whether the policy may ask for a renewal today.
func renewalNear(p Pair, now time.Time) bool {
	return newBuilder(p, fleet{}, now, Options{}, Progress{}).whyDue(cert.EditRenew) != ""
}

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
				c.addLabels(p.Want.Label.Or(""), p.Have.Label)
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
		c.addLabels(was, is, p.Have.Label)
	}
	names := p.Want.Names()
	for _, name := range slices.Concat(without(names, older.Names()), without(older.Names(), names)) {
		c.domains[name], c.covering[wildcardOf(name)] = true, true
	}
}

func (c claims) addLabels(labels ...string) {
	for _, label := range labels {
		if label != "" {
			c.labels[strings.ToLower(label)] = true
		}
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
