package cli

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/wait"
)

// Expected says what the reading costs: once the first page is there, and once the list is.
func Expected(e report.Expected) string {
	pages := words.Plural(*e.List, "page", "pages")
	if e.Status == nil {
		return "the list takes " + pages
	}
	return fmt.Sprintf("the list takes %s, the rest %s and %s",
		pages, words.Plural(*e.Single, "single read", "single reads"), words.Plural(*e.Status, "status read", "status reads"))
}

// TooSlow says what reads take at the pace of a run that has less time left; "" where it
// is enough.
func TooSlow(t *run.Target, reads int, most time.Duration, all bool) string {
	if t == nil || t.Client == nil || t.Until.IsZero() {
		return ""
	}
	takes, left := t.Client.Estimate(reads), t.Until.Sub(t.Now())
	if takes <= left {
		return ""
	}
	enough := int((most - left + 2*takes).Minutes()) + 1 // more reads may turn out to be needed
	text := fmt.Sprintf("the %d reads that are left take about %s at the pace of this API, and --timeout leaves %s: --timeout %dm gives time",
		reads, spell(takes), spell(left), enough)
	if all {
		text += "; without --read-status all fewer are read"
	}
	return text
}

// spell writes a time in the unit that people count it in.
func spell(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
	return fmt.Sprintf("%dm", int(d.Minutes()))
}

// Requests is a table of where the requests of a run went: how many of what, and why.
// What it sent beyond the plan was sent by the apply, and what beyond that while it waited.
func Requests(t *run.Target, p run.Spent) []string {
	var all [cps.NumKinds]int
	var total cps.Counts
	if t.Client != nil {
		all, total = t.Client.Kinds(), t.Client.Counts()
	}
	if p.Applied == ([cps.NumKinds]int{}) {
		p.Applied = all
	}
	lines := []string{"where the requests went"}
	row := func(n int, what, why string) {
		if n > 0 {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%6d  %-13s %s", n, what, why), " "))
		}
	}
	row(all[cps.KindToken], "token", "")
	row(all[cps.KindList], "list", "20 requests a page")
	row(p.Planned[cps.KindStatus], "status", "")
	lines = append(lines, byReason(p.State.Reasons)...)
	row(p.State.Organizations, "organization", "expected, and names or a retrigger wanted")
	row(p.Planned[cps.KindSingle]-p.State.Organizations, "single read", singly(p.State.Complete))
	row(all[cps.KindDCV], "control", "of names that wait for it: the records to set")
	row(p.Applied[cps.KindSingle]-p.Planned[cps.KindSingle], "single read", "before and after writes")
	row(p.Applied[cps.KindStatus]-p.Planned[cps.KindStatus], "status", "with these, while an order was to come or just sent")
	row(all[cps.KindWrite], "write", "")
	row(all[cps.KindSingle]-p.Applied[cps.KindSingle], "single read", "of what was sent, until it had ended")
	row(all[cps.KindStatus]-p.Applied[cps.KindStatus], "status", "of what was sent, until it had ended")
	if total.Retries > 0 {
		row(total.Retries, "of them again", fmt.Sprintf("after a failure or a limit; %s of waiting in all", total.Waited.Round(time.Second)))
	}
	return lines
}

// byReason lists the reasons for reading a status, the most frequent first.
func byReason(counts map[string]int) []string {
	reasons := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	for i, r := range reasons {
		reasons[i] = fmt.Sprintf("%25d %s", counts[r], r)
	}
	return reasons
}

// singly says why requests were read one by one.
func singly(complete bool) string {
	if complete {
		return "not in the list"
	}
	return "instead of the rest of the list"
}

// firstWord is how long a wait goes on before it is said that it still does. Each
// further word takes twice as long.
const firstWord = 10 * time.Minute

// WaitLine says that a run still waits: on a terminal in place of the bar, elsewhere in
// a line now and then.
type WaitLine struct {
	bar   *Progress
	log   *slog.Logger
	now   func() time.Time
	begun time.Time
	next  time.Duration // how long it takes to the next word
}

// NewWaitLine ends the bar of what was done before.
func NewWaitLine(bar *Progress, log *slog.Logger, now func() time.Time) *WaitLine {
	bar.Begin("", "")
	return &WaitLine{bar: bar, log: log, now: now, begun: now(), next: firstWord}
}

// Pausing is called before nothing is read for a while.
func (l *WaitLine) Pausing(p wait.Pause) {
	shown := l.bar.ShowLine(fmt.Sprintf("waiting for %d of %d; next look %s, at most until %s",
		p.Open, p.All, p.Next.UTC().Format(time.TimeOnly), p.Until.UTC().Format(plan.Minute)))
	passed := l.now().Sub(l.begun)
	if shown || passed < l.next {
		return
	}
	for l.next <= passed {
		l.next *= 2
	}
	l.log.Info(fmt.Sprintf("still waiting for %d of %d certificates, at most until %s",
		p.Open, p.All, p.Until.UTC().Format(plan.Minute)))
}
