package html

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// entry is a certificate: in a card, or a row of the table.
type entry struct {
	By              string // the deadline, where each certificate of a card has its own
	Name, ID, Place string
	Label           string // where it is not the name
	State           string // in a card
	Facts           []fact

	// In the table.
	Expires, Left, Class, Short, Next, Tags string
}

func (s sheet) entry(step plan.Step, facts []fact) entry {
	now, name := s.Plan.Now, step.Want.Name
	if step.Fault == nil {
		name = words.Name(step.Have, name)
	}
	tags := words.Each(slices.Sorted(maps.Keys(step.Want.Tags)), func(key string) string {
		return words.Clean(key + "=" + step.Want.Tags[key])
	})
	l := words.RowOf(report.Listing{Common: report.Common{Now: now}}, step)
	e := entry{Name: words.Clean(name), ID: l.ID, Label: words.Label(step.Have), Place: words.Place(view.Place(step)), Facts: facts,
		Expires: l.Expires, Short: words.Clean(l.State), Next: words.Clean(s.nextOf(step, l)), Tags: strings.Join(tags, ", ")}
	if step.Fault == nil {
		e.State = words.Clean(words.State(step, now))
	}
	switch end := step.Have.Expires; {
	case end.IsZero():
		e.Expires = "-"
	case step.Have.Expired(now):
		e.Left = plan.Span(end, now) + " ago"
	default:
		e.Left = "in " + plan.Span(end, now)
	}
	if plan.Revoked(step.Have) || step.Have.Expired(now) {
		e.Class = "out"
	}
	return e
}

// nextOf says who acts next: where nothing is under way, who renews the certificate. Of a request
// without a manifest the status is not read, and without it neither is known.
func (s sheet) nextOf(step plan.Step, l words.Row) string {
	if s.unmanaged[step.Want.ID] && !step.Have.StatusRead() {
		return words.NotRead
	}
	if next := view.WhoActs(step, s.Plan.Now); !next.Nobody {
		return words.Actors[next.Next]
	}
	switch r := step.Renewal(s.Plan.Now); r.Kind {
	case plan.RenewalByCPS:
		return "CPS renews from about " + r.At.UTC().Format(plan.Date)
	case plan.RenewalByPolicy:
		return "cpsync renews from about " + r.At.UTC().Format(plan.Date)
	case plan.RenewalNone:
		return "nothing renews it"
	default:
		return l.RenewedBy
	}
}

// fact is a word and what belongs to it.
type fact struct {
	Key, Text      string
	Removed, Added []string // domains
	Mark           string   // that it is not sent; "" when it is
	Zone           string   // DNS records, as lines of a zone file
}

// factsOf makes facts of keys and texts, in pairs, and leaves out those without a text.
func factsOf(pairs ...string) []fact {
	var all []fact
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			all = append(all, fact{Key: pair[0], Text: words.Clean(pair[1])})
		}
	}
	return all
}

// facts are why a certificate needs a person, what validates its domains, what is sent and what
// is not. What g says of several certificates is left out.
func (s sheet) facts(step plan.Step, g view.Group) []fact {
	var all []fact
	why := func(code, reason, until string, do plan.Action) {
		if code == g.Cause && reason == g.Reason {
			reason, until = "", ""
		} else if code == g.Cause {
			reason = strings.TrimPrefix(reason, g.Reason+"; ")
		}
		if do.Shared() == g.Action {
			do = plan.Action{}
		}
		all = append(all, factsOf("reason", reason, "until", until, "action", do.String())...)
	}
	if f := step.Fault; f != nil {
		why(f.Code, f.Message, "", plan.Advise(f.Hint))
	}
	for _, w := range step.Asking() {
		why(string(w.Code), w.Text, "", w.Do)
	}
	all = slices.Concat(all, s.edgeFacts(step), s.dcvFacts(step))
	for _, o := range step.Ops {
		if o.Kind != plan.Patch {
			all = append(all, fact{Key: "! " + o.Kind.String(), Text: words.Clean(strings.TrimPrefix(o.Reason, "because "))})
		}
		all = append(all, words.Each(o.Changes, changeFact)...)
		if o.Effect.Kind != plan.MetadataOnly || words.LeavesUnrenewed(step) {
			all = append(all, factsOf("effect", words.Effect(step, o))...)
		}
	}
	asked := words.Each(step.Asking(), func(w plan.Warning) plan.Action { return w.Do })
	for i, b := range step.Withheld {
		f := fact{Key: "change", Text: words.Clean(words.Wanted(b))}
		if b.Edit < cert.NumEdits && b.Edit != cert.EditRenew && b.Edit != cert.EditRetrigger && b.Verdict != plan.ExtraDomain {
			f = changeFact(b.Change)
		}
		f.Mark = words.Verdicts[b.Verdict]
		all = append(all, f)
		if slices.Contains(asked, b.Do) { // which stands above
			b.Do = plan.Action{}
		}
		if last := i+1 == len(step.Withheld) || !words.SameReasons(step.Withheld[i], step.Withheld[i+1]); last && !b.Protects() {
			why(string(b.Rule), b.Because, words.Until(b), b.Do)
		}
	}
	return all
}

func changeFact(c diff.Change) fact {
	f := fact{Key: words.ChangeMark(c.Edit) + " " + c.Edit.String()}
	switch from, to := words.FromTo(c); {
	case c.Edit == cert.EditDomains:
		display := func(n string) string { return words.Clean(cert.DisplayName(n)) }
		f.Removed, f.Added = words.Each(c.Remove, display), words.Each(c.Add, display)
		f.Text = fmt.Sprintf("(%d → %s)", len(c.Before), words.Plural(len(c.After()), "domain"))
		if c.CommonFrom != c.CommonTo {
			f.Text += "; " + words.Clean(words.CommonName(c))
		}
	case words.IsLong(c.From, c.To) && !words.LookAlike(c.From, c.To):
		f.Text = words.Clean(words.TextDiff(c.From, c.To, words.Whole))
	default:
		f.Text = words.Clean(from + " → " + to)
	}
	return f
}

// edgeFacts are what is served, and who acts on it; none where nobody looked.
func (s sheet) edgeFacts(step plan.Step) []fact {
	v := s.Edges[step.Want.ID]
	if v.Do.None() {
		return factsOf("edge", words.EdgeCell(s.Edges, step))
	}
	return factsOf("edge", words.EdgeSeen(v), "action", words.EdgeAction(v))
}

// dcvFacts are the DNS records to create and the e-mails to answer.
func (s sheet) dcvFacts(step plan.Step) []fact {
	c, asked := s.DCV[step.Want.ID]
	if !asked {
		return nil
	}
	kind, t := words.ValidationBy(step.Have.DCVMethod), words.DCVOf(c)
	if c.Err != "" {
		return factsOf(kind, "could not be read: "+c.Err)
	}
	var all []fact
	for _, m := range t.Mail {
		all = append(all, factsOf("e-mail to", strings.Join(m.To, ", ")+m.About(t, strings.Join(m.Names, ", ")))...)
	}
	if lines := words.Each(t.Records, func(r cert.Record) string { return words.Clean(words.ZoneLine(r)) }); len(lines) > 0 {
		all = append(all, fact{Key: "DNS records", Zone: strings.Join(lines, "\n")})
	}
	return append(all, factsOf(kind, t.None())...)
}
