package cps

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
)

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
