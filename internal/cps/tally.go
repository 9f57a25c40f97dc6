package cps

import "sync"

// tally tells how far a reading is.
type tally struct {
	tell func(done, total int) // nil: nobody asks

	mu          sync.Mutex
	done, total int
	likely      int  // that more are to come, going by what came so far
	endless     bool // the list does not say how long it is, or has not been asked yet
}

func newTally(tell func(done, total int)) *tally { return &tally{tell: tell, endless: true} }

// more notes that n more things are to be read.
func (t *tally) more(n int) { t.change(0, n) }

// ended notes that one of them was, unless that failed.
func (t *tally) ended(err error) {
	if err != nil {
		t.dropped(1)
		return
	}
	t.change(1, 0)
}

// guess notes how many more are likely to come.
func (t *tally) guess(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.likely = n
}

func (t *tally) change(done, total int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done += done
	t.total += total
	switch {
	case t.tell == nil:
	case t.endless:
		t.tell(t.done, 0)
	default:
		t.tell(t.done, t.total+t.likely)
	}
}

// dropped takes back what is not read after all.
func (t *tally) dropped(n int) { t.change(0, -n) }
