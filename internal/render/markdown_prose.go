package render

import (
	"regexp"
	"strings"
)

// prose returns a sentence, each word of which that is not plainly a word in a code
// span. What stands between double spaces is to be pasted, and is one span.
func prose(s string) string {
	kept, rest := shorten(s, mostProse)
	parts := strings.Split(tamed(kept), "  ")
	for i, part := range parts {
		if pasted := i%2 == 1 && i+1 < len(parts); pasted && part != "" {
			parts[i] = span(part)
		} else {
			parts[i] = strings.Join(each(strings.Fields(part), plainly), " ")
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ") + more(rest)
}

// plainly returns a word as it is when nobody can take it for anything else, and else
// in a code span, without the punctuation around it.
func plainly(word string) string {
	core := strings.TrimRight(strings.TrimLeft(word, `("`), `)",.;:!?`)
	if core == "" || plainWord.MatchString(core) && !likeLink.MatchString(core) {
		return word
	}
	before, after, _ := strings.Cut(word, core)
	return before + span(core) + after
}

// plainWord is a word, a number, a date or a time. It holds no mark that means
// anything to Markdown or to GitHub.
var plainWord = regexp.MustCompile(`^(\pL+([-']\pL+)*|\d+[a-z]?|\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?)$`)

// likeLink: GitHub links what can be the beginning of a commit's name, and looks for an
// address behind these words when a mark follows.
var likeLink = regexp.MustCompile(`(?i)\b[0-9a-f]{7,}\b|^(www|mailto)$`)
