package words

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/sergi/go-diff/diffmatchpatch"
	"golang.org/x/text/unicode/norm"
)

// FromTo writes both values of a change, with escapes where the two look alike and are not.
func FromTo(c diff.Change) (from, to string) {
	from, to = Value(c.Edit, c.From), Value(c.Edit, c.To)
	if LookAlike(c.From, c.To) {
		foreign := func(r rune) bool { return r > unicode.MaxASCII }
		return escaped(from, foreign), escaped(to, foreign)
	}
	return from, to
}

// LookAlike reports whether two different texts look the same to a reader.
func LookAlike(a, b string) bool { return a != b && skeleton(a) == skeleton(b) }

// skeleton writes a text with plain characters where others look like them.
func skeleton(s string) string {
	return strings.Map(func(r rune) rune {
		like := -1
		if r > unicode.MaxASCII {
			like = slices.Index(lookalikes, r)
		}
		switch {
		case like >= 0:
			return rune(likeThem[like])
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r):
			return '-'
		default:
			return r
		}
	}, norm.NFKC.String(s))
}

// lookalikes are the letters of other scripts, and the marks, that most fonts draw like
// one of ASCII, which likeThem has in the same order: Cyrillic, Greek and Latin ones, and marks.
// Source: Unicode confusables, as far as names of companies need it.
var lookalikes = []rune("аеорсухіјѕһԁԛԝѵӏАВЕЅІЈКМНОРСТУХԌԚԜ" + "αινορυχϲΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ" + "ıɡɑ" + "‘’ʼʹ′＇“”″−˗․ǃ∕⁄")

const likeThem = "aeopcyxijshdqwvlABESIJKMHOPCTYXGQW" + "aivopuxcABEZHIKMNOPTYXC" + "iga" + `''''''"""--.!//`

// Value writes a single value: free text in quotes, the API's own words without.
func Value(e cert.Edit, v string) string {
	if e == cert.EditAutoRenew || e == cert.EditDCVMethod && v != "" {
		return v
	}
	return Quote(v)
}

func CommonName(c diff.Change) string {
	return "common name " + CommonNameFrom(c) + " -> " + cert.DisplayName(c.CommonTo)
}

// CommonNameFrom is the live common name, or says that the request does not mark just one.
func CommonNameFrom(c diff.Change) string {
	if c.CommonFrom == "" {
		return "(no single one)"
	}
	return cert.DisplayName(c.CommonFrom)
}

// mostWords is how many words are compared one by one. The time that takes grows with the square.
const mostWords = 1000

// word finds words, runs of spaces, and single other characters: joined the text, whatever its bytes.
var word = regexp.MustCompile(`[\p{L}\p{Nd}]+| +|(?s:.)`)

// firstCode is the first character that stands for a word. None of those from here on
// is a surrogate, which would not survive being written.
const firstCode = 0xE000

// passages compares two texts word by word: from is what stays and goes, to what stays and comes.
func passages(from, to string) []diffmatchpatch.Diff {
	known, code := map[string]rune{}, []string(nil)
	encode := func(text string) []rune {
		return Each(word.FindAllString(text, -1), func(w string) rune {
			if _, ok := known[w]; !ok {
				known[w], code = firstCode+rune(len(code)), append(code, w)
			}
			return known[w]
		})
	}
	a, b := encode(from), encode(to)
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // else the result depends on how busy the machine is
	head := d.DiffCommonPrefix(string(a), string(b))
	tail := d.DiffCommonSuffix(string(a[head:]), string(b[head:]))
	diffs := []diffmatchpatch.Diff{
		{Type: diffmatchpatch.DiffEqual, Text: string(a[:head])},
		{Type: diffmatchpatch.DiffDelete, Text: string(a[head : len(a)-tail])},
		{Type: diffmatchpatch.DiffInsert, Text: string(b[head : len(b)-tail])},
		{Type: diffmatchpatch.DiffEqual, Text: string(a[len(a)-tail:])},
	}
	if len(a)+len(b)-2*(head+tail) <= mostWords {
		diffs = d.DiffMainRunes(a, b, false)
	}
	for i, d := range diffs {
		diffs[i].Text = strings.Join(Each([]rune(d.Text), func(r rune) string { return code[r-firstCode] }), "")
	}
	return bridged(diffs)
}

// bridged joins changes that only spaces part.
func bridged(diffs []diffmatchpatch.Diff) (all []diffmatchpatch.Diff) {
	gone, come := "", ""
	add := func(kind diffmatchpatch.Operation, text string) {
		if text != "" {
			all = append(all, diffmatchpatch.Diff{Type: kind, Text: text})
		}
	}
	for i, d := range append(diffs, diffmatchpatch.Diff{}) { // the last one ends what is open
		between := i > 0 && i < len(diffs)-1
		switch {
		case d.Type == diffmatchpatch.DiffDelete:
			gone += d.Text
		case d.Type == diffmatchpatch.DiffInsert:
			come += d.Text
		case between && strings.Trim(d.Text, " ") == "":
			gone, come = gone+d.Text, come+d.Text
		default:
			add(diffmatchpatch.DiffDelete, gone)
			add(diffmatchpatch.DiffInsert, come)
			add(diffmatchpatch.DiffEqual, d.Text)
			gone, come = "", ""
		}
	}
	return all
}

// What is long enough to show only what changed within it, in characters.
const (
	longValue   = 50  // longer values are shown by what changed within them
	context     = 24  // kept of what stays, beside each change
	longPassage = 200 // a longer passage is shown by its beginning and its end
)

func IsLong(from, to string) bool {
	return utf8.RuneCountInString(from) > longValue || utf8.RuneCountInString(to) > longValue || strings.Contains(from+to, "\n")
}

// Length says how much of long texts is shown: what shows the rest stands after the count of it.
type Length string

const (
	Folded   Length = ""      // where nothing shows more
	FoldedBy Length = " (-v)" // where -v shows more
	Whole    Length = "whole" // nothing is left out
)

// TextDiff shows what changed within a text: what goes as [-this-], what comes as {+this+}, and a
// little of what stays around it. Two texts that have little in common are shown one after the other.
func TextDiff(from, to string, length Length) string {
	all, stays := passages(from, to), 0
	for _, part := range all {
		if part.Type == diffmatchpatch.DiffEqual {
			stays += len(part.Text)
		}
	}
	if 3*stays < max(len(from), len(to)) {
		return shortened(from, length) + " -> " + shortened(to, length)
	}
	var b strings.Builder
	for i, part := range all {
		text := inBrackets.Replace(part.Text)
		switch part.Type {
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

// inBrackets keeps a text from looking as if it changed.
var inBrackets = strings.NewReplacer("[-", `[\-`, "-]", `-\]`, "{+", `{\+`, "+}", `+\}`)

// shortened is a text in quotes, without its end where it is long.
func shortened(text string, length Length) string {
	r := []rune(text)
	if len(r) <= longPassage || length == Whole {
		return Quote(text)
	}
	return Quote(string(r[:longPassage])) + fmt.Sprintf(" and %d more characters%s", len(r)-longPassage, length)
}

// foldedPassage shortens a long passage and says by how much.
func foldedPassage(text string, length Length) string {
	r := []rune(text)
	if len(r) <= longPassage || length == Whole {
		return text
	}
	rest := len(r) - longPassage*3/4
	return string(r[:longPassage/2]) + fmt.Sprintf(" ... %d more characters%s ... ", rest, length) + string(r[len(r)-longPassage/4:])
}

// around shortens text that stays, to the whole words next to the change before or after it.
func around(text string, before, after, verbose bool) string {
	r := []rune(text)
	if len(r) <= 2*context+5 || verbose {
		return text
	}
	short := "..."
	if before {
		begin := string(r[:context])
		if i := strings.LastIndexByte(begin, ' '); i > 0 {
			begin = begin[:i]
		}
		short = begin + " " + short
	}
	if after {
		end := string(r[len(r)-context:])
		if _, rest, ok := strings.Cut(end, " "); ok && rest != "" {
			end = rest
		}
		short += " " + end
	}
	return short
}
