package cps

import (
	"encoding/json"
	"errors"
	"fmt"
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
