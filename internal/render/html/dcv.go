package html

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// dcvList are what proves control of names, by certificate.
type dcvList struct {
	list[dcvCard]
	Note string // what of it nobody documents; "" when all is
}

// dcvCard is what proves control of the names of one certificate.
type dcvCard struct {
	Card    card
	Records []record
	Zone    string // the records as lines of a zone file
	mail    bool   // names are validated by e-mail
}

// record is a DNS record to set.
type record struct{ Name, Type, Value string }

// Title says what there is to do: records are not spoken of where there are e-mails alone.
func (c dcvList) Title() string {
	mails := len(slices.DeleteFunc(slices.Concat(c.Open, c.Rest), func(h dcvCard) bool { return !h.mail }))
	switch mails {
	case 0:
		return "Records to set"
	case c.Len():
		return "E-mails to answer"
	default:
		return "Records to set and e-mails to answer"
	}
}

func dcvOf(r report.Report) dcvList {
	var all []dcvCard
	note := ""
	steps := r.Plan.Where(func(s plan.Step) bool { _, asked := r.DCV.Of(s); return asked }).Steps
	slices.SortStableFunc(steps, func(a, b plan.Step) int { return strings.Compare(nameOf(a), nameOf(b)) })
	for _, s := range steps {
		c, _ := r.DCV.Of(s)
		all = append(all, dcvCardOf(r, s, c))
		if slices.ContainsFunc(c.Validations, func(p cert.DomainValidation) bool { return p.Inferred }) {
			note = words.InferredNote
		}
	}
	return dcvList{listOf(all), note}
}

func dcvCardOf(r report.Report, s plan.Step, c report.DCV) dcvCard {
	t := words.DCVOf(c)
	h := dcvCard{Card: cardOf(s, r.Plan, dcvFacts(s.Have.DCVMethod, c, t)), mail: s.Have.DCVMethod == cert.Email}
	for _, r := range t.Records {
		h.Records = append(h.Records, record{words.Clean(r.Name), words.Clean(r.Type), words.Clean(words.Target(r))})
		h.Zone += words.Clean(words.ZoneLine(r)) + "\n"
	}
	return h
}

// dcvFacts says what of the proof is no record.
func dcvFacts(m cert.DCVMethod, c report.DCV, t words.DCV) []fact {
	var all []fact
	add := func(key, text string) { all = append(all, fact{Key: key, Text: words.Clean(text)}) }
	if c.Err != "" {
		add(words.ValidationBy(m), "could not be read: "+c.Err)
		return all
	}
	if t.Validated {
		add(words.ValidationBy(m), "none: every domain is validated")
	}
	if len(t.Methods) > 0 {
		add("method", strings.Join(t.Methods, ", "))
	}
	for _, m := range t.Mail {
		add("mail to", strings.Join(m.To, ", ")+m.About(t, strings.Join(m.Names, ", ")))
	}
	if t.Waiting > 0 {
		add(words.ValidationBy(m), words.Plural(t.Waiting, "domain has ", "domains have ")+words.NotYet)
	}
	return all
}
