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
	e = words.SelfContained(e) // no advice to run cpsync explain: this is it
	p.Blank()
	p.requestState(e)
	p.liveRequest(e.Step.Have)
	p.served(e)
	p.domainValidation(e)
	p.outlooks(e.Outlooks)
	p.wouldSend(e)
	p.calls(e.Step)
	p.journal(e.Writes)
	p.Blank()
	p.Line(0, words.Cost(e.Requests))
	return p.Flush(w)
}

func (p *page) requestState(e report.Explanation) {
	at := words.Place(e.Step.Want.Place("metadata.id"))
	if !e.Managed {
		at = "no manifest"
	}
	p.Marked("  ", words.Labelled(words.LiveTitle(e.Step.Have), e.Step.Have), at, layout.Plain)
	p.Hang(strings.Repeat(" ", layout.RowIndent), words.State(e.Step, e.Now), layout.Alarm)
	switch all := words.Each(e.Next.Do, p.do); {
	case e.Next.Nobody:
		p.Row("next", "nobody acts: nothing is in progress, and "+asksFor(e))
	case e.Next.Next == plan.Person:
		p.rows("action", all)
	default:
		p.Row("next", strings.Join(append([]string{words.Actors[e.Next.Next] + " acts"}, all...), ", "))
	}
	if !e.Next.Nobody {
		p.Row("then", words.Awaited(e))
	}
	if f := e.Step.Fault; f != nil {
		p.Row("reason", f.Message)
	} else {
		p.Row("renewal", words.Renewal(e.Renewal))
		inHand := e.Renewal.Open() && e.Next.Next != plan.Person // by anybody but a person
		if !inHand && !slices.Contains(e.Next.Do, e.Renewal.Do) {
			p.Row("action", p.do(e.Renewal.Do))
		}
	}
	p.Blank()
	p.life(e.Life)
}

// asksFor says what a manifest asks for where nobody acts on it.
func asksFor(e report.Explanation) string {
	switch {
	case !e.Managed:
		return "there is no manifest"
	case len(e.Step.Withheld) > 0: // protected edits alone: for any other somebody acts
		return "what the manifest asks for is protected"
	default:
		return "the manifest asks for nothing"
	}
}

// life draws the stops as a line with the present one underlined, or below each other where it is long.
func (p *page) life(l view.Life) {
	const joint = " > "
	line := strings.Join(l.Stops, joint)
	if layout.Columns(line)+layout.RowIndent > p.Style.Width {
		for i, stop := range l.Stops {
			mark := ""
			if i == l.At {
				mark = "  > "
			}
			p.Put(layout.Pad(mark, layout.RowIndent) + stop)
		}
		return
	}
	p.Line(layout.RowIndent, line)
	if l.At >= 0 {
		before := layout.Columns(strings.Join(append(slices.Clone(l.Stops[:l.At]), ""), joint))
		p.Put(strings.Repeat(" ", layout.RowIndent+before) + strings.Repeat("^", layout.Columns(l.Stops[l.At])))
	}
}

// wouldSend writes what the manifest asks for: what an apply sends, what it does not send, and why.
func (p *page) wouldSend(e report.Explanation) {
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
	p.withheld(s.Withheld)
	p.notes(s)
}

// journal lists the writes that it holds of the request, the latest last.
func (p *page) journal(all []report.Write) {
	if len(all) == 0 {
		return
	}
	p.Title("JOURNAL", "what cpsync sent before")
	if hidden := len(all) - mostWrites; hidden > 0 && !p.Style.Verbose {
		p.Line(layout.RowIndent, words.Plural(hidden, "earlier one")+"; -v shows them")
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

func (p *page) served(e report.Explanation) {
	v, looked := e.Edges[e.Step.Want.ID]
	if !looked {
		return
	}
	p.Title("SERVED", "what the API says, and what is served")
	for _, r := range words.EdgeRows(e.Step, v) {
		p.Row(r.Key, r.Text)
	}
	if !v.Do.None() && !slices.Contains(e.Next.Do, v.Do) {
		p.Row("action", words.EdgeAction(v))
	}
}

// outlooks says of every kind of edit, asked for or not, whether it would go out now, and why not.
func (p *page) outlooks(all []plan.Outlook) {
	if len(all) == 0 {
		return
	}
	p.Title("ALLOWED NOW", "")
	edits := func(some []plan.Outlook) string {
		return strings.Join(words.Each(some, func(o plan.Outlook) string { return o.Edit.String() }), ", ")
	}
	open := slices.DeleteFunc(slices.Clone(all), func(o plan.Outlook) bool { return !o.Open })
	closed := slices.DeleteFunc(slices.Clone(all), func(o plan.Outlook) bool { return o.Open })
	p.Row("allowed", cmp.Or(edits(open), "none"))
	for _, same := range words.Gather(closed, func(a, b plan.Outlook) bool { return words.SameReasons(a.Why, b.Why) }) {
		why, verdict := same[0].Why, "blocked"
		if why.Verdict == plan.Deferred || why.Verdict == plan.Undocumented {
			verdict = why.Verdict.String()
		}
		p.Row(verdict, edits(same))
		p.Row("", "reason: "+why.Because)
		p.Row("", words.UntilClause(why))
	}
}

// calls writes the calls of the API that an apply would make, in their order. They are for who asks
// with -v. The names of a long list stand below each other, so that they can be read.
func (p *page) calls(s plan.Step) {
	if len(s.Ops) == 0 || !p.Style.Verbose {
		return
	}
	const indent = 2 * layout.RowIndent
	p.Blank()
	for _, o := range s.Ops {
		method, path := words.Request(s.Want.ID, o)
		p.Line(layout.RowIndent, method+" "+path)
		b := words.BodyOf(o)
		if b == nil {
			continue
		}
		text, entries := compact(b), b.Domains.Or(cert.Domains{}).Entries()
		if layout.Columns(text)+indent <= p.Style.Width || len(entries) == 0 {
			p.Line(indent, text)
			continue
		}
		p.Line(indent, `{"domains":[`) // a PATCH of domains has no other member
		for i, n := range entries {
			comma := ","
			if i == len(entries)-1 {
				comma = ""
			}
			// Put does not wrap: a name is not broken over two lines.
			p.Put(strings.Repeat(" ", indent+layout.Margin) + words.Clean(compact(n)+comma))
		}
		p.Line(indent, `]}`)
	}
}

func compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("render: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// liveRequest writes what was read of the request: the statuses and the message in the API's own words.
func (p *page) liveRequest(have cert.Live) {
	p.Title("REQUEST", "")
	row := func(key, text string) { p.Hang(requestHead(key), text, layout.Plain) }
	status := []string{have.Status.String(), "order " + have.Order.String()}
	if have.RequiresAttention {
		status = append(status, "requires_attention")
	}
	if !have.Issued() {
		status = append(status, "no certificate yet")
	}
	row("status", strings.Join(append(status, have.UnknownWords...), ", "))
	if have.ErrorMessage != "" {
		row("message", words.Quote(have.ErrorMessage))
	}
	p.domainStates(have)
	row("common name", cmp.Or(cert.DisplayName(have.Common), "not marked"))
	row("DCV method", string(have.DCVMethod))
	row("validation type", string(have.ValidationType))
	row("CA", string(have.Authority))
	if have.Organization != "" {
		row("organization", have.Organization)
	}
	if have.Thumbprint != "" {
		row("thumbprint", have.Thumbprint)
	}
	if !have.Created.IsZero() {
		row("created", have.Created.UTC().Format(plan.Minute))
	}
	if !have.Modified.IsZero() {
		row("modified", words.Modified(have))
	}
	for _, d := range have.Deployments {
		row("CDN host", words.EdgeHost(d))
	}
	if len(have.Deployments) == 0 {
		row("CDN host", "none")
	}
}

// requestHead is the key before a row of REQUEST. Some are too long for the column of keys that Row has.
func requestHead(key string) string {
	return strings.Repeat(" ", layout.RowIndent) + layout.Pad(key, len("validation type")+layout.Margin)
}

func (p *page) domainStates(have cert.Live) {
	all := slices.Concat(have.Domains, have.Leaving)
	shown := all[:p.most(len(all), mostDomains)]
	names := words.Each(shown, func(d cert.Domain) string { return words.Clean(cert.DisplayName(d.Name)) })
	head, width := requestHead("domains"), 0
	for _, name := range names {
		width = max(width, layout.Columns(name))
	}
	for i, name := range names {
		status := "  " + shown[i].Status.String()
		if layout.Columns(head+status)+width <= p.Style.Width {
			name = layout.Pad(name, width)
		}
		p.Put(head + name + status)
		head = requestHead("")
	}
	p.andMore(len(requestHead("")), len(all)-len(shown))
	if len(all) == 0 {
		p.Put(head + "none")
	}
}
