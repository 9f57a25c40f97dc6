package render

import (
	"fmt"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// What is long enough to show only what changed within it, in characters.
const (
	longText    = 50  // longer values are shown by what changed within them
	context     = 24  // kept of what stays, beside each change
	longPassage = 200 // a longer passage is shown by its beginning and its end
)

func isLong(from, to string) bool {
	return columns(from) > longText || columns(to) > longText || strings.Contains(from+to, "\n")
}

// within shows what changed within a text: what goes as [-this-], what comes as
// {+this+}, and a little of what stays around it.
func (p *page) within(from, to string) string {
	all := passages(from, to)
	var b strings.Builder
	for i, part := range all {
		text := inBrackets.Replace(part.text)
		switch part.kind {
		case diffmatchpatch.DiffDelete:
			b.WriteString("[-" + p.folded(text) + "-]")
		case diffmatchpatch.DiffInsert:
			b.WriteString("{+" + p.folded(text) + "+}")
		case diffmatchpatch.DiffEqual:
			b.WriteString(p.around(text, i > 0, i < len(all)-1))
		}
	}
	return b.String()
}

// inBrackets keeps a text from looking as if it changed.
var inBrackets = strings.NewReplacer("[-", `[\-`, "-]", `-\]`, "{+", `{\+`, "+}", `+\}`)

// folded shortens a long passage and says by how much.
func (p *page) folded(text string) string {
	r := []rune(text)
	if len(r) <= longPassage || p.style.Verbose {
		return text
	}
	rest := len(r) - longPassage*3/4
	return string(r[:longPassage/2]) + fmt.Sprintf(" ... %d more characters (-v) ... ", rest) + string(r[len(r)-longPassage/4:])
}

// around shortens what stays to what is near a change before or after it.
func (p *page) around(text string, before, after bool) string {
	r := []rune(text)
	if len(r) <= 2*context+5 || p.style.Verbose {
		return text
	}
	short := "..."
	if before {
		short = upToSpace(string(r[:context])) + " " + short
	}
	if after {
		short += " " + fromSpace(string(r[len(r)-context:]))
	}
	return short
}

// upToSpace leaves out a word at the end that may be cut.
func upToSpace(text string) string {
	if i := strings.LastIndexByte(text, ' '); i > 0 {
		return text[:i]
	}
	return text
}

// fromSpace leaves out a word at the beginning that may be cut.
func fromSpace(text string) string {
	if _, rest, ok := strings.Cut(text, " "); ok && rest != "" {
		return rest
	}
	return text
}
