package html

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// fact is a word and what belongs to it.
type fact struct {
	Key, Text      string
	Removed, Added []string // domains
	Mark           string   // that it is not sent; "" when it is
	Zone           string   // DNS records, as lines of a zone file
}

// edgeFacts are what is served, and who acts on it; none where nobody looked.
func (s sheet) edgeFacts(step plan.Step) []fact {
	v := s.Edges[step.Want.ID]
	switch cell := words.EdgeCell(s.Edges, step); {
	case cell == "":
		return nil
	case v.Do.None():
		return []fact{{Key: "edge", Text: cell}}
	default:
		return []fact{{Key: "edge", Text: words.Clean(words.EdgeSeen(v))}, {Key: "action", Text: words.Clean(words.EdgeAction(v))}}
	}
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
		all = append(all, reasonFacts(reason, until, do.String())...)
	}
	if f := step.Fault; f != nil {
		why(f.Code, f.Message, "", plan.Advise(f.Hint))
	}
	for _, w := range step.Asking() {
		why(string(w.Code), w.Text, "", w.Do)
	}
	all = slices.Concat(all, s.edgeFacts(step), s.dcvFacts(step))
	for _, o := range step.Ops {
		all = append(all, operationFacts(step, o)...)
	}
	asked := words.Each(step.Asking(), func(w plan.Warning) plan.Action { return w.Do })
	for i, b := range step.Withheld {
		all = append(all, withheldFact(b))
		if slices.Contains(asked, b.Do) { // which stands above
			b.Do = plan.Action{}
		}
		if last := i+1 == len(step.Withheld) || !words.SameReasons(step.Withheld[i], step.Withheld[i+1]); last && !b.Protects() {
			why(string(b.Rule), b.Because, words.Until(b), b.Do)
		}
	}
	return all
}

func operationFacts(s plan.Step, o plan.Operation) []fact {
	var all []fact
	if o.Kind != plan.Patch {
		all = []fact{{Key: "! " + o.Kind.String(), Text: words.Clean(strings.TrimPrefix(o.Reason, "because "))}}
	}
	for _, c := range o.Changes {
		all = append(all, changeFact(c))
	}
	if o.Effect.Kind != plan.MetadataOnly || words.LeavesUnrenewed(s) {
		all = append(all, fact{Key: "effect", Text: words.Clean(words.Effect(s, o))})
	}
	return all
}

// withheldFact is a change that is not sent.
func withheldFact(b plan.Withheld) fact {
	f := fact{Key: "change", Text: words.Clean(words.Wanted(b))}
	if b.Edit < cert.NumEdits && b.Edit != cert.EditRenew && b.Edit != cert.EditRetrigger && b.Verdict != plan.ExtraDomain {
		f = changeFact(b.Change)
	}
	f.Mark = words.VerdictMark(b.Verdict)
	return f
}

func changeFact(c diff.Change) fact {
	f := fact{Key: words.ChangeMark(c.Edit) + " " + c.Edit.String()}
	switch from, to := words.FromTo(c); {
	case c.Edit == cert.EditDomains:
		f.Removed, f.Added = displayNames(c.Remove), displayNames(c.Add)
		f.Text = fmt.Sprintf("(%d → %s)", len(c.Before), words.Plural(len(c.After()), "domain", "domains"))
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

func displayNames(all []string) []string {
	return words.Each(all, func(n string) string { return words.Clean(cert.DisplayName(n)) })
}

func reasonFacts(reason, until, action string) []fact {
	all := []fact{{Key: "reason", Text: words.Clean(reason)}, {Key: "until", Text: words.Clean(until)}, {Key: "action", Text: words.Clean(action)}}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Text == "" })
}

// dcvFacts are the DNS records to create and the e-mails to answer.
func (s sheet) dcvFacts(step plan.Step) []fact {
	c, asked := s.DCV.Of(step)
	if !asked {
		return nil
	}
	var all []fact
	add := func(key, text string) { all = append(all, fact{Key: key, Text: words.Clean(text)}) }
	kind, t := words.ValidationBy(step.Have.DCVMethod), words.DCVOf(c)
	if c.Err != "" {
		add(kind, "could not be read: "+c.Err)
		return all
	}
	for _, m := range t.Mail {
		add("e-mail to", strings.Join(m.To, ", ")+m.About(t, strings.Join(m.Names, ", ")))
	}
	if lines := words.Each(t.Records, func(r cert.Record) string { return words.Clean(words.ZoneLine(r)) }); len(lines) > 0 {
		all = append(all, fact{Key: "DNS records", Zone: strings.Join(lines, "\n")})
	}
	if none := t.None(); none != "" {
		add(kind, none)
	}
	return all
}

// note says what of the DNS records is undocumented.
func (s sheet) note() string {
	for _, c := range s.DCV {
		if slices.ContainsFunc(c.Validations, func(p cert.DomainValidation) bool { return p.Inferred }) {
			return words.InferredNote
		}
	}
	return ""
}
