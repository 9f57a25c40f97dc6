// Package layout breaks text into lines of a width, with heads, indents and emphasis.
package layout

import (
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/rivo/uniseg"
)

// Ink is the emphasis of a piece of text. No escape code exists outside this file.
type Ink uint8

const (
	Plain Ink = iota
	Bold
	Alarm // what is written in capitals stands out, the rest is plain
)

const off = "\x1b[0m"

// alarms stand out within a line: an expiry with its date, a removal with its domain.
var alarms = regexp.MustCompile(`EXPIRES IN( LESS THAN)?( \d+)?( [A-Z]+)?( \([-0-9: UTC]+\))?|EXPIRED( \d+ [a-z]+ ago)?( \([-0-9: UTC]+\))?|` +
	`LIMIT EXCEEDED(: [^:]*)?|REMOVES \S+|REMOVED|REVOKED|nothing will renew (it|them)`)

// marks are how a row begins that matters most, and the emphasis of each.
var marks = []struct{ begin, code string }{
	{"! ", "\x1b[1;33m"}, {"~ ", "\x1b[36m"}, {"- ", "\x1b[31m"}, {"action", "\x1b[1m"}, {"UNKNOWN", "\x1b[1;31m"}, {"FAILED", "\x1b[1;31m"},
}

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
		return alarms.ReplaceAllString(text, "\x1b[1;31m$0"+off)
	default:
		return "\x1b[1m" + text + off
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
	last := len(lines) - 1
	p.write(head, lines[:last], ink)
	if last > 0 {
		head = strings.Repeat(" ", Columns(head))
	}
	line := p.head(head) + p.Paint(ink, lines[last])
	switch fill := p.Style.Width - Margin - Columns(head) - Columns(lines[last]) - Columns(mark); {
	case mark == "":
		p.Put(line)
	case fill >= Margin:
		p.Put(line + strings.Repeat(" ", fill) + mark)
	default:
		p.Put(line)
		p.Line(max(RowIndent, p.Style.Width-Margin-Columns(mark)), mark)
	}
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

// Sentence writes words of our own after a head, and keeps together what they set off by double spaces.
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

// glue stands for a space at which no line may end. It can't be in clean text.
const glue = '\x00'

// wrap breaks text at spaces into lines of at most room columns. A name that is longer
// is not cut, nor parted from a sign before it; any other word is.
func wrap(text string, room int) []string {
	var lines []string
	line := ""
	// What stands between double spaces is glued, which is how the words of the plan set off what
	// can be pasted, such as "add  renew_before: 30d  under policy".
	for rest := strings.Join(glued(text), "  "); rest != ""; {
		bare := strings.TrimLeft(rest, " ")
		gap := rest[:len(rest)-len(bare)]
		word, _, _ := strings.Cut(bare, " ")
		rest = bare[len(word):]
		if Columns(line+gap+word) > room && Columns(line) > len("+") {
			lines, line, gap = append(lines, line), "", ""
		}
		for Columns(line+gap+word) > room && !isWhole(word) {
			head := Cut(word, room-Columns(line+gap))
			lines, line, gap, word = append(lines, line+gap+head), "", "", word[len(head):]
		}
		line += gap + word
	}
	lines = append(lines, line)
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], string(glue), " ")
	}
	return lines
}

// isWhole reports whether a word is a command, which is pasted whole, or may be a host name, a path
// or an address, which have to be found and copied whole.
func isWhole(word string) bool {
	const longestName = 253 // of a host
	name := Columns(word) <= longestName+len("()") && strings.ContainsAny(word, "./") && !strings.ContainsAny(word, "\\\"[]{}<>")
	return name || strings.HasPrefix(word, "cpsync"+string(glue))
}

func glued(text string) []string {
	parts := strings.Split(text, "  ")
	for i := 1; i < len(parts); i += 2 {
		if len(parts[i]) <= 40 && i+1 < len(parts) || strings.HasPrefix(parts[i], "cpsync ") {
			parts[i] = strings.ReplaceAll(parts[i], " ", string(glue))
		}
	}
	return parts
}

// Columns is how wide a text is on a terminal: wide characters take two columns, combining ones none.
func Columns(s string) int {
	if utf8.RuneCountInString(s) == len(s) { // ASCII
		return len(s)
	}
	return uniseg.StringWidth(s) + strings.Count(s, string(glue))
}

// Cut returns the start of a text that fits, and at least one character. It parts no character
// from what combines with it.
func Cut(text string, room int) string {
	head := ""
	for rest := text; rest != ""; {
		cluster, after, _, _ := uniseg.FirstGraphemeClusterInString(rest, -1)
		if head != "" && Columns(head+cluster) > room {
			break
		}
		head, rest = head+cluster, after
	}
	return head
}

// Pad fills s up with spaces to a width.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-Columns(s)))
}
