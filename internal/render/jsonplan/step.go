package jsonplan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

func stepOf(r report.Report, s plan.Step) step {
	j := step{
		Name:          s.Want.Name,
		ID:            s.Want.ID,
		Label:         orNull(s.Have.Label),
		CommonName:    orNull(s.Have.Common),
		Tags:          object(s.Want.Tags),
		Phase:         s.Phase.String(),
		PhaseFrom:     phaseFromOf(s.Have),
		StatusRead:    s.Have.StatusRead(),
		ExpiresAt:     instant(s.Have.Expires),
		Source:        positionOf(s.Want.Place("metadata.id")),
		Digest:        s.Digest(r.Plan.API),
		ChangedByBase: changedByBase(r, s),
		Evaluated:     !s.ListOnly,
		Operations:    operationsOf(r, s),
		Withheld:      words.Each(s.Withheld, withheldOf),
		Warnings:      words.Each(s.Warnings, warningOf),
		Edge:          servedOf(r.Edges, s),
		Wait:          waitOf(r, s),
	}
	if c, asked := r.DCV.Of(s); asked && c.Err == "" {
		j.DCV = words.Each(c.Validations, domainValidationOf)
	} else {
		j.DCVError = orNull(c.Err)
	}
	return j
}

func domainValidationOf(p cert.DomainValidation) domainValidation {
	return domainValidation{Domains: words.Each(p.Names, words.Same), Method: orNull(string(p.Method)), Ready: p.Ready(),
		Records: words.Each(p.Records, func(r cert.Record) record {
			return record{r.Name, r.Type, orNull(r.Value), words.ZoneLine(r), lookupOf(r.Lookup)}
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

func phaseFromOf(have cert.Live) phaseFrom {
	domains := append(words.Each(have.Domains, domainOf), words.Each(have.Leaving, domainOf)...)
	from := phaseFrom{Domains: domains}
	if have.StatusRead() {
		from.Status = orNull(have.Status.String())
	}
	if have.Order != cert.OrderNotRead && have.Order != cert.NoOrder {
		from.Order = orNull(have.Order.String())
	}
	return from
}

func domainOf(d cert.Domain) domain { return domain{d.Name, d.Status.String()} }

func operationsOf(r report.Report, s plan.Step) []operation {
	all := make([]operation, len(s.Ops))
	for i, o := range s.Ops {
		all[i] = operation{
			Kind:    o.Kind.String(),
			Digest:  o.Digest(r.Plan.API, s.Want.ID),
			Changes: words.Each(o.Changes, changeOf),
			Body:    words.BodyOf(o),
			Effect:  words.Effect(s, o),
			Reason:  orNull(o.Reason),
		}
		if r.Apply {
			all[i].outcome = outcomeOf(r.Outcome(s.Want.ID, i))
		}
	}
	return all
}

func lookupOf(l cert.Lookup) *lookup {
	if l.Result == cert.NotLookedUp {
		return nil
	}
	return &lookup{l.Result.String(), l.Name, orNull(l.Zone), orNull(l.Why), words.Each(l.Servers, func(s cert.ServerAnswer) nameserver {
		return nameserver{s.Server, s.Result.String(), words.Each(s.Values, words.Same), words.Each(s.Via, words.Same), orNull(s.Err)}
	})}
}

func outcomeOf(o report.Outcome) *outcome {
	if len(o.Step.Ops) == 0 {
		return &outcome{}
	}
	return &outcome{Outcome: orNull(o.Result.String()), By: orNull(evidence(o)), Attempts: o.Attempts, Error: orNull(o.Err),
		KeptBy: o.ResendGuard()}
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

func changeOf(c diff.Change) change {
	j := change{Field: c.Edit.String()}
	if c.Edit == cert.EditDomains {
		j.names = &names{Add: words.Each(c.Add, words.Same), Remove: words.Each(c.Remove, words.Same), CommonName: commonNameOf(c)}
		return j
	}
	j.values = &values{From: valueOf(c.Edit, c.From), To: valueOf(c.Edit, c.To)}
	return j
}

func commonNameOf(c diff.Change) *commonNames {
	if c.CommonFrom == c.CommonTo {
		return nil
	}
	return &commonNames{From: orNull(c.CommonFrom), To: c.CommonTo}
}

// valueOf is a value in the type that the API gives it.
func valueOf(e cert.Edit, text string) any {
	if e == cert.EditAutoRenew {
		return text == "true"
	}
	return text
}

// withheldOf has no change for a renewal or a retrigger, only the field.
func withheldOf(b plan.Withheld) withheld {
	j := withheld{change: change{Field: b.Edit.String()}, reason: reasonOf(b)}
	if b.Edit != cert.EditRenew && b.Edit != cert.EditRetrigger {
		j.change = changeOf(b.Change)
	}
	return j
}

func reasonOf(b plan.Withheld) reason {
	return reason{b.Verdict.String(), string(b.Rule), b.Because, orNull(b.Until), instant(b.UntilAt), orNull(b.Do.String()), b.Next.String()}
}

func warningOf(w plan.Warning) warning {
	j := warning{Code: string(w.Code), Text: w.Text, Action: orNull(w.Do.String()), ActionRequired: w.NeedsAction(), Accepted: w.Accepted}
	if w.Also.File != "" {
		j.places = &places{positionOf(w.At), positionOf(w.Also), words.Each(w.Names, words.Same)}
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

func positionOf(at cert.Pos) *position {
	if at.File == "" {
		return nil
	}
	return &position{at.File, at.Line, at.Column}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type wait struct {
	Result     string     `json:"result"`
	State      *string    `json:"state"`
	Phase      *string    `json:"phase"` // null: never read
	At         *time.Time `json:"at"`    // of the last reading
	ExpiresAt  *time.Time `json:"expires_at"`
	Thumbprint *string    `json:"thumbprint"`
	Action     *string    `json:"action"`
	Undone     []change   `json:"undone"`
	Readings   int        `json:"readings"`
	Error      *string    `json:"error"`
}

// waitOf is nil for a request that was not followed.
func waitOf(r report.Report, s plan.Step) *wait {
	w, followed := r.Wait(s.Want.ID)
	if !followed {
		return nil
	}
	j := &wait{Result: w.Ended.String(), State: orNull(w.State), At: instant(w.At), Action: orNull(w.Do.String()),
		Undone: words.Each(w.Undone, changeOf), Readings: w.Reads, Error: orNull(w.Err)}
	if !w.At.IsZero() {
		phase := w.Phase.String()
		j.Phase, j.ExpiresAt, j.Thumbprint = &phase, instant(w.Have.Expires), orNull(w.Have.Thumbprint)
	}
	return j
}
