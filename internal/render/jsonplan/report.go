package jsonplan

import (
	"io"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// Report writes the report as one document, also when the run failed. Its form is
// described by schemas/plan.v2.schema.json.
func Report(w io.Writer, r report.Report) error {
	r.Outcomes = words.OutcomesOf(r)
	p, unmanaged := r.Plan, r.Plan.Unmanaged
	if !p.Complete { // the account was not read as a whole
		unmanaged = nil
	}
	return writeDocument(w, object{
		{"tool", tool(r.Version)},
		{"mode", words.Mode(r)},
		{"finished", !r.Unfinished},
		{"now", p.Now},
		{"api", orNull(p.API)},
		{"source", object{{"paths", r.Paths}, {"commit", orNull(r.Commit)}}},
		{"run", r.Run},
		{"base", base(r.Base)},
		{"digest", p.Digest()},
		{"summary", summary(r)},
		{"limits", object{
			{"edits", limit(p.Limits.Edits)}, {"domain_changes", limit(p.Limits.DomainChanges)}, {"renewals", limit(p.Limits.Renewals)},
		}},
		{"groups", each(view.Groups(view.Idle(p)), func(g view.Group) object {
			return object{{"cause", g.Cause}, {"action", orNull(g.Action.String())}, {"next_actor", g.Next.String()}, {"ids", words.Each(g.Steps, func(s plan.Step) cert.ID { return s.Want.ID })}}
		})},
		{"steps", each(p.Steps, func(s plan.Step) object { return step(r, s) })},
		{"expiring", each(view.Expiring(p), func(s plan.Step) object {
			w, _ := view.WhyExpiring(s, p.Now)
			return append(expiry(s, p.Now), object{
				{"code", w.Code}, {"reason", w.Text}, {"action", orNull(w.Do.String())}, {"accepted", w.Accepted},
			}...)
		})},
		{"expires_within", expiresWithin(r)},
		{"unmanaged", each(unmanaged, func(l cert.Live) object {
			return object{{"id", l.ID}, {"label", l.Label}, {"common_name", orNull(l.Common)}, {"expires_at", l.Expires}}
		})},
		{"warnings", each(r.Warnings, func(p report.Problem) object { return failure("run", p.Message, p.Hint, "", p.At) })},
		{"errors", failures(r.Failure, r.Problems, p.Steps)},
		{"requests", requests(r.Requests)},
	})
}

func tool(v report.Version) object {
	return object{{"name", v.Name}, {"version", v.Version}, {"commit", orNull(v.Commit)}}
}

// base is null where none was given.
func base(b *report.Base) object {
	if b == nil {
		return nil
	}
	return object{{"revision", b.Revision}, {"gone", each(b.Gone, func(g report.Gone) object {
		return object{
			{"id", g.ID}, {"name", g.Name}, {"label", orNull(g.Label)}, {"auto_renew", known(g.Known, g.AutoRenew)},
			{"expires_at", g.Expires}, {"nothing_renews", g.Unrenewed()}, {"moved_to", orNull(g.MovedTo)},
		}
	})}}
}

// summary counts operations in ca_orders and edits, and certificates in the rest. Those up
// to not_evaluated make up managed.
func summary(r report.Report) object {
	n, a := view.Summarize(r.Plan), view.AlarmsOf(r.Plan)
	return object{
		{"errors", n.Errors}, {"action_required", n.ActionRequired}, {"changing", n.Changing}, {"deferred", n.Deferred},
		{"withheld", n.Withheld}, {"protected", n.Protected}, {"up_to_date", n.UpToDate},
		{"not_evaluated", known(r.Base != nil, n.NotEvaluated)},
		{"managed", n.Total}, {"unmanaged", known(r.Plan.Complete, len(r.Plan.Unmanaged))},
		{"revoked", len(a.Revoked)}, {"expired", len(a.Expired)}, {"expiring", a.Expiring()},
		{"ca_orders", n.Orders}, {"edits", n.Edits},
	}
}

func limit(l plan.Limit) object {
	return object{{"count", l.Count}, {"limit", l.Limit}, {"exceeded", l.Exceeded()}}
}

// expiresWithin is null where nobody asked.
func expiresWithin(r report.Report) object {
	if r.ExpiringWithin == 0 {
		return nil
	}
	return object{
		{"seconds", int64(r.ExpiringWithin / time.Second)},
		{"certificates", each(r.Expiring(), func(s plan.Step) object { return expiry(s, r.Plan.Now) })},
	}
}

func expiry(s plan.Step, now time.Time) object {
	return object{
		{"name", s.Want.Name}, {"id", s.Want.ID}, {"common_name", orNull(s.Have.Common)}, {"expires_at", s.Have.Expires},
		{"days", plan.DaysUntil(s.Have.Expires, now)},
	}
}

// failures are what stopped the run, then the problems of the files, then the
// certificates that could not be planned.
func failures(stopped *report.Failure, problems []report.Problem, steps []plan.Step) objects {
	var all []object
	if f := stopped; f != nil {
		all = append(all, failure(f.Code, f.Message, f.Hint, "", cert.Pos{}))
	}
	for _, p := range problems {
		all = append(all, failure("manifest", p.Message, p.Hint, "", p.At))
	}
	for _, s := range steps {
		if f := s.Fault; f != nil {
			all = append(all, failure(f.Code, f.Message, f.Hint, s.Want.Name, s.Want.Place(f.At)))
		}
	}
	return slices.Values(all)
}

func failure(code, message, hint, name string, at cert.Pos) object {
	return object{{"code", code}, {"message", message}, {"hint", orNull(hint)}, {"name", orNull(name)}, {"source", position(at)}}
}

func requests(r report.Requests) object {
	return object{
		{"reads", r.Reads}, {"writes", r.Writes}, {"retries", r.Retries}, {"waited_ms", r.Waited.Milliseconds()}, {"dns_queries", r.Queries},
		{"expected", object{{"list", r.Expected.List}, {"single", r.Expected.Single}, {"status", r.Expected.Status}, {"dcv", r.Expected.DCV}}},
	}
}
