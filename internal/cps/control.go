package cps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// wireControl is what the customer has to do about one name.
//
// Source: cps-api, section 4.7.
type wireControl struct {
	DomainID int64     `json:"domain_id"`
	Method   string    `json:"dcv_method"`
	Token    wireToken `json:"dcv_token"`
	Emails   []string  `json:"emails"`
}

// wireToken reads a token that is a string, or an object that holds one. null is "".
//
// Source: cps-api, section 4.7: documents and the vendor's own client differ.
type wireToken string

// UnmarshalJSON implements json.Unmarshaler.
func (t *wireToken) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*t = wireToken(text)
		return nil
	}
	var object struct {
		Token string `json:"token"`
	}
	err := json.Unmarshal(data, &object)
	*t = wireToken(object.Token)
	return err
}

// Proofs reads what proves control of the names of have that the CA has not approved.
// What is not there yet, such as a token in the first 20 minutes of an order, makes
// a proof that is not ready.
func (c *Client) Proofs(ctx context.Context, have cert.Live) ([]cert.Proof, error) {
	groups := groupsOf(have)
	var items []wireControl
	for _, ids := range callsOf(have, groups) {
		more, err := c.control(ctx, have.ID, ids)
		if err != nil {
			return nil, fmt.Errorf("reading the domain control of request %d: %w", have.ID, err)
		}
		items = append(items, more...)
	}
	return proofs(have, groups, items), nil
}

// control reads the metadata of the names with these ids. 404 says that there is none.
func (c *Client) control(ctx context.Context, id cert.ID, ids []int64) ([]wireControl, error) {
	if id <= 0 {
		return nil, fmt.Errorf("%d: %w", id, errID)
	}
	path := "/v2.0/dcv/certificates/" + id.String()
	if list := joined(ids); list != "" {
		path += "?domain_ids=" + list
	}
	raw, err := c.get(ctx, KindControl, path)
	if errors.Is(err, cert.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var w struct {
		Items []wireControl `json:"items"`
	}
	if err := decode(raw, &w); err != nil {
		return nil, &objectError{"the answer about domain control", err}
	}
	return w.Items, nil
}

// joined writes the ids that are known, separated by commas.
func joined(ids []int64) string {
	var words []string
	for _, id := range ids {
		if id > 0 {
			words = append(words, strconv.FormatInt(id, 10))
		}
	}
	return strings.Join(slices.Compact(words), ",")
}
