package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Served is what was seen at the edge of a certificate, and what follows for people. It
// decides no write and no order.
type Served struct {
	cert.Edge
	Worst cert.EdgeLook // the most urgent that the manifest does not accept; zero without one
	Next  Actor         // who acts on it, where Do is not zero
	Do    Action        // for another actor than a person: what is waited for
	Wrong bool          // a CDN host serves what it should not, and a person must act
	There bool          // each CDN host serves the certificate that the API names, and one at least

	accepted []cert.EdgeFinding // by the manifest
}

// Accepts reports whether the manifest says that a finding is fine.
func (v Served) Accepts(l cert.EdgeLook) bool { return slices.Contains(v.accepted, l.Finding) }

// AllAccepted reports whether the manifest accepts all that was seen.
func (v Served) AllAccepted() bool {
	return v.Worst.Finding == cert.EdgeNotChecked && slices.ContainsFunc(v.Looks, v.Accepts)
}

// rollout is how long the CDN takes to deploy what the CA issued. Source: cps-api, section 4.3:
// the provider's examples wait 4 to 6 hours.
const rollout = 6 * time.Hour

// ServedOf says what follows from what was seen of a certificate.
func ServedOf(s Step, e cert.Edge, now time.Time) Served {
	v := Served{Edge: e, Worst: cert.EdgeLook{Finding: cert.EdgeNotChecked}}
	if s.Want.Policy.Accepts(cert.ServedElsewhere) {
		v.accepted = append(v.accepted, cert.EdgeElsewhere)
	}
	if s.Want.Policy.Accepts(cert.ServedNotCovered) {
		v.accepted = append(v.accepted, cert.EdgeNotCovered)
	}
	issued := s.Have.Modified // as far as nothing that is served tells
	if i := slices.IndexFunc(e.Looks, func(l cert.EdgeLook) bool { return l.Finding == cert.EdgeServed && l.Leaf != nil }); i >= 0 {
		issued = e.Looks[i].Leaf.Begins
	}
	away := false
	for _, l := range e.Looks {
		there := l.Finding == cert.EdgeServed || l.Finding == cert.EdgeUntrusted
		v.There, away = v.There || there && !l.Visitor, away || !there && !l.Visitor && !v.Accepts(l)
		if v.Accepts(l) {
			continue
		}
		next, do := s.servedDo(l, now.Sub(issued) < rollout)
		v.Wrong = v.Wrong || l.Finding.Wrong() && !l.Visitor && next == Person
		if l.Finding < v.Worst.Finding || v.Worst.Domain == "" && v.Worst.Why == "" {
			v.Worst, v.Next, v.Do = l, next, do
		}
	}
	v.There = v.There && !away
	return v
}

// AtHost reports whether something was seen at a CDN host.
func (v Served) AtHost() bool {
	return slices.ContainsFunc(v.Looks, func(l cert.EdgeLook) bool { return !l.Visitor && l.Finding != cert.EdgeNotChecked })
}

// OnEdge reports whether a request has a certificate that the CDN is to serve.
func (s Step) OnEdge() bool {
	return s.Fault == nil && !s.ListOnly && s.Have.Issued() && s.Phase != cert.Expired && s.Phase != cert.Deleted
}

// servedDo says who acts on what was seen, and how.
func (s Step) servedDo(l cert.EdgeLook, deploying bool) (Actor, Action) {
	ask := "ask the vendor's support why " + l.At.Host
	do := ask + " does not serve the certificate of request " + s.Want.ID.String()
	if l.Visitor {
		do = s.pointIt(l)
	}
	_, parent, _ := strings.Cut(l.Domain, ".")
	isAwaited := func(d cert.Domain) bool { return (d.Name == l.Domain || d.Name == "*."+parent) && d.IsAwaited() }
	switch {
	case l.Finding == cert.EdgeServed, l.Finding == cert.EdgeNotChecked:
		return NextRun, Action{}
	case l.Finding == cert.EdgeExpired:
		return Person, Action{Kind: Advice, By: "now", Text: do, Why: "an expired certificate is served"}
	case l.Visitor:
		return Person, Advise(do)
	case l.Finding == cert.EdgeNotCovered && slices.ContainsFunc(s.Have.Domains, isAwaited):
		return CA, Advise("until the certificate with the new domain is issued and deployed")
	case l.Finding == cert.EdgeNoAnswer:
		return Person, Advise("look from another network whether " + l.At.Host + " answers")
	case l.Finding == cert.EdgeUntrusted:
		return Person, Advise(ask + " serves a chain that is not trusted")
	case deploying:
		return CDN, Advise("until each CDN host serves it, up to 6 hours after it was issued")
	default:
		return Person, Advise(do)
	}
}

// pointIt is what to do about a domain whose visitors do not reach the CDN host.
func (s Step) pointIt(l cert.EdgeLook) string {
	i := slices.IndexFunc(s.Have.Deployments, func(d cert.EdgeHost) bool { return d.Host != "" })
	if i < 0 {
		return "point the DNS of " + l.Domain + " to its CDN host"
	}
	text := "point " + l.Domain + " to " + s.Have.Deployments[i].Host + " with a CNAME record"
	if l.Finding == cert.EdgeElsewhere {
		text += "; if another CDN serves it on purpose, set policy.accept: [" + string(cert.ServedElsewhere) + "]"
	}
	return text
}
