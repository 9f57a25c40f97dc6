package cps

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/cpsync/cpsync/internal/parallel"
)

type work func(context.Context) error

// queue holds the work of several goroutines. Pages of the list come first, so that a list
// that changed is noticed before much more is read. Further reads of its requests use the
// goroutines that have no page left to read. Optional work comes last, and is skipped when the
// context ends.
type queue struct {
	progress *progress

	mu        sync.Mutex
	changed   sync.Cond
	pages     []work
	followUps []work
	optional  []work
	running   int   // running work, which may add work
	err       error // the first error
}

func newQueue(p *progress) *queue {
	q := &queue{progress: p}
	q.changed.L = &q.mu
	return q
}

// add puts work at the end of one of the three lists.
func (q *queue) add(list *[]work, w work) {
	q.mu.Lock()
	defer q.mu.Unlock()
	*list = append(*list, w)
	q.progress.change(0, 1)
	q.changed.Broadcast()
}

// run does all the work, also work added meanwhile, n at a time. The first error ends it.
// After errListChanged running work goes on to its end; any other error ends its context.
func (q *queue) run(ctx context.Context, n int) error {
	defer func() { q.progress.change(0, q.progress.done-q.progress.total) }() // what is left is not read
	err := parallel.Each(ctx, n, n, func(ctx context.Context, _ int) error {
		for w := q.take(); w != nil; w = q.take() {
			if err := q.do(ctx, w); err != nil && !errors.Is(err, errListChanged) {
				return err
			}
		}
		return nil
	})
	if q.err == nil && len(q.pages)+len(q.followUps) == 0 {
		return nil // an end of the context has kept nothing but optional work from being done
	}
	return cmp.Or(err, q.err)
}

// take waits for work. No work is left when no running work can add any.
func (q *queue) take() work {
	q.mu.Lock()
	defer q.mu.Unlock()
	for ; q.err == nil; q.changed.Wait() {
		for _, list := range []*[]work{&q.pages, &q.followUps, &q.optional} {
			if len(*list) > 0 {
				w := (*list)[0]
				*list = (*list)[1:]
				q.running++
				return w
			}
		}
		if q.running == 0 {
			break
		}
	}
	return nil
}

func (q *queue) do(ctx context.Context, w work) (err error) {
	err = errors.New("an internal error broke it off") // of work that panics
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.running--
		q.err = cmp.Or(q.err, err)
		q.progress.finished(err)
		q.changed.Broadcast()
	}()
	return w(ctx)
}

// Each calls work with 0 to n-1, as many at a time as calls may be in flight. The
// first error ends the context of the others and is returned; a panic in work is
// raised again in the caller.
func (c *Client) Each(ctx context.Context, n int, work func(context.Context, int) error) error {
	p := &progress{report: c.cfg.Progress}
	p.change(0, n)
	return parallel.Each(ctx, n, c.cfg.Concurrency, func(ctx context.Context, i int) error {
		err := work(ctx, i)
		p.finished(err)
		return err
	})
}

// progress counts the reads of a list and reports them.
type progress struct {
	report func(done, total int) // may be nil

	mu          sync.Mutex
	done, total int
	endless     bool // the total is not known, or not yet

	likely               atomic.Int64 // estimate of the further reads of pages to come
	queued, ended, lasts atomic.Int64 // further reads that were queued, that ended, and the last reads after these
}

// finished notes the end of a read. One that failed does not count.
func (p *progress) finished(err error) {
	if err != nil {
		p.change(0, -1)
	} else {
		p.change(1, 0)
	}
}

// change adds reads that are done, and reads to do. The reported total also has an estimate of
// those to come: further reads of the pages to come, and as many last reads after further ones
// as there were so far.
func (p *progress) change(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += done
	p.total += total
	switch likely := p.likely.Load(); {
	case p.report == nil:
	case p.endless:
		p.report(p.done, 0)
	default:
		toCome := likely + p.lasts.Load()*(p.queued.Load()-p.ended.Load()+likely)/max(p.ended.Load(), 1)
		p.report(p.done, p.total+int(toCome))
	}
}
