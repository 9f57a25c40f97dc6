package cps

import (
	"context"
	"errors"
	"sync"

	"github.com/cpsync/cpsync/internal/parallel"
)

// work is one thing to read.
type work func(context.Context) error

// queue holds the work of several goroutines. Pages of the list come first, so that a list
// that changed is noticed before much more is read. Further reads of its requests use the
// goroutines that have no page left to read. Optional work comes last, and is skipped when the
// context ends.
type queue struct {
	progress *progress

	mu        sync.Mutex
	changed   *sync.Cond
	pages     []work
	followUps []work
	optional  []work
	needed    int   // unfinished work of pages and followUps
	running   int   // running work, which may add work
	err       error // the first error
}

func newQueue(p *progress) *queue {
	q := &queue{progress: p}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// add puts work at the end of one of the three lists.
func (q *queue) add(list *[]work, w ...work) {
	q.mu.Lock()
	defer q.mu.Unlock()
	*list = append(*list, w...)
	if list != &q.optional {
		q.needed += len(w)
	}
	q.progress.add(len(w))
	q.changed.Broadcast()
}

// run does all the work, also work added meanwhile, n at a time. The first error ends it.
// After errListChanged running work goes on to its end; any other error ends its context.
func (q *queue) run(ctx context.Context, n int) error {
	err := parallel.Each(ctx, n, n, func(ctx context.Context, _ int) error {
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

// take waits for work. No work is left when no running work can add any.
func (q *queue) take() (w work, needed, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.err == nil {
		for _, list := range []*[]work{&q.pages, &q.followUps, &q.optional} {
			if len(*list) > 0 {
				w, *list = (*list)[0], (*list)[1:]
				q.running++
				return w, list != &q.optional, true
			}
		}
		if q.running == 0 {
			break
		}
		q.changed.Wait()
	}
	return nil, false, false
}

// errBroken is the error of work that panics.
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
	q.running--
	if needed && err == nil {
		q.needed--
	}
	if q.err == nil {
		q.err = err
	}
	q.progress.finished(err)
	q.changed.Broadcast()
}

// Each calls work with 0 to n-1, as many at a time as calls may be in flight. The
// first error ends the context of the others and is returned; a panic in work is
// raised again in the caller.
func (c *Client) Each(ctx context.Context, n int, work func(context.Context, int) error) error {
	p := &progress{report: c.cfg.Progress}
	p.add(n)
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
	likely      int  // estimate of the reads to come
	endless     bool // the total is not known, or not yet

	queued, ended, lasts int // further reads that were queued, that ended, and the last reads after these
}

func newProgress(report func(done, total int)) *progress {
	return &progress{report: report, endless: true}
}

// add notes n more reads to do.
func (p *progress) add(n int) { p.change(0, n) }

// finished notes the end of a read. One that failed does not count.
func (p *progress) finished(err error) {
	if err != nil {
		p.drop(1)
		return
	}
	p.change(1, 0)
}

// expect notes an estimate of the reads to come.
func (p *progress) expect(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.likely = n
}

// noteFurther notes further reads that were queued and that ended, and last reads after them.
func (p *progress) noteFurther(queued, ended, lasts int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queued += queued
	p.ended += ended
	p.lasts += lasts
}

// toCome estimates the reads that nothing was queued for yet: further reads of the pages to
// come, and as many last reads after further ones as there were so far.
func (p *progress) toCome() int {
	return p.likely + p.lasts*(p.queued-p.ended+p.likely)/max(p.ended, 1)
}

func (p *progress) change(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += done
	p.total += total
	switch {
	case p.report == nil:
	case p.endless:
		p.report(p.done, 0)
	default:
		p.report(p.done, p.total+p.toCome())
	}
}

// drop takes back n reads that are not done.
func (p *progress) drop(n int) { p.change(0, -n) }
