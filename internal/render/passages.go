package render

import (
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
