package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
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
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return reading{flaws: []flaw{{offset: offsetOf(err), text: "not JSON: " + err.Error()}}}
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
