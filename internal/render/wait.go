package render

import (
	"strings"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// waitColumn is where it says which certificate waited, and how it is.
const waitColumn = 16

// waitWord is how the following of a request ended, in a word or two.
func waitWord(e report.WaitEnd) string {
	switch e {
	case report.Interrupted:
		return "broken off"
	case report.InService:
		return "in service"
	case report.NeedsYou:
		return "needs you"
	case report.Vanished:
		return "gone"
	case report.OutOfTime:
		return "out of time"
	case report.Unread:
		return "not read"
	}
	panic("render: unknown end of a wait")
}

// WaitEnded returns one line about a request that is followed no longer: "in service
// cdn.example.com (11604): new end 2027-06-09".
func WaitEnded(w report.Wait) string {
	return pad(waitWord(w.Ended), resultWidth) + "  " + title(w.Step) + ": " + Clean(standing(w, ""))
}

// WaitMoved returns one line about a request that is followed on.
func WaitMoved(w report.Wait) string {
	about := w.State
	if w.Err != "" {
		about = "it could not be read: " + w.Err
	}
	return pad("waiting", resultWidth) + "  " + title(w.Step) + ": " + Clean(about)
}

// waited writes how the following of each request ended, by who acts next.
func (p *page) waited(r report.Report) {
	if len(r.Waits) == 0 {
		return
	}
	p.title("WAITED", "")
	p.blank()
	for _, how := range report.WaitEnds() {
		for _, w := range r.Waited(how) {
			p.hang(pad("  "+waitWord(how), waitColumn), title(w.Step)+": "+standing(w, read(w)), plain)
			if w.Do != "" {
				p.hang(pad("  do", waitColumn), w.Do, plain)
			}
		}
	}
}

// followed counts how the waiting ended, as an addition to a sentence; "" when nothing
// was followed.
func followed(r report.Report) string {
	var parts []string
	for _, how := range report.WaitEnds() {
		many := strings.Replace(waitWord(how), "needs", "need", 1)
		if n := len(r.Waited(how)); n > 0 {
			parts = append(parts, plural(n, waitWord(how), many))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "; " + strings.Join(parts, ", ")
}

// standing says how a request is at the end of its wait; read is when that was seen.
func standing(w report.Wait, read string) string {
	var parts []string
	switch {
	case w.Ended == report.InService:
		parts = append(parts, newEnd(w)+read)
	case w.Ended == report.Vanished:
		parts = append(parts, "it was deleted, or these credentials may not see it any more")
	case w.State != "":
		parts = append(parts, w.State+read)
	default:
		parts = append(parts, "no reading since it was sent")
	}
	if w.Err != "" && w.Ended != report.Vanished {
		parts = append(parts, "the latest reading failed: "+w.Err)
	}
	for _, c := range w.Undone {
		parts = append(parts, c.Edit.String()+" was changed by somebody since")
	}
	return strings.Join(parts, "; ")
}

// newEnd says what is in service, next to what was before the apply.
func newEnd(w report.Wait) string {
	before, end := w.Step.Have, w.Have.Expires.UTC().Format(plan.Date)
	switch {
	case w.Have.Expires.IsZero():
		return "in service"
	case !before.Expires.Equal(w.Have.Expires):
		return "new end " + end
	case before.Thumbprint != w.Have.Thumbprint:
		return "new certificate, the same end " + end
	case len(w.Undone) > 0:
		return "ends " + end
	default:
		return "as it was sent; ends " + end
	}
}

// read says when that was seen.
func read(w report.Wait) string {
	if w.At.IsZero() {
		return ""
	}
	return ", as of " + w.At.UTC().Format(plan.Minute)
}
