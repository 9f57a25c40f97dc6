package cps

import "testing"

// TestProgressExpectsLastReads: as many after the further reads to come as after those so far.
func TestProgressExpectsLastReads(t *testing.T) {
	t.Parallel()
	total := 0
	p := newProgress(func(_, all int) { total = all })
	p.endless = false
	p.add(10)
	p.noteFurther(8, 0, 0)
	p.noteFurther(0, 4, 0)
	p.noteFurther(0, 0, 2)
	p.add(2)
	p.finished(nil)
	if total != 10+2+2 { // half of the four to come
		t.Errorf("%d reads are expected", total)
	}
}
