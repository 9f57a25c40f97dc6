package cli

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/wait"
)

// How often progress is told: in lines, and by a bar, which quick runs do not show.
const (
	LineEvery    = 10 * time.Second
	barAfter     = time.Second
	barEvery     = 100 * time.Millisecond
	measuring    = 3 * time.Second // until a rate says how long the rest takes
	shortestWait = time.Second     // that is told
)

// Progress shows how far a long run is: on a terminal by a bar, elsewhere by a line now and then.
type Progress struct {
	now    func() time.Time
	log    *slog.Logger
	asJSON bool
	screen *screen                     // nil: no bar
	size   func() (width int, ok bool) // of the screen

	mu           sync.Mutex
	what, unit   string // "reading", "reads"; "" while nothing is told
	done, total  int    // total 0: not known
	begun, shown time.Time
	waits        int // under way
	until        time.Time
}

// WithProgress returns the world with progress shown on its stderr, and the logger of that stderr.
func (w World) WithProgress(l Log) (World, *slog.Logger, *Progress) {
	p := &Progress{now: w.Now, asJSON: l.JSON(), size: w.Terminal}
	if w.Terminal != nil && !l.Quiet && !l.Verbose && !p.asJSON && w.Getenv("TERM") != "dumb" {
		if _, ok := w.Terminal(); ok {
			p.screen = &screen{w: w.Stderr}
			if f, is := w.Stderr.(fitting); is { // lines are broken before they get to the screen
				p.screen.w = f.w
			}
			w.Stderr = fitting{p.screen, w.Terminal}
		}
	}
	p.log = l.NewLog(w.Stderr)
	p.Begin("reading", "reads")
	pause := w.Wait
	w.Wait = func(ctx context.Context, d time.Duration) error {
		if d >= shortestWait {
			p.waiting(1, p.now().Add(d))
			defer p.waiting(-1, time.Time{})
		}
		return pause(ctx, d)
	}
	w.Progress = p.Reached
	return w, p.log, p
}

// Begin starts to tell of something new; "": of nothing.
func (p *Progress) Begin(what, unit string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.what, p.unit, p.begun, p.shown = what, unit, p.now(), p.now()
	p.done, p.total = 0, 0
}

// Reached says how much is done, of how much; 0 when that is not known.
func (p *Progress) Reached(done, total int) {
	p.mu.Lock()
	p.done, p.total = done, total
	text, attrs := "", []any(nil)
	if now := p.now(); p.screen == nil && p.what != "" && now.Sub(p.shown) >= LineEvery {
		p.shown = now
		text = p.sentence()
		if p.asJSON {
			rate := p.rate()
			text, attrs = p.what, []any{"unit", p.unit, "done", p.done, "per_second", math.Round(rate*10) / 10}
			if p.total > 0 && rate > 0 {
				attrs = append(attrs, "total", p.total, "seconds_left", p.left(rate).Seconds())
			}
		}
	}
	p.draw(false)
	p.mu.Unlock()
	if text != "" {
		p.log.Info(text, attrs...)
	}
}

// End takes the bar away, before the result is printed.
func (p *Progress) End() {
	if p.screen != nil {
		p.screen.show("", 0)
	}
}

func (p *Progress) waiting(n int, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waits += n
	if until.After(p.until) || p.waits == 0 {
		p.until = until
	}
	p.draw(true)
}

// draw shows the bar, unless it was just drawn.
func (p *Progress) draw(atOnce bool) {
	now := p.now()
	if p.screen == nil || p.what == "" || now.Sub(p.begun) < barAfter && !atOnce || now.Sub(p.shown) < barEvery && !atOnce {
		return
	}
	p.shown = now
	width, _ := p.size()
	text := p.sentence()
	if p.waits > 0 {
		text += ", waiting until " + p.until.UTC().Format("15:04:05 UTC")
	}
	p.screen.show(bar(p.done, p.total, width-len(text)-1)+text, width)
}

// bar draws how much of total is done in so many columns, or nothing where that is too few or total is not known.
func bar(done, total, columns int) string {
	const frame = len("100% [] ")
	columns = min(columns-frame, 30)
	if columns < 5 || total == 0 {
		return ""
	}
	done = min(done, total)
	full := columns * done / total
	line := strings.Repeat("=", full)
	if full > 0 && full < columns {
		line = line[1:] + ">"
	}
	return fmt.Sprintf("%d%% [%s%s] ", 100*done/total, line, strings.Repeat(".", columns-full))
}

// sentence is how far it is, for people.
func (p *Progress) sentence() string {
	text, unit := fmt.Sprintf("%s: %d", p.what, p.done), p.unit
	if p.total > 0 {
		text += fmt.Sprintf(" of %d", p.total)
	}
	if max(p.done, p.total) == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	text += " " + unit
	rate := p.rate()
	switch {
	case rate >= 10:
		text += fmt.Sprintf(", %.0f/s", rate)
	case rate >= 1:
		text += fmt.Sprintf(", %.1f/s", rate)
	case rate > 0:
		text += fmt.Sprintf(", %.1f/min", rate*60)
	}
	if rate > 0 && p.total > 0 && p.now().Sub(p.begun) >= measuring {
		text += fmt.Sprintf(", about %s left", p.left(rate))
	}
	return text
}

// rate is how much was done in a second so far; 0 when that is not known.
func (p *Progress) rate() float64 {
	took := p.now().Sub(p.begun).Seconds()
	if took <= 0 {
		return 0
	}
	return float64(p.done) / took
}

func (p *Progress) left(rate float64) time.Duration {
	return time.Duration(math.Ceil(float64(p.total-p.done)/rate)) * time.Second
}

// firstWord is how long a wait goes on before it is said that it still does. Each further word takes twice as long.
const firstWord = 10 * time.Minute

// WaitLine ends the bar of what was done before, and returns what to call before nothing is read for a while.
// That says that the run still waits: on a terminal in place of the bar, elsewhere in a line now and then.
func (p *Progress) WaitLine(now func() time.Time) func(wait.Pause) {
	p.Begin("", "")
	begun, next := now(), firstWord
	return func(pause wait.Pause) {
		if p.screen != nil {
			width, _ := p.size()
			p.screen.show(fmt.Sprintf("waiting for %d of %d; next look %s, at most until %s",
				pause.Open, pause.All, pause.Next.UTC().Format(time.TimeOnly), pause.Until.UTC().Format(plan.Minute)), width)
			return
		}
		passed := now().Sub(begun)
		if passed < next {
			return
		}
		for next <= passed {
			next *= 2
		}
		p.log.Info(fmt.Sprintf("still waiting for %d of %s, at most until %s", pause.Open, words.Plural(pause.All, "certificate"), pause.Until.UTC().Format(plan.Minute)))
	}
}
