package cps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/cpsync/cpsync/internal/cert"
)

// listCall is one call of List or Search: the list, a second time if it changed meanwhile,
// then single reads.
type listCall struct {
	*Client
	want     []cert.ID // sorted; empty: all
	query    string    // of a search; "" for the whole list
	followUp FollowUp
	expect   func(Expected)
	progress *progress
}

func (l *listCall) read(ctx context.Context) (Listing, error) {
	first, err := l.firstPage(ctx)
	if err != nil {
		return Listing{}, noPartialList(err)
	}
	q, found := newQueue(l.progress), newListing()
	if cheaper(len(l.want), first.total) {
		l.progress.endless = false
		found.add(slices.DeleteFunc(first.items, func(it item) bool { return !l.wants(it.live.ID) }))
		for _, have := range found.Live {
			l.queueFollowUp(q, have)
		}
		l.expect(Expected{Pages: 1, Singles: len(found.without(l.want))})
	} else if found, err = l.all(ctx, first); err != nil {
		return Listing{}, err
	}
	return l.singles(ctx, q, found)
}

func (l *listCall) firstPage(ctx context.Context) (page, error) {
	l.progress.add(1)
	first, err := l.page(ctx, l.query, 1)
	l.progress.finished(err)
	return first, err
}

// wants reports whether a request was asked for.
func (l *listCall) wants(id cert.ID) bool {
	_, found := slices.BinarySearch(l.want, id)
	return found || len(l.want) == 0
}

// queueFollowUp queues the further reads of a request, and reports whether it has any.
func (l *listCall) queueFollowUp(q *queue, have cert.Live) bool {
	more := l.followUp(have)
	if more == nil {
		return false
	}
	l.progress.noteFurther(1, 0, 0)
	q.add(&q.followUps, func(ctx context.Context) error {
		last, err := more(ctx)
		l.progress.noteFurther(0, 1, 0)
		if err != nil {
			return &followUpError{err}
		}
		if last != nil {
			l.progress.noteFurther(0, 0, 1)
			q.add(&q.optional, func(ctx context.Context) error {
				last(ctx)
				return nil
			})
		}
		return nil
	})
	return true
}

// followUpError is the error of a further read, and not of the list.
type followUpError struct{ error }

func (e *followUpError) Unwrap() error { return e.error }

// all reads the whole list, and a second time if it changed meanwhile. If it changed again,
// the Listing is empty, so that singles reads what is wanted; without want it is an error.
func (l *listCall) all(ctx context.Context, first page) (Listing, error) {
	found, err := l.once(ctx, first)
	if errors.Is(err, errListChanged) {
		if first, err = l.firstPage(ctx); err == nil {
			found, err = l.once(ctx, first)
		}
	}
	var apart *followUpError
	switch {
	case errors.Is(err, errListChanged) && len(l.want) > 0:
		return newListing(), nil
	case errors.As(err, &apart):
		return Listing{}, apart.error
	case err != nil:
		return Listing{}, noPartialList(err)
	default:
		return found, nil
	}
}

// once reads the pages after the first, in one pass.
func (l *listCall) once(ctx context.Context, first page) (Listing, error) {
	if err := first.tooMany(); err != nil {
		return Listing{}, err
	}
	r := &pass{listCall: l, queue: newQueue(l.progress), total: first.total}
	l.progress.endless = first.total == unknownTotal
	if !l.progress.endless {
		r.missing = first.pages()
		l.expect(Expected{Pages: r.missing})
	}
	for n := 2; n <= r.missing; n++ {
		r.queue.add(&r.queue.pages, r.next(n))
	}
	if err := r.addPage(first); err != nil {
		return Listing{}, err
	}
	err := r.queue.run(ctx, l.cfg.Concurrency)
	return r.found, err
}

// pass is one pass through the list.
type pass struct {
	*listCall
	queue *queue
	total int // of the first page

	mu        sync.Mutex
	pages     []page  // in order of arrival
	missing   int     // pages still to read, if the total is known
	followUps int     // further reads of the pages so far
	found     Listing // set by join
}

// next returns the work of reading page n.
func (r *pass) next(n int) work {
	return func(ctx context.Context) error {
		p, err := r.page(ctx, r.query, n)
		switch {
		case pastTheEnd(err) && r.total == unknownTotal:
			return r.join()
		case pastTheEnd(err):
			return fmt.Errorf("%w: %w", errListChanged, err)
		case err != nil:
			return err
		case r.total != unknownTotal && r.total != p.total:
			return fmt.Errorf("%w: it held %d requests at first, and %d on page %d", errListChanged, r.total, p.total, n)
		default:
			return r.addPage(p)
		}
	}
}

// addPage adds a page, and queues the further reads of its requests, and without a total
// also the next page. After the last page it reports at once whether the list changed,
// before more is read.
func (r *pass) addPage(p page) error {
	further := 0
	for _, it := range p.items {
		if it.err == nil && r.wants(it.live.ID) && r.queueFollowUp(r.queue, it.live) {
			further++
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.total == unknownTotal && len(r.pages) > 0 && !p.follows(r.pages[len(r.pages)-1]) {
		return fmt.Errorf("%w: page %d does not begin where page %d ends", errListChanged, p.number, p.number-1)
	}
	r.pages = append(r.pages, p)
	r.missing--
	r.followUps += further
	r.progress.expect(r.followUps * max(r.missing, 0) / len(r.pages))
	switch {
	case r.missing == 0, r.total == unknownTotal && p.last():
		return r.join()
	case r.total != unknownTotal:
		return nil
	case p.number == maxPages:
		return fmt.Errorf("%w: it goes on after %d pages", ErrTooMany, maxPages)
	default:
		r.queue.add(&r.queue.pages, r.next(p.number+1))
		return nil
	}
}

// join makes one list of all pages. If ids do not ascend, repeat or do not match the total,
// the error is errListChanged.
func (r *pass) join() error {
	slices.SortFunc(r.pages, func(a, b page) int { return a.number - b.number })
	found, last, n := newListing(), cert.ID(0), 0
	for _, p := range r.pages {
		for _, it := range p.items {
			if it.live.ID <= last {
				return fmt.Errorf("%w: request %d follows %d on page %d", errListChanged, it.live.ID, last, p.number)
			}
			last = it.live.ID
		}
		found.add(p.items)
		n += len(p.items)
	}
	if r.total != unknownTotal && r.total != n {
		return fmt.Errorf("%w: it holds %d requests and says %d", errListChanged, n, r.total)
	}
	found.Whole = r.query == ""
	r.found = found
	r.expect(Expected{Pages: len(r.pages), Singles: len(found.without(r.want)), Complete: true})
	return nil
}
