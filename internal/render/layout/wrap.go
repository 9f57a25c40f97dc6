package layout

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// longestName is how long a host name can be.
const longestName = 253

// glue stands for a space at which no line may end. It can't be in clean text.
const glue = '\x00'

// wrap breaks text at spaces into lines of at most room columns. A name that is longer
// is not cut, nor parted from a sign before it; any other word is.
func wrap(text string, room int) []string {
	var lines []string
	line := ""
	for rest := keepTogether(text); rest != ""; {
		var gap, word string
		gap, word, rest = nextWord(rest)
		if Columns(line+gap+word) > room && Columns(line) > len("+") {
			lines, line, gap = append(lines, line), "", ""
		}
		for Columns(line+gap+word) > room && !isName(word) && !isCommand(word) {
			head := firstColumns(word, room-Columns(line+gap))
			lines, line, gap, word = append(lines, line+gap+head), "", "", word[len(head):]
		}
		line += gap + word
	}
	lines = append(lines, line)
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], string(glue), " ")
	}
	return lines
}

// isName reports whether a word may be a host name, a path or an address, which have to
// be found and copied whole.
func isName(word string) bool {
	return Columns(word) <= longestName+len("()") && strings.ContainsAny(word, "./") &&
		!strings.ContainsAny(word, "\\\"[]{}<>")
}

// isCommand reports whether a word is a command, which is pasted whole.
func isCommand(word string) bool { return strings.HasPrefix(word, "cpsync"+string(glue)) }

// nextWord parts text into spaces, a word, and the rest.
func nextWord(text string) (gap, word, rest string) {
	bare := strings.TrimLeft(text, " ")
	gap = text[:len(text)-len(bare)]
	if end := strings.IndexByte(bare, ' '); end >= 0 {
		return gap, bare[:end], bare[end:]
	}
	return gap, bare, ""
}

// keepTogether glues what stands between double spaces, which is how the words of the
// plan set off what can be pasted, such as "add  renew_before: 30d  under policy".
func keepTogether(text string) string {
	return strings.Join(glued(text), "  ")
}

func glued(text string) []string {
	parts := strings.Split(text, "  ")
	for i := 1; i < len(parts); i += 2 {
		if len(parts[i]) <= 40 && i+1 < len(parts) || strings.HasPrefix(parts[i], "cpsync ") {
			parts[i] = strings.ReplaceAll(parts[i], " ", string(glue))
		}
	}
	return parts
}

// Columns is how wide a text is on a terminal: wide characters take two columns, combining
// ones none.
func Columns(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return uniseg.StringWidth(s) + strings.Count(s, string(glue))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Cut is the start of a text that fits in a width.
func Cut(text string, width int) string {
	if Columns(text) <= width {
		return text
	}
	return firstColumns(text, width)
}

// firstColumns returns the start of a text that fits, and at least one character. It parts no
// character from what combines with it.
func firstColumns(text string, room int) string {
	head := ""
	for rest := text; rest != ""; {
		cluster, after, _, _ := uniseg.FirstGraphemeClusterInString(rest, -1)
		if head != "" && Columns(head+cluster) > room {
			break
		}
		head, rest = head+cluster, after
	}
	return head
}

// Pad fills s up with spaces to a width.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-Columns(s)))
}
