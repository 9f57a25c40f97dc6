package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/render/annotate"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/run"
)

// JSON reports whether the log is written as JSON.
func (l Log) JSON() bool { return l.Format == "json" }

// NewLog returns the logger on stderr: warnings, outcomes, and with verbose every request.
// Quiet leaves warnings and errors.
func (l Log) NewLog(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case l.Verbose:
		level = slog.LevelDebug
	case l.Quiet:
		level = slog.LevelWarn
	}
	if l.JSON() {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(&plainHandler{w: w, level: level})
}

// plainHandler writes a record as one line for people: no time, the level only
// when it is a warning or an error, everything from outside made harmless. The message
// says all; fields are for JSON.
type plainHandler struct {
	w     io.Writer
	level slog.Level
	mu    sync.Mutex
}

func (h *plainHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }
func (h *plainHandler) WithAttrs([]slog.Attr) slog.Handler           { return h }
func (h *plainHandler) WithGroup(string) slog.Handler                { return h }

func (h *plainHandler) Handle(_ context.Context, r slog.Record) error {
	level := map[slog.Level]string{slog.LevelDebug: "debug: ", slog.LevelWarn: "warning: ", slog.LevelError: "error: "}[r.Level]
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, level+words.Clean(r.Message)+"\n")
	return err
}

// Write writes text for people, or in JSON a message with fields.
func (l Log) Write(log *slog.Logger, text, message string, fields ...any) {
	if l.JSON() {
		log.Info(message, fields...)
	} else {
		log.Info(text)
	}
}

// Outcome writes what became of an operation.
func (l Log) Outcome(log *slog.Logger, o report.Outcome) {
	l.Write(log, words.OutcomeLine(o), "outcome", append(whose(o.Step.Want.ID, o.Step.Want.Name),
		"operation", o.Operation().Kind.String(), "outcome", o.Result.String(), "attempts", o.Attempts, "error", orNull(o.Err))...)
}

// WaitProgress writes what --wait saw of a request that is still in progress.
func (l Log) WaitProgress(log *slog.Logger, w report.Wait) {
	l.Write(log, words.WaitMoved(w), "waiting", append(whose(w.Step.Want.ID, w.Step.Want.Name),
		"state", orNull(w.State), "error", orNull(w.Err))...)
}

// WaitEnded writes how the wait for a request ended.
func (l Log) WaitEnded(log *slog.Logger, w report.Wait) {
	l.Write(log, words.WaitEnded(w), "wait is over", append(whose(w.Step.Want.ID, w.Step.Want.Name),
		"result", w.Ended.String(), "state", orNull(w.State), "error", orNull(w.Err))...)
}

// LogProblems writes problems of manifests to a log in JSON.
func (l Log) LogProblems(log *slog.Logger, all []report.Problem) {
	for _, p := range all {
		log.Error(p.Message, "file", p.At.File, "line", p.At.Line, "column", p.At.Column, "hint", orNull(p.Hint))
	}
}

func whose(id any, name string) []any { return []any{"id", id, "name", name} }

// orNull is null in JSON for an empty text.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// Annotate writes what GitHub shows beside the lines of a pull request to stderr, in a
// job of GitHub or when told to. It is said in the report too, so that a failure to
// write it is nobody's loss.
func (w World) Annotate(annotations string, r report.Report) {
	inJob := w.Getenv("GITHUB_ACTIONS") == "true"
	if annotations == "github" || annotations == "auto" && inJob {
		_ = annotate.Report(w.Stderr, r, w.Getenv("GITHUB_WORKSPACE"))
	}
}

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

// Requests writes where the requests of a run went. For people that is a table: how many of
// what, and why. What was sent beyond the plan was sent by the apply, and what beyond that
// while it waited.
func (l Log) Requests(log *slog.Logger, t *run.Target, p run.Spent) {
	var all [cps.NumKinds]int
	var total cps.Counts
	if t.Client != nil {
		all, total = t.Client.Kinds(), t.Client.Counts()
	}
	if l.JSON() {
		if t.Client != nil {
			log.Info("requests", "token", all[cps.KindToken], "list", all[cps.KindList], "single", all[cps.KindSingle], "status", all[cps.KindStatus],
				"dcv", all[cps.KindDCV], "writes", all[cps.KindWrite], "retries", total.Retries, "waited_ms", total.Waited.Milliseconds())
		}
		return
	}
	if p.Applied == ([cps.NumKinds]int{}) {
		p.Applied = all
	}
	log.Info("where the requests went")
	row := func(n int, what, why string) {
		if n > 0 {
			log.Info(strings.TrimRight(fmt.Sprintf("%6d  %-13s %s", n, what, why), " "))
		}
	}
	row(all[cps.KindToken], "token", "")
	row(all[cps.KindList], "list", "20 requests a page")
	row(p.Planned[cps.KindStatus], "status", "")
	reasons := p.State.Reasons
	for _, r := range slices.SortedFunc(maps.Keys(reasons), func(a, b string) int { return cmp.Or(reasons[b]-reasons[a], strings.Compare(a, b)) }) {
		log.Info(fmt.Sprintf("%25d %s", reasons[r], r))
	}
	row(p.State.Organizations, "organization", "expected, and names or a retrigger wanted")
	singly := "instead of the rest of the list"
	if p.State.Complete {
		singly = "not in the list"
	}
	row(p.Planned[cps.KindSingle]-p.State.Organizations, "single read", singly)
	row(all[cps.KindDCV], "control", "of names that wait for it: the records to set")
	row(p.Applied[cps.KindSingle]-p.Planned[cps.KindSingle], "single read", "before and after writes")
	row(p.Applied[cps.KindStatus]-p.Planned[cps.KindStatus], "status", "with these, while an order was to come or just sent")
	row(all[cps.KindWrite], "write", "")
	row(all[cps.KindSingle]-p.Applied[cps.KindSingle], "single read", "of what was sent, until it had ended")
	row(all[cps.KindStatus]-p.Applied[cps.KindStatus], "status", "of what was sent, until it had ended")
	if total.Retries > 0 {
		row(total.Retries, "of them again", fmt.Sprintf("after a failure or a limit; %s of waiting in all", total.Waited.Round(time.Second)))
	}
}
