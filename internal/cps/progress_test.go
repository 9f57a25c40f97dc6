package cps

import "testing"

// TestProgressExpectsLastReads: as many after the further reads to come as after those so far.
func TestProgressExpectsLastReads(t *testing.T) {
	t.Parallel()
	total := 0
	p := &progress{report: func(_, all int) { total = all }}
	p.change(0, 10)
	p.queued.Add(8)
	p.ended.Add(4)
	p.lasts.Add(2)
	p.change(0, 2)
	p.finished(nil)
	if total != 10+2+2 { // half of the four to come
		t.Errorf("%d reads are expected", total)
	}
}
