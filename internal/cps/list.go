package cps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// Listing is what List or Search found: all that was asked for, each in one of its lists.
type Listing struct {
	Live    []cert.Live // sorted by id
	Whole   bool        // this is the whole account; not what a search found, nor single reads in place of the list
	Missing []cert.ID   // wanted ids that do not exist (404), asked for by themselves; sorted
	// Failed holds the ids whose object cannot be read while others can: another id
	// in the answer, an object outside the documentation, a refusal of this one. Of a
	// complete list it can hold ids that are not wanted. Never nil.
	Failed map[cert.ID]error
}

// FollowUp says what else is to be read of a wanted request as the list, or a single
// read, shows it: nil for nothing. It is asked from several goroutines, and once more
// when the list is read again; what it returned before has then ended, or is not begun
// any more.
type FollowUp func(have cert.Live) FollowUpRead

// FollowUpRead reads further. What it returns comes after all that decisions depend on, and is
// left out when the context ends before; nil: nothing.
type FollowUpRead func(context.Context) (last func(context.Context), err error)

// Expected is what is known of the requests that a reading takes, repeats not counted.
type Expected struct {
	Pages    int  // of the list; 0: not known
	Singles  int  // read by themselves
	Complete bool // Further was asked about all that are wanted
}

// List reads the requests that are wanted, or all of the account: twenty at a time,
// unless single reads of the wanted ones cost less, or the list keeps changing while
// it is read. want need not be sorted; empty means all. An error means that nothing
// is known: there is no partial list.
//
// Source: cps-api, sections 4.8 and 15.
func (c *Client) List(ctx context.Context, want []cert.ID) (Listing, error) {
	return c.ListWith(ctx, want, func(cert.Live) FollowUpRead { return nil }, func(Expected) {})
}

// ListWith is List, and does what further says about the wanted requests, as soon as
// they are known: side by side with the rest of the list, all within one bound of calls
// in flight. An error of it ends the reading. known is told once the first page is there,
// and once all of the list is; not from two goroutines at once.
func (c *Client) ListWith(ctx context.Context, want []cert.ID, further FollowUp, known func(Expected)) (Listing, error) {
	want = slices.Compact(slices.Sorted(slices.Values(want)))
	l := &listCall{Client: c, want: want, followUp: further, expect: known, progress: newProgress(c.cfg.Progress)}
	found, err := l.read(ctx)
	found.sort()
	return found, err
}

// Search reads the requests that the API's own search finds: field:value, with * as a
// wildcard. Its Listing is never Whole.
//
// Source: cps-api, section 4.8.
func (c *Client) Search(ctx context.Context, query string) (Listing, error) {
	l := &listCall{Client: c, query: query, progress: newProgress(c.cfg.Progress)}
	l.followUp, l.expect = func(cert.Live) FollowUpRead { return nil }, func(Expected) {}
	found, err := l.read(ctx)
	found.sort()
	return found, err
}

// SearchFields are what Search can look at.
var SearchFields = []string{"certificate_label", "description", "id", "domain_names"}

func noPartialList(err error) error {
	return fmt.Errorf("%w; nothing is planned from a partial list", err)
}

func newListing() Listing { return Listing{Failed: map[cert.ID]error{}} }

// cheaper reports whether single reads of n requests cost less than the pages that
// are left after the first.
func cheaper(n, total int) bool {
	return n > 0 && total != unknownTotal && n < pagesOf(total, pageSize)-1
}

// add stores what items hold.
func (l *Listing) add(items []item) {
	for _, it := range items {
		if it.err != nil {
			l.Failed[it.live.ID] = fmt.Errorf("request %d: %w", it.live.ID, it.err)
		} else {
			l.Live = append(l.Live, it.live)
		}
	}
}

// sort puts everything in order.
func (l *Listing) sort() {
	slices.SortFunc(l.Live, func(a, b cert.Live) int { return cmp.Compare(a.ID, b.ID) })
	slices.Sort(l.Missing)
}

// singles asks for each wanted request by itself that found does not hold, and
// returns found with the answers. It also does what is in q.
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

// without returns the ids of want that l says nothing about.
func (l *Listing) without(want []cert.ID) []cert.ID {
	known := make(map[cert.ID]bool, len(l.Live))
	for _, have := range l.Live {
		known[have.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(want), func(id cert.ID) bool {
		return known[id] || l.Failed[id] != nil
	})
}

// note stores the answer to a single read. It returns the error when that is not
// about this request alone.
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

// ofThisRequest reports whether a single read failed for this request alone. A page of the
// list has been read before it with the same credentials, so a refusal is about
// this request.
func ofThisRequest(err error) bool {
	var object *objectError
	if errors.As(err, &object) || errors.Is(err, cert.ErrOtherID) || errors.Is(err, errID) {
		return true
	}
	var e *Error
	return errors.As(err, &e) && errors.Is(e, cert.ErrRefused) &&
		e.StatusCode != http.StatusUnauthorized && e.StatusCode != http.StatusTooManyRequests
}

// Access is what the credentials are good for. It holds nothing secret.
type Access struct {
	Ready    bool          // the token was given, not fetched: lifetime and scope are not known
	Lifetime time.Duration // of a token; zero when the token service did not say
	Scope    string        // as granted; "" when the token service did not say
	Total    int           // requests in the account; -1 when the list does not tell
	Skew     time.Duration // how far the server's clock is ahead of ours, to the second
}

// Check fetches a token unless there is one, and reads the first page of the list.
// Its errors match cert.ErrUnauthorized when the credentials are not accepted.
func (c *Client) Check(ctx context.Context) (Access, error) {
	t, err := c.auth.token(ctx)
	if err != nil {
		return Access{}, err
	}
	first, err := c.page(ctx, "", 1)
	if err != nil {
		return Access{}, err
	}
	return Access{
		Ready: c.auth.fetch == nil, Lifetime: t.lifetime, Scope: c.auth.redact(t.scope),
		Total: first.total, Skew: c.Skew(),
	}, nil
}
