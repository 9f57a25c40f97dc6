package sandbox

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// A walker goes through valid JSON beside the Go type it is meant for.
type walker struct {
	data   []byte
	dec    *json.Decoder
	places map[string]int
	flaws  []flaw
}

// maxEntries is how many entries an array may have: a certificate takes hundreds of bytes
// once it is read, and two before.
const maxEntries = 50_000

// unknownMember is the flaw of a member that the type does not have.
const unknownMember = "unknown member"

// maxFlaws is how many are listed.
const maxFlaws = 50

func (w *walker) flaw(pointer string, offset int, format string, args ...any) {
	if len(w.flaws) == maxFlaws {
		return
	}
	w.flaws = append(w.flaws, flaw{pointer, offset, fmt.Sprintf(format, args...)})
}

// start returns the offset of the next token.
func (w *walker) start() int {
	at := int(w.dec.InputOffset())
	for at < len(w.data) && strings.IndexByte(" \t\r\n:,", w.data[at]) >= 0 {
		at++
	}
	return at
}

// value reads one value. A nil type accepts anything.
func (w *walker) value(pointer string, t reflect.Type) {
	at := w.start()
	w.places[pointer] = at
	token, err := w.dec.Token()
	if err != nil {
		panic("sandbox: valid JSON with an invalid token: " + err.Error())
	}
	if t != nil && t.Kind() == reflect.Pointer {
		if token == nil {
			return
		}
		t = t.Elem()
	}
	switch token {
	case json.Delim('{'):
		w.object(pointer, at, t)
	case json.Delim('['):
		w.array(pointer, at, t)
	default:
		w.scalar(pointer, at, t, token)
	}
}

func (w *walker) array(pointer string, at int, t reflect.Type) {
	var element reflect.Type
	switch {
	case t == nil:
	case t.Kind() == reflect.Slice:
		element = t.Elem()
	default:
		w.flaw(pointer, at, "must be %s, not an array", kindOf(t))
	}
	for i := 0; w.dec.More(); i++ {
		if i == maxEntries {
			w.flaw(pointer, at, "holds more than %d entries", maxEntries)
		}
		w.value(pointer+"/"+strconv.Itoa(i), element)
	}
	w.dec.Token() //nolint:errcheck // the closing bracket of valid JSON
}

func (w *walker) object(pointer string, at int, t reflect.Type) {
	var members func(name string) (reflect.Type, bool)
	switch {
	case t == nil:
		members = func(string) (reflect.Type, bool) { return nil, true }
	case isText(t) || t.Kind() != reflect.Struct && t.Kind() != reflect.Map:
		w.flaw(pointer, at, "must be %s, not an object", kindOf(t))
		members = func(string) (reflect.Type, bool) { return nil, true }
	case t.Kind() == reflect.Map:
		members = func(name string) (reflect.Type, bool) { return t.Elem(), fitsKey(name, t.Key()) }
	default:
		members = func(name string) (reflect.Type, bool) { return member(t, name) }
	}
	for w.dec.More() {
		at := w.start()
		token, _ := w.dec.Token()
		name, _ := token.(string)
		place := pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		kind, ok := members(name)
		if !ok {
			w.flaw(place, at, unknownMember)
		} else if _, twice := w.places[place]; twice {
			w.flaw(place, at, "given twice")
		}
		w.value(place, kind)
	}
	w.dec.Token() //nolint:errcheck // the closing brace of valid JSON
}

func (w *walker) scalar(pointer string, at int, t reflect.Type, token json.Token) {
	if t == nil {
		return
	}
	ok := false
	switch token := token.(type) {
	case nil:
		ok = t.Kind() == reflect.Slice || t.Kind() == reflect.Map
	case bool:
		ok = t.Kind() == reflect.Bool
	case json.Number:
		_, err := token.Int64()
		ok = t.Kind() == reflect.Float64 || err == nil && (t.Kind() == reflect.Int64 || t.Kind() == reflect.Int)
	case string:
		if isText(t) {
			w.text(pointer, at, t, token)
			return
		}
		ok = t.Kind() == reflect.String
	}
	if !ok {
		w.flaw(pointer, at, "must be %s", kindOf(t))
	}
}

// text lets a value parse the string it is written as.
func (w *walker) text(pointer string, at int, t reflect.Type, written string) {
	value := reflect.New(t).Interface().(encoding.TextUnmarshaler)
	err := value.UnmarshalText([]byte(written))
	instant, isTime := value.(*time.Time)
	switch {
	case isTime && (err != nil || !instant.IsZero() && (instant.Year() < 1970 || instant.Year() > 9000)):
		w.flaw(pointer, at, "must be %s", kindOf(t))
	case err != nil:
		w.flaw(pointer, at, "%v", err)
	}
}
