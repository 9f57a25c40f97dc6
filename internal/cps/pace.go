package cps

import (
	"math"
	"slices"
	"time"
)

// pace limits how fast calls go out. It sets no rate until the second round of 429s after
// answers. Then it takes the rate of those answers, the wait included: for a token bucket,
// the rate at which it fills. From time to time it tries a higher rate, less often each
// time that fails.
type pace struct {
	rate  float64   // calls a second; 0: no limit
	open  time.Time // no call is sent before
	round int       // counts rounds of 429s

	refusals int       // rounds since the last answer
	answered time.Time // when the last answered call was sent
	since    time.Time // start of counting answers
	answers  int       // answers since then

	good      float64   // a rate that worked; 0: unknown
	bad       float64   // a rate that is too high; 0: unknown
	step      float64   // factor of the next rate while bad is unknown
	kept      int       // answers at the current rate
	keptSince time.Time // when the current rate was set
	patience  int       // answers that make a rate good; 0: no rate had an answer
}

// Bounds of patience, and the shortest time for each of its answers. Without that time a
// limit that counts by the second would look higher than it is.
const (
	firstPatience = 3
	mostPatience  = 64
	patienceTime  = time.Second / 2
)

func (p *pace) interval() time.Duration { return time.Duration(float64(time.Second) / p.rate) }

func (p *pace) close(at time.Time) {
	if at.After(p.open) {
		p.open = at
	}
}

func (p *pace) trying() bool { return p.good > 0 && p.good < p.rate }

// refused closes the gate after a 429 to a call that was sent at a time, and sets the next
// rate. The gate stays closed as long as the server asks, or longer with each round
// without an answer.
func (p *pace) refused(now, sent time.Time, asked time.Duration, jitter float64) {
	asked = delay(p.refusals, asked)
	p.open = now.Add(asked + spread(asked, jitter))
	p.round++
	p.refusals++
	// The rate of the answers so far, slightly reduced because our clock is not the server's.
	took := max(sent.Add(asked).Sub(p.since), time.Millisecond)
	p.slower(0.98*float64(max(p.answers, 1))/took.Seconds(), sent)
	if p.patience > 0 {
		p.close(p.answered.Add(p.interval()))
	}
	p.kept, p.keptSince = 0, p.open
}

func (p *pace) slower(measured float64, sent time.Time) {
	switch {
	case p.round == p.refusals: // the first round: only wait
	case p.rate == 0:
		p.rate, p.step = measured, 2
		if p.answers > firstPatience { // enough answers for a measurement
			p.step = 1.25
		}
	case p.patience == 0: // still no answer
		p.rate, p.bad = measured, 1/max(sent.Sub(p.answered), time.Millisecond).Seconds()
	case p.good > 0 && p.refusals > 1: // the lower rate is set already
	case p.trying():
		p.rate, p.bad = p.good, p.rate
		p.patience = min(2*p.patience, mostPatience)
	default: // the good rate is too high now
		p.bad, p.good = p.rate, 0
		p.rate = min(max(measured, 0.7*p.rate), 0.95*p.rate)
	}
}

// answer notes an answer to a call that was sent at a time, in a round. A rate that worked
// long enough is good, and the next rate is higher: a multiple while no rate is known to be too
// high, else the mean of good and bad, and near bad a little more, because limits change.
func (p *pace) answer(now, sent time.Time, round int) {
	if round != p.round {
		return // sent before the gate was closed
	}
	p.answered = sent
	if p.refusals > 0 { // the first answer since the gate was closed
		p.refusals, p.since, p.answers = 0, p.open, 0
	}
	p.answers++
	if p.rate == 0 {
		return
	}
	p.patience = max(p.patience, firstPatience)
	p.kept++
	long := p.bad == 0 || now.Sub(p.keptSince) >= time.Duration(p.patience)*patienceTime
	if p.kept < p.patience || !long {
		return
	}
	p.good, p.kept, p.keptSince = p.rate, 0, now
	switch {
	case p.bad == 0:
		p.rate *= p.step
	case p.rate < 0.95*p.bad:
		p.rate = math.Sqrt(p.rate * p.bad)
	default:
		p.rate *= 1.1
	}
}

// concurrency is how many calls may be in flight. No limit is documented, so it begins
// small, grows while answers come as quickly as before, and shrinks when they do not.
type concurrency struct {
	limit, most int // at least 1
	took        [NumKinds][]time.Duration
	best        [NumKinds]time.Duration // smallest median so far; 0: none yet
}

const (
	firstConcurrency = 4
	answersPerStep   = 20  // answers of one kind after which the limit changes
	slowdown         = 1.5 // an answer is slower above this multiple of the best median
)

// answered changes the limit after each twenty answers of a kind, by their median.
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

// halve halves the limit. Calls in flight go on.
func (f *concurrency) halve() { f.limit = max(f.limit/2, 1) }
