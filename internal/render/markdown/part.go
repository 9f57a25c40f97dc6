package markdown

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
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
	title   string // of our own words alone: it may stand within HTML; "" without one
	about   string // a paragraph under the title; may be ""
	fixed   string // blocks that are never left out; may be ""
	folded  bool
	head    string   // of the table; "" when it is none
	entry   string   // what an entry is
	entries []string // each in one piece, ending in a line break
	rank    rank
	left    int // entries left out
}

// fold is a part behind its title, which says how many entries there are.
func fold(rank rank, title, entry, head string, entries []string) part {
	return part{title: title + " (" + words.Plural(len(entries), entry, entry+"s") + ")", folded: true,
		head: head, entry: entry, entries: entries, rank: rank}
}

// entriesOf writes steps, and leaves out those of which there is nothing to say.
func entriesOf(steps []plan.Step, f func(plan.Step) string) []string {
	return slices.DeleteFunc(words.Each(steps, f), func(entry string) bool { return entry == "" })
}

// String returns the part as Markdown, or "" when there is nothing in it.
func (p part) String() string {
	if len(p.entries)+p.left == 0 && p.fixed == "" {
		return ""
	}
	var b strings.Builder
	switch {
	case p.folded: // a blank line ends the HTML: what follows is Markdown again
		b.WriteString("<details>\n<summary>" + p.title + "</summary>\n\n")
	case p.title != "":
		b.WriteString("#### " + p.title + "\n\n")
	}
	if p.fixed != "" {
		b.WriteString(p.fixed + "\n")
	}
	if p.about != "" {
		b.WriteString(p.about + "\n\n")
	}
	which := "All "
	if len(p.entries) > 0 {
		which = "Another "
		b.WriteString(p.head + strings.Join(p.entries, "") + "\n")
	}
	if p.left > 0 {
		b.WriteString("**" + which + words.Plural(p.left, p.entry, p.entry+"s") +
			" left out** to keep this page short. Text and JSON hold everything.\n\n")
	}
	if p.folded {
		b.WriteString("</details>\n\n")
	}
	return b.String()
}

// leftOutBytes is more than it takes to say how many entries are left out.
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
		excess := total(parts) - room
		if excess <= 0 {
			return
		}
		for saved := 0; saved < excess+leftOutBytes && len(p.entries) > 0; p.left++ {
			last := len(p.entries) - 1
			saved += len(p.entries[last])
			p.entries = p.entries[:last]
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
