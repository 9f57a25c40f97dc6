package cps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/cpsync/cpsync/internal/cert"
)

const (
	// pageSize is both the default and the largest the server takes.
	pageSize = 20
	// maxRequests is the longest list that is read; maxPages also ends one that does
	// not end by itself.
	maxRequests = 100_000
	maxPages    = maxRequests / pageSize
	// unknownTotal is the total of a list that does not tell a sensible one.
	unknownTotal = -1
)

// errListChanged says that the pages do not belong together.
var errListChanged = errors.New("the list changed while it was read")

// ErrTooMany says that the list is longer than is read.
var ErrTooMany = errors.New("the list is too long")

// page is one page of the list.
type page struct {
	query  string // what it was searched for; "" for everything
	number int    // counts from 1
	total  int    // requests in the account, or unknownTotal
	next   bool   // the page says that another follows
	items  []item
}

// item is one request of a page. err is an objectError, and then only the id of
// live is known.
type item struct {
	live cert.Live
	err  error
}

// page reads one page, of what query finds unless that is "". A bare field name sorts descending, one with "-" ascending.
//
// Source: cps-api, section 4.8.
func (c *Client) page(ctx context.Context, query string, number int) (page, error) {
	path := fmt.Sprintf("/v2.0/certificates?page=%d&page_size=%d&sort=-id", number, pageSize)
	if query != "" {
		path += "&query=" + url.QueryEscape(query)
	}
	raw, err := c.get(ctx, KindList, path)
	if err != nil {
		return page{}, fmt.Errorf("reading page %d of the list: %w", number, err)
	}
	p, err := decodePage(raw)
	if err != nil {
		return page{}, fmt.Errorf("reading page %d of the list: %w", number, err)
	}
	p.number, p.query = number, query
	return p, nil
}

func decodePage(raw json.RawMessage) (page, error) {
	var w struct {
		Items []json.RawMessage `json:"items"`
		Total json.RawMessage   `json:"total_items"`
		Links struct {
			Next json.RawMessage `json:"next"`
		} `json:"@links"`
	}
	if err := decode(raw, &w); err != nil {
		return page{}, fmt.Errorf("it is not a list: %w", err)
	}
	if w.Items == nil {
		return page{}, errors.New("it is not a list: it has no items")
	}
	next := string(w.Links.Next)
	p := page{total: total(w.Total), next: next != "" && next != "null"}
	for i, r := range w.Items {
		it := decodeItem(r)
		if it.live.ID <= 0 {
			return page{}, fmt.Errorf("its item %d has no id", i+1)
		}
		p.items = append(p.items, it)
	}
	if p.total < len(p.items) || p.total > maxRequests && p.last() {
		p.total = unknownTotal
	}
	return p, nil
}

func decodeItem(raw json.RawMessage) item {
	l, err := decodeCertificate(raw)
	if err != nil {
		l.ID = decodeID(raw)
	}
	return item{live: l, err: err}
}

// total reads total_items, which may be missing or nonsense, such as fewer than the
// page itself holds, or a great many on a page that is the last: other rules then tell
// where the list ends.
//
// Source: cps-api, section 15, number 25.
func total(raw json.RawMessage) int {
	var n int
	if len(raw) == 0 || string(raw) == "null" || json.Unmarshal(raw, &n) != nil || n < 0 {
		return unknownTotal
	}
	return n
}

// pages is how many pages the list has, going by its first, which is one of them. The
// server may deal out fewer at a time than it was asked for.
func (p page) pages() int { return max(pagesOf(p.total, max(len(p.items), 1)), 1) }

// pagesOf is total divided by size, rounded up.
func pagesOf(total, size int) int {
	pages := total / size
	if total%size > 0 {
		pages++
	}
	return pages
}

// tooMany refuses a list that is too long, before more of it is read.
func (p page) tooMany() error {
	switch {
	case p.total > maxRequests:
		return fmt.Errorf("%w: it holds %d requests, and %d are read at most; fewer than %d could be read one by one",
			ErrTooMany, p.total, maxRequests, pagesOf(p.total, pageSize)-1)
	case p.total != unknownTotal && p.pages() > maxPages:
		return fmt.Errorf("%w: it has %d pages, and %d are read at most", ErrTooMany, p.pages(), maxPages)
	default:
		return nil
	}
}

// follows reports whether p can come after before: ids ascend. A list that does not say
// how long it is might give one page for ever.
func (p page) follows(before page) bool {
	return len(p.items) == 0 || len(before.items) == 0 ||
		p.items[0].live.ID > before.items[len(before.items)-1].live.ID
}

// last reports whether nothing can follow p in a list that does not say how long it
// is.
func (p page) last() bool { return len(p.items) == 0 || len(p.items) < pageSize && !p.next }

// pastTheEnd reports whether err is an answer to a page that is not there. An empty
// page is another.
//
// Source: cps-api, section 4.8.
func pastTheEnd(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusBadRequest)
}
