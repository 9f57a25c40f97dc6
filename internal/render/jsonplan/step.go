package jsonplan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

func step(r report.Report, s plan.Step) jsonStep {
	j := jsonStep{
		Name:          s.Want.Name,
		ID:            s.Want.ID,
		Label:         s.Have.Label,
		CommonName:    s.Have.Common,
		Tags:          object(s.Want.Tags),
		Phase:         s.Phase.String(),
		PhaseFrom:     phaseFrom(s.Have),
		StatusRead:    s.Have.StatusRead(),
		Expires:       instant(s.Have.Expires),
		Source:        pos(s.Want.Place("metadata.id")),
		Digest:        s.Digest(r.Plan.API),
		ChangedByBase: changedByBase(r, s),
		Operations:    operationsOf(r, s),
		Blocked:       words.Each(s.Blocked, blocked),
		Warnings:      words.Each(s.Warnings, warning),
		Wait:          wait(r, s),
	}
	if c, asked := r.Control.Of(s); asked && c.Err == "" {
		j.Control = words.Each(c.Proofs, proven)
	} else {
		j.ControlError = c.Err
	}
	return j
}

func proven(p cert.Proof) jsonProof {
	return jsonProof{Names: words.Each(p.Names, words.Same), Method: string(p.Method), Ready: p.Ready(),
		Records: words.Each(p.Records, func(r cert.Record) jsonRecord {
			return jsonRecord{r.Name, r.Type, orNull(r.Value), words.ZoneLine(r), lookup(r.Lookup)}
		}),
		Emails: words.Each(p.Emails, words.Same), Inferred: p.Inferred}
}

// changedByBase is nil where it is not known.
func changedByBase(r report.Report, s plan.Step) *bool {
	if r.Base == nil {
		return nil
	}
	touched := r.Base.Touches(s)
	return &touched
}

func phaseFrom(have cert.Live) jsonPhaseFrom {
	names := append(words.Each(have.Domains, domain), words.Each(have.Leaving, domain)...)
	return jsonPhaseFrom{Status: have.Status.String(), Order: have.Order.String(), Domains: names}
}

func domain(d cert.Domain) jsonDomain { return jsonDomain{Name: d.Name, Status: d.Status.String()} }

func operationsOf(r report.Report, s plan.Step) []jsonOperation {
	all := make([]jsonOperation, len(s.Ops))
	for i, o := range s.Ops {
		all[i] = jsonOperation{
			Kind:    o.Kind.String(),
			Digest:  o.Digest(r.Plan.API, s.Want.ID),
			Changes: words.Each(o.Changes, change),
			Body:    words.BodyOf(o),
			Effect:  words.Effect(s, o),
			Reason:  o.Reason,
		}
		if r.Apply {
			all[i].jsonOutcome = outcome(r.Outcome(s.Want.ID, i))
		}
	}
	return all
}

func lookup(l cert.Lookup) *jsonLookup {
	if l.Result == cert.NotLookedUp {
		return nil
	}
	return &jsonLookup{l.Result.String(), l.Name, orNull(l.Zone), l.Why, words.Each(l.Servers, func(s cert.ServerAnswer) jsonNameserver {
		return jsonNameserver{s.Server, s.Result.String(), words.Each(s.Values, words.Same), words.Each(s.Via, words.Same), s.Err}
	})}
}

func outcome(o report.Outcome) *jsonOutcome {
	if len(o.Step.Ops) == 0 {
		return &jsonOutcome{}
	}
	return &jsonOutcome{Outcome: orNull(o.Result.String()), By: orNull(by(o)), Attempts: o.Attempts, Error: orNull(o.Err),
		KeptBy: o.Keeper()}
}

// by says how a result is known, where there is one and somebody knows it.
func by(o report.Outcome) string {
	switch o.Result {
	case report.Failed:
		if o.Attempts == 0 {
			return "" // nothing was sent, so nothing answered
		}
		return o.By.String()
	case report.Done, report.NotConfirmed:
		return o.By.String()
	case report.DidNotConverge:
		return report.Reading.String()
	case report.NotStarted, report.Unknown, report.Stale, report.NotApproved:
		return ""
	}
	panic("render: unknown result")
}

func change(c diff.Change) jsonChange {
	j := jsonChange{Field: c.Edit.String()}
	if c.Edit == cert.EditDomains {
		j.jsonNames = &jsonNames{Add: words.Each(c.Add, words.Same), Remove: words.Each(c.Remove, words.Same), CommonName: moved(c)}
		return j
	}
	j.jsonValues = &jsonValues{From: jsonValue(c.Edit, c.From), To: jsonValue(c.Edit, c.To)}
	return j
}

func moved(c diff.Change) *jsonMove {
	if c.CommonFrom == c.CommonTo {
		return nil
	}
	return &jsonMove{From: c.CommonFrom, To: c.CommonTo}
}

// jsonValue is a value in the type that the API gives it.
func jsonValue(e cert.Edit, text string) any {
	if e == cert.EditAutoRenew {
		return text == "true"
	}
	return text
}

// blocked has no change for a renewal or a retrigger, only the field.
func blocked(b plan.Blocked) jsonBlocked {
	j := jsonBlocked{
		jsonChange: jsonChange{Field: b.Edit.String()},
		Verdict:    b.Verdict.String(), Rule: string(b.Rule), Because: b.Because,
		Until: b.Until, UntilAt: instant(b.UntilAt), Do: b.Do, NextActor: b.Next.String(),
	}
	if b.Edit != cert.EditRenew && b.Edit != cert.EditRetrigger {
		j.jsonChange = change(b.Change)
	}
	return j
}

func warning(w plan.Warning) jsonWarning {
	j := jsonWarning{Code: string(w.Code), Report: w.Text, Do: w.Do, NeedsYou: w.NeedsYou(), Accepted: w.Accepted}
	if w.Also.File != "" {
		j.jsonPlaces = &jsonPlaces{pos(w.At), pos(w.Also), words.Each(w.Names, words.Same)}
	}
	return j
}

// instant is a time in UTC, or nothing where there is none.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

func pos(at cert.Pos) *jsonPos {
	if at.File == "" {
		return nil
	}
	return &jsonPos{at.File, at.Line, at.Column}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type jsonWait struct {
	Ended      string       `json:"ended"`
	State      string       `json:"state"`
	Phase      *string      `json:"phase"` // null: never read
	At         *time.Time   `json:"at"`    // of the last reading
	Expires    *time.Time   `json:"expires"`
	Thumbprint *string      `json:"thumbprint"`
	Do         string       `json:"do"`
	Undone     []jsonChange `json:"undone"`
	Readings   int          `json:"readings"`
	Error      *string      `json:"error"`
}

// wait is nil for a request that was not followed.
func wait(r report.Report, s plan.Step) *jsonWait {
	w, followed := r.Wait(s.Want.ID)
	if !followed {
		return nil
	}
	j := &jsonWait{Ended: w.Ended.String(), State: w.State, At: instant(w.At), Do: w.Do,
		Undone: words.Each(w.Undone, change), Readings: w.Reads, Error: orNull(w.Err)}
	if !w.At.IsZero() {
		phase := w.Phase.String()
		j.Phase, j.Expires, j.Thumbprint = &phase, instant(w.Have.Expires), orNull(w.Have.Thumbprint)
	}
	return j
}
