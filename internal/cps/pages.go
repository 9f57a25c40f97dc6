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
	// maxPages ends the reading of a list that does not end by itself.
	maxPages = 100_000 / pageSize
	// unknownTotal is the total of a list that does not tell a sensible one.
	unknownTotal = -1
)

// errMoved says that the pages do not belong together.
var errMoved = errors.New("the list changed while it was read")

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
	raw, err := c.get(ctx, path)
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
	if err := json.Unmarshal(raw, &w); err != nil {
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
	return p, nil
}

func decodeItem(raw json.RawMessage) item {
	l, err := decodeCertificate(raw)
	l.ID = decodeID(raw)
	return item{live: l, err: err}
}

// total reads total_items, which may be missing or nonsense: other rules then tell
// where the list ends.
//
// Source: cps-api, section 15, number 25.
func total(raw json.RawMessage) int {
	var n int
	if len(raw) == 0 || string(raw) == "null" || json.Unmarshal(raw, &n) != nil || n < 0 || n > maxPages*pageSize {
		return unknownTotal
	}
	return n
}

// pages is how many pages the list has, going by its first. The server may deal out
// fewer at a time than it was asked for.
func (p page) pages() int {
	size := max(len(p.items), 1)
	return (p.total + size - 1) / size
}

// last reports whether nothing can follow p in a list that does not say how long it
// is.
func (p page) last() bool { return len(p.items) == 0 || len(p.items) < pageSize && !p.next }

// rest reads the pages after the first, side by side, and returns all of them.
func (c *Client) rest(ctx context.Context, first page) ([]page, error) {
	if first.total == unknownTotal {
		return c.oneByOne(ctx, first)
	}
	if first.pages() > maxPages {
		return nil, fmt.Errorf("the list has %d pages; cpsync reads %d at most", first.pages(), maxPages)
	}
	all := make([]page, max(first.pages(), 1))
	all[0] = first
	err := each(ctx, len(all)-1, c.cfg.Concurrency, func(ctx context.Context, i int) (err error) {
		all[i+1], err = c.page(ctx, first.query, i+2)
		if pastTheEnd(err) {
			err = fmt.Errorf("%w: %w", errMoved, err)
		}
		return err
	})
	return all, err
}

// oneByOne reads on until the list is at its end.
func (c *Client) oneByOne(ctx context.Context, first page) ([]page, error) {
	all := []page{first}
	for !all[len(all)-1].last() {
		if len(all) == maxPages {
			return nil, fmt.Errorf("the list has more than the %d pages that cpsync reads", maxPages)
		}
		next, err := c.page(ctx, first.query, len(all)+1)
		if pastTheEnd(err) {
			break
		}
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
	return all, nil
}

// pastTheEnd reports whether err is an answer to a page that is not there. An empty
// page is another.
//
// Source: cps-api, section 4.8.
func pastTheEnd(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusBadRequest)
}
