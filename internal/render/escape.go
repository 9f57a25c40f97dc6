package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns untrusted text made safe for a terminal. Control characters, line
// breaks of any kind, bidirectional controls, invisible characters and bytes that
// are not UTF-8 become visible escapes in ASCII, such as \x1b or \u202e. So does what a
// job's log takes for a command, wherever a line may begin. Everything else stays.
func Clean(s string) string {
	s = commands.Replace(s)
	if isClean(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case acts(r):
			b.WriteString(escaped(r))
		default:
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

// commands are how a line of a job's log becomes a command of the runner.
var commands = strings.NewReplacer("::", `:\x3a`, "##[", `##\x5b`)

func isClean(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, acts) }

// acts reports whether a terminal, or a reader's eye, takes r as something else than
// a visible character.
func acts(r rune) bool {
	// Cf holds the bidirectional and zero-width characters; Zl and Zp break lines.
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || isFiller(r)
}

// isFiller is a letter by category that shows as nothing, so that two names can look
// alike.
func isFiller(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0':
		return true
	default:
		return false
	}
}

func escaped(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}

// inQuotes keeps a value from ending its quotation early.
var inQuotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quote returns a value of a manifest or of the API in quotation marks, clean.
func quote(s string) string { return `"` + Clean(inQuotes.Replace(s)) + `"` }
