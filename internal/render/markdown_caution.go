package render

import (
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
)

// cautionBytes is how long the caution gets before it says less of each certificate.
// It never leaves one out.
const cautionBytes = 12_000

// caution names every certificate that ends soon with nothing to renew it.
func (s sheet) caution() string {
	steps := s.Plan.EndSoon()
	if len(steps) == 0 {
		return ""
	}
	lines := s.shortest(steps,
		func(step plan.Step) string { return s.ends(step) + ": " + reasonsOf(step.Ending()) },
		s.ends)
	return "> [!CAUTION]\n> **" + plural(len(steps), "certificate ends", "certificates end") +
		" soon, and nothing renews " + them(len(steps)) + ":**\n>\n" + lines + "\n"
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// ends names a certificate and says when it ends.
func (s sheet) ends(step plan.Step) string {
	return called(step) + " " + s.standing(step)
}

// shortest writes a line for each step in the first way that is short enough. When
// none is, it gathers them by the day they end.
func (s sheet) shortest(steps []plan.Step, ways ...func(plan.Step) string) string {
	for _, way := range ways {
		var b strings.Builder
		for _, step := range steps {
			b.WriteString("> - " + way(step) + "\n")
		}
		if b.Len() <= cautionBytes {
			return b.String()
		}
	}
	return byDay(steps)
}

// byDay writes a line for each day and the ids of what ends on it, which is a few
// bytes for each. The steps come in the order they end.
func byDay(steps []plan.Step) string {
	var b strings.Builder
	day := ""
	for _, step := range steps {
		ends := step.Have.Expires.UTC().Format(plan.Date)
		if ends != day {
			b.WriteString(newline(day) + "> - " + ends + ", by id:")
			day = ends
		} else {
			b.WriteString(",")
		}
		b.WriteString(" " + plainly(step.Want.ID.String()))
	}
	return b.String() + "\n"
}

// newline ends the line before, where there is one.
func newline(before string) string {
	if before == "" {
		return ""
	}
	return "\n"
}
