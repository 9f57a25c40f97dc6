package markdown

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/cpsync/cpsync/internal/render/words"
)

// Untrusted text gets into Markdown in three ways, and in none of them is anything of
// it live:
//
//	code    a value: always a code span
//	prose   a sentence of ours that may hold such values: each word that is not
//	        plainly a word becomes a code span
//	fence   lines: a fenced block
//
// GitHub looks for mentions, issues, commits and addresses in whatever is not code,
// after Markdown is through, so that an escape with a backslash or an entity does not
// help: only code does.

// How much of a text is shown, in characters.
const (
	mostName   = 100  // of a name or a place, which people only have to recognise
	mostCell   = 160  // of a text in a table of changes
	mostReason = 300  // of a sentence there
	mostValue  = 300  // of another value
	mostProse  = 600  // of another sentence
	mostFence  = 4000 // of a block
)

// mostTicks is the longest run of backticks that stays as it is. GitHub's parser knows
// no code span with more than 80 around it.
const mostTicks = 16

// Code returns a value as a code span, in which nothing of it does anything, and says how much
// of it is left out.
func Code(s string) string { return codeOf(s, mostValue) }

// codeOf is Code that shows at most as many characters.
func codeOf(s string, most int) string {
	kept, rest := words.Shorten(s, most)
	return span(escape(kept)) + words.More(rest)
}

// escape returns clean text without long runs of backticks, and without "##[", which the
// log of a GitHub job takes for a command anywhere in a line.
func escape(s string) string {
	s = strings.ReplaceAll(words.Clean(s), "##[", `#\x23[`)
	return longTicks.ReplaceAllStringFunc(s, func(run string) string { return strings.Repeat(`\x60`, len(run)) })
}

var longTicks = regexp.MustCompile(fmt.Sprintf("`{%d,}", mostTicks+1))

// span returns tame text as a code span.
func span(s string) string {
	if s == "" {
		return "(empty)"
	}
	around := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") && strings.Trim(s, " ") != "" {
		s = " " + s + " " // Markdown removes one on each side
	}
	return around + s + around
}

// longestRun is the length of the longest run of backticks.
func longestRun(s string) int {
	longest := 0
	for run := range strings.FieldsFuncSeq(s, func(r rune) bool { return r != '`' }) {
		longest = max(longest, len(run))
	}
	return longest
}

// fence returns lines as a fenced block that none of them can end.
func fence(info, text string) string {
	kept, rest := words.Shorten(strings.TrimRight(text, "\n"), mostFence)
	lines := words.Each(strings.Split(kept, "\n"), func(line string) string {
		return lineCommand.ReplaceAllString(escape(line), `$1\x3a:`)
	})
	if rest > 0 {
		lines = append(lines, "…"+words.More(rest)[len(" …"):])
	}
	kept = strings.Join(lines, "\n")
	around := strings.Repeat("`", max(3, longestRun(kept)+1))
	return around + info + "\n" + kept + "\n" + around + "\n"
}

// lineCommand is what the log of a GitHub job takes for a command at the beginning of a line.
var lineCommand = regexp.MustCompile(`^( *)::`)

// cells returns a row of a table. A pipe in a cell is escaped; a backslash before it
// would take the escape away for some parsers, and is written out.
func cells(all ...string) string {
	for i, cell := range all {
		all[i] = inCell.Replace(cell)
	}
	return "| " + strings.Join(all, " | ") + " |\n"
}

var inCell = strings.NewReplacer(`\|`, `\x5c\|`, `|`, `\|`)

// Prose returns a sentence, each word of which that is not plainly a word in a code
// span. A quotation of several words is one span, as is what stands between double spaces
// to be pasted.
func Prose(s string) string { return proseOf(s, mostProse) }

// proseOf is Prose that shows at most as many characters.
func proseOf(s string, most int) string {
	kept, rest := words.Shorten(s, most)
	parts := strings.Split(escape(kept), "  ")
	for i, part := range parts {
		if pasted := i%2 == 1 && i+1 < len(parts); pasted && part != "" {
			parts[i] = span(part)
		} else {
			parts[i] = sentence(part)
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ") + words.More(rest)
}

// sentence returns clean text with quotations, keys to set and words as code spans where they
// need it.
func sentence(s string) string {
	var parts []string
	for s != "" {
		at := together.FindStringSubmatchIndex(s)
		if at == nil {
			return strings.Join(append(parts, words.Each(strings.Fields(s), word)...), " ")
		}
		from, to := max(at[2], at[4]), max(at[3], at[5]) // of the one that matched
		parts = append(append(parts, words.Each(strings.Fields(s[:from]), word)...), span(s[from:to])+s[to:at[1]])
		s = s[at[1]:]
	}
	return strings.Join(parts, " ")
}

// together is a quotation of more than one word, or a key with the value to set, each with
// the punctuation after it.
var together = regexp.MustCompile(`(?:(?:^|\s)("(?:[^"\\]|\\.)*\s(?:[^"\\]|\\.)*")|(?:^|\bset )([a-z]+[_.][a-z_.]+: [0-9A-Za-z-]+))[.,;:)]*(?:\s|$)`)

// word returns a word as it is when it is plainly a word, and else
// in a code span, without the punctuation around it.
func word(word string) string {
	core := strings.TrimRight(strings.TrimLeft(word, `("`), `)",.;:!?`)
	if core == "" || plainWord.MatchString(core) && !linkWord.MatchString(core) {
		return word
	}
	before, after, _ := strings.Cut(word, core)
	return before + span(core) + after
}

// plainWord is a word, a number, a date or a time. It holds no mark that means
// anything to Markdown or to GitHub.
var plainWord = regexp.MustCompile(`^(\pL+([-']\pL+)*|\d+[a-z]?|\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?)$`)

// linkWord is what GitHub makes a link of: it links what can be the beginning of a commit's name, and looks for an
// address behind these words when a mark follows.
var linkWord = regexp.MustCompile(`(?i)\b[0-9a-f]{7,}\b|^(www|mailto)$`)
