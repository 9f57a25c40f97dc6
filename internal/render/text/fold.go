package text

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
)

// fullSteps is how many certificates of a section are written in full. It is as many as
// one apply orders by default, --max-domain-changes and --max-renewals together.
const fullSteps = 50

// section is how the certificates of one section are written.
type section struct {
	full        func(plan.Step)
	verdictWord func(plan.Step) string // one line of a step that is always named, else ""
	about       func(plan.Step) string // what steps that are only counted are counted by
}

// steps writes the first certificates in full. Of the others it writes a line for each
// that is not to be left out, and counts the rest. Verbose folds nothing.
func (p *page) steps(in []plan.Step, c section) {
	full := len(in)
	if !p.Style.Verbose {
		full = min(full, fullSteps)
	}
	for _, s := range in[:full] {
		p.Blank()
		c.full(s)
	}
	p.others(in[full:], c)
}

func (p *page) others(in []plan.Step, c section) {
	if len(in) == 0 {
		return
	}
	p.Blank()
	var left []plan.Step
	for _, s := range in {
		if line := c.verdictWord(s); line != "" {
			p.listed(p.lead(s), words.Title(s), line)
		} else {
			left = append(left, s)
		}
	}
	if len(left) > 0 {
		p.Line(layout.Margin, fmt.Sprintf("and %d more (-v): %s", len(left), tally(left, c.about)))
	}
}

// tally counts steps by what about says of them, the most frequent first.
func tally(steps []plan.Step, about func(plan.Step) string) string {
	counts := map[string]int{}
	for _, s := range steps {
		counts[about(s)]++
	}
	words := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, w := range words {
		words[i] = fmt.Sprintf("%s %d", w, counts[w])
	}
	return strings.Join(words, ", ")
}

// expiresSoon is the line of a certificate that no output leaves out.
func expiresSoon(all plan.Plan) func(plan.Step) string {
	return func(s plan.Step) string {
		switch {
		case !s.Alarms():
			return ""
		case s.Is(cert.Revoked):
			return words.State(s, all.Now)
		case s.Have.Expired(all.Now):
			return words.Expired(s.Have.Expires, all.Now)
		default:
			return words.ExpiryDay(s, all.Now)
		}
	}
}

// goesOut is the line of a certificate whose order an apply of this plan would send.
func goesOut(all plan.Plan) func(plan.Step) string {
	return func(s plan.Step) string {
		byPolicy := slices.ContainsFunc(s.Ops, func(o plan.Operation) bool { return o.Order() && o.Kind != plan.Patch })
		if all.Limits.Exceeded() && !byPolicy {
			return expiresSoon(all)(s)
		}
		return words.Operations(s, 0)
	}
}

// cause returns the code or rule that best explains why a step needs a person or waits.
func cause(s plan.Step) string {
	if s.Fault != nil {
		return s.Fault.Code
	}
	for _, w := range s.Asking() {
		return string(w.Code)
	}
	for _, b := range s.Withheld {
		if b.NeedsAction() || !s.NeedsAction() {
			return string(b.Rule)
		}
	}
	return "other"
}

// sends names the edits that a step sends.
func sends(s plan.Step) string {
	var words []string
	for _, o := range s.Ops {
		for _, c := range o.Changes {
			words = append(words, c.Edit.String())
		}
		if o.Kind != plan.Patch {
			words = append(words, o.Kind.String())
		}
	}
	return strings.Join(words, " and ")
}

// andMore counts what is left out, where something is.
func (p *page) andMore(indent, rest int) {
	if rest > 0 {
		p.Line(indent, fmt.Sprintf("and %d more (-v)", rest))
	}
}
