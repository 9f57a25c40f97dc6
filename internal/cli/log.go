package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/cpsync/cpsync/internal/render/words"
)

// NewLog returns the logger on stderr: warnings, outcomes,
// and with verbose every request. Quiet leaves warnings and errors.
func (l Log) NewLog(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case l.Verbose:
		level = slog.LevelDebug
	case l.Quiet:
		level = slog.LevelWarn
	}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(&plainHandler{w: w, level: level, mu: &sync.Mutex{}})
}

// plainHandler writes a record as one line for people: no time, the level only
// when it is a warning or an error, everything from outside made harmless.
type plainHandler struct {
	w     io.Writer
	level slog.Level
	attrs []slog.Attr
	mu    *sync.Mutex
}

func (h *plainHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *plainHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	switch {
	case r.Level >= slog.LevelError:
		b.WriteString("error: ")
	case r.Level >= slog.LevelWarn:
		b.WriteString("warning: ")
	case r.Level < slog.LevelInfo:
		b.WriteString("debug: ")
	}
	b.WriteString(words.Clean(r.Message))
	show := func(a slog.Attr) bool {
		fmt.Fprintf(&b, " %s=%s", a.Key, words.Clean(a.Value.String()))
		return true
	}
	for _, a := range h.attrs {
		show(a)
	}
	r.Attrs(show)
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, b.String())
	return err
}

func (h *plainHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.attrs = append(append([]slog.Attr(nil), h.attrs...), attrs...)
	return &with
}

func (h *plainHandler) WithGroup(string) slog.Handler { return h }
