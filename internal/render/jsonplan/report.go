// Package jsonplan writes reports, explanations and validations as the published JSON
// documents, which the schemas describe.
package jsonplan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf16"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// indented is v as JSON, without a line break at its end.
func indented(prefix string, v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	err := e.Encode(v)
	return escapeActive(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), err
}

// oneDocument writes v as the only document.
func oneDocument(w io.Writer, v any) error {
	text, err := indented("", v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// escapeActive writes characters that act on a terminal as \u escapes. The document means
// the same.
func escapeActive(document []byte) []byte {
	harmful := func(r rune) bool { return r >= '\x7f' && words.IsActive(r) } // the encoder sees to the rest
	if bytes.IndexFunc(document, harmful) < 0 {
		return document
	}
	var b bytes.Buffer
	for _, r := range string(document) {
		if !harmful(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.Bytes()
}

// expiresWithinOf is nil where nobody asked.
func expiresWithinOf(r report.Report) *expiresWithin {
	if r.ExpiringWithin == 0 {
		return nil
	}
	return &expiresWithin{Seconds: int64(r.ExpiringWithin / time.Second),
		Certificates: words.Each(r.Expiring(), func(s plan.Step) expiry { return expiryOf(s, r.Plan) })}
}

func expiryOf(s plan.Step, p plan.Plan) expiry {
	return expiry{s.Want.Name, s.Want.ID, orNull(s.Have.Common), instant(s.Have.Expires), plan.DaysUntil(s.Have.Expires, p.Now)}
}

// FormatVersion is the version of the JSON form. Members are only ever added to it.
const FormatVersion = "2.0"

// Report writes the report as one document, also when the run failed. Its form is
// described by schemas/plan.v2.schema.json. The steps, which of a fleet are nearly all
// of it, are written one after another and are never in memory together.
func Report(w io.Writer, r report.Report) error {
	r.Outcomes = words.OutcomesOf(r)
	frame, err := indented("", documentOf(r))
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
		text, err := indented("    ", stepOf(r, s))
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

// documentOf is everything but the steps.
func documentOf(r report.Report) document {
	return document{
		FormatVersion: FormatVersion,
		Tool:          toolOf(r.Version),
		Mode:          words.Mode(r),
		Finished:      !r.Unfinished,
		Now:           instant(r.Plan.Now),
		API:           orNull(r.Plan.API),
		Source:        source{Paths: words.Each(r.Paths, words.Same), Commit: orNull(r.Commit)},
		Run:           object(r.Run),
		Base:          baseOf(r.Base),
		Digest:        r.Plan.Digest(),
		Summary:       summaryOf(r),
		Limits:        limitsOf(r.Plan.Limits),
		Groups:        words.Each(view.Groups(view.Idle(r.Plan)), groupOf),
		Steps:         []step{},
		Expiring:      words.Each(view.Expiring(r.Plan), func(s plan.Step) expiring { return expiringOf(s, r.Plan) }),
		ExpiresWithin: expiresWithinOf(r),
		Unmanaged:     unmanagedOf(r.Plan),
		Warnings:      words.Each(r.Warnings, func(p report.Problem) failure { return problemOf("run", p) }),
		Errors:        failures(r),
		Requests:      requestsOf(r.Requests),
	}
}

// baseOf is nil where no base was given.
func baseOf(b *report.Base) *base {
	if b == nil {
		return nil
	}
	return &base{b.Revision, words.Each(b.Gone, goneOf)}
}

func goneOf(g report.Gone) gone {
	j := gone{ID: g.ID, Name: g.Name, Label: orNull(g.Label), ExpiresAt: instant(g.Expires), Unrenewed: g.Unrenewed(), MovedTo: orNull(g.MovedTo)}
	if g.Known {
		j.AutoRenew = &g.AutoRenew
	}
	return j
}

func summaryOf(r report.Report) summary {
	p := r.Plan
	n, a := view.Summarize(p), view.AlarmsOf(p)
	s := summary{Errors: n.Errors, ActionRequired: n.ActionRequired, Changing: n.Changing, Deferred: n.Deferred, Withheld: n.Withheld,
		Protected: n.Protected, UpToDate: n.UpToDate, Managed: n.Total,
		Revoked: len(a.Revoked), Expired: len(a.Expired), Expiring: a.Expiring(), CAOrders: n.Orders, Edits: n.Edits}
	if r.Base != nil {
		s.NotEvaluated = &n.NotEvaluated
	}
	if p.Complete {
		unmanaged := len(p.Unmanaged)
		s.Unmanaged = &unmanaged
	}
	return s
}

func groupOf(g view.Group) group {
	return group{g.Cause, orNull(g.Action.String()), g.Next.String(), g.IDs()}
}

func toolOf(v report.Version) tool { return tool{v.Name, v.Version, orNull(v.Commit)} }

func limitsOf(l plan.Limits) limits {
	one := func(l plan.Limit) limit { return limit{l.Count, l.Limit, l.Exceeded()} }
	return limits{one(l.Edits), one(l.DomainChanges), one(l.Renewals)}
}

func expiringOf(s plan.Step, p plan.Plan) expiring {
	w, _ := view.WhyExpiring(s, p.Now)
	return expiring{expiryOf(s, p), string(w.Code), w.Text, orNull(w.Do.String()), w.Accepted}
}

// unmanagedOf is empty where the account was not read as a whole.
func unmanagedOf(p plan.Plan) []unmanaged {
	if !p.Complete {
		return []unmanaged{}
	}
	return words.Each(p.Unmanaged, func(l cert.Live) unmanaged {
		return unmanaged{ID: l.ID, Label: l.Label, CommonName: orNull(l.Common), ExpiresAt: instant(l.Expires)}
	})
}

// failures are what stopped the run, then the problems of the files, then the
// certificates that could not be planned.
func failures(r report.Report) []failure {
	all := []failure{}
	if f := r.Failure; f != nil {
		all = append(all, failure{Code: f.Code, Message: f.Message, Hint: orNull(f.Hint)})
	}
	for _, p := range r.Problems {
		all = append(all, problemOf("manifest", p))
	}
	for _, s := range r.Plan.Steps {
		if f := s.Fault; f != nil {
			all = append(all, failure{f.Code, f.Message, orNull(f.Hint), orNull(s.Want.Name), positionOf(s.Want.Place(f.At))})
		}
	}
	return all
}

func problemOf(code string, p report.Problem) failure {
	return failure{Code: code, Message: p.Message, Hint: orNull(p.Hint), Source: positionOf(p.At)}
}

// object is an object also where nothing is.
func object(facts map[string]string) map[string]string {
	if facts == nil {
		return map[string]string{}
	}
	return facts
}
