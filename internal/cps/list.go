package cps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/cpsync/cpsync/internal/cert"
)

// Listing is the result of List or Search. Each wanted request is in one of its members.
type Listing struct {
	Live    []cert.Live // sorted by id
	Whole   bool        // Live and Failed are the whole account, and not the result of a search or of single reads
	Missing []cert.ID   // wanted ids whose single read was answered 404; sorted
	// Failed holds the requests that cannot be read while others can: another id in the
	// answer, an undocumented object, a 4xx for this one. If Whole, it can hold ids that
	// are not wanted. It is never nil.
	Failed map[cert.ID]error
}

// FollowUp returns the further read of a wanted request as the list, or a single read,
// shows it, or nil. Several goroutines call it. It is called again when the list is read
// again; by then the read that it returned before has ended or will never begin.
type FollowUp func(have cert.Live) FollowUpRead

// FollowUpRead reads more of one request. It can return a last read, on which no decision
// depends: that runs after all others, and is skipped if the context ends before.
type FollowUpRead func(context.Context) (last func(context.Context), err error)

// Expected is how many requests a list takes, as far as known. It does not count retries.
type Expected struct {
	Pages    int  // of the list; 0: unknown
	Singles  int  // single reads
	Complete bool // FollowUp was called for every wanted request
}

// List reads the wanted requests, or all of the account if want is empty. It reads pages of
// the list, unless single reads cost less or the list keeps changing. An error means that
// nothing is known: there is no partial list.
//
// Source: cps-api, sections 4.8 and 15.
func (c *Client) List(ctx context.Context, want []cert.ID) (Listing, error) {
	return c.ListWith(ctx, want, noFollowUp, func(Expected) {})
}

// ListWith is List with further reads of the wanted requests, which run beside the rest of
// the list within the same bound of calls in flight. An error of such a read ends the list.
// expect is called after the first page and after the last one; calls do not overlap.
func (c *Client) ListWith(ctx context.Context, want []cert.ID, followUp FollowUp, expect func(Expected)) (Listing, error) {
	want = slices.Compact(slices.Sorted(slices.Values(want)))
	return c.read(ctx, listCall{want: want, followUp: followUp, expect: expect})
}

// Search reads the requests that the API's own search finds. A query is field:value, with *
// as a wildcard. The Listing is never Whole.
//
// Source: cps-api, section 4.8.
func (c *Client) Search(ctx context.Context, query string) (Listing, error) {
	return c.read(ctx, listCall{query: query, followUp: noFollowUp, expect: func(Expected) {}})
}

// SearchFields are the fields of a query.
var SearchFields = []string{"certificate_label", "description", "id", "domain_names"}

func noFollowUp(cert.Live) FollowUpRead { return nil }

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

// read makes one call of List or Search, with a sorted result.
func (c *Client) read(ctx context.Context, l listCall) (Listing, error) {
	l.Client, l.progress = c, &progress{report: c.cfg.Progress, endless: true}
	singles := newQueue(l.progress)
	found, err := l.pass(ctx, singles)
	if errors.Is(err, errListChanged) {
		found, err = l.pass(ctx, nil)
	}
	switch {
	case errors.Is(err, errListChanged) && len(l.want) > 0:
		found = Listing{Failed: map[cert.ID]error{}} // what is wanted is read one by one
	case errors.As(err, new(*followUpError)):
		return Listing{}, err
	case err != nil:
		return Listing{}, fmt.Errorf("%w; nothing is planned from a partial list", err)
	}
	l.readSingles(singles, &found)
	if err := singles.run(ctx, c.cfg.Concurrency); err != nil {
		return Listing{}, err
	}
	slices.SortFunc(found.Live, func(a, b cert.Live) int { return cmp.Compare(a.ID, b.ID) })
	slices.Sort(found.Missing)
	return found, nil
}

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
	l.progress.queued.Add(1)
	q.add(&q.followUps, func(ctx context.Context) error {
		last, err := more(ctx)
		l.progress.ended.Add(1)
		if err != nil {
			return &followUpError{err}
		}
		if last != nil {
			l.progress.lasts.Add(1)
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

// readSingles queues a single read of each wanted request that found does not hold, which adds
// its answer.
func (l *listCall) readSingles(q *queue, found *Listing) {
	var mu sync.Mutex
	alone := found.without(l.want)
	left := len(alone)
	for _, id := range alone {
		q.add(&q.pages, func(ctx context.Context) error {
			have, err := l.single(ctx, id)
			if err == nil {
				l.queueFollowUp(q, have)
			}
			mu.Lock()
			defer mu.Unlock()
			if left--; left == 0 && !found.Whole {
				l.expect(Expected{Pages: 1, Singles: len(alone), Complete: true})
			}
			switch {
			case err == nil:
				found.Live = append(found.Live, have)
			case errors.Is(err, cert.ErrNotFound):
				found.Missing = append(found.Missing, id)
			case errors.As(err, new(*objectError)), errors.Is(err, cert.ErrOtherID), errors.Is(err, errID),
				errors.Is(err, cert.ErrRefused) && !errors.Is(err, cert.ErrRetryLater):
				// The same credentials have read a page before, so that a 4xx concerns this request alone.
				found.Failed[id] = err
			default:
				return err
			}
			return nil
		})
	}
}

func (l *Listing) add(items []item) {
	for _, it := range items {
		if it.err != nil {
			l.Failed[it.live.ID] = fmt.Errorf("request %d: %w", it.live.ID, it.err)
		} else {
			l.Live = append(l.Live, it.live)
		}
	}
}

// without returns the ids of want that l does not hold.
func (l *Listing) without(want []cert.ID) []cert.ID {
	known := make(map[cert.ID]bool, len(l.Live))
	for _, have := range l.Live {
		known[have.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(want), func(id cert.ID) bool {
		return known[id] || l.Failed[id] != nil
	})
}

// pass reads the pages of the list once. With a queue for single reads it reads only the first
// page, and queues further reads there, if single reads of what is wanted cost less than the
// pages after the first.
func (l *listCall) pass(ctx context.Context, singles *queue) (Listing, error) {
	l.progress.change(0, 1)
	first, err := l.page(ctx, l.query, 1)
	l.progress.finished(err)
	if err != nil {
		return Listing{}, err
	}
	l.progress.endless = first.total == unknownTotal
	found, n := Listing{Failed: map[cert.ID]error{}}, len(l.want)
	if singles != nil && n > 0 && first.total != unknownTotal && n < pagesOf(first.total, pageSize)-1 {
		found.add(slices.DeleteFunc(first.items, func(it item) bool { return !l.wants(it.live.ID) }))
		for _, have := range found.Live {
			l.queueFollowUp(singles, have)
		}
		l.expect(Expected{Pages: 1, Singles: len(found.without(l.want))})
		return found, nil
	}
	if err := first.tooMany(); err != nil {
		return Listing{}, err
	}
	r := &pass{listCall: l, queue: newQueue(l.progress), total: first.total, found: found}
	if r.total != unknownTotal {
		r.missing = first.pages()
		l.expect(Expected{Pages: r.missing})
	}
	for n := 2; n <= r.missing; n++ {
		r.queue.add(&r.queue.pages, r.next(n))
	}
	if err := r.addPage(first); err != nil {
		return Listing{}, err
	}
	err = r.queue.run(ctx, l.cfg.Concurrency)
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
	found     Listing // filled by join
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
	r.progress.likely.Store(int64(r.followUps * max(r.missing, 0) / len(r.pages)))
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
	last, n := cert.ID(0), 0
	for _, p := range r.pages {
		for _, it := range p.items {
			if it.live.ID <= last {
				return fmt.Errorf("%w: request %d follows %d on page %d", errListChanged, it.live.ID, last, p.number)
			}
			last = it.live.ID
		}
		r.found.add(p.items)
		n += len(p.items)
	}
	if r.total != unknownTotal && r.total != n {
		return fmt.Errorf("%w: it holds %d requests and says %d", errListChanged, n, r.total)
	}
	r.found.Whole = r.query == ""
	r.expect(Expected{Pages: len(r.pages), Singles: len(r.found.without(r.want)), Complete: true})
	return nil
}
