package words

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// mostWords is how many words are compared one by one. The time that takes grows with
// the square.
const mostWords = 1000

// passage is a part of a text that stays, or of one that goes or comes.
type passage struct {
	text string
	kind diffmatchpatch.Operation
}

// passages compares two texts word by word. Joined, those that stay and go are from,
// those that stay and come are to.
func passages(from, to string) []passage {
	a, b, code := encode(words(from), words(to))
	head, tail := ends(a, b)
	if len(a)+len(b)-2*(head+tail) > mostWords {
		return bridged([]diffmatchpatch.Diff{
			{Type: diffmatchpatch.DiffEqual, Text: string(a[:head])},
			{Type: diffmatchpatch.DiffDelete, Text: string(a[head : len(a)-tail])},
			{Type: diffmatchpatch.DiffInsert, Text: string(b[head : len(b)-tail])},
			{Type: diffmatchpatch.DiffEqual, Text: string(a[len(a)-tail:])},
		}, code)
	}
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // else the result depends on how busy the machine is
	return bridged(d.DiffMainRunes(a, b, false), code)
}

// firstCode is the first character that stands for a word. None of those from here on
// is a surrogate, which would not survive being written.
const firstCode = 0xE000

// encode writes each different word as one character, so that words are compared and
// not letters. code gives the words back.
func encode(from, to []string) (a, b []rune, code []string) {
	known := map[string]rune{}
	letters := func(words []string) []rune {
		runes := make([]rune, len(words))
		for i, w := range words {
			r, ok := known[w]
			if !ok {
				r = firstCode + rune(len(code))
				known[w], code = r, append(code, w)
			}
			runes[i] = r
		}
		return runes
	}
	a = letters(from)
	return a, letters(to), code
}

// ends returns how much of a and b is the same at the beginning and at the end.
func ends(a, b []rune) (head, tail int) {
	shorter := min(len(a), len(b))
	for head < shorter && a[head] == b[head] {
		head++
	}
	for tail < shorter-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return head, tail
}

// bridged gives the words back and joins changes with nothing but space between them.
func bridged(diffs []diffmatchpatch.Diff, code []string) []passage {
	var all []passage
	var gone, come strings.Builder
	flush := func() {
		all = append(all, passage{gone.String(), diffmatchpatch.DiffDelete}, passage{come.String(), diffmatchpatch.DiffInsert})
		gone.Reset()
		come.Reset()
	}
	for i, d := range diffs {
		text := decode(d.Text, code)
		between := i > 0 && i < len(diffs)-1
		switch {
		case d.Type == diffmatchpatch.DiffDelete:
			gone.WriteString(text)
		case d.Type == diffmatchpatch.DiffInsert:
			come.WriteString(text)
		case between && strings.Trim(text, " ") == "":
			gone.WriteString(text)
			come.WriteString(text)
		default:
			flush()
			all = append(all, passage{text, diffmatchpatch.DiffEqual})
		}
	}
	flush()
	return nonEmpty(all)
}

func nonEmpty(all []passage) []passage {
	var rest []passage
	for _, p := range all {
		if p.text != "" {
			rest = append(rest, p)
		}
	}
	return rest
}

func decode(letters string, code []string) string {
	var b strings.Builder
	for _, r := range letters {
		b.WriteString(code[r-firstCode])
	}
	return b.String()
}

// words cuts a text into words, runs of spaces, and single other characters. Joined
// they are the text, whatever its bytes.
func words(text string) []string {
	var all []string
	for len(text) > 0 {
		n := wordLength(text)
		all, text = append(all, text[:n]), text[n:]
	}
	return all
}

func wordLength(text string) int {
	for _, in := range []func(rune) bool{isWord, isSpace} {
		n := strings.IndexFunc(text, func(r rune) bool { return !in(r) })
		switch {
		case n < 0:
			return len(text)
		case n > 0:
			return n
		}
	}
	_, size := utf8.DecodeRuneInString(text)
	return size
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func isSpace(r rune) bool { return r == ' ' }

// What is long enough to show only what changed within it, in characters.
const (
	longValue   = 50  // longer values are shown by what changed within them
	context     = 24  // kept of what stays, beside each change
	longPassage = 200 // a longer passage is shown by its beginning and its end
)

func IsLong(from, to string) bool {
	return utf8.RuneCountInString(from) > longValue || utf8.RuneCountInString(to) > longValue || strings.Contains(from+to, "\n")
}

// Length says how much of long texts is shown.
type Length uint8

const (
	Folded   Length = iota // where nothing shows more
	FoldedBy               // where -v shows more
	Whole
)

// LongText is the length on a terminal.
func LongText(verbose bool) Length {
	if verbose {
		return Whole
	}
	return FoldedBy
}

// TextDiff shows what changed within a text: what goes as [-this-], what comes as
// {+this+}, and a little of what stays around it. Two texts that have little in common are
// shown one after the other.
func TextDiff(from, to string, length Length) string {
	all, stays := passages(from, to), 0
	for _, part := range all {
		if part.kind == diffmatchpatch.DiffEqual {
			stays += len(part.text)
		}
	}
	if 3*stays < max(len(from), len(to)) {
		return shortened(from, length) + " -> " + shortened(to, length)
	}
	var b strings.Builder
	for i, part := range all {
		text := inBrackets.Replace(part.text)
		switch part.kind {
		case diffmatchpatch.DiffDelete:
			b.WriteString("[-" + foldedPassage(text, length) + "-]")
		case diffmatchpatch.DiffInsert:
			b.WriteString("{+" + foldedPassage(text, length) + "+}")
		case diffmatchpatch.DiffEqual:
			b.WriteString(around(text, i > 0, i < len(all)-1, length == Whole))
		}
	}
	return b.String()
}

// shortened is a text in quotes, without its end where it is long.
func shortened(text string, length Length) string {
	r := []rune(text)
	if len(r) <= longPassage || length == Whole {
		return Quote(text)
	}
	return Quote(string(r[:longPassage])) + fmt.Sprintf(" and %d more characters%s", len(r)-longPassage, length.hint())
}

// hint names what shows the rest.
func (l Length) hint() string {
	if l == FoldedBy {
		return " (-v)"
	}
	return ""
}

// inBrackets keeps a text from looking as if it changed.
var inBrackets = strings.NewReplacer("[-", `[\-`, "-]", `-\]`, "{+", `{\+`, "+}", `+\}`)

// foldedPassage shortens a long passage and says by how much.
func foldedPassage(text string, length Length) string {
	r := []rune(text)
	if len(r) <= longPassage || length == Whole {
		return text
	}
	rest := len(r) - longPassage*3/4
	return string(r[:longPassage/2]) + fmt.Sprintf(" ... %d more characters%s ... ", rest, length.hint()) + string(r[len(r)-longPassage/4:])
}

// around shortens what stays to what is near a change before or after it.
func around(text string, before, after, verbose bool) string {
	r := []rune(text)
	if len(r) <= 2*context+5 || verbose {
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
