package render

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
)

// cautionBytes is how long the caution gets before it says less of each certificate.
// It never leaves one out.
const cautionBytes = 12_000

// caution names every certificate that is past the point of its renewal with nothing
// under way, but for those of which the manifest says that this is fine.
func (s sheet) caution() string {
	steps := s.Plan.Unrenewed()
	if len(steps) == 0 {
		return ""
	}
	lines := s.shortest(steps,
		func(step plan.Step) string { return s.ends(step) + ": " + reasonsOf(s.overdue(step)) },
		s.ends)
	return "> [!CAUTION]\n> **" + late(steps) + ", and nothing renews " + them(len(steps)) + ":**\n>\n" + lines + "\n"
}

func (s sheet) overdue(step plan.Step) plan.Warning {
	w, _ := step.Overdue(s.Plan.Now)
	return w
}

// late counts certificates that end soon, or whose renewal should have begun.
func late(steps []plan.Step) string {
	if slices.ContainsFunc(steps, func(step plan.Step) bool { return !step.EndsSoon() }) {
		return plural(len(steps), "certificate is", "certificates are") + " due for renewal"
	}
	return plural(len(steps), "certificate ends", "certificates end") + " soon"
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
