package cps

import (
	"slices"
	"time"
)

// flights is how many calls may be in flight. Nobody documents a limit, so it begins
// small, grows while answers come as quickly as before, and shrinks when they don't.
type flights struct {
	limit, most int // at least 1
	took        [NumKinds][]time.Duration
	best        [NumKinds]time.Duration // the smallest median so far; 0: none yet
}

const (
	firstFlights = 4
	answersAStep = 20  // of one kind, after which the limit moves
	slowdown     = 1.5 // times the best median, from which on answers are slower
)

func newFlights(most int) flights {
	return flights{limit: min(firstFlights, most), most: most}
}

// answered judges each twenty answers of a kind by their median.
func (f *flights) answered(kind Kind, took time.Duration) {
	f.took[kind] = append(f.took[kind], took)
	if len(f.took[kind]) < answersAStep {
		return
	}
	slices.Sort(f.took[kind])
	median := f.took[kind][answersAStep/2]
	f.took[kind] = f.took[kind][:0]
	if f.best[kind] == 0 || median < f.best[kind] {
		f.best[kind] = median
	}
	if float64(median) <= slowdown*float64(f.best[kind]) {
		f.limit = min(f.limit+1, f.most)
	} else {
		f.fewer()
	}
}

// fewer halves the limit. What is in flight comes to its end.
func (f *flights) fewer() { f.limit = max(f.limit/2, 1) }
