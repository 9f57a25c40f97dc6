package render

import (
	"strings"
	"unicode/utf8"
)

// longestName is how long a host name can be. Nothing up to this length is broken.
const longestName = 253

// glue stands for a space at which no line may end. It can't be in clean text.
const glue = '\x00'

// wrap breaks text at spaces into lines of at most room columns. A word that is
// longer stands alone on a line, uncut; only what is longer than any name is cut.
func wrap(text string, room int) []string {
	var lines []string
	line, gap := "", ""
	for _, word := range strings.SplitAfter(keepTogether(text), " ") {
		bare := strings.TrimSuffix(word, " ")
		if line != "" && columns(line+gap+bare) > room {
			lines, line, gap = append(lines, line), "", ""
		}
		for columns(bare) > max(longestName, room) {
			head := string([]rune(bare)[:room])
			lines, bare = append(lines, head), bare[len(head):]
		}
		line, gap = line+gap+bare, gap[:0]+word[len(strings.TrimSuffix(word, " ")):]
	}
	lines = append(lines, line)
	for i := range lines {
		lines[i] = strings.TrimRight(strings.ReplaceAll(lines[i], string(glue), " "), " ")
	}
	return lines
}

// keepTogether glues what stands between double spaces, which is how the words of the
// plan set off what can be pasted, such as "add  renew_before: 30d  under policy".
func keepTogether(text string) string {
	parts := strings.Split(text, "  ")
	for i := 1; i+1 < len(parts); i += 2 {
		if len(parts[i]) <= 40 {
			parts[i] = strings.ReplaceAll(parts[i], " ", string(glue))
		}
	}
	return strings.Join(parts, "  ")
}

// columns is how wide a text is, one column for each character.
func columns(s string) int { return utf8.RuneCountInString(s) }

// pad fills s up with spaces to a width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}
