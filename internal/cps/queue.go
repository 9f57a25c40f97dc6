package cps

import (
	"context"
	"errors"
	"sync"
)

// work is one thing to read.
type work func(context.Context) error

// queue hands out work to those who do it side by side. The pages of the list come
// first: a list that moved is then noticed before much is read of what it held, and
// what it takes to read further fills the places that wait for the last pages. What
// nothing depends on comes last: when the context ends meanwhile, it is left out.
type queue struct {
	told *tally

	mu      sync.Mutex
	changed *sync.Cond
	pages   []work
	further []work
	last    []work
	needed  int   // of pages and further, what has not ended
	busy    int   // under way, any of which may add work
	err     error // what ended it early
}

func newQueue(told *tally) *queue {
	q := &queue{told: told}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// add puts work at the end of one of the two lines.
func (q *queue) add(line *[]work, w ...work) {
	q.mu.Lock()
	defer q.mu.Unlock()
	*line = append(*line, w...)
	if line != &q.last {
		q.needed += len(w)
	}
	q.told.more(len(w))
	q.changed.Broadcast()
}

// run does all the work there is, and what is added meanwhile, n at a time. Its first
// error ends it. After errMoved what is under way comes to its end; another error
// ends the context of what is under way.
func (q *queue) run(ctx context.Context, n int) error {
	err := each(ctx, n, n, func(ctx context.Context, _ int) error {
		for {
			w, needed, ok := q.take()
			if !ok {
				return nil
			}
			if err := q.do(ctx, w, needed); err != nil && !errors.Is(err, errMoved) {
				return err
			}
		}
	})
	q.told.dropped(len(q.pages) + len(q.further) + len(q.last))
	if err != nil && q.needed > 0 {
		return err
	}
	return q.err
}

// take waits for work. There is none left once nobody is busy who could add some.
func (q *queue) take() (w work, needed, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.err == nil {
		for _, line := range []*[]work{&q.pages, &q.further, &q.last} {
			if len(*line) > 0 {
				w, *line = (*line)[0], (*line)[1:]
				q.busy++
				return w, line != &q.last, true
			}
		}
		if q.busy == 0 {
			break
		}
		q.changed.Wait()
	}
	return nil, false, false
}

// errBroken stays when work panics.
var errBroken = errors.New("an internal error broke it off")

func (q *queue) do(ctx context.Context, w work, needed bool) (err error) {
	err = errBroken
	defer func() { q.ended(needed, err) }()
	err = w(ctx)
	return err
}

func (q *queue) ended(needed bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy--
	if needed && err == nil {
		q.needed--
	}
	if q.err == nil {
		q.err = err
	}
	q.told.ended(err)
	q.changed.Broadcast()
}
