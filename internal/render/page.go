package render

import (
	"io"
	"strings"

	"github.com/cpsync/cpsync/internal/report"
)

// Where things stand on a page, in columns.
const (
	defaultWidth = 80
	leastWidth   = 40
	margin       = 2  // left of a certificate's name, and right of its place
	rowIndent    = 4  // left of the rows of a certificate
	keyWidth     = 10 // of the word a row begins with
)

// page is text being laid out. Nothing gets onto it but through line, hang and
// split, which make it clean.
type page struct {
	b     strings.Builder
	style Style
	base  *report.Base // nil: nothing is marked as this change

	proofs report.Controls
	proven int     // certificates whose proofs are on the page
	zone   []zoned // records that are on the page
}

func newPage(s Style) *page {
	if s.Width == 0 {
		s.Width = defaultWidth
	}
	s.Width = max(s.Width, leastWidth)
	return &page{style: s}
}

// flush writes the page, in one piece.
func (p *page) flush(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}

func (p *page) blank() { p.b.WriteByte('\n') }

// line writes text at an indent, wrapped under itself.
func (p *page) line(indent int, text string) {
	p.hang(strings.Repeat(" ", indent), text, plain)
}

// clause writes text from the left edge, with its further lines set off.
func (p *page) clause(text string) {
	lines := wrap(Clean(text), p.style.Width-margin)
	p.put(lines[0])
	p.write(strings.Repeat(" ", margin), lines[1:], plain)
}

// hang writes text after a head. Further lines stand under the text.
func (p *page) hang(head, text string, ink ink) {
	p.write(head, wrap(Clean(text), p.style.Width-columns(head)), ink)
}

// marked is hang with a word at the right edge of the last line, or under it.
func (p *page) marked(head, text, mark string, ink ink) {
	lines := wrap(Clean(text), p.style.Width-columns(head))
	if mark == "" {
		p.write(head, lines, ink)
		return
	}
	last := len(lines) - 1
	p.write(head, lines[:last], ink)
	if last > 0 {
		head = strings.Repeat(" ", columns(head))
	}
	room := p.style.Width - margin - columns(head)
	fill := room - columns(lines[last]) - columns(mark)
	painted := p.paint(ink, lines[last])
	if fill >= margin {
		p.put(head + painted + strings.Repeat(" ", fill) + mark)
		return
	}
	p.put(head + painted)
	p.line(max(rowIndent, p.style.Width-margin-columns(mark)), mark)
}

// write puts lines under each other, the first after the head. A path that would go over
// the edge begins further left, where that helps.
func (p *page) write(head string, lines []string, ink ink) {
	for i, line := range lines {
		indent := columns(head)
		if room := p.style.Width - columns(line); i > 0 && indent > room && room >= margin {
			head = head[:room]
		}
		p.put(head + p.paint(ink, line))
		head = strings.Repeat(" ", indent)
	}
}

func (p *page) put(line string) {
	p.b.WriteString(strings.TrimRight(line, " "))
	p.b.WriteByte('\n')
}

// title writes the name of a section and what is to be said of all of it.
func (p *page) title(name, about string) {
	p.blank()
	if about != "" {
		about = "   " + about
	}
	p.put(p.paint(bold, name) + about)
}

// row writes one row of a certificate: a word and what belongs to it.
func (p *page) row(key, text string) { p.hang(rowHead(key), text, plain) }

func rowHead(key string) string {
	return strings.Repeat(" ", rowIndent) + pad(key, keyWidth)
}
