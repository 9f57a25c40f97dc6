package cps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
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
	return c.ListWith(ctx, want, noFollowUp, ignore)
}

// ListWith is List with further reads of the wanted requests, which run beside the rest of
// the list within the same bound of calls in flight. An error of such a read ends the list.
// expect is called after the first page and after the last one; calls do not overlap.
func (c *Client) ListWith(ctx context.Context, want []cert.ID, followUp FollowUp, expect func(Expected)) (Listing, error) {
	want = slices.Compact(slices.Sorted(slices.Values(want)))
	return c.collect(ctx, listCall{want: want, followUp: followUp, expect: expect})
}

// Search reads the requests that the API's own search finds. A query is field:value, with *
// as a wildcard. The Listing is never Whole.
//
// Source: cps-api, section 4.8.
func (c *Client) Search(ctx context.Context, query string) (Listing, error) {
	return c.collect(ctx, listCall{query: query, followUp: noFollowUp, expect: ignore})
}

// collect makes one call of List or Search, with a sorted result.
func (c *Client) collect(ctx context.Context, l listCall) (Listing, error) {
	l.Client, l.progress = c, newProgress(c.cfg.Progress)
	found, err := l.read(ctx)
	slices.SortFunc(found.Live, func(a, b cert.Live) int { return cmp.Compare(a.ID, b.ID) })
	slices.Sort(found.Missing)
	return found, err
}

func noFollowUp(cert.Live) FollowUpRead { return nil }

func ignore(Expected) {}

// SearchFields are the fields of a query.
var SearchFields = []string{"certificate_label", "description", "id", "domain_names"}

func noPartialList(err error) error {
	return fmt.Errorf("%w; nothing is planned from a partial list", err)
}

func newListing() Listing { return Listing{Failed: map[cert.ID]error{}} }

// cheaper reports whether single reads of n requests cost less than the pages after the
// first.
func cheaper(n, total int) bool {
	return n > 0 && total != unknownTotal && n < pagesOf(total, pageSize)-1
}

// add adds items.
func (l *Listing) add(items []item) {
	for _, it := range items {
		if it.err != nil {
			l.Failed[it.live.ID] = fmt.Errorf("request %d: %w", it.live.ID, it.err)
		} else {
			l.Live = append(l.Live, it.live)
		}
	}
}

// singles reads each wanted request that found does not hold, and returns found with the
// answers. It also does the work of q.
func (l *listCall) singles(ctx context.Context, q *queue, found Listing) (Listing, error) {
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
			return found.note(id, have, err)
		})
	}
	var apart *followUpError
	err := q.run(ctx, l.cfg.Concurrency)
	if errors.As(err, &apart) {
		err = apart.error
	}
	if err != nil {
		return Listing{}, err
	}
	return found, nil
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

// note adds the result of a single read. It returns an error that concerns more than this
// request.
func (l *Listing) note(id cert.ID, have cert.Live, err error) error {
	switch {
	case err == nil:
		l.Live = append(l.Live, have)
	case errors.Is(err, cert.ErrNotFound):
		l.Missing = append(l.Missing, id)
	case ofThisRequest(err):
		l.Failed[id] = err
	default:
		return err
	}
	return nil
}

// ofThisRequest reports whether the error of a single read concerns this request only. The
// same credentials have read a page before, so that a 4xx concerns this request.
func ofThisRequest(err error) bool {
	var object *objectError
	if errors.As(err, &object) || errors.Is(err, cert.ErrOtherID) || errors.Is(err, errID) {
		return true
	}
	var e *Error
	return errors.As(err, &e) && errors.Is(e, cert.ErrRefused) &&
		e.StatusCode != http.StatusUnauthorized && e.StatusCode != http.StatusTooManyRequests
}
