package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/wait"
)

// firstWord is how long a wait goes on before it is said that it still does. Each
// further word takes twice as long.
const firstWord = 10 * time.Minute

// waitLine says that a run still waits: on a terminal in place of the bar, elsewhere in
// a line now and then.
type waitLine struct {
	bar   *progress
	talk  *slog.Logger
	now   func() time.Time
	begun time.Time
	next  time.Duration // how long it takes to the next word
}

// newWaitLine ends the bar of what was done before.
func newWaitLine(bar *progress, talk *slog.Logger, now func() time.Time) *waitLine {
	bar.begin("", "")
	return &waitLine{bar: bar, talk: talk, now: now, begun: now(), next: firstWord}
}

// pausing is called before nothing is read for a while.
func (l *waitLine) pausing(p wait.Pause) {
	shown := l.bar.say(fmt.Sprintf("waiting for %d of %d; next look %s, at most until %s",
		p.Open, p.All, p.Next.UTC().Format(time.TimeOnly), p.Until.UTC().Format(plan.Minute)))
	passed := l.now().Sub(l.begun)
	if shown || passed < l.next {
		return
	}
	for l.next <= passed {
		l.next *= 2
	}
	l.talk.Info(fmt.Sprintf("still waiting for %d of %d certificates, at most until %s",
		p.Open, p.All, p.Until.UTC().Format(plan.Minute)))
}
