package cps

import (
	"cmp"
	"context"
	"fmt"
	"slices"

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

// Further says what else is to be read of a wanted request as the list, or a single
// read, shows it: nil for nothing. It is asked from several goroutines, and once more
// when the list is read again; what it returned before has then ended, or is not begun
// any more.
type Further func(have cert.Live) Reading

// Reading reads further. What it returns comes after all that decisions depend on, and is
// left out when the context ends before; nil: nothing.
type Reading func(context.Context) (last func(context.Context), err error)

// Known is what is known of the requests that a reading takes, repeats not counted.
type Known struct {
	Pages   int  // of the list; 0: not known
	Singles int  // read by themselves
	Asked   bool // Further was asked about all that are wanted
}

// List reads the requests that are wanted, or all of the account: twenty at a time,
// unless single reads of the wanted ones cost less, or the list keeps changing while
// it is read. want need not be sorted; empty means all. An error means that nothing
// is known: there is no partial list.
//
// Source: cps-api, sections 4.8 and 15.
func (c *Client) List(ctx context.Context, want []cert.ID) (Listing, error) {
	return c.ListAnd(ctx, want, func(cert.Live) Reading { return nil }, func(Known) {})
}

// ListAnd is List, and does what further says about the wanted requests, as soon as
// they are known: side by side with the rest of the list, all within one bound of calls
// in flight. An error of it ends the reading. known is told once the first page is there,
// and once all of the list is; not from two goroutines at once.
func (c *Client) ListAnd(ctx context.Context, want []cert.ID, further Further, known func(Known)) (Listing, error) {
	want = slices.Compact(slices.Sorted(slices.Values(want)))
	l := &listing{Client: c, want: want, further: further, known: known, told: newTally(c.cfg.Progress)}
	found, err := l.read(ctx)
	found.sort()
	return found, err
}

// Search reads the requests that the API's own search finds: field:value, with * as a
// wildcard. Its Listing is never Whole.
//
// Source: cps-api, section 4.8.
func (c *Client) Search(ctx context.Context, query string) (Listing, error) {
	l := &listing{Client: c, query: query, told: newTally(c.cfg.Progress)}
	l.further, l.known = func(cert.Live) Reading { return nil }, func(Known) {}
	found, err := l.read(ctx)
	found.sort()
	return found, err
}

// SearchFields are what Search can look at.
var SearchFields = []string{"certificate_label", "description", "id", "domain_names"}

func partial(err error) error {
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
