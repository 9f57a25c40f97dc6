package render

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// How much is shown of what proves control where nobody asked for all of it.
const (
	mostProven  = 10 // certificates with their records
	mostRecords = 3  // of a certificate
	mostMail    = 5  // addresses of a certificate
)

// toSet is what proves control of the names of one certificate, all proofs together.
type toSet struct {
	records []cert.Record
	mail    []mailing
	methods []string
	names   int // that something is there for
	waiting int // and nothing yet
	proven  bool
}

// mailing is who got mail for some names: one of them has to answer, for all the names.
type mailing struct{ names, to []string }

func setOf(c report.Control) toSet {
	t := toSet{proven: len(c.Proofs) == 0}
	for _, p := range c.Proofs {
		t.records = append(t.records, p.Records...)
		if len(p.Emails) > 0 {
			t.mail = append(t.mail, mailing{p.Names, p.Emails})
		}
		t.methods = appendNew(t.methods, string(p.Method))
		if p.Ready() {
			t.names += len(p.Names)
		} else {
			t.waiting += len(p.Names)
		}
	}
	return t
}

// about says which names mail is for, where there is other mail too.
func (m mailing) about(t toSet, names string) string {
	if len(t.mail) == 1 {
		return ""
	}
	return "; for " + names
}

func appendNew(all []string, more ...string) []string {
	for _, m := range more {
		if !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}

// inferredNote says what of a record nobody documents.
const inferredNote = "Where a record goes and what it points to is inferred from the CA's documents; the token is the API's own."

// notYet is said of names without a token.
const notYet = "none yet; they are there about 20 minutes after the order"

// doing says what a person does about them, in the row above them.
func (t toSet) doing() string {
	switch {
	case t.proven:
		return allProven
	case t.found():
		return allFound
	case len(t.records) > 0 && len(t.mail) > 0:
		return "prove control of each name: set the records and answer the e-mails below"
	case len(t.mail) > 1:
		return "prove control of each name: answer one e-mail of each line below"
	case len(t.records) > 0:
		return "prove control of each name: set the records below"
	case len(t.mail) > 0:
		return "prove control of each name: answer the e-mail below"
	default:
		return "plan again later: what proves control is there about 20 minutes after the order"
	}
}

// told is what a person does to prove control. Where the page shows what proves it, nobody
// is sent elsewhere.
func (p *page) told(s plan.Step) string {
	c, asked := p.proofs.Of(s)
	if !asked || c.Err != "" || p.folds() {
		return plan.ControlDo(s.Have)
	}
	return setOf(c).doing()
}

// allFound is said where nothing is left to set.
//
// Source: cps-api, section 3.2: the CA looks for up to a week.
const allFound = "wait: DNS has every record, and the CA looks for them for up to a week after the order"

// allProven is said where the CA has nothing left to validate.
const allProven = "wait: every name is validated, and the CA goes on by itself"

// found reports whether DNS holds all that there is to set.
func (t toSet) found() bool {
	missing := func(r cert.Record) bool { return r.Lookup.Result != cert.Found }
	return len(t.records) > 0 && len(t.mail)+t.waiting == 0 && !slices.ContainsFunc(t.records, missing)
}

// control writes what proves control of a certificate's names, under its rows.
func (p *page) control(s plan.Step) {
	c, asked := p.proofs.Of(s)
	switch {
	case !asked:
	case c.Err != "":
		p.row(proofsOf(s.Have.DCVMethod), "could not be read: "+c.Err)
	case p.folds():
		p.row(proofsOf(s.Have.DCVMethod), folded(setOf(c)))
	default:
		p.toSet(s, setOf(c))
	}
}

// proofsOf is what people call what proves control by a method.
func proofsOf(m cert.DCVMethod) string {
	return [...]string{"records", "e-mails"}[b2i(m == cert.Email)]
}

// folds reports whether a certificate only counts its records, because others show
// theirs already.
func (p *page) folds() bool { return !p.style.Verbose && p.proven >= mostProven }

// folded counts what toSet would show. Where it stands is said by the row above it.
func folded(t toSet) string {
	if t.proven {
		return "none: every name is proven"
	}
	return counted(plural(len(t.records), "record to set", "records to set"), plural(len(t.mail), "e-mail to answer", "e-mails to answer"),
		plural(t.waiting, "name has none yet", "names have none yet")) + " (-v)"
}

func (p *page) toSet(s plan.Step, t toSet) {
	p.proven++
	if t.proven {
		p.row(proofsOf(s.Have.DCVMethod), "none: every name is proven")
	}
	for _, m := range t.mail {
		p.row("mail to", p.few(m.to, mostMail)+m.about(t, p.few(m.names, mostMail)))
	}
	if t.waiting > 0 {
		p.row(proofsOf(s.Have.DCVMethod), plural(t.waiting, "name has ", "names have ")+notYet)
	}
	if len(t.records) == 0 {
		return
	}
	p.row("records", strings.Join(t.methods, ", ")+", for "+plural(t.names, "name", "names"))
	shown := t.records
	if !p.style.Verbose && len(shown) > mostRecords {
		shown = shown[:mostRecords]
	}
	p.recordTable(shown)
	if rest := len(t.records) - len(shown); rest > 0 {
		p.line(rowIndent, "and "+plural(rest, "more record", "more records")+" (-v, or cpsync explain "+s.Want.ID.String()+")")
	}
	p.zone = append(p.zone, zoned{title(s), shown, len(t.records) - len(shown)})
}

// few lists what is at most n long, and else counts the rest.
func (p *page) few(all []string, n int) string {
	if p.style.Verbose || len(all) <= n {
		return strings.Join(all, ", ")
	}
	return strings.Join(all[:n], ", ") + " and " + plural(len(all)-n, "more", "more")
}

// recordTable writes records under each other, each value on a line of its own where
// it does not fit. No value is broken: all are there to be copied.
func (p *page) recordTable(all []cert.Record) {
	width := len("NAME")
	for _, r := range all {
		width = max(width, columns(Clean(r.Name)))
	}
	head := strings.Repeat(" ", rowIndent)
	width = min(width, p.style.Width)
	p.put(head + pad("NAME", width) + "  TYPE   VALUE")
	for _, r := range all {
		line := head + pad(Clean(r.Name), width) + "  " + pad(r.Type, 5)
		value := Clean(target(r))
		if columns(line+"  "+value) > p.style.Width {
			p.put(line)
			line = head + "  "
		}
		p.put(line + "  " + value)
		p.lookup(r)
	}
}

// lookup writes what DNS holds of a record, under it.
func (p *page) lookup(r cert.Record) {
	head := strings.Repeat(" ", rowIndent+margin) + "dns  "
	for _, line := range looked(r) {
		p.hang(head, line, plain)
		head = strings.Repeat(" ", len(head))
	}
}

// target is the value of a record, or that nobody documents it.
func target(r cert.Record) string {
	if r.Value == "" {
		return "(not known: see the portal)"
	}
	return r.Value
}

// zoned are the records of one certificate that a page shows, and how many it does not.
type zoned struct {
	title   string
	records []cert.Record
	rest    int
}

// lookups counts what DNS says of all records, shown or not.
func (p *page) lookups(r report.Report) {
	if text := lookedUp(recordsOf(r)); text != "" {
		p.blank()
		p.line(0, text)
	}
}

// recordsOf are all records to set.
func recordsOf(r report.Report) []cert.Record {
	var all []cert.Record
	for _, s := range r.Plan.Steps {
		c, _ := r.Control.Of(s)
		all = append(all, setOf(c).records...)
	}
	return all
}

// zoneFile writes the records of all certificates as lines of a zone file. They stand
// at the left edge: a zone file takes a line with space before it for something else.
func (p *page) zoneFile() {
	if len(p.zone) == 0 {
		return
	}
	p.title("RECORDS TO SET", "the same as lines of a zone file")
	for _, z := range p.zone {
		p.blank()
		p.put("; " + Clean(z.title))
		for _, r := range z.records {
			p.put(zoneLine(r))
		}
		if z.rest > 0 {
			p.put("; and " + plural(z.rest, "more", "more"))
		}
	}
	if n := p.unshown(); n > 0 {
		p.blank()
		p.put("; and those of " + plural(n, "more certificate", "more certificates") + " (-v)")
	}
	p.blank()
	p.line(rowIndent, inferredNote)
}

// unshown counts the certificates with records of which the page shows none.
func (p *page) unshown() int {
	n := -len(p.zone)
	for _, c := range p.proofs {
		if len(setOf(c).records) > 0 {
			n++
		}
	}
	return n
}
