package plan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// Is reports whether there is a warning of this code that the manifest does not accept.
func (s Step) Is(c cert.Code) bool {
	w, ok := s.warning(c)
	return ok && !w.Accepted
}

// Alarms reports whether the certificate is revoked, has ended or ends soon, and the
// manifest does not say that this is fine.
func (s Step) Alarms() bool { return s.Is(cert.Revoked) || s.Is(cert.PastEnd) || s.Is(cert.EndsSoon) }

// ConcernsRenewal reports whether a renewal is sent, or asked for and not sent.
func (s Step) ConcernsRenewal() bool {
	return slices.ContainsFunc(s.Ops, func(o Operation) bool { return o.Kind == Renew }) ||
		slices.ContainsFunc(s.Blocked, func(b Blocked) bool { return b.Edit == cert.EditRenew })
}

// Asking returns the warnings that need a person: one for each thing to do, which has the
// code of the first and the texts of all.
func (s Step) Asking() []Warning {
	var asking []Warning
	for _, w := range s.warningsWhere(true) {
		i := slices.IndexFunc(asking, func(a Warning) bool { return w.Do != "" && a.Do == w.Do })
		if i < 0 {
			asking = append(asking, w)
			continue
		}
		asking[i].Text += "; " + w.Text
	}
	return asking
}

// Noted returns the warnings that are worth knowing and ask nobody to act.
func (s Step) Noted() []Warning { return s.warningsWhere(false) }

func (s Step) warningsWhere(needsYou bool) []Warning {
	var in []Warning
	for _, w := range s.Warnings {
		if w.NeedsYou() == needsYou {
			in = append(in, w)
		}
	}
	return in
}

// keysOf returns the keys of a manifest that an edit is written under. The first that the
// manifest holds is its place.
func keysOf(e cert.Edit) []string {
	switch {
	case e == cert.EditRenew:
		return []string{"policy.renew_if_thumbprint", "policy.renew_before", "policy.renew_if_ends_before"}
	case e == cert.EditRetrigger:
		return []string{"policy.retrigger_until"}
	case e >= cert.NumEdits:
		return []string{"expect." + e.String()}
	default:
		return []string{"spec." + e.String()}
	}
}

// Place returns where the manifest says what the step is about: the fault, the first
// edit, or else the id. What the manifest inherits from another file is not a place
// of its own.
func (s Step) Place() cert.Pos {
	if s.Fault != nil {
		return s.Want.Place(s.Fault.At)
	}
	for _, e := range s.edits() {
		for _, key := range keysOf(e) {
			if at, ok := s.Want.At[key]; ok && at.File == s.Want.At[""].File {
				return at
			}
		}
	}
	return s.Want.Place("metadata.id")
}

// edits are what the step is about: what it sends, then what it does not.
func (s Step) edits() []cert.Edit {
	var all []cert.Edit
	for _, o := range s.Ops {
		all = append(all, o.Edit())
	}
	for _, b := range s.Blocked {
		all = append(all, b.Edit)
	}
	return all
}
