package openmetrics

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// stepMetrics are about each certificate, and where somebody looked about what the CDN serves.
func stepMetrics(r report.Report) []family {
	perStep := func(name, help string, samples func(plan.Step) []sample) family {
		f := family{name: name, help: help}
		for _, s := range r.Plan.Steps {
			labels := []Label{{"id", s.Want.ID.String()}, {"name", s.Want.Name}}
			if team := s.Want.Tags["team"]; team != "" {
				labels = append(labels, Label{"team", team})
			}
			for _, v := range samples(s) {
				f.samples = append(f.samples, sample{slices.Concat(labels, v.labels), v.value})
			}
		}
		return f
	}
	always := func(is func(plan.Step) bool) func(plan.Step) []sample {
		return func(s plan.Step) []sample { return alone(yes(is(s))) }
	}
	ifPlanned := func(is func(plan.Step) bool) func(plan.Step) []sample {
		return func(s plan.Step) []sample { return known(s.Fault == nil, yes(is(s))) }
	}
	all := []family{
		perStep("cpsync_certificate_expiry_timestamp_seconds",
			"When the current certificate expires; absent until one was issued.",
			func(s plan.Step) []sample { // known of a request that is listed also when more of it can't be read
				return known(!s.Have.Expires.IsZero() && s.Phase != cert.Deleted, s.Have.Expires.Unix())
			}),
		perStep("cpsync_certificate_phase",
			"1 for the phase of the request, 0 for the others.",
			func(s plan.Step) []sample { // the one that a certificate leaves goes to 0
				if s.Fault != nil {
					return nil
				}
				return words.Each(cert.Phases(), func(p cert.Phase) sample { return sample{[]Label{{"phase", p.String()}}, yes(p == s.Phase)} })
			}),
		perStep("cpsync_certificate_action_required",
			"Whether a person must act; 1 too where it could not be read or planned.", always(plan.Step.NeedsAction)),
		perStep("cpsync_certificate_revoked",
			"Whether the CA revoked it, unless its manifest accepts that.", ifPlanned(func(s plan.Step) bool { return s.Is(cert.Revoked) })),
		perStep("cpsync_certificate_expired",
			"Whether it is expired, unless its manifest accepts that.", ifPlanned(func(s plan.Step) bool { return s.Is(cert.PastExpiry) })),
		perStep("cpsync_certificate_expiring",
			"Whether it expires soon, with an order open or without, unless its manifest accepts that.",
			ifPlanned(func(s plan.Step) bool { return s.Is(cert.Expiring) })),
		perStep("cpsync_certificate_renewal_overdue",
			"Whether the plan says renewal-overdue or auto-renew-stuck of it, unless its manifest accepts that.",
			ifPlanned(func(s plan.Step) bool { return s.Is(cert.RenewalOverdue) || s.Is(cert.AutoRenewStuck) })),
		perStep("cpsync_certificate_validation_pending",
			"Whether domain control validation (DCV) or the validation of the organization is pending.", ifPlanned(plan.Step.AwaitsValidation)),
		perStep("cpsync_certificate_deferred",
			"Whether a change that its manifest asks for is deferred: a later run sends it.", ifPlanned(plan.Step.Waits)),
		perStep("cpsync_certificate_error",
			"Whether it could not be read or planned; what is not known of it is absent then.",
			always(func(s plan.Step) bool { return s.Fault != nil })),
	}
	if r.Edges == nil {
		return all
	}
	return append(all,
		perStep("cpsync_edge_served",
			"Whether the certificate of the API is served, at the CDN hosts and to visitors; absent where nothing was seen, or the manifest accepts it.",
			func(s plan.Step) []sample {
				v := r.Edges[s.Want.ID]
				return lowest(v.Looks, func(l cert.EdgeLook) (int64, bool) { return yes(l.Finding == cert.EdgeServed), !v.Accepts(l) })
			}),
		perStep("cpsync_edge_expiry_timestamp_seconds",
			"When the certificate on the wire expires, the first of several.",
			func(s plan.Step) []sample {
				return lowest(r.Edges[s.Want.ID].Looks, func(l cert.EdgeLook) (int64, bool) {
					if l.Leaf == nil {
						return 0, false
					}
					return l.Leaf.Expires.Unix(), true
				})
			}),
	)
}

// lowest is the lowest value at the CDN hosts, and the lowest for visitors, where there is one.
func lowest(looks []cert.EdgeLook, value func(cert.EdgeLook) (int64, bool)) (all []sample) {
	for _, at := range []string{"cdn", "visitor"} {
		var values []int64
		for _, l := range looks {
			if n, known := value(l); known && l.Visitor == (at == "visitor") && l.Finding != cert.EdgeNotChecked {
				values = append(values, n)
			}
		}
		if len(values) > 0 {
			all = append(all, sample{[]Label{{"at", at}}, slices.Min(values)})
		}
	}
	return all
}
