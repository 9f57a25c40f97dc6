// Package jsontext reads JSON that somebody else may have written, with errors that say
// where and what, in the words of JSON, and show nothing of the text.
package jsontext

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// mostValues is how many values a text may hold. A plan with an edit of each of 10,000
// certificates has six hundred thousand; an empty value takes two bytes here and fifty once it
// is read.
const mostValues = 1_000_000

// Decode reads the one value that data holds into the value that into points to. Members
// that into does not know are left out.
func Decode(data []byte, into any) error {
	values := 0 // a comma or a bracket stands before each
	for _, b := range data {
		if b == ',' || b == '{' || b == '[' {
			values++
		}
	}
	if values > mostValues {
		return fmt.Errorf("it holds more than %d values", mostValues)
	}
	if json.Unmarshal(data, into) == nil { // without a copy of the text, which a Decoder makes
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(into); err != nil {
		return explain(data, err)
	}
	if rest := bytes.TrimLeft(data[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return fmt.Errorf("there is more after the document, at %s", place(data, len(data)-len(rest)))
	}
	return nil
}

// explain says what the decoder found, without its words for types and without text.
func explain(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("it is not JSON, from %s on", place(data, int(syntax.Offset)-1))
	case errors.As(err, &kind):
		what, _, _ := strings.Cut(kind.Value, " ")
		subject := kind.Field
		if subject == "" {
			subject = "the whole"
		}
		return fmt.Errorf("%s must be %s, not %s, at %s", subject, wanted(kind.Type), given[what], place(data, int(kind.Offset)-1))
	case !json.Valid(data):
		return errors.New("it is not JSON: it ends too early")
	default:
		return errors.New("one of its values is not what it should be")
	}
}

// given are the decoder's words for what it found.
var given = map[string]string{
	"number": "a number", "string": "text", "bool": "true or false", "object": "an object", "array": "an array",
}

// wanted says what a value of a type is in JSON.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Pointer:
		return wanted(t.Elem())
	default:
		return "a whole number"
	}
}

// place returns the line and column of an offset in bytes, counted from 1.
func place(data []byte, offset int) string {
	before := data[:max(0, min(offset, len(data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	return fmt.Sprintf("%d:%d", line, len(before)-bytes.LastIndexByte(before, '\n'))
}
