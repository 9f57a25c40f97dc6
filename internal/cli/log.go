package cli

import (
	"log/slog"

	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/run"
)

// JSON reports whether the log is written as JSON.
func (l Log) JSON() bool { return l.Format == "json" }

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

// Requests writes where the requests of a run went.
func (l Log) Requests(log *slog.Logger, t *run.Target, spent run.Spent) {
	if !l.JSON() {
		for _, line := range Requests(t, spent) {
			log.Info(line)
		}
		return
	}
	if t.Client == nil {
		return
	}
	n, total := t.Client.Kinds(), t.Client.Counts()
	log.Info("requests", "token", n[cps.KindToken], "list", n[cps.KindList], "single", n[cps.KindSingle], "status", n[cps.KindStatus],
		"dcv", n[cps.KindDCV], "writes", n[cps.KindWrite], "retries", total.Retries, "waited_ms", total.Waited.Milliseconds())
}

// LogProblem writes a problem of a manifest to a log in JSON.
func LogProblem(log *slog.Logger, p report.Problem) {
	log.Error(p.Message, "file", p.At.File, "line", p.At.Line, "column", p.At.Column, "hint", orNull(p.Hint))
}

func whose(id any, name string) []any { return []any{"id", id, "name", name} }

// orNull is null in JSON for an empty text.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
