package cps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// Patch replaces the fields of p and no others. It returns how many attempts were sent, and
// an error that matches exactly one of cert.ErrNotSent, cert.ErrRefused and cert.ErrNoAnswer.
// Success is a 2xx; only a read shows whether the fields changed.
func (c *Client) Patch(ctx context.Context, id cert.ID, p cert.Patch) (attempts int, err error) {
	body, err := json.Marshal(p)
	d, withDomains := p.Domains.Get()
	switch {
	case err != nil:
	case string(body) == "{}":
		err = errors.New("there is nothing to change")
	case withDomains && !slices.Contains(d.Names, d.Common): // its effect is undocumented
		err = errors.New("the common name is not in the list of domains")
	case withDomains && d.Order != nil && !slices.Equal(slices.Sorted(slices.Values(d.Order)), slices.Sorted(slices.Values(d.Names))):
		err = errors.New("the list of domains has others in the order that it is sent in")
	}
	if err != nil {
		return 0, fmt.Errorf("changing request %d: %w: %w", id, cert.ErrNotSent, err)
	}
	q := call{class: metadataWrite, body: body}
	if p.SentOnce() {
		q.class = order
	}
	q.method, q.path = cert.PatchCall(id)
	return c.write(ctx, "changing", id, q)
}

// Renew orders a renewal. It returns as Patch does, but its error also matches cert.ErrNoAnswer
// for a 2xx whose body is not this API's.
//
// Source: cps-api, section 3.1, number 9: a PUT without a body, answered 204.
func (c *Client) Renew(ctx context.Context, id cert.ID) (attempts int, err error) {
	return c.order(ctx, "renewing", id, cert.EditRenew)
}

// Retrigger submits the order of a request again. It returns as Renew does.
//
// Source: cps-api, section 3.1, number 10: a PUT without a body, answered 204.
func (c *Client) Retrigger(ctx context.Context, id cert.ID) (attempts int, err error) {
	return c.order(ctx, "retriggering", id, cert.EditRetrigger)
}

// order sends a renewal or retrigger, which have no body. It accepts as an answer no body, or the
// request itself. Any other body, such as a proxy's page or half an answer, does not prove that
// the API placed the order.
func (c *Client) order(ctx context.Context, doing string, id cert.ID, e cert.Edit) (attempts int, err error) {
	q := call{class: order, accept: func(body []byte) error {
		if len(bytes.TrimSpace(body)) == 0 {
			return nil
		}
		if err := isObject(body); err != nil {
			return err
		}
		return sameID(id, decodeID(body))
	}}
	q.method, q.path = cert.OrderCall(id, e)
	return c.write(ctx, doing, id, q)
}

// write makes the call q about one request.
func (c *Client) write(ctx context.Context, doing string, id cert.ID, q call) (int, error) {
	if err := checkID(id); err != nil {
		return 0, fmt.Errorf("%s: %w: %w", doing, cert.ErrNotSent, err)
	}
	q.kind = KindWrite
	attempts, err := c.call(ctx, q)
	if err != nil {
		return attempts, fmt.Errorf("%s request %d: %w", doing, id, err)
	}
	return attempts, nil
}
