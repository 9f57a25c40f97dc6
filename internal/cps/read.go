package cps

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

// errID is a fault of the caller.
var errID = errors.New("not the id of a certificate request")

// Certificate returns one request as a GET of its own shows it, organization
// included, and with withStatus its status answer too. Errors match
// cert.ErrNotFound and cert.ErrOtherID, among others. A request that is there while
// its status is not doesn't match cert.ErrNotFound.
func (c *Client) Certificate(ctx context.Context, id cert.ID, withStatus bool) (cert.Live, error) {
	l, err := c.single(ctx, id)
	if err != nil || !withStatus {
		return l, err
	}
	l, err = c.Status(ctx, l)
	if errors.Is(err, cert.ErrNotFound) {
		return cert.Live{}, fmt.Errorf("request %d is there, and its status can't be found", id)
	}
	return l, err
}

// Status returns a copy of have with the status answer, which replaces an earlier
// one.
func (c *Client) Status(ctx context.Context, have cert.Live) (cert.Live, error) {
	l, err := c.status(ctx, have)
	if err != nil {
		return cert.Live{}, fmt.Errorf("reading the status of request %d: %w", have.ID, err)
	}
	return l, nil
}

// Organization returns a copy of have with the organization, which only a GET of
// its own shows.
func (c *Client) Organization(ctx context.Context, have cert.Live) (cert.Live, error) {
	l, err := c.single(ctx, have.ID)
	if err != nil {
		return cert.Live{}, err
	}
	have.Organization, have.OrganizationRead = l.Organization, true
	return have, nil
}

// single makes the GET of one request.
func (c *Client) single(ctx context.Context, id cert.ID) (cert.Live, error) {
	l, err := c.certificate(ctx, id)
	if err != nil {
		return cert.Live{}, fmt.Errorf("reading request %d: %w", id, err)
	}
	return l, nil
}

func (c *Client) certificate(ctx context.Context, id cert.ID) (cert.Live, error) {
	if err := checkID(id); err != nil {
		return cert.Live{}, err
	}
	raw, err := c.get(ctx, KindSingle, id.Path())
	if err != nil {
		return cert.Live{}, err
	}
	// An older service of the vendor answers a wrong id with 200 and {}.
	// Source: cps-api, section 14, number 18.
	if err := sameID(id, decodeID(raw)); err != nil {
		return cert.Live{}, err
	}
	l, err := decodeCertificate(raw)
	if err != nil {
		return cert.Live{}, err
	}
	l.OrganizationRead = true
	return l, nil
}

func (c *Client) status(ctx context.Context, have cert.Live) (cert.Live, error) {
	if err := checkID(have.ID); err != nil {
		return cert.Live{}, err
	}
	raw, err := c.get(ctx, KindStatus, have.ID.Path()+"/status")
	if err != nil {
		return cert.Live{}, err
	}
	w, err := decodeStatus(raw)
	if err != nil {
		return cert.Live{}, err
	}
	if w.ID != nil {
		if err := sameID(have.ID, cert.ID(*w.ID)); err != nil {
			return cert.Live{}, err
		}
	}
	return w.with(have), nil
}

// get reads an answer that is one JSON object and nothing more. Anything else
// counts as unreadable, and is asked for again.
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

// decode reads JSON. Its error names what is of another kind in the words of the API,
// not of Go.
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

// isObject reports, as an error, that body is no JSON object and nothing more.
func isObject(body []byte) error {
	var object *struct{}
	err := decode(body, &object)
	if err == nil && object == nil {
		err = errors.New("null in place of an object")
	}
	return err
}

// wireTime reads a timestamp with 0 to 9 digits of fraction. null, "" and the year
// 1, which stands for "not issued yet", are the zero time.
//
// Source: cps-api, section 4.9.
type wireTime struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
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

// objectError says that one object cannot be read while the answer as a whole can.
type objectError struct {
	what string
	err  error
}

func (e *objectError) Error() string { return e.what + " cannot be read: " + e.err.Error() }

func (e *objectError) Unwrap() error { return e.err }

// Is reports whether the answer has a form that another reading does not change. One that is
// no JSON may have been cut off.
func (e *objectError) Is(target error) bool {
	var cutOff *json.SyntaxError
	return target == cert.ErrMalformed && !errors.As(e.err, &cutOff) && !errors.Is(e.err, io.ErrUnexpectedEOF)
}

// decodeID reads the id alone, as far as it can be read.
func decodeID(raw json.RawMessage) cert.ID {
	var w struct {
		ID int64 `json:"id"`
	}
	_ = json.Unmarshal(raw, &w)
	return cert.ID(w.ID)
}
