// Package jsonplan writes reports, explanations and validations as the published JSON
// documents, which the schemas describe.
package jsonplan

import (
	"bufio"
	"bytes"
	"io"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// endsWithin is nil where nobody asked.
func endsWithin(r report.Report) *jsonEndsWithin {
	if r.Within == 0 {
		return nil
	}
	return &jsonEndsWithin{
		Seconds: int64(r.Within / time.Second),
		Certificates: words.Each(r.Ending(), func(s plan.Step) jsonEnding {
			return jsonEnding{Name: s.Want.Name, ID: s.Want.ID, CommonName: s.Have.Common,
				Expires: instant(s.Have.Expires), Days: plan.DaysUntil(s.Have.Expires, r.Plan.Now)}
		}),
	}
}

// FormatVersion is the version of the JSON form. Members are only ever added to it.
const FormatVersion = "1.0"

// Report writes the report as one document, also when the run failed. Its form is
// described by schemas/plan.v1.schema.json. The steps, which of a fleet are nearly all
// of it, are written one after another and are never in memory together.
func Report(w io.Writer, r report.Report) error {
	r.Outcomes = words.OutcomesOf(r)
	frame, err := indented("", document(r))
	if err != nil {
		return err
	}
	before, after, _ := bytes.Cut(frame, []byte(noSteps))
	out := bufio.NewWriter(w)
	out.Write(before)
	if err := writeSteps(out, r); err != nil {
		return err
	}
	out.Write(after)
	out.WriteByte('\n')
	return out.Flush()
}

// noSteps is how an empty list of steps is written. A line break can't stand within a
// string of JSON, so that it is found only there.
const noSteps = "\n  \"steps\": []"

func writeSteps(out *bufio.Writer, r report.Report) error {
	separator, end := "\n  \"steps\": [\n    ", "\n  ]"
	if len(r.Plan.Steps) == 0 {
		separator, end = "", noSteps
	}
	for _, s := range r.Plan.Steps {
		text, err := indented("    ", step(r, s))
		if err != nil {
			return err
		}
		out.WriteString(separator)
		out.Write(text)
		separator = ",\n    "
	}
	_, err := out.WriteString(end)
	return err
}

// document is everything but the steps.
func document(r report.Report) jsonReport {
	return jsonReport{
		FormatVersion: FormatVersion,
		Tool:          jsonTool(r.Version),
		Mode:          words.Mode(r),
		Finished:      !r.Unfinished,
		Now:           instant(r.Plan.Now),
		API:           r.Plan.API,
		Source:        jsonSource{Paths: words.Each(r.Paths, words.Same), Commit: orNull(r.Commit)},
		Run:           object(r.Run),
		Base:          base(r.Base),
		Digest:        r.Plan.Digest(),
		Summary:       summary(r.Plan),
		Limits:        limits(r.Plan.Limits),
		Steps:         []jsonStep{},
		Expiring:      words.Each(r.Plan.Expiring(), func(s plan.Step) jsonExpiring { return expiring(s, r.Plan) }),
		EndsWithin:    endsWithin(r),
		Unmanaged:     unmanaged(r.Plan),
		Warnings:      words.Each(r.Warnings, func(p report.Problem) jsonError { return problem("run", p) }),
		Errors:        failures(r),
		Requests:      requests(r.Requests),
	}
}

// base is nil where no base was given.
func base(b *report.Base) *jsonBase {
	if b == nil {
		return nil
	}
	return &jsonBase{b.Revision, words.Each(b.Gone, goneJSON)}
}

func goneJSON(g report.Gone) jsonGone {
	j := jsonGone{ID: g.ID, Name: g.Name, Label: g.Label, Expires: instant(g.Expires), Unrenewed: g.Unrenewed()}
	if g.Known {
		j.AutoRenew = &g.AutoRenew
	}
	return j
}

func summary(p plan.Plan) jsonSummary {
	n, a := p.Summary(), p.Alarms()
	s := jsonSummary{Managed: n.Total, NeedsYou: n.NeedYou, Orders: n.Orders, Edits: n.Edits, Changing: n.Changing,
		Waiting: n.Waiting, Protected: n.Protected, Unchanged: n.Unchanged, Errors: n.Errors,
		Revoked: len(a.Revoked), Expired: len(a.Ended), EndsSoon: a.EndSoon()}
	if p.Complete {
		unmanaged := len(p.Unmanaged)
		s.Unmanaged = &unmanaged
	}
	return s
}

func limits(l plan.Limits) jsonLimits {
	one := func(l plan.Limit) jsonLimit { return jsonLimit{l.Count, l.Limit, l.Exceeded()} }
	return jsonLimits{one(l.Edits), one(l.Orders), one(l.Renewals)}
}

func expiring(s plan.Step, p plan.Plan) jsonExpiring {
	w, _ := s.Expiring(p.Now)
	return jsonExpiring{Name: s.Want.Name, ID: s.Want.ID, CommonName: s.Have.Common,
		Expires: instant(s.Have.Expires), Days: plan.DaysUntil(s.Have.Expires, p.Now),
		Code: string(w.Code), Because: w.Text, Do: w.Do, Accepted: w.Accepted}
}

// unmanaged is empty where the account was not read as a whole.
func unmanaged(p plan.Plan) []jsonUnmanaged {
	if !p.Complete {
		return []jsonUnmanaged{}
	}
	return words.Each(p.Unmanaged, func(l cert.Live) jsonUnmanaged {
		return jsonUnmanaged{ID: l.ID, Label: l.Label, CommonName: l.Common, Expires: instant(l.Expires)}
	})
}

// failures are what stopped the run, then the problems of the files, then the
// certificates that could not be planned.
func failures(r report.Report) []jsonError {
	all := []jsonError{}
	if f := r.Failure; f != nil {
		all = append(all, jsonError{Code: f.Code, Message: f.Message, Hint: f.Hint})
	}
	for _, p := range r.Problems {
		all = append(all, problem("manifest", p))
	}
	for _, s := range r.Plan.Steps {
		if f := s.Fault; f != nil {
			all = append(all, jsonError{f.Code, f.Message, f.Hint, s.Want.Name, pos(s.Want.Place(f.At))})
		}
	}
	return all
}

func problem(code string, p report.Problem) jsonError {
	return jsonError{Code: code, Message: p.Message, Hint: p.Hint, Source: pos(p.At)}
}

// object is an object also where there is nothing.
func object(facts map[string]string) map[string]string {
	if facts == nil {
		return map[string]string{}
	}
	return facts
}
