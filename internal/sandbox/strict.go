package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// values are those of a JSON text, by JSON Pointer.
type values map[string]value

type value struct {
	member, offset int // in bytes: where its name begins, and where it does
	token          json.Token
}

// has reports whether a member was sent, null or not.
func (v values) has(pointer string) bool {
	_, ok := v[pointer]
	return ok
}

// null reports whether a member was sent as null.
func (v values) null(pointer string) bool { return v.has(pointer) && v[pointer].token == nil }

// A problem is something wrong at one place of a JSON text.
type problem struct {
	pointer string
	offset  int
	text    string
}

// Bounds of a JSON text: a value takes fifty times its two bytes once it is read, a
// certificate hundreds of bytes. Of ten thousand certificates there are half a million values.
const (
	maxValues   = 1_000_000
	maxEntries  = 50_000 // of an array
	maxProblems = 50
)

// unknownMember is the problem of a member that a type does not have.
const unknownMember = "unknown member"

// decode reads data into the value that into points to. It also reports what encoding/json
// accepts: unknown and repeated members, and members in another case.
func decode(data []byte, into any) (values, []problem) {
	if bytes.Count(data, []byte(","))+bytes.Count(data, []byte("{"))+bytes.Count(data, []byte("[")) > maxValues {
		return nil, []problem{{text: fmt.Sprintf("holds more than %d values", maxValues)}}
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		var syntax *json.SyntaxError
		errors.As(err, &syntax)
		return nil, []problem{{offset: int(max(syntax.Offset-1, 0)), text: "not JSON"}}
	}
	r := reader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), values: values{}}
	r.dec.UseNumber()
	r.value("", 0)
	if len(r.problems) == 0 {
		strict := json.NewDecoder(bytes.NewReader(data))
		strict.DisallowUnknownFields()
		if err := strict.Decode(into); err != nil {
			r.problems = append(r.problems, r.explain(err, reflect.TypeOf(into).Elem()))
		}
	}
	return r.values, r.problems
}

// A reader finds the values of valid JSON.
type reader struct {
	data     []byte
	dec      *json.Decoder
	values   values
	problems []problem
}

func (r *reader) problem(pointer string, offset int, text string) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, problem{pointer, offset, text})
	}
}

// next returns the next token and its offset.
func (r *reader) next() (json.Token, int) {
	at := int(r.dec.InputOffset())
	for at < len(r.data) && strings.IndexByte(" \t\r\n:,", r.data[at]) >= 0 {
		at++
	}
	token, err := r.dec.Token()
	if err != nil {
		panic("sandbox: valid JSON with an invalid token: " + err.Error())
	}
	return token, at
}

// value reads one value and those inside it.
func (r *reader) value(pointer string, member int) {
	token, at := r.next()
	r.values[pointer] = value{member, at, token}
	switch token {
	case json.Delim('['):
		for i := 0; r.dec.More(); i++ {
			if i == maxEntries {
				r.problem(pointer, at, fmt.Sprintf("holds more than %d entries", maxEntries))
			}
			r.value(pointer+"/"+strconv.Itoa(i), 0)
		}
		r.next()
	case json.Delim('{'):
		for r.dec.More() {
			token, at := r.next()
			name := token.(string)
			place := pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
			if name != strings.ToLower(name) { // encoding/json accepts it, the API does not
				r.problem(place, at, unknownMember)
			} else if r.values.has(place) {
				r.problem(place, at, "given twice")
			}
			r.value(place, at)
		}
		r.next()
	}
}

// explain finds the place of what encoding/json reports.
func (r *reader) explain(err error, into reflect.Type) problem {
	var wrong *json.UnmarshalTypeError
	var noTime *time.ParseError
	unquoted := func(text string) string { return strings.Trim(text, `"`) }
	found := problem{offset: len(r.data), text: "cannot be read"}
	name, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	isTime, isType := errors.As(err, &noTime), errors.As(err, &wrong)
	if isType {
		found.offset = -1
	}
	for pointer, v := range r.values {
		switch {
		case unknown && v.member < found.offset && strings.HasSuffix(pointer, "/"+unquoted(name)) && !known(pointer, into):
			found = problem{pointer, v.member, unknownMember}
		case isTime && v.offset < found.offset && v.token == unquoted(noTime.Value):
			found = problem{pointer, v.offset, "must be " + wantedJSON(reflect.TypeFor[time.Time]())}
		case isType && v.offset > found.offset && v.offset < int(wrong.Offset):
			found = problem{pointer, v.offset, "must be " + wantedJSON(wrong.Type)}
			if v.token == json.Delim('[') {
				found.text += ", not an array"
			} else if v.token == json.Delim('{') {
				found.text += ", not an object"
			}
		}
	}
	return found
}

// known reports whether a type has the member that a pointer ends with. It asks the strict
// decoder with a text that holds nothing else.
func known(pointer string, t reflect.Type) bool {
	text := "null"
	segments := strings.Split(pointer, "/")
	for i := len(segments) - 1; i > 0; i-- {
		if _, err := strconv.Atoi(segments[i]); err == nil {
			text = "[" + text + "]"
		} else {
			text = "{" + strconv.Quote(segments[i]) + ":" + text + "}"
		}
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(reflect.New(t).Interface())
	return err == nil || !strings.HasPrefix(err.Error(), "json: unknown field")
}

// wantedJSON describes the JSON that t is read from.
func wantedJSON(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "a time such as 2026-11-22T09:00:00Z"
	case t.Kind() == reflect.String:
		return "a string"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice:
		return "an array"
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return "an object"
	}
	return "a whole number"
}
