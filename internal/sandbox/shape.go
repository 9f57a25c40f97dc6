package sandbox

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// member returns the type of a struct's member by its exact JSON name.
func member(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if tag == name && tag != "" {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

// fitsKey reports whether a member's name can be a key of this kind.
func fitsKey(name string, key reflect.Type) bool {
	if key.Kind() != reflect.Int64 {
		return true
	}
	_, err := strconv.ParseInt(name, 10, 64)
	return err == nil
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// isText reports whether values of t are written as a string that they parse themselves.
func isText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(textUnmarshaler)
}

// kindOf names, for people, the JSON that t is written as.
func kindOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "a time such as 2026-11-22T09:00:00Z"
	case isText(t) || t.Kind() == reflect.String:
		return "a string"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice:
		return "an array"
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return "an object"
	case t.Kind() == reflect.Float64:
		return "a number"
	}
	return "a whole number"
}
