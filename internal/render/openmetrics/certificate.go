package openmetrics

import (
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
)

// stepMetrics are about each certificate.
func stepMetrics(p plan.Plan) []family {
	return []family{
		perStep(p, "cpsync_certificate_expiry_timestamp_seconds", "seconds",
			"When the current certificate expires; absent until one was issued.", expiry),
		perStep(p, "cpsync_certificate_phase", "",
			"1 for the phase of the request, 0 for the others.", inPhases),
		perStep(p, "cpsync_certificate_action_required", "",
			"Whether a person must act; 1 too where it could not be read or planned.", actionRequired),
		perStep(p, "cpsync_certificate_revoked", "",
			"Whether the CA revoked it, unless its manifest accepts that.", ifPlanned(func(s plan.Step) bool { return s.Is(cert.Revoked) })),
		perStep(p, "cpsync_certificate_expired", "",
			"Whether it is expired, unless its manifest accepts that.", ifPlanned(func(s plan.Step) bool { return s.Is(cert.PastExpiry) })),
		perStep(p, "cpsync_certificate_expiring", "",
			"Whether it expires soon, with an order open or without, unless its manifest accepts that.", ifPlanned(func(s plan.Step) bool { return s.Is(cert.Expiring) })),
		perStep(p, "cpsync_certificate_renewal_overdue", "",
			"Whether the plan says renewal-overdue or auto-renew-stuck of it, unless its manifest accepts that.",
			ifPlanned(func(s plan.Step) bool { return s.Is(cert.RenewalOverdue) || s.Is(cert.AutoRenewStuck) })),
		perStep(p, "cpsync_certificate_validation_pending", "",
			"Whether domain control validation (DCV) or the validation of the organization is pending.", ifPlanned(plan.Step.AwaitsValidation)),
		perStep(p, "cpsync_certificate_deferred", "",
			"Whether a change that its manifest asks for is deferred: a later run sends it.", ifPlanned(plan.Step.Waits)),
		perStep(p, "cpsync_certificate_error", "",
			"Whether it could not be read or planned; what is not known of it is absent then.", broken),
	}
}

// perStep makes a family with the samples of each certificate.
func perStep(p plan.Plan, name, unit, help string, samples func(plan.Step) []sample) family {
	f := family{name: name, unit: unit, help: help}
	for _, s := range p.Steps {
		known := []Label{{"id", s.Want.ID.String()}, {"name", s.Want.Name}}
		if team := s.Want.Tags["team"]; team != "" {
			known = append(known, Label{"team", team})
		}
		for _, v := range samples(s) {
			f.samples = append(f.samples, sample{slices.Concat(known, v.labels), v.value})
		}
	}
	return f
}

// ifPlanned is 0 or 1 for each certificate that could be planned.
func ifPlanned(is func(plan.Step) bool) func(plan.Step) []sample {
	return func(s plan.Step) []sample {
		if s.Fault != nil {
			return nil
		}
		return alone(yes(is(s)))
	}
}

func actionRequired(s plan.Step) []sample { return alone(yes(s.NeedsAction())) }

func broken(s plan.Step) []sample { return alone(yes(s.Fault != nil)) }

// expiry is known of a request that is listed also when more of it can't be read.
func expiry(s plan.Step) []sample {
	if s.Have.Expires.IsZero() || s.Phase == cert.Deleted {
		return nil
	}
	return alone(s.Have.Expires.Unix())
}

// inPhases are all phases: the one a certificate leaves goes to 0.
func inPhases(s plan.Step) []sample {
	if s.Fault != nil {
		return nil
	}
	return words.Each(cert.Phases(), func(p cert.Phase) sample {
		return sample{[]Label{{"phase", p.String()}}, yes(p == s.Phase)}
	})
}
