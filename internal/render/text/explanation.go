package text

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// Explanation writes what there is to say of one request, as text.
func Explanation(w io.Writer, e report.Explanation, s layout.Style) error {
	p := newPage(s)
	p.report.Plan.Now, p.report.Flags, p.report.Paths, p.allNotes = e.Now, e.Flags, e.Paths, true
	p.together([]string{"cpsync explain", e.Asked, e.Target}, "   ")
	if e.Failure != nil {
		p.problems(e.Problems)
		p.failure(e.Failure)
		return p.Flush(w)
	}
	e = words.SelfContained(e)
	p.Blank()
	p.requestState(e)
	p.request(e.Step.Have)
	p.served(e)
	p.domainValidation(e)
	p.outlooks(e.Outlooks)
	p.wanted(e)
	p.sends(e.Step)
	p.writes(e.Writes)
	p.Blank()
	p.Line(0, words.Cost(e.Requests))
	return p.Flush(w)
}

// requestState writes where the request is in its life, and who acts next.
func (p *page) requestState(e report.Explanation) {
	at := words.Place(e.Step.Want.Place("metadata.id"))
	if !e.Managed {
		at = "no manifest"
	}
	p.Marked("  ", words.Labelled(words.LiveTitle(e.Step.Have), e.Step.Have), at, layout.Plain)
	p.Hang(strings.Repeat(" ", layout.RowIndent), words.State(e.Step, e.Now), layout.Alarm)
	p.nextSteps(e)
	if f := e.Step.Fault; f != nil {
		p.Row("reason", f.Message)
	} else {
		p.Row("renewal", words.Renewal(e.Renewal))
		inHand := e.Renewal.Open() && e.Next.Next != plan.Person // by the CA, or the CDN
		if !inHand && !slices.Contains(e.Next.Do, e.Renewal.Do) {
			p.Row("action", p.do(e.Renewal.Do))
		}
	}
	p.Blank()
	p.life(e.Life)
}

// life draws the stops as a line with the present one underlined, or below each other
// where the line is too long.
func (p *page) life(l view.Life) {
	const joint = " > "
	line := strings.Join(l.Stops, joint)
	if layout.Columns(line)+layout.RowIndent > p.Style.Width {
		for i, stop := range l.Stops {
			p.Put(layout.Pad([]string{"", "  > "}[words.B2i(i == l.At)], layout.RowIndent) + stop)
		}
		return
	}
	p.Line(layout.RowIndent, line)
	if l.At >= 0 {
		before := layout.Columns(strings.Join(l.Stops[:l.At], joint))
		if l.At > 0 {
			before += len(joint)
		}
		p.Put(strings.Repeat(" ", layout.RowIndent+before) + strings.Repeat("^", layout.Columns(l.Stops[l.At])))
	}
}

// status is what the API says, word for word, that the state was derived from. Each domain
// stands with its own.
func status(have cert.Live) string {
	parts := []string{have.Status.String(), "order " + have.Order.String()}
	if have.RequiresAttention {
		parts = append(parts, "requires_attention")
	}
	if !have.Issued() {
		parts = append(parts, "no certificate yet")
	}
	return strings.Join(append(parts, have.UnknownWords...), ", ")
}

// nextSteps writes what a person must do, or who else acts next.
func (p *page) nextSteps(e report.Explanation) {
	if e.Next.Nobody {
		p.Row("next", "nobody acts: nothing is in progress, and the manifest asks for nothing")
		return
	}
	head, all := "action", words.Each(e.Next.Do, p.do)
	if e.Next.Next != plan.Person {
		head, all = "next", []string{strings.Join(append([]string{words.Actors[e.Next.Next] + " acts"}, all...), ", ")}
	}
	for _, do := range all {
		p.Row(head, do)
		head = ""
	}
	p.Row("then", words.Awaited(e))
}

// wanted writes what the manifest asks for: what an apply sends, and what waits.
func (p *page) wanted(e report.Explanation) {
	s := e.Step
	if !e.Managed || s.Fault != nil {
		return
	}
	p.Title("WOULD SEND", "what the manifest asks for")
	if len(s.Ops)+len(s.Withheld) == 0 {
		p.Line(layout.RowIndent, "no changes")
	}
	for _, o := range s.Ops {
		p.operation(s, o)
	}
	(&reasonRows{page: p}).withheld(s.Withheld)
	p.notes(s)
}

// mostWrites is how many writes of the journal are shown; -v shows all.
const mostWrites = 10

// writes lists what the journal holds of the request, the latest last.
func (p *page) writes(all []report.Write) {
	if len(all) == 0 {
		return
	}
	p.Title("JOURNAL", "what cpsync sent before")
	if hidden := len(all) - mostWrites; hidden > 0 && !p.Style.Verbose {
		p.Line(layout.RowIndent, words.Plural(hidden, "earlier one", "earlier ones")+"; -v shows them")
		all = all[hidden:]
	}
	for _, w := range all {
		what := strings.Join(append([]string{w.Kind.String()}, w.Fields...), " ")
		p.Line(layout.RowIndent, w.At.UTC().Format(plan.Minute)+"  "+words.Clean(what)+"  "+cmp.Or(words.Clean(w.Outcome), "outcome unknown"))
		for _, key := range slices.Sorted(maps.Keys(w.Run)) {
			p.Hang(strings.Repeat(" ", layout.RowIndent+2)+words.Clean(key)+" ", words.Clean(w.Run[key]), layout.Plain)
		}
	}
}

// outlooks writes which edits go out now, and what the others wait for.
func (p *page) outlooks(all []plan.Outlook) {
	if len(all) == 0 {
		return
	}
	p.Title("ALLOWED NOW", "")
	var open []string
	for _, o := range all {
		if o.Open {
			open = append(open, o.Edit.String())
		}
	}
	if len(open) == 0 {
		open = []string{"none"}
	}
	p.Row("allowed", strings.Join(open, ", "))
	for _, same := range closed(all) {
		p.withheldEdits(same)
	}
}

// closed parts the edits that are not open by their reasons, in the order of the first
// of each.
func closed(all []plan.Outlook) [][]plan.Outlook {
	var groups [][]plan.Outlook
	for _, o := range all {
		same := func(g []plan.Outlook) bool { return words.SameReasons(g[0].Why, o.Why) }
		switch i := slices.IndexFunc(groups, same); {
		case o.Open:
		case i < 0:
			groups = append(groups, []plan.Outlook{o})
		default:
			groups[i] = append(groups[i], o)
		}
	}
	return groups
}

// withheldEdits writes edits that share their reasons.
func (p *page) withheldEdits(same []plan.Outlook) {
	var edits []string
	for _, o := range same {
		edits = append(edits, o.Edit.String())
	}
	why := same[0].Why
	p.Row(verdictWord(why.Verdict), strings.Join(edits, ", "))
	p.Row("", "reason: "+why.Because)
	if why.Until != "" {
		p.Row("", "until "+words.Until(why))
	}
}

// verdictWord is mark in a word that fits before a row.
func verdictWord(v plan.Verdict) string {
	switch v {
	case plan.Deferred:
		return "deferred"
	case plan.Undocumented:
		return "undocumented"
	default:
		return "blocked"
	}
}

// sends writes the requests that an apply would make, in their order. They are for who asks
// with -v.
func (p *page) sends(s plan.Step) {
	if len(s.Ops) == 0 || !p.Style.Verbose {
		return
	}
	p.Blank()
	for _, o := range s.Ops {
		method, path := words.Request(s.Want.ID, o)
		p.Line(layout.RowIndent, method+" "+path)
		p.body(words.BodyOf(o))
	}
}

// body writes the names of a long list below each other, so that they can be read.
func (p *page) body(b *cert.Patch) {
	if b == nil {
		return
	}
	text := compact(b)
	entries := b.Domains.Or(cert.Domains{}).Entries()
	if layout.Columns(text)+2*layout.RowIndent <= p.Style.Width || len(entries) == 0 {
		p.Line(2*layout.RowIndent, text)
		return
	}
	p.Line(2*layout.RowIndent, `{"domains":[`)
	for i, n := range entries {
		// Not broken, as no name is.
		p.Put(strings.Repeat(" ", 2*layout.RowIndent+layout.Margin) + words.Clean(compact(n)+strings.Repeat(",", words.B2i(i+1 < len(entries)))))
	}
	p.Line(2*layout.RowIndent, `]}`)
}

// compact is JSON on one line, as it is sent.
func compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("render: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}
