package html

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// htmlControls are what proves control of names, by certificate.
type htmlControls struct {
	Open, Rest []htmlControl
	Note       string // what of it nobody documents; "" when all is
}

// htmlControl is what proves control of the names of one certificate.
type htmlControl struct {
	Card    htmlCard
	Records []htmlRecord
	Zone    string // the records as lines of a zone file
	mail    bool   // names are validated by e-mail
}

// htmlRecord is a DNS record to set.
type htmlRecord struct{ Name, Type, Value string }

// Title says what there is to do: records are not spoken of where there are e-mails alone.
func (c htmlControls) Title() string {
	mails := len(slices.DeleteFunc(slices.Concat(c.Open, c.Rest), func(h htmlControl) bool { return !h.mail }))
	switch mails {
	case 0:
		return "Records to set"
	case c.Len():
		return "E-mails to answer"
	default:
		return "Records to set and e-mails to answer"
	}
}

// Len is how many certificates there are.
func (c htmlControls) Len() int { return len(c.Open) + len(c.Rest) }

func htmlControlsOf(r report.Report) htmlControls {
	var all []htmlControl
	note := ""
	steps := r.Plan.Where(func(s plan.Step) bool { _, asked := r.Control.Of(s); return asked }).Steps
	slices.SortStableFunc(steps, func(a, b plan.Step) int { return strings.Compare(htmlName(a), htmlName(b)) })
	for _, s := range steps {
		c, _ := r.Control.Of(s)
		all = append(all, htmlControlOf(r, s, c))
		if slices.ContainsFunc(c.Proofs, func(p cert.Proof) bool { return p.Inferred }) {
			note = words.InferredNote
		}
	}
	open := min(mostOpen, len(all))
	return htmlControls{all[:open], all[open:], note}
}

func htmlControlOf(r report.Report, s plan.Step, c report.Control) htmlControl {
	t := words.DCVOf(c)
	h := htmlControl{Card: htmlCardOf(s, r.Plan, htmlProof(s.Have.DCVMethod, c, t)), mail: s.Have.DCVMethod == cert.Email}
	for _, record := range t.Records {
		h.Records = append(h.Records, htmlRecord{words.Clean(record.Name), words.Clean(record.Type), words.Clean(words.Target(record))})
		h.Zone += words.Clean(words.ZoneLine(record)) + "\n"
	}
	return h
}

// htmlProof says what of the proof is no record.
func htmlProof(m cert.DCVMethod, c report.Control, t words.DCV) []htmlFact {
	var all []htmlFact
	add := func(key, text string) { all = append(all, htmlFact{Key: key, Text: words.Clean(text)}) }
	if c.Err != "" {
		add(words.ProofsOf(m), "could not be read: "+c.Err)
		return all
	}
	if t.Proven {
		add(words.ProofsOf(m), "none: every name is proven")
	}
	if len(t.Methods) > 0 {
		add("method", strings.Join(t.Methods, ", "))
	}
	for _, m := range t.Mail {
		add("mail to", strings.Join(m.To, ", ")+m.About(t, strings.Join(m.Names, ", ")))
	}
	if t.Waiting > 0 {
		add(words.ProofsOf(m), words.Plural(t.Waiting, "name has ", "names have ")+words.NotYet)
	}
	return all
}
