package jsonplan

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

func step(r report.Report, s plan.Step) object {
	have := s.Have
	order := orNull(have.Order.String())
	if have.Order == cert.OrderNotRead || have.Order == cert.NoOrder {
		order = nil
	}
	var validations any // null where they were not asked for, or could not be read
	dcv, asked := r.DCV[s.Want.ID]
	if asked && dcv.Err == "" {
		validations = each(dcv.Validations, domainValidation)
	}
	j := object{
		{"name", s.Want.Name},
		{"id", s.Want.ID},
		{"label", orNull(have.Label)},
		{"common_name", orNull(have.Common)},
		{"tags", s.Want.Tags},
		{"phase", s.Phase.String()},
		{"phase_from", object{
			{"status", known(have.StatusRead(), orNull(have.Status.String()))}, {"order", order}, {"domains", domains(have)},
		}},
		{"status_read", have.StatusRead()},
		{"expires_at", have.Expires},
		{"source", position(s.Want.Place("metadata.id"))},
		{"digest", s.Digest(r.Plan.API)},
		{"changed_by_base", known(r.Base != nil, r.Base.Touches(s))},
		{"evaluated", !s.ListOnly}, // else only the list was read
		{"operations", operations(r, s)},
		{"withheld", each(s.Withheld, withheld)},
		{"warnings", each(s.Warnings, warning)},
		{"dcv", validations},
		{"dcv_error", orNull(dcv.Err)},
		{"edge", edge(r.Edges, s)},
	}
	if w, waited := r.Wait(s.Want.ID); waited {
		j = append(j, member{"wait", wait(w)})
	}
	return j
}

func domains(have cert.Live) objects {
	return each(slices.Concat(have.Domains, have.Leaving), func(d cert.Domain) object {
		return object{{"name", d.Name}, {"status", d.Status.String()}}
	})
}

func domainValidation(v cert.DomainValidation) object {
	return object{
		{"domains", v.Names}, {"method", orNull(v.Method)}, {"ready", v.Ready()},
		{"records", each(v.Records, func(r cert.Record) object {
			return object{{"name", r.Name}, {"type", r.Type}, {"value", orNull(r.Value)}, {"zone", words.ZoneLine(r)}, {"dns", lookup(r.Lookup)}}
		})},
		{"emails", v.Emails}, {"inferred", v.Inferred},
	}
}

// lookup is null where nobody looked.
func lookup(l cert.Lookup) object {
	if l.Result == cert.NotLookedUp {
		return nil
	}
	return object{
		{"result", l.Result.String()}, {"name", l.Name},
		{"zone", orNull(l.Zone)}, // null: a resolver was asked
		{"reason", orNull(l.Why)},
		{"servers", each(l.Servers, func(s cert.ServerAnswer) object {
			return object{{"server", s.Server}, {"result", s.Result.String()}, {"values", s.Values}, {"via", s.Via}, {"error", orNull(s.Err)}}
		})},
	}
}

func operations(r report.Report, s plan.Step) objects {
	var all []object
	for i, o := range s.Ops {
		j := object{
			{"kind", o.Kind.String()}, {"digest", o.Digest(r.Plan.API, s.Want.ID)}, {"changes", each(o.Changes, change)},
			{"body", words.BodyOf(o)}, {"effect", words.Effect(s, o)}, {"reason", orNull(o.Reason)},
		}
		if r.Apply {
			j = append(j, outcome(r.Outcome(s.Want.ID, i))...)
		}
		all = append(all, j)
	}
	return slices.Values(all)
}

// outcome is null where the apply is at work.
func outcome(o report.Outcome) object {
	has := len(o.Step.Ops) > 0
	j := object{
		{"outcome", known(has, o.Result.String())}, {"by", known(has, orNull(evidence(o)))}, {"attempts", o.Attempts}, {"error", orNull(o.Err)},
	}
	if guard := o.ResendGuard(); guard != "" {
		j = append(j, member{"kept_by", guard})
	}
	return j
}

// evidence says how a result is known, where there is one and somebody knows it.
func evidence(o report.Outcome) string {
	switch o.Result {
	case report.Failed:
		if o.Attempts == 0 {
			return "" // nothing was sent, so nothing answered
		}
		return o.By.String()
	case report.Done, report.NotConfirmed:
		return o.By.String()
	case report.NotConverged:
		return report.Reading.String()
	case report.NotStarted, report.Unknown, report.Stale, report.NotApproved:
		return ""
	}
	panic("render: unknown result")
}

// change is one of two shapes: of a value, or of the set of names.
func change(c diff.Change) object {
	field := member{"field", c.Edit.String()}
	switch c.Edit {
	case cert.EditDomains:
		var common object
		if c.CommonFrom != c.CommonTo {
			common = object{{"from", orNull(c.CommonFrom)}, {"to", c.CommonTo}}
		}
		return object{field, {"add", c.Add}, {"remove", c.Remove}, {"common_name", common}}
	case cert.EditAutoRenew: // a boolean, as in the API
		return object{field, {"from", c.From == "true"}, {"to", c.To == "true"}}
	default:
		return object{field, {"from", c.From}, {"to", c.To}}
	}
}

// withheld has no change for a renewal or a retrigger, only the field.
func withheld(b plan.Withheld) object {
	j := object{{"field", b.Edit.String()}}
	if b.Edit != cert.EditRenew && b.Edit != cert.EditRetrigger {
		j = change(b.Change)
	}
	return append(j, reason(b)...)
}

// reason is why a change is not sent.
func reason(b plan.Withheld) object {
	return object{
		{"verdict", b.Verdict.String()}, {"rule", b.Rule}, {"reason", b.Because}, {"until", orNull(b.Until)}, {"until_at", b.UntilAt},
		{"action", orNull(b.Do.String())}, {"next_actor", b.Next.String()},
	}
}

func warning(w plan.Warning) object {
	j := object{
		{"code", w.Code}, {"text", w.Text}, {"action", orNull(w.Do.String())}, {"action_required", w.NeedsAction()}, {"accepted", w.Accepted},
	}
	if w.Also.File != "" { // what two manifests have in common
		j = append(j, object{{"source", position(w.At)}, {"also", position(w.Also)}, {"domains", w.Names}}...)
	}
	return j
}

// edge is what --check-edge saw of a certificate; null where nobody looked.
func edge(all report.Edges, s plan.Step) object {
	v, looked := all[s.Want.ID]
	if !looked {
		return nil
	}
	return object{
		{"finding", v.Worst.Finding.String()}, {"served", v.There}, {"wrong", v.Wrong},
		{"compared_by", map[bool]string{false: "expiry", true: "thumbprint"}[v.ByThumbprint]},
		{"next_actor", known(!v.Do.None(), v.Next.String())}, // null: nobody
		{"action", orNull(v.Do.String())},
		{"handshakes", each(v.Looks, func(l cert.EdgeLook) object {
			var leaf object // null: none came
			if c := l.Leaf; c != nil {
				leaf = object{{"expires_at", c.Expires}, {"issuer", c.Issuer}, {"thumbprint", c.Thumbprint}, {"earlier", c.Earlier}}
			}
			return object{
				{"domain", orNull(l.Domain)}, {"at", map[bool]string{false: "cdn", true: "visitor"}[l.Visitor]},
				{"hex_url", orNull(l.At.Host)}, {"delivery_region", orNull(l.At.Region)}, {"platform", orNull(l.At.Platform)},
				{"finding", l.Finding.String()}, {"reason", orNull(l.Why)}, {"certificate", leaf},
			}
		})},
	}
}

func wait(w report.Wait) object {
	read := !w.At.IsZero()
	return object{
		{"result", w.Ended.String()}, {"state", orNull(w.State)}, {"phase", known(read, w.Phase.String())}, {"at", w.At},
		{"expires_at", known(read, w.Have.Expires)}, {"thumbprint", known(read, orNull(w.Have.Thumbprint))}, {"action", orNull(w.Do.String())},
		{"undone", each(w.Undone, change)}, {"readings", w.Reads}, {"error", orNull(w.Err)},
	}
}
