package markdown

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/render/words"
)

// rank is when a part loses entries for want of room: the lowest first.
type rank uint8

// The ranks. What is not about the change under review goes first.
const (
	cutTexts rank = iota
	cutNotes
	cutRecords
	cutPending
	cutAllResults
	cutAsks
	cutChanges
	cutProblems
)

// part is a piece of a page that can lose entries, the last first.
type part struct {
	title     string // of our own words alone: it may stand within HTML; "" without one
	about     string // a paragraph under the title, where there are entries; may be ""
	fixed     string // blocks that are never left out; may be ""
	folded    bool
	head      string   // of the table; "" when it is none
	entries   []string // each in one piece, ending in a line break
	one, many string   // what an entry is
	rank      rank
	left      int // entries left out
}

// String returns the part as Markdown, or "" when there is nothing in it.
func (p part) String() string {
	if len(p.entries)+p.left == 0 && p.fixed == "" && (p.title != "" || p.about == "") {
		return ""
	}
	var b strings.Builder
	b.WriteString(p.opening())
	if p.fixed != "" {
		b.WriteString(p.fixed + "\n")
	}
	if p.about != "" {
		b.WriteString(p.about + "\n\n")
	}
	if len(p.entries) > 0 {
		b.WriteString(p.head + strings.Join(p.entries, "") + "\n")
	}
	b.WriteString(p.leftOut())
	if p.folded {
		b.WriteString("</details>\n\n")
	}
	return b.String()
}

// opening is the title. A blank line ends the HTML: what follows is Markdown again.
func (p part) opening() string {
	if p.folded {
		return "<details>\n<summary>" + p.title + "</summary>\n\n"
	}
	if p.title == "" {
		return ""
	}
	return "#### " + p.title + "\n\n"
}

// leftOut says how much is missing.
func (p part) leftOut() string {
	if p.left == 0 {
		return ""
	}
	which := "All "
	if len(p.entries) > 0 {
		which = "Another "
	}
	return "**" + which + words.Plural(p.left, p.one, p.many) + " left out** to keep this page short. Text and JSON hold everything.\n\n"
}

// leftOutBytes is more than leftOut takes.
const leftOutBytes = 160

// fit makes parts leave out entries until they take no more than room bytes, part
// after part by rank. Parts that stay empty keep their title and the count.
func fit(parts []part, room int) {
	order := make([]*part, len(parts))
	for i := range parts {
		order[i] = &parts[i]
	}
	slices.SortStableFunc(order, func(a, b *part) int { return cmp.Compare(a.rank, b.rank) })
	for _, p := range order {
		if excess := total(parts) - room; excess > 0 {
			p.cut(excess + leftOutBytes)
		}
	}
}

func total(parts []part) int {
	n := 0
	for _, p := range parts {
		n += len(p.String())
	}
	return n
}

// cut leaves out entries, the last first, until that makes up for excess bytes.
func (p *part) cut(excess int) {
	for saved := 0; saved < excess && len(p.entries) > 0; p.left++ {
		last := len(p.entries) - 1
		saved += len(p.entries[last])
		p.entries = p.entries[:last]
	}
}
