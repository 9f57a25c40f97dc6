package cps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

const (
	// pageSize is the server's default and its maximum.
	pageSize = 20
	// maxRequests is the longest list that is read. maxPages also bounds a list that
	// never ends.
	maxRequests = 100_000
	maxPages    = maxRequests / pageSize
	// unknownTotal is the total of a list that has none, or an impossible one.
	unknownTotal = -1
)

// errListChanged means that the pages are not of one state of the list.
var errListChanged = errors.New("the list changed while it was read")

// ErrTooMany means that the list is longer than maxRequests.
var ErrTooMany = errors.New("the list is too long")

// page is one page of the list.
type page struct {
	number int  // from 1
	total  int  // requests of the whole list, or unknownTotal
	next   bool // the page has a link to the next
	items  []item
}

// item is one request of a page. If err is set, it is an objectError, and live has only
// the id.
type item struct {
	live cert.Live
	err  error
}

// UnmarshalJSON implements json.Unmarshaler. It accepts any object.
func (it *item) UnmarshalJSON(raw []byte) error {
	if it.live, it.err = decodeCertificate(raw); it.err != nil {
		it.live.ID = decodeID(raw)
	}
	return nil
}

// page reads one page of the list, or of what query finds. In sort, a bare field name means
// descending and one with "-" ascending.
//
// Source: cps-api, section 4.8.
func (c *Client) page(ctx context.Context, query string, number int) (page, error) {
	path := fmt.Sprintf("/v2.0/certificates?page=%d&page_size=%d&sort=-id", number, pageSize)
	if query != "" {
		path += "&query=" + url.QueryEscape(query)
	}
	raw, err := c.get(ctx, KindList, path)
	var p page
	if err == nil {
		p, err = decodePage(raw)
	}
	if err != nil {
		return page{}, fmt.Errorf("reading page %d of the list: %w", number, err)
	}
	p.number = number
	return p, nil
}

func decodePage(raw json.RawMessage) (page, error) {
	var w struct {
		Items []item          `json:"items"`
		Total json.RawMessage `json:"total_items"`
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
	if i := slices.IndexFunc(w.Items, func(it item) bool { return it.live.ID <= 0 }); i >= 0 {
		return page{}, fmt.Errorf("its item %d has no id", i+1)
	}
	next := string(w.Links.Next)
	p := page{items: w.Items, next: next != "" && next != "null"}
	// total_items may be missing, no count, smaller than the page, or huge on the last page. Other
	// rules then find the end of the list. Source: cps-api, section 15, number 25.
	given := len(w.Total) > 0 && string(w.Total) != "null" && json.Unmarshal(w.Total, &p.total) == nil
	if !given || p.total < len(p.items) || p.total > maxRequests && p.last() {
		p.total = unknownTotal
	}
	return p, nil
}

// pages returns how many pages the list has, where p is the first. The server may return
// fewer requests on a page than pageSize.
func (p page) pages() int { return max(pagesOf(p.total, max(len(p.items), 1)), 1) }

// pagesOf returns total divided by size, rounded up. The total may be the largest there is.
func pagesOf(total, size int) int { return (total-1)/size + 1 }

// tooMany returns an error if the list is too long, before more of it is read.
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

// follows reports whether p can come after before: ids ascend. A server without a total
// might return the same page for ever.
func (p page) follows(before page) bool {
	return len(p.items) == 0 || len(before.items) == 0 ||
		p.items[0].live.ID > before.items[len(before.items)-1].live.ID
}

// last reports whether p is the last page of a list without a total.
func (p page) last() bool { return len(p.items) == 0 || len(p.items) < pageSize && !p.next }

// pastTheEnd reports whether err means that the page does not exist. Another form of that
// answer is an empty page.
//
// Source: cps-api, section 4.8.
func pastTheEnd(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusBadRequest)
}
