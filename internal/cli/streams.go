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

	"golang.org/x/term"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/annotate"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/run"
)

// Stdout is a writer whose first error is kept and never returned: a closed
// pipe must not end an apply, only show in the exit code.
type Stdout struct {
	W   io.Writer
	Err error
}

func (r *Stdout) Write(p []byte) (int, error) {
	if r.Err == nil {
		_, r.Err = r.W.Write(p)
	}
	return len(p), nil
}

// TerminalWidth says whether w is a terminal, and how wide; 0 when that is not known.
func TerminalWidth(w io.Writer) (width int, ok bool) {
	f, isFile := w.(interface{ Fd() uintptr })
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, _ = term.GetSize(int(f.Fd()))
	return width, true
}

// Style decides colour and width of stdout, once. An explicit flag wins, then
// NO_COLOR, then what forces colour, then whether it is a terminal.
func (w World) Style(l Log) render.Style {
	s := render.Style{Verbose: l.Verbose, Width: 80}
	width, terminal := TerminalWidth(w.Stdout)
	if width >= 40 {
		s.Width = min(width, 100)
	}
	is := func(variable string) bool { v := w.Getenv(variable); return v != "" && v != "0" }
	switch {
	case l.Color == "always":
		s.Color = true
	case l.Color == "never", w.Getenv("NO_COLOR") != "":
	case is("CLICOLOR_FORCE"), is("FORCE_COLOR"):
		s.Color = true
	default:
		s.Color = terminal && w.Getenv("TERM") != "dumb"
	}
	return s
}

// screen is a terminal with a line at its end that changes, beside what is written to it in whole lines.
type screen struct {
	w io.Writer

	mu   sync.Mutex
	last string // what stands at the end; "" when nothing does
}

// Wipe goes to the start of the line and empties it.
const Wipe = "\r\x1b[K"

// Write writes whole lines above the changing one.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == "" {
		return s.w.Write(b)
	}
	_, err := io.WriteString(s.w, Wipe+string(b)+s.last)
	return len(b), err
}

// show replaces the changing line, cut to fit in width; "" takes it away.
func (s *screen) show(line string, width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if width < 2 {
		line = ""
	}
	line = strings.TrimRight(layout.Cut(line, width-1), " ") // a full line would wrap
	if line != s.last {
		_, _ = io.WriteString(s.w, Wipe+line)
		s.last = line
	}
}

// WrapStderr returns the world with stderr in lines that fit its terminal. Elsewhere a
// line stays whole, so that it can be searched and matched.
func (w World) WrapStderr() World {
	if w.Terminal != nil {
		if _, ok := w.Terminal(); ok {
			w.Stderr = fitting{w.Stderr, w.Terminal}
		}
	}
	return w
}

// fitting breaks the lines that are written to it at the width of a terminal.
type fitting struct {
	w    io.Writer
	size func() (width int, ok bool)
}

func (f fitting) Write(b []byte) (int, error) {
	width, _ := f.size()
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		text := strings.TrimSuffix(line, "\n")
		forProgram := strings.HasPrefix(text, "::") || strings.HasPrefix(text, "{") // a command to GitHub, or JSON
		if width < layout.LeastWidth || layout.Columns(text) <= width || forProgram {
			out.WriteString(line)
			continue
		}
		out.WriteString(layout.Broken(text, width))
	}
	_, err := io.WriteString(f.w, out.String())
	return len(b), err
}

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

// plainHandler writes a record as one line for people: no time, the level only when it is a warning or an
// error, everything from outside made harmless. The message says all; fields are for JSON.
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
	l.Write(log, words.OutcomeLine(o), "outcome", append(whose(o.Step.Want),
		"operation", o.Operation().Kind.String(), "outcome", o.Result.String(), "attempts", o.Attempts, "error", orNull(o.Err))...)
}

// Wait writes what --wait saw of a request, which is still in progress or is over.
func (l Log) Wait(log *slog.Logger, w report.Wait, over bool) {
	text, message, fields := words.WaitMoved(w), "waiting", whose(w.Step.Want)
	if over {
		text, message, fields = words.WaitEnded(w), "wait is over", append(fields, "result", w.Ended.String())
	}
	l.Write(log, text, message, append(fields, "state", orNull(w.State), "error", orNull(w.Err))...)
}

// logProblems writes problems of manifests to a log in JSON.
func (l Log) logProblems(log *slog.Logger, all []report.Problem) {
	for _, p := range all {
		log.Error(p.Message, "file", p.At.File, "line", p.At.Line, "column", p.At.Column, "hint", orNull(p.Hint))
	}
}

func whose(s cert.Spec) []any { return []any{"id", s.ID, "name", s.Name} }

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// Annotate writes what GitHub shows beside the lines of a pull request to stderr, in a job of GitHub or when
// told to. It is said in the report too, so that a failure to write it is nobody's loss.
func (w World) Annotate(annotations string, r report.Report) {
	if annotations == "github" || annotations == "auto" && w.Getenv("GITHUB_ACTIONS") == "true" {
		_ = annotate.Report(w.Stderr, r, w.Getenv("GITHUB_WORKSPACE"))
	}
}

// Expected says what the reading costs: once the first page is there, and once the list is.
func Expected(e report.Expected) string {
	pages := words.Plural(*e.List, "page")
	if e.Status == nil {
		return "the list takes " + pages
	}
	return fmt.Sprintf("the list takes %s, the rest %s and %s",
		pages, words.Plural(*e.Single, "single read"), words.Plural(*e.Status, "status read"))
}

// TooSlow says what reads take at the pace of a run that has less time left; "" where it is enough.
func TooSlow(t *run.Target, reads int, most time.Duration, all bool) string {
	if t == nil || t.Client == nil || t.Until.IsZero() {
		return ""
	}
	takes, left := t.Client.Estimate(reads), t.Until.Sub(t.Now())
	if reads == 0 || takes <= left {
		return ""
	}
	enough := int((most - left + 2*takes).Minutes()) + 1 // more reads may turn out to be needed
	text := fmt.Sprintf("the %d reads that are left take about %s at the pace of this API, and --timeout leaves %s: --timeout %dm gives time",
		reads, spell(takes), spell(max(left, 0)), enough)
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

// Requests writes where the requests of a run went. For people that is a table: how many of what, and why. What
// was sent beyond the plan was sent by the apply, and what beyond that while it waited.
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
