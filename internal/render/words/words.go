// Package words holds what all formats of a report share: titles, states, effects, plurals
// and escaping. It knows no format.
package words

import (
	"fmt"
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

func Same(s string) string { return s }

// UntilOf is "" where nothing but a person ends it.
func UntilOf(b plan.Blocked) string {
	if b.Until == "" {
		return ""
	}
	return Until(b)
}

// Paths names the first few paths: a shell may have made hundreds of one pattern.
func Paths(all []string) string {
	const few = 3
	if len(all) <= few {
		return strings.Join(all, " ")
	}
	return fmt.Sprintf("%s and %d more", all[0], len(all)-1)
}

func SameReasons(a, b plan.Blocked) bool {
	return a.Verdict == b.Verdict && a.Because == b.Because && a.Until == b.Until &&
		a.UntilAt.Equal(b.UntilAt) && a.Do == b.Do
}

func Until(b plan.Blocked) string {
	if b.UntilAt.IsZero() {
		return b.Until
	}
	return b.Until + " (" + b.UntilAt.UTC().Format(plan.Minute) + ")"
}

// Plural returns "1 name" or "3 names".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// JoinCounts is plural for a list: it leaves out what is not there.
func JoinCounts(parts ...string) string {
	var there []string
	for _, p := range parts {
		if !strings.HasPrefix(p, "0 ") {
			there = append(there, p)
		}
	}
	return strings.Join(there, ", ")
}

// Title is what people know a certificate by, and its id.
func Title(s plan.Step) string {
	name := s.Want.Name
	if s.Fault == nil {
		name = Name(s.Have, s.Want.Name)
	}
	return Clean(name) + " (" + s.Want.ID.String() + ")"
}

// Name is the common name of a request, else its label, else another name.
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

// Place is where a manifest says something, as editors take it.
func Place(at cert.Pos) string {
	if at.File == "" || at.Line == 0 {
		return Clean(at.File)
	}
	return fmt.Sprintf("%s:%d", Clean(at.File), at.Line)
}

// VerbPhrase names an operation on a certificate: "renew a.example.com (7)".
func VerbPhrase(s plan.Step, o plan.Operation) string { return Verb(o) + joint(o) + Title(s) }

// NounPhrase names it as a noun: "renew of a.example.com (7)".
func NounPhrase(s plan.Step, o plan.Operation) string { return Verb(o) + " of " + Title(s) }

func Verb(o plan.Operation) string {
	if o.Kind != plan.Patch {
		return o.Kind.String()
	}
	fields := make([]string, len(o.Changes))
	for i, c := range o.Changes {
		fields[i] = c.Edit.String()
	}
	return "change " + strings.Join(fields, ", ")
}

func joint(o plan.Operation) string {
	if o.Kind == plan.Patch {
		return " of "
	}
	return " "
}

// VerdictMark says in a word or two that a change is shown and not made.
func VerdictMark(v plan.Verdict) string {
	switch v {
	case plan.Held:
		return "not yet"
	case plan.Locked:
		return "not made"
	case plan.Undocumented:
		return "not documented"
	case plan.Protected:
		return "protected: shown, never made"
	case plan.Unreachable:
		return "out of reach"
	case plan.ExtraName:
		return "stays"
	}
	panic("render: unknown verdict")
}
