package cps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// errID is the error of an id that is not positive.
var errID = errors.New("not the id of a certificate request")

// Certificate reads one request, including its organization, and withStatus its status
// too. Errors match cert.ErrNotFound and cert.ErrOtherID, among others. If only the status
// can't be read, it returns the request without it beside the error, which does not match
// cert.ErrNotFound.
func (c *Client) Certificate(ctx context.Context, id cert.ID, withStatus bool) (cert.Live, error) {
	l, err := c.single(ctx, id)
	if err != nil || !withStatus {
		return l, err
	}
	whole, err := c.Status(ctx, l)
	if errors.Is(err, cert.ErrNotFound) {
		err = fmt.Errorf("request %d is there, and its status can't be found", id)
	}
	if err != nil {
		return l, err
	}
	return whole, nil
}

// Status returns a copy of have with its status read again.
func (c *Client) Status(ctx context.Context, have cert.Live) (cert.Live, error) {
	raw, err := c.getOf(ctx, KindStatus, have.ID, have.ID.Path()+"/status")
	var w wireStatus
	if err == nil {
		w, err = decodeStatus(raw)
	}
	if err == nil && w.ID != nil {
		err = sameID(have.ID, cert.ID(*w.ID))
	}
	if err != nil {
		return cert.Live{}, fmt.Errorf("reading the status of request %d: %w", have.ID, err)
	}
	return w.with(have), nil
}

// Organization returns a copy of have with its organization, which a list does not show.
func (c *Client) Organization(ctx context.Context, have cert.Live) (cert.Live, error) {
	l, err := c.single(ctx, have.ID)
	if err != nil {
		return cert.Live{}, err
	}
	have.Organization, have.OrganizationRead = l.Organization, true
	return have, nil
}

func (c *Client) single(ctx context.Context, id cert.ID) (l cert.Live, err error) {
	raw, err := c.getOf(ctx, KindSingle, id, id.Path())
	if err == nil {
		// An older service of the vendor answers a wrong id with 200 and {}.
		// Source: cps-api, section 14, number 18.
		err = sameID(id, decodeID(raw))
	}
	if err == nil {
		l, err = decodeCertificate(raw)
	}
	if err != nil {
		return cert.Live{}, fmt.Errorf("reading request %d: %w", id, err)
	}
	l.OrganizationRead = true
	return l, nil
}

// getOf is get for what is about one request.
func (c *Client) getOf(ctx context.Context, kind Kind, id cert.ID, path string) (json.RawMessage, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	return c.get(ctx, kind, path)
}

// get reads an answer that is one JSON object. Any other answer counts as noAnswer, and is
// read again.
func (c *Client) get(ctx context.Context, kind Kind, path string) (raw json.RawMessage, err error) {
	_, err = c.call(ctx, call{
		class: readCall, kind: kind, method: http.MethodGet, path: path,
		accept: func(body []byte) error {
			raw = body
			return isObject(body)
		},
	})
	return raw, err
}

func checkID(id cert.ID) error {
	if id <= 0 {
		return fmt.Errorf("%d: %w", id, errID)
	}
	return nil
}

func sameID(want, have cert.ID) error {
	if want == have {
		return nil
	}
	return fmt.Errorf("%w: it has the id %d", cert.ErrOtherID, have)
}

// decode reads JSON. Its error names a member of a wrong type in the words of JSON, not of
// Go.
func decode(raw []byte, into any) error {
	err := json.Unmarshal(raw, into)
	var other *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &other):
		return err
	case other.Field == "":
		return fmt.Errorf("%s in place of an object", other.Value)
	default:
		return fmt.Errorf("%s in place of what %s should be", other.Value, other.Field)
	}
}

// isObject returns an error unless body is one JSON object.
func isObject(body []byte) error {
	if text := bytes.TrimLeft(body, " \t\r\n"); len(text) > 0 && text[0] == '{' && json.Valid(body) {
		return nil
	}
	var object *struct{}
	err := decode(body, &object)
	if err == nil && object == nil {
		err = errors.New("null in place of an object")
	}
	return err
}

// wireTime reads a timestamp with up to 9 digits of fraction. null, "" and the year 1, which
// means "not issued yet", are the zero time.
//
// Source: cps-api, section 4.9.
type wireTime struct{ time.Time }

func (t *wireTime) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return fmt.Errorf("%.40s is not a time", data)
	}
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("%.40q is not a time", text)
	}
	if at = at.UTC(); at.Year() > 1 {
		t.Time = at
	}
	return nil
}

// objectError means that one object of a readable answer cannot be read.
type objectError struct {
	what string
	err  error
}

func (e *objectError) Error() string { return e.what + " cannot be read: " + e.err.Error() }
func (e *objectError) Unwrap() error { return e.err }

// Is matches cert.ErrMalformed if another read would give the same form. An answer that is
// no JSON may have been cut off.
func (e *objectError) Is(target error) bool {
	return target == cert.ErrMalformed && !errors.As(e.err, new(*json.SyntaxError)) && !errors.Is(e.err, io.ErrUnexpectedEOF)
}

// decodeID reads only the id, or 0 if it cannot be read.
func decodeID(raw json.RawMessage) cert.ID {
	var w struct {
		ID int64 `json:"id"`
	}
	_ = json.Unmarshal(raw, &w)
	return cert.ID(w.ID)
}

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

var (
	// ErrTooMany means that the list is longer than maxRequests.
	ErrTooMany = errors.New("the list is too long")
	// errListChanged means that the pages are not of one state of the list.
	errListChanged = errors.New("the list changed while it was read")
)

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

// UnmarshalJSON accepts any object.
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
			Next any `json:"next"`
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
	p := page{items: w.Items, next: w.Links.Next != nil}
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
