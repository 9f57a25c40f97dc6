package cps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/cpsync/cpsync/internal/cert"
)

// listing is the way to one Listing: the list, once more when it moved, single reads.
type listing struct {
	*Client
	want    []cert.ID // sorted; none: all
	query   string    // "" for everything
	further Further
	known   func(Known)
	told    *tally
}

func (l *listing) read(ctx context.Context) (Listing, error) {
	first, err := l.firstPage(ctx)
	if err != nil {
		return Listing{}, partial(err)
	}
	q, found := newQueue(l.told), newListing()
	if cheaper(len(l.want), first.total) {
		l.told.endless = false
		found.add(slices.DeleteFunc(first.items, func(it item) bool { return !l.wants(it.live.ID) }))
		for _, have := range found.Live {
			l.ask(q, have)
		}
		l.known(Known{Pages: 1, Singles: len(found.without(l.want))})
	} else if found, err = l.all(ctx, first); err != nil {
		return Listing{}, err
	}
	return l.singles(ctx, q, found)
}

func (l *listing) firstPage(ctx context.Context) (page, error) {
	l.told.more(1)
	first, err := l.page(ctx, l.query, 1)
	l.told.ended(err)
	return first, err
}

// wants reports whether a request is one of those asked for.
func (l *listing) wants(id cert.ID) bool {
	_, found := slices.BinarySearch(l.want, id)
	return found || len(l.want) == 0
}

// ask queues what else is to be read of a request, and reports whether that is anything.
func (l *listing) ask(q *queue, have cert.Live) bool {
	more := l.further(have)
	if more == nil {
		return false
	}
	q.add(&q.further, func(ctx context.Context) error {
		last, err := more(ctx)
		if err != nil {
			return &furtherError{err}
		}
		if last != nil {
			q.add(&q.last, func(ctx context.Context) error {
				last(ctx)
				return nil
			})
		}
		return nil
	})
	return true
}

// furtherError is an error that is not about the list.
type furtherError struct{ error }

func (e *furtherError) Unwrap() error { return e.error }

// all reads the whole list, and once more from the start when it changed meanwhile.
// When it changed again nothing is found, unless that leaves nothing to ask for.
func (l *listing) all(ctx context.Context, first page) (Listing, error) {
	found, err := l.once(ctx, first)
	if errors.Is(err, errMoved) {
		if first, err = l.firstPage(ctx); err == nil {
			found, err = l.once(ctx, first)
		}
	}
	var apart *furtherError
	switch {
	case errors.Is(err, errMoved) && len(l.want) > 0:
		return newListing(), nil
	case errors.As(err, &apart):
		return Listing{}, apart.error
	case err != nil:
		return Listing{}, partial(err)
	default:
		return found, nil
	}
}

// once reads the pages after the first.
func (l *listing) once(ctx context.Context, first page) (Listing, error) {
	if err := first.tooMany(); err != nil {
		return Listing{}, err
	}
	r := &reading{listing: l, queue: newQueue(l.told), total: first.total}
	l.told.endless = first.total == unknownTotal
	if !l.told.endless {
		r.missing = first.pages()
		l.known(Known{Pages: r.missing})
	}
	for n := 2; n <= r.missing; n++ {
		r.queue.add(&r.queue.pages, r.next(n))
	}
	if err := r.arrived(first); err != nil {
		return Listing{}, err
	}
	err := r.queue.run(ctx, l.cfg.Concurrency)
	return r.found, err
}

// reading is one go through the list.
type reading struct {
	*listing
	queue *queue
	total int // as the first page tells it

	mu      sync.Mutex
	pages   []page  // as they arrived
	missing int     // pages to come, where the list says how long it is
	further int     // what the pages so far take
	found   Listing // once all have arrived
}

// next is the work of reading page n.
func (r *reading) next(n int) work {
	return func(ctx context.Context) error {
		p, err := r.page(ctx, r.query, n)
		switch {
		case pastTheEnd(err) && r.total == unknownTotal:
			return r.join()
		case pastTheEnd(err):
			return fmt.Errorf("%w: %w", errMoved, err)
		case err != nil:
			return err
		case r.total != unknownTotal && r.total != p.total:
			return fmt.Errorf("%w: it held %d requests at first, and %d on page %d", errMoved, r.total, p.total, n)
		default:
			return r.arrived(p)
		}
	}
}

// arrived keeps a page, and queues what else is to be read because of it: of a list
// that does not say how long it is also the next page. With the last page it tells
// whether the list moved, before much more is read.
func (r *reading) arrived(p page) error {
	further := 0
	for _, it := range p.items {
		if it.err == nil && r.wants(it.live.ID) && r.ask(r.queue, it.live) {
			further++
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.total == unknownTotal && len(r.pages) > 0 && !p.follows(r.pages[len(r.pages)-1]) {
		return fmt.Errorf("%w: page %d does not begin where page %d ends", errMoved, p.number, p.number-1)
	}
	r.pages = append(r.pages, p)
	r.missing--
	r.further += further
	r.told.guess(r.further * max(r.missing, 0) / len(r.pages))
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

// join makes one list of all pages. Ids ascend and come once each, and are as many as
// the list says; otherwise the error is errMoved.
func (r *reading) join() error {
	slices.SortFunc(r.pages, func(a, b page) int { return a.number - b.number })
	found, last, n := newListing(), cert.ID(0), 0
	for _, p := range r.pages {
		for _, it := range p.items {
			if it.live.ID <= last {
				return fmt.Errorf("%w: request %d follows %d on page %d", errMoved, it.live.ID, last, p.number)
			}
			last = it.live.ID
		}
		found.add(p.items)
		n += len(p.items)
	}
	if r.total != unknownTotal && r.total != n {
		return fmt.Errorf("%w: it holds %d requests and says %d", errMoved, n, r.total)
	}
	found.Whole = r.query == ""
	r.found = found
	r.known(Known{Pages: len(r.pages), Singles: len(found.without(r.want)), Asked: true})
	return nil
}
