package cps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/cpsync/cpsync/internal/cert"
)

// Patch replaces the fields that p holds and no others. It returns how many
// attempts were sent, and an error that matches exactly one of cert.ErrNotSent,
// cert.ErrRefused and cert.ErrLost. Success means a 2xx: whether the fields have
// taken, a reading tells.
func (c *Client) Patch(ctx context.Context, id cert.ID, p cert.Patch) (attempts int, err error) {
	body, err := patchBody(p)
	if err != nil {
		return 0, fmt.Errorf("changing request %d: %w: %w", id, cert.ErrNotSent, err)
	}
	kind := plain
	if p.SentOnce() {
		kind = order
	}
	return c.write(ctx, "changing", id, call{row: kind, method: http.MethodPatch, body: body})
}

// Renew asks for a renewal. It returns as Patch does, but for this: a 2xx with a body
// that is not this API's matches cert.ErrLost.
//
// Source: cps-api, section 3.1, number 9: a PUT without a body, answered 204.
func (c *Client) Renew(ctx context.Context, id cert.ID) (attempts int, err error) {
	return c.write(ctx, "renewing", id, call{row: order, method: http.MethodPut, path: "/renew", accept: orderAnswer(id)})
}

// Retrigger places the order of a request again. It returns as Renew does.
//
// Source: cps-api, section 3.1, number 10: a PUT without a body, answered 204.
func (c *Client) Retrigger(ctx context.Context, id cert.ID) (attempts int, err error) {
	return c.write(ctx, "retriggering", id, call{row: order, method: http.MethodPut, path: "/retrigger", accept: orderAnswer(id)})
}

// orderAnswer takes what this API answers to a renewal or retrigger: no body. One that
// is the request itself would be an answer too. Anything else, such as the page of a
// proxy or half an answer, may come from somebody who ordered nothing.
func orderAnswer(id cert.ID) func([]byte) error {
	return func(body []byte) error {
		if len(bytes.TrimSpace(body)) == 0 {
			return nil
		}
		if err := isObject(body); err != nil {
			return err
		}
		return sameID(id, decodeID(body))
	}
}

// write makes q, whose path is below the request's.
func (c *Client) write(ctx context.Context, doing string, id cert.ID, q call) (int, error) {
	path, err := pathOf(id, q.path)
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %w", doing, cert.ErrNotSent, err)
	}
	q.path, q.kind = path, KindWrite
	attempts, err := c.call(ctx, q)
	if err != nil {
		return attempts, fmt.Errorf("%s request %d: %w", doing, id, err)
	}
	return attempts, nil
}

// wirePatch is the body of a PATCH. What is absent is not sent; false and "" are.
//
// Source: cps-api, section 3.6.
type wirePatch struct {
	Label       cert.Opt[string]         `json:"certificate_label,omitzero"`
	Description cert.Opt[string]         `json:"description,omitzero"`
	AutoRenew   cert.Opt[bool]           `json:"auto_renew,omitzero"`
	DCVMethod   cert.Opt[cert.DCVMethod] `json:"dcv_method,omitzero"`
	Domains     []wireName               `json:"domains,omitempty"`
}

// wireName is one name of the complete list that a PATCH sends.
type wireName struct {
	Name   string `json:"name"`
	Common bool   `json:"is_common_name"`
}

func patchBody(p cert.Patch) ([]byte, error) {
	names, err := wireNames(p.Domains)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(wirePatch{
		Label: p.Label, Description: p.Description, AutoRenew: p.AutoRenew, DCVMethod: p.DCVMethod,
		Domains: names,
	})
	if string(body) == "{}" {
		return nil, errors.New("there is nothing to change")
	}
	return body, err
}

// wireNames returns the list as it is to be sent, one name of it marked. A list that is empty, or
// marks none, is a fault of the caller: nobody documents what the server makes of it.
func wireNames(p cert.Opt[cert.Domains]) ([]wireName, error) {
	d, ok := p.Get()
	if !ok {
		return nil, nil
	}
	if !slices.Contains(d.Names, d.Common) {
		return nil, errors.New("the common name is not in the list of domains")
	}
	if !slices.Equal(slices.Sorted(slices.Values(d.Listed())), slices.Sorted(slices.Values(d.Names))) {
		return nil, errors.New("the list of domains has others in the order that it is sent in")
	}
	var list []wireName
	for _, n := range d.Listed() {
		list = append(list, wireName{Name: n, Common: n == d.Common})
	}
	return list, nil
}
