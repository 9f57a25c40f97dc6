package words

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
	if IsClean(s) {
		return s
	}
	return escaped(s, IsActive)
}

// escaped writes some characters, and bytes that are not UTF-8, as escapes.
func escaped(s string, some func(rune) bool) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case some(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

// commands are how a line of a job's log becomes a command of the runner.
var commands = strings.NewReplacer("::", `:\x3a`, "##[", `##\x5b`)

func IsClean(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, IsActive) }

// IsActive reports whether r is a control, a bidirectional mark, or a character that shows nothing.
func IsActive(r rune) bool {
	// Cf holds the bidirectional and zero-width characters; Zl and Zp break lines.
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || strings.ContainsRune(fillers, r)
}

// fillers are letters by category that show as nothing, so that two names can look alike.
const fillers = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"

func escape(r rune) string {
	switch i := strings.IndexRune("\n\r\t", r); {
	case i >= 0:
		return `\` + "nrt"[i:i+1]
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

// Quote returns a value of a manifest or of the API in quotation marks, clean.
func Quote(s string) string { return `"` + Clean(inQuotes.Replace(s)) + `"` }

// Shorten cuts s where it would take more than most characters to show; rest is what is left out.
func Shorten(s string, most int) (kept string, rest int) {
	width := 0
	for i, r := range s {
		switch { // the most that it can take to show r
		case r == '`', r == utf8.RuneError:
			width += len(`\x60`)
		case IsActive(r):
			width += len(escape(r))
		default:
			width++
		}
		if width > most {
			return s[:i], utf8.RuneCountInString(s[i:])
		}
	}
	return s, 0
}

func More(rest int) string {
	if rest == 0 {
		return ""
	}
	return " … and " + Plural(rest, "more character")
}
