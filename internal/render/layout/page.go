// Package layout breaks text into lines of a width, with heads, indents and emphasis.
package layout

import (
	"io"
	"regexp"
	"strings"

	"github.com/cpsync/cpsync/internal/render/words"
)

// Ink is the emphasis of a piece of text. No escape code exists outside this file.
type Ink uint8

const (
	Plain Ink = iota
	Bold
	Red
	Green
	Alarm // what is written in capitals stands out, the rest is plain
)

// off ends any emphasis.
const off = "\x1b[0m"

var codes = [...]string{Bold: "\x1b[1m", Red: "\x1b[31m", Green: "\x1b[32m", Alarm: "\x1b[1;31m"}

// alarms are the words of our own that stand out within a line: an expiry with its date, a
// removal with its domain.
var alarms = regexp.MustCompile(`EXPIRES IN( LESS THAN)?( \d+)?( [A-Z]+)?( \([-0-9: UTC]+\))?|EXPIRED( \d+ [a-z]+ ago)?( \([-0-9: UTC]+\))?|` +
	`LIMIT EXCEEDED(: [^:]*)?|REMOVES \S+|REMOVED|REVOKED|nothing will renew (it|them)`)

// marks are how a row begins that matters most, and the emphasis of each.
var marks = []struct{ begin, code string }{
	{"! ", "\x1b[1;33m"}, {"~ ", "\x1b[36m"}, {"- ", "\x1b[31m"}, {"action", "\x1b[1m"}, {"UNKNOWN", "\x1b[1;31m"}, {"FAILED", "\x1b[1;31m"},
}

// head emphasizes what a row begins with.
func (p *Page) head(head string) string {
	word := strings.Trim(head, " ")
	for _, m := range marks {
		if p.Style.Color && strings.HasPrefix(word+" ", m.begin) {
			return strings.Replace(head, word, m.code+word+off, 1)
		}
	}
	return head
}

// Paint emphasizes text, when the style wants colour at all.
func (p *Page) Paint(i Ink, text string) string {
	switch {
	case !p.Style.Color || i == Plain || text == "":
		return text
	case i == Alarm:
		return alarms.ReplaceAllString(text, codes[Alarm]+"$0"+off)
	default:
		return codes[i] + text + off
	}
}

// Where things stand on a page, in columns.
const (
	defaultWidth = 80
	LeastWidth   = 40
	Margin       = 2  // left of a certificate's name, and right of its place
	RowIndent    = 4  // left of the rows of a certificate
	keyWidth     = 15 // of the word a row begins with
)

// Page is text being laid out. Line, Clause, Hang and Marked clean what they write.
type Page struct {
	b     strings.Builder
	Style Style
}

func NewPage(s Style) *Page {
	if s.Width == 0 {
		s.Width = defaultWidth
	}
	s.Width = max(s.Width, LeastWidth)
	return &Page{Style: s}
}

// Flush writes the page, in one piece.
func (p *Page) Flush(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

func (p *Page) Blank() { p.b.WriteByte('\n') }

// Line writes text at an indent, wrapped under itself.
func (p *Page) Line(indent int, text string) {
	p.Hang(strings.Repeat(" ", indent), text, Plain)
}

// Clause writes text from the left edge, with its further lines set off.
func (p *Page) Clause(text string) { p.putClause(words.Clean(text), Plain) }

// Say writes text like Clause, as Sentence does. It writes nothing of none.
func (p *Page) Say(text string) {
	if text != "" {
		p.putClause(strings.Join(glued(words.Clean(text)), " "), Alarm)
	}
}

func (p *Page) putClause(text string, ink Ink) {
	lines := wrap(text, p.Style.Width)
	if len(lines) > 1 {
		lines = wrap(text, p.Style.Width-Margin)
	}
	p.Put(p.Paint(ink, lines[0]))
	p.write(strings.Repeat(" ", Margin), lines[1:], ink)
}

// pasted is a command after a colon.
var pasted = regexp.MustCompile(`: cpsync [^;]*`)

// Broken is a line broken at a width, with its further lines set off. A command to paste is whole.
func Broken(line string, width int) string {
	p := NewPage(Style{Width: width})
	p.putClause(pasted.ReplaceAllStringFunc(line, func(command string) string {
		return ": " + strings.ReplaceAll(command[2:], " ", string(glue))
	}), Plain)
	return p.b.String()
}

// Hang writes text after a head. Further lines stand under the text.
func (p *Page) Hang(head, text string, ink Ink) {
	p.write(head, wrap(words.Clean(text), p.Style.Width-Columns(head)), ink)
}

// Marked is hang with a word at the right edge of the last line, or under it.
func (p *Page) Marked(head, text, mark string, ink Ink) {
	lines := wrap(words.Clean(text), p.Style.Width-Columns(head))
	if mark == "" {
		p.write(head, lines, ink)
		return
	}
	last := len(lines) - 1
	p.write(head, lines[:last], ink)
	if last > 0 {
		head = strings.Repeat(" ", Columns(head))
	}
	room := p.Style.Width - Margin - Columns(head)
	fill := room - Columns(lines[last]) - Columns(mark)
	painted := p.Paint(ink, lines[last])
	if fill >= Margin {
		p.Put(p.head(head) + painted + strings.Repeat(" ", fill) + mark)
		return
	}
	p.Put(p.head(head) + painted)
	p.Line(max(RowIndent, p.Style.Width-Margin-Columns(mark)), mark)
}

// write puts lines under each other, the first after the head. A path that would go over
// the edge begins further left, where that helps.
func (p *Page) write(head string, lines []string, ink Ink) {
	for i, line := range lines {
		indent := Columns(head)
		if room := p.Style.Width - Columns(line); i > 0 && indent > room && room >= Margin {
			head = head[:room]
		}
		p.Put(p.head(head) + p.Paint(ink, line))
		head = strings.Repeat(" ", indent)
	}
}

func (p *Page) Put(line string) {
	p.b.WriteString(strings.TrimRight(line, " "))
	p.b.WriteByte('\n')
}

// Title writes the name of a section and what is to be said of all of it.
func (p *Page) Title(name, about string) {
	p.Blank()
	if about != "" {
		about = "   " + about
	}
	p.Put(p.Paint(Bold, name) + about)
}

// Row writes one row of a certificate: a word and what belongs to it, if there is anything.
func (p *Page) Row(key, text string) {
	if text != "" {
		p.Sentence(RowHead(key), text)
	}
}

// Sentence writes words of our own after a head. What they set off by double spaces is kept
// together, with single ones.
func (p *Page) Sentence(head, text string) {
	p.write(head, wrap(strings.Join(glued(words.Clean(text)), " "), p.Style.Width-Columns(head)), Alarm)
}

func RowHead(key string) string {
	return strings.Repeat(" ", RowIndent) + Pad(key, max(keyWidth, Columns(key)+1))
}

// Style is how text looks. The zero value is plain text at 80 columns.
type Style struct {
	Color   bool // emphasis only: nothing depends on it
	Verbose bool // names what is only counted otherwise, and folds nothing
	Width   int  // columns; 0 means 80
}
