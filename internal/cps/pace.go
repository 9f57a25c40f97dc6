package cps

import (
	"math"
	"slices"
	"time"
)

// pace is how fast calls go out. It has no opinion until the server has refused calls
// twice, with answers in between. Then it takes the rate at which these came, the wait
// included, which for a bucket of tokens is the rate at which it fills. Now and then it
// tries a higher rate: the more often that failed, the more seldom.
type pace struct {
	rate  float64   // a second; 0: as fast as they come
	open  time.Time // nobody sends before
	round int       // counts 429s that were news

	refusals int       // rounds since the last answer
	answered time.Time // when the last call that was answered had been sent
	since    time.Time // answers are counted from here on
	answers  int       // since then

	good      float64   // a rate that was kept up; 0: none is known
	bad       float64   // a rate that is too high; 0: none is known
	step      float64   // how much more is tried while none is known to be too high
	kept      int       // answers at this rate
	keptSince time.Time // when it was set
	patience  int       // how many answers make a rate a good one; 0: nothing was answered at any
}

// How many answers make a rate a good one, and how long that takes for each of them. The
// time keeps a limit that counts by the second from looking higher than it is.
const (
	firstPatience = 3
	mostPatience  = 64
	patienceTime  = time.Second / 2
)

// sent spaces calls.
func (p *pace) sent(now time.Time) {
	if p.rate > 0 {
		p.open = now.Add(p.interval())
	}
}

// interval is the time from one call to the next.
func (p *pace) interval() time.Duration { return time.Duration(float64(time.Second) / p.rate) }

// rested says that nobody wanted to send for so long.
func (p *pace) rested(d time.Duration) { p.since = p.since.Add(d) }

// close lets nobody send before at.
func (p *pace) close(at time.Time) {
	if at.After(p.open) {
		p.open = at
	}
}

// trying reports whether a higher rate is being tried.
func (p *pace) trying() bool { return p.good > 0 && p.good < p.rate }

// refused closes the gate for as long as the server asks, or longer each time when
// nothing is answered in between, and sets the rate from then on. sent is when the call
// was that was refused.
func (p *pace) refused(now, sent time.Time, asked time.Duration, jitter float64) {
	asked = delay(p.refusals, asked)
	p.open = now.Add(asked + spread(asked, jitter))
	p.round++
	p.refusals++
	p.slower(p.measured(sent.Add(asked)), sent)
	if p.patience > 0 {
		p.close(p.answered.Add(p.interval()))
	}
	p.kept, p.keptSince = 0, p.open
}

// measured is the rate of answers up to a time, a little less for a clock that is not the
// server's.
func (p *pace) measured(until time.Time) float64 {
	took := max(until.Sub(p.since), time.Millisecond)
	return 0.98 * float64(max(p.answers, 1)) / took.Seconds()
}

// slower sets the rate after a 429.
func (p *pace) slower(measured float64, sent time.Time) {
	switch {
	case p.round == p.refusals: // the first is waited for, and nothing else
	case p.rate == 0:
		p.rate, p.step = measured, 2
		if p.answers > firstPatience { // a measurement, and no guess
			p.step = 1.25
		}
	case p.patience == 0: // still nothing was answered
		p.rate, p.bad = measured, 1/max(sent.Sub(p.answered), time.Millisecond).Seconds()
	case p.good > 0 && p.refusals > 1: // nothing is new
	case p.trying():
		p.rate, p.bad = p.good, p.rate
		p.patience = min(2*p.patience, mostPatience)
	default: // what was kept up can't be kept up any more
		p.bad, p.good = p.rate, 0
		p.rate = min(max(measured, 0.7*p.rate), 0.95*p.rate)
	}
}

// answer notes one to a call sent at a time, in a round. A rate that was kept up long enough is a good
// one, and a higher one is tried.
func (p *pace) answer(now, sent time.Time, round int) {
	if round != p.round {
		return // it had been sent before the gate was closed
	}
	p.answered = sent
	if p.refusals > 0 { // the first since the gate was closed
		p.refusals, p.since, p.answers = 0, p.open, 0
	}
	p.answers++
	if p.rate == 0 {
		return
	}
	p.patience = max(p.patience, firstPatience)
	p.kept++
	long := p.bad == 0 || now.Sub(p.keptSince) >= time.Duration(p.patience)*patienceTime
	if p.kept >= p.patience && long {
		p.good, p.rate = p.rate, p.faster()
		p.kept, p.keptSince = 0, now
	}
}

// faster is the next rate to try: much higher while none is known to be too high, then
// half of the way to that one, and once there a little beyond, since limits change.
func (p *pace) faster() float64 {
	switch {
	case p.bad == 0:
		return p.rate * p.step
	case p.rate < 0.95*p.bad:
		return math.Sqrt(p.rate * p.bad)
	default:
		return p.rate * 1.1
	}
}

// concurrency is how many calls may be in flight. Nobody documents a limit, so it begins
// small, grows while answers come as quickly as before, and shrinks when they don't.
type concurrency struct {
	limit, most int // at least 1
	took        [NumKinds][]time.Duration
	best        [NumKinds]time.Duration // the smallest median so far; 0: none yet
}

const (
	firstConcurrency = 4
	answersPerStep   = 20  // of one kind, after which the limit moves
	slowdown         = 1.5 // times the best median, from which on answers are slower
)

func newConcurrency(most int) concurrency {
	return concurrency{limit: min(firstConcurrency, most), most: most}
}

// answered judges each twenty answers of a kind by their median.
func (f *concurrency) answered(kind Kind, took time.Duration) {
	f.took[kind] = append(f.took[kind], took)
	if len(f.took[kind]) < answersPerStep {
		return
	}
	slices.Sort(f.took[kind])
	median := f.took[kind][answersPerStep/2]
	f.took[kind] = f.took[kind][:0]
	if f.best[kind] == 0 || median < f.best[kind] {
		f.best[kind] = median
	}
	if float64(median) <= slowdown*float64(f.best[kind]) {
		f.limit = min(f.limit+1, f.most)
	} else {
		f.halve()
	}
}

// halve halves the limit. What is in flight comes to its end.
func (f *concurrency) halve() { f.limit = max(f.limit/2, 1) }
