package cps

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// work is one thing to read.
type work func(context.Context) error

// queue hands out work to those who do it side by side. The pages of the list come
// first: a list that moved is then noticed before much is read of what it held, and
// what it takes to read further fills the places that wait for the last pages. What
// nothing depends on comes last: when the context ends meanwhile, it is left out.
type queue struct {
	progress *progress

	mu        sync.Mutex
	changed   *sync.Cond
	pages     []work
	followUps []work
	optional  []work
	needed    int   // of pages and further, what has not ended
	busy      int   // under way, any of which may add work
	err       error // what ended it early
}

func newQueue(told *progress) *queue {
	q := &queue{progress: told}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// add puts work at the end of one of the two lines.
func (q *queue) add(line *[]work, w ...work) {
	q.mu.Lock()
	defer q.mu.Unlock()
	*line = append(*line, w...)
	if line != &q.optional {
		q.needed += len(w)
	}
	q.progress.add(len(w))
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
			if err := q.do(ctx, w, needed); err != nil && !errors.Is(err, errListChanged) {
				return err
			}
		}
	})
	q.progress.drop(len(q.pages) + len(q.followUps) + len(q.optional))
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
		for _, line := range []*[]work{&q.pages, &q.followUps, &q.optional} {
			if len(*line) > 0 {
				w, *line = (*line)[0], (*line)[1:]
				q.busy++
				return w, line != &q.optional, true
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
	q.progress.finished(err)
	q.changed.Broadcast()
}

// each calls work with 0 to n-1, at most limit at a time. The first error ends the
// context of the others and is returned. It is the only place in this package that
// starts goroutines: a panic in one of them is raised again in the caller's, where it
// can be recovered.
func each(ctx context.Context, n, limit int, work func(context.Context, int) error) error {
	var panicked atomic.Pointer[string]
	g, shared := errgroup.WithContext(ctx)
	g.SetLimit(limit)
	for i := range n {
		if shared.Err() != nil {
			break
		}
		g.Go(func() error {
			defer func() {
				if v := recover(); v != nil {
					text := fmt.Sprintf("%v\n\n%s", v, debug.Stack())
					panicked.CompareAndSwap(nil, &text)
				}
			}()
			return work(shared, i)
		})
	}
	err := g.Wait()
	if text := panicked.Load(); text != nil {
		panic("cps: " + *text)
	}
	if err == nil {
		err = context.Cause(ctx) // some of it may never have been begun
	}
	return err
}

// Each calls work with 0 to n-1, as many at a time as calls may be in flight. The
// first error ends the context of the others and is returned; a panic in work is
// raised again in the caller.
func (c *Client) Each(ctx context.Context, n int, work func(context.Context, int) error) error {
	told := &progress{report: c.cfg.Progress}
	told.add(n)
	return each(ctx, n, c.cfg.Concurrency, func(ctx context.Context, i int) error {
		err := work(ctx, i)
		told.finished(err)
		return err
	})
}

// progress tells how far a reading is.
type progress struct {
	report func(done, total int) // nil: nobody asks

	mu          sync.Mutex
	done, total int
	likely      int  // that more are to come, going by what came so far
	endless     bool // the list does not say how long it is, or has not been asked yet
}

func newProgress(tell func(done, total int)) *progress { return &progress{report: tell, endless: true} }

// add notes that n more things are to be read.
func (t *progress) add(n int) { t.change(0, n) }

// finished notes that one of them was, unless that failed.
func (t *progress) finished(err error) {
	if err != nil {
		t.drop(1)
		return
	}
	t.change(1, 0)
}

// expect notes how many more are likely to come.
func (t *progress) expect(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.likely = n
}

func (t *progress) change(done, total int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done += done
	t.total += total
	switch {
	case t.report == nil:
	case t.endless:
		t.report(t.done, 0)
	default:
		t.report(t.done, t.total+t.likely)
	}
}

// drop takes back what is not read after all.
func (t *progress) drop(n int) { t.change(0, -n) }
