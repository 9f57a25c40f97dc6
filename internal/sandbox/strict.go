package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// A reading is what strict finds in a JSON text.
type reading struct {
	// places holds the offset in bytes of every value, by JSON Pointer. A member
	// was sent when it has a place.
	places map[string]int
	flaws  []flaw
}

// A flaw is one departure of a JSON text from its shape.
type flaw struct {
	pointer string
	offset  int
	text    string
}

func (r reading) sent(pointer string) bool {
	_, ok := r.places[pointer]
	return ok
}

// strict reads data into the value that into points to and reports what
// encoding/json lets pass: unknown and repeated members, members in another
// case, null where a value is needed.
func strict(data []byte, into any) reading {
	if values(data) > maxValues {
		return reading{flaws: []flaw{{text: fmt.Sprintf("holds more than %d values", maxValues)}}}
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return reading{flaws: []flaw{{offset: offsetOf(err), text: "not JSON"}}}
	}
	w := walker{data: data, dec: json.NewDecoder(bytes.NewReader(data)), places: map[string]int{}}
	w.dec.UseNumber()
	w.value("", reflect.TypeOf(into).Elem())
	if len(w.flaws) == 0 {
		if err := json.Unmarshal(data, into); err != nil {
			w.flaws = append(w.flaws, flaw{offset: offsetOf(err), text: err.Error()})
		}
	}
	return reading{places: w.places, flaws: w.flaws}
}

// maxValues is how many values a text may hold: each takes fifty times its two bytes once
// it is read. Of ten thousand certificates there are half a million.
const maxValues = 1_000_000

// values counts what could be a value: a comma or a bracket stands before each.
func values(data []byte) int {
	n := 0
	for _, b := range data {
		if b == ',' || b == '{' || b == '[' {
			n++
		}
	}
	return n
}

func offsetOf(err error) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return int(max(syntax.Offset-1, 0))
	case errors.As(err, &kind):
		return int(kind.Offset)
	}
	return 0
}
