// Package words holds what all formats of a report share: titles, states, effects, plurals
// and escaping. It knows no format.
package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// LiveTitle is what people know a request by, and its id.
func LiveTitle(l cert.Live) string {
	return Clean(Name(l, "request")) + " (" + l.ID.String() + ")"
}

// Agree is a word in the number that goes with n.
func Agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Each maps a list. The result is never nil, because arrays are never null.
func Each[T, U any](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// Gather puts together what is the same, each group where its first comes up.
func Gather[T any](all []T, same func(a, b T) bool) (groups [][]T) {
	for _, v := range all {
		i := slices.IndexFunc(groups, func(g []T) bool { return same(g[0], v) })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], v)
	}
	return groups
}

// Paths names the first few paths: a shell may have made hundreds of one pattern.
func Paths(all []string) string {
	const few = 3
	if len(all) <= few {
		return strings.Join(all, " ")
	}
	return fmt.Sprintf("%s and %d more", all[0], len(all)-1)
}

// Plural returns "1 name" or "3 names". many is the plural where it is not one with an s.
func Plural(n int, one string, many ...string) string {
	return number(n, Agree(n, one, append(many, one+"s")[0]))
}

func number(n int, of string) string { return fmt.Sprintf("%d %s", n, of) }

// Few returns the first strings, and how many more there are.
func Few(all []string, most int) []string {
	if len(all) <= most {
		return all
	}
	return append(slices.Clone(all[:most]), fmt.Sprintf("and %d more", len(all)-most))
}

// JoinCounts joins counts with commas and leaves out those that begin with 0, and empty ones.
func JoinCounts(parts ...string) string {
	none := func(count string) bool { return count == "" || strings.HasPrefix(count, "0 ") }
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), none), ", ")
}

// Title returns the name of a certificate and its id.
func Title(s plan.Step) string {
	name := s.Want.Name
	if s.Fault == nil {
		name = Name(s.Have, s.Want.Name)
	}
	return Clean(name) + " (" + s.Want.ID.String() + ")"
}

// Label is the label of a request, by which the portal lists it, where that is not its common name.
func Label(have cert.Live) string {
	if have.Common == "" || strings.EqualFold(have.Label, have.Common) {
		return ""
	}
	return Clean(have.Label)
}

// Labelled adds the label to the title of a request.
func Labelled(title string, have cert.Live) string { return title + prefixed(", label ", Label(have)) }

// Name returns the common name of a request, else its label, else another name.
func Name(have cert.Live, other string) string {
	if have.Common != "" {
		return cert.DisplayName(have.Common)
	}
	return cmp.Or(have.Label, other)
}

// Place returns file:line, which editors open.
func Place(at cert.Pos) string {
	if at.File == "" || at.Line == 0 {
		return Clean(at.File)
	}
	return fmt.Sprintf("%s:%d", Clean(at.File), at.Line)
}

// Problem is one line, with the place first so that editors and problem matchers find it.
func Problem(p report.Problem) string {
	line := Clean(p.Message)
	switch at := p.At; {
	case at.File != "" && at.Line > 0:
		line = fmt.Sprintf("%s:%d:%d: %s", Clean(at.File), at.Line, at.Column, line)
	case at.File != "":
		line = Clean(at.File) + ": " + line
	}
	if p.Hint != "" {
		line += " (" + Aside(Clean(p.Hint)) + ")"
	}
	if len(p.Rule) > 0 {
		line += " [" + p.Rule + "]"
	}
	return line
}

// Aside is a sentence as it stands in brackets or after a colon: without a capital, unless
// the first word has more of them, and without the full stop.
func Aside(s string) string {
	if r := []rune(s); len(r) > 1 && unicode.IsUpper(r[0]) && (unicode.IsLower(r[1]) || r[1] == ' ') {
		s = string(unicode.ToLower(r[0])) + string(r[1:])
	}
	return strings.TrimSuffix(s, ".")
}

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
	return r < ' ' || r >= '\x7f' && (unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || strings.ContainsRune(fillers, r))
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
