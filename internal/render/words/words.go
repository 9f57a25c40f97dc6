// Package words holds what all formats of a report share: titles, states, effects, plurals
// and escaping. It knows no format.
package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// LiveTitle is what people know a request by, and its id.
func LiveTitle(l cert.Live) string {
	return Clean(Name(l, "request")) + " (" + l.ID.String() + ")"
}

func B2i(b bool) int {
	if b {
		return 1
	}
	return 0
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

// Paths names the first few paths: a shell may have made hundreds of one pattern.
func Paths(all []string) string {
	const few = 3
	if len(all) <= few {
		return strings.Join(all, " ")
	}
	return fmt.Sprintf("%s and %d more", all[0], len(all)-1)
}

// Plural returns "1 name" or "3 names".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Few returns the first strings, and how many more there are.
func Few(all []string, most int) []string {
	if len(all) <= most {
		return all
	}
	return append(slices.Clone(all[:most]), fmt.Sprintf("and %d more", len(all)-most))
}

// JoinCounts joins counts with commas and leaves out those that begin with 0.
func JoinCounts(parts ...string) string {
	var there []string
	for _, p := range parts {
		if !strings.HasPrefix(p, "0 ") {
			there = append(there, p)
		}
	}
	return strings.Join(there, ", ")
}

// Title returns the name of a certificate and its id.
func Title(s plan.Step) string {
	name := s.Want.Name
	if s.Fault == nil {
		name = Name(s.Have, s.Want.Name)
	}
	return Clean(name) + " (" + s.Want.ID.String() + ")"
}

// Label is the label of a request where that is not its common name, else "": the portal
// lists requests by their labels.
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
	switch {
	case have.Common != "":
		return cert.DisplayName(have.Common)
	case have.Label != "":
		return have.Label
	default:
		return other
	}
}

// Place returns file:line, which editors open.
func Place(at cert.Pos) string {
	if at.File == "" || at.Line == 0 {
		return Clean(at.File)
	}
	return fmt.Sprintf("%s:%d", Clean(at.File), at.Line)
}
