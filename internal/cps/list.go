package cps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// Listing is what List found.
type Listing struct {
	Live     []cert.Live // sorted by id
	Complete bool        // the whole account was read; false when single reads took its place
	Missing  []cert.ID   // wanted ids that do not exist (404), asked for by themselves; sorted
	// Failed holds the ids whose object cannot be read while others can: another id
	// in the answer, an object outside the documentation, a refusal of this one. Of a
	// complete list it can hold ids that are not wanted. Never nil.
	Failed map[cert.ID]error
}

// List reads the requests that are wanted, or all of the account: twenty at a time,
// unless single reads of the wanted ones cost less, or the list keeps changing while
// it is read. want need not be sorted; empty means all. An error means that nothing
// is known: there is no partial list.
//
// Source: cps-api, sections 4.8 and 15.
func (c *Client) List(ctx context.Context, want []cert.ID) (Listing, error) {
	want = slices.Compact(slices.Sorted(slices.Values(want)))
	first, err := c.page(ctx, "", 1)
	if err != nil {
		return Listing{}, partial(err)
	}
	found := newListing()
	if !cheaper(len(want), first.total) {
		found, err = c.all(ctx, first)
		if errors.Is(err, errMoved) && len(want) > 0 {
			found, err = newListing(), nil
		}
		if err != nil {
			return Listing{}, partial(err)
		}
	} else {
		found.add(wanted(first.items, want))
	}
	return c.singles(ctx, found, want)
}

// Search reads the requests that the API's own search finds: field:value, with * as a
// wildcard. Complete says that all it found was read.
//
// Source: cps-api, section 4.8.
func (c *Client) Search(ctx context.Context, query string) (Listing, error) {
	first, err := c.page(ctx, query, 1)
	if err != nil {
		return Listing{}, partial(err)
	}
	found, err := c.all(ctx, first)
	if err != nil {
		return Listing{}, partial(err)
	}
	found.sort()
	return found, nil
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
	pages := (total + pageSize - 1) / pageSize
	return n > 0 && total != unknownTotal && n < pages-1
}

// wanted returns the items whose ids are in want, which is sorted.
func wanted(items []item, want []cert.ID) []item {
	return slices.DeleteFunc(slices.Clone(items), func(it item) bool {
		_, found := slices.BinarySearch(want, it.live.ID)
		return !found
	})
}

// all reads the whole list, and once more from the start when it changed meanwhile.
func (c *Client) all(ctx context.Context, first page) (Listing, error) {
	found, err := c.once(ctx, first)
	if !errors.Is(err, errMoved) {
		return found, err
	}
	if first, err = c.page(ctx, first.query, 1); err != nil {
		return Listing{}, err
	}
	return c.once(ctx, first)
}

func (c *Client) once(ctx context.Context, first page) (Listing, error) {
	pages, err := c.rest(ctx, first)
	if err != nil {
		return Listing{}, err
	}
	items, err := together(pages)
	if err != nil {
		return Listing{}, err
	}
	found := newListing()
	found.add(items)
	found.Complete = true
	return found, nil
}

// together joins the pages of one list. Ids ascend and come once each, and every
// page tells the same total, which is their number; otherwise the error is errMoved.
func together(pages []page) ([]item, error) {
	var items []item
	var last cert.ID
	for _, p := range pages {
		if p.total != pages[0].total {
			return nil, fmt.Errorf("%w: of %d requests on page 1, of %d on page %d", errMoved, pages[0].total, p.total, p.number)
		}
		for _, it := range p.items {
			if it.live.ID <= last {
				return nil, fmt.Errorf("%w: request %d follows %d on page %d", errMoved, it.live.ID, last, p.number)
			}
			last = it.live.ID
		}
		items = append(items, p.items...)
	}
	if total := pages[0].total; total != unknownTotal && total != len(items) {
		return nil, fmt.Errorf("%w: it holds %d requests and says %d", errMoved, len(items), total)
	}
	return items, nil
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
