// Package words holds what all formats of a report share: titles, states, effects, plurals
// and escaping. It knows no format.
package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

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

// JoinCounts joins counts with commas and leaves out those that begin with 0.
func JoinCounts(parts ...string) string {
	none := func(count string) bool { return strings.HasPrefix(count, "0 ") }
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
