package main

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"golang.org/x/term"

	"github.com/cpsync/cpsync/internal/follow"
	"github.com/cpsync/cpsync/internal/plan"
)

// firstWord is how long a wait goes on before it is said that it still does. Each
// further word takes twice as long.
const firstWord = 10 * time.Minute

// defaultWidth is that of a terminal which does not tell.
const defaultWidth = 80

// waitLine says that a run still waits: on a terminal in one line that is written over,
// elsewhere in a line now and then.
type waitLine struct {
	terminal io.Writer // nil: there is none to write over
	width    int
	talk     *slog.Logger
	now      func() time.Time
	begun    time.Time
	next     time.Duration // how long it takes to the next word
}

func newWaitLine(w world, o options, talk *slog.Logger, now func() time.Time) *waitLine {
	line := &waitLine{talk: talk, now: now, begun: now(), next: firstWord}
	f, isFile := w.stderr.(fder)
	if isFile && term.IsTerminal(int(f.Fd())) && w.getenv("TERM") != "dumb" && !o.quiet && o.logFormat == "text" {
		line.terminal, line.width = w.stderr, defaultWidth
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			line.width = width
		}
	}
	return line
}

// pausing is called before nothing is read for a while. The cursor goes back to the
// first column, so that whatever else is said stands in place of the line.
func (l *waitLine) pausing(p follow.Pause) {
	const clock = "15:04:05"
	switch passed := l.now().Sub(l.begun); {
	case l.terminal != nil:
		text := fmt.Sprintf("waiting for %d of %d; next look %s, at most until %s",
			p.Open, p.All, p.Next.UTC().Format(clock), p.Until.UTC().Format(plan.Minute))
		fmt.Fprint(l.terminal, text[:min(len(text), l.width-1)]+"\x1b[K\r")
	case passed >= l.next:
		for l.next <= passed {
			l.next *= 2
		}
		l.talk.Info(fmt.Sprintf("still waiting for %d of %d certificates, at most until %s",
			p.Open, p.All, p.Until.UTC().Format(plan.Minute)))
	}
}

// clear takes the line off the terminal.
func (l *waitLine) clear() {
	if l.terminal != nil {
		fmt.Fprint(l.terminal, "\r\x1b[K")
	}
}
