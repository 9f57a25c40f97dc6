package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/cpsync/cpsync/internal/cert"
)

// scalarText is a text as the value of a key two spaces in: as it is where every reader
// of YAML takes it for this text, lines under each other, or else in quotes.
func scalarText(text string) string {
	switch {
	case isPlain(text):
		return text
	case isLines(text):
		return block(text)
	default:
		return quoted(text)
	}
}

// oneLine is a text without line breaks in a mapping at any depth.
func oneLine(text string) string {
	if isPlain(text) {
		return text
	}
	return quoted(text)
}

// readAsOther are words that some reader takes for something else than text.
var readAsOther = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}

// isPlain is a whitelist: a letter first, so that it is no number, date or sign of
// YAML's, and then only what means nothing within a line.
func isPlain(text string) bool {
	for i, r := range text {
		if !isLatin(r) && (i == 0 || !strings.ContainsRune("0123456789 -_./,()&+@'!?%=", r)) {
			return false
		}
	}
	return text != "" && !strings.HasSuffix(text, " ") && !slices.Contains(readAsOther, strings.ToLower(text))
}

func isLatin(r rune) bool { return unicode.IsLetter(r) && unicode.In(r, unicode.Latin) }

// isLines reports whether text is several lines of which each shows as it is.
func isLines(text string) bool {
	if !strings.Contains(text, "\n") || text[0] == ' ' || text[0] == '\n' {
		return false
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasSuffix(line, " ") || strings.ContainsFunc(line, isHidden) {
			return false
		}
	}
	return !strings.HasSuffix(text, "\n")
}

func block(text string) string {
	var b strings.Builder
	b.WriteString("|-")
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteByte('\n')
		if line != "" {
			b.WriteString("    " + line)
		}
	}
	return b.String()
}

// quoted writes text in double quotes, with escapes for what an eye would miss.
func quoted(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"', r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case !isHidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return `"` + b.String() + `"`
}

// isHidden is what shows as nothing, or as something else.
func isHidden(r rune) bool {
	return !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// host writes a name as people read it where that is the same name, else in ASCII.
// Only Latin letters: those of other scripts can look alike.
func host(ascii string) string {
	shown, _, _ := strings.Cut(cert.DisplayName(ascii), " (")
	if again, err := cert.NormalizeName(shown); err != nil || again != ascii {
		shown = ascii
	}
	if isPlain(shown) {
		return shown
	}
	if isPlain(cert.Host(shown)) {
		return quoted(shown)
	}
	return quoted(ascii)
}
