package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

type problem struct {
	pointer string // JSON Pointer
	offset  int    // in bytes
	text    string
}

// Bounds of a JSON text: a value takes fifty times its two bytes once it is read, a
// certificate hundreds of bytes. Of ten thousand certificates there are half a million values.
const (
	maxValues   = 1_000_000
	maxEntries  = 50_000 // of an array
	maxProblems = 50
)

const unknownMember = "unknown member"

// decode reads data into the value that into points to, whose members it must have.
func decode(data []byte, into any) []problem {
	if bytes.Count(data, []byte(","))+bytes.Count(data, []byte("{"))+bytes.Count(data, []byte("[")) > maxValues {
		return []problem{{text: fmt.Sprintf("holds more than %d values", maxValues)}}
	}
	var raw json.RawMessage
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(data, &raw), &syntax) {
		return []problem{{offset: int(max(syntax.Offset-1, 0)), text: "not JSON"}}
	}
	if problems := surplus(data); len(problems) > 0 {
		return problems
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return []problem{explain(data, err, reflect.TypeOf(into).Elem())}
	}
	return nil
}

// surplus finds what encoding/json accepts: too many entries, repeated members, and
// members in another case.
func surplus(data []byte) (problems []problem) {
	walk(data, func(v located) {
		parent, name := v.pointer[:max(0, strings.LastIndexByte(v.pointer, '/'))], v.name()
		p := problem{v.pointer, v.member, ""}
		switch {
		case name == strconv.Itoa(maxEntries):
			p = problem{parent, v.offset, fmt.Sprintf("holds more than %d entries", maxEntries)}
		case name != strings.ToLower(name):
			p.text = unknownMember
		case v.repeated:
			p.text = "given twice"
		}
		if p.text != "" && len(problems) < maxProblems {
			problems = append(problems, p)
		}
	})
	return problems
}

type located struct {
	pointer        string
	member, offset int // where its name begins, and where it does
	token          json.Token
	repeated       bool // whether its object has another member of the name
}

func (v located) name() string { return v.pointer[strings.LastIndexByte(v.pointer, '/')+1:] }

// walk visits the values of valid JSON from front to back.
func walk(data []byte, visit func(located)) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	next := func() (json.Token, int) {
		at := int(d.InputOffset())
		for at < len(data) && strings.IndexByte(" \t\r\n:,", data[at]) >= 0 {
			at++
		}
		token, err := d.Token()
		must(err) // it is valid JSON
		return token, at
	}
	var value func(pointer string, member int, repeated bool)
	value = func(pointer string, member int, repeated bool) {
		token, at := next()
		visit(located{pointer, member, at, token, repeated})
		switch token {
		case json.Delim('['):
			for i := 0; d.More(); i++ {
				value(pointer+"/"+strconv.Itoa(i), 0, false)
			}
		case json.Delim('{'):
			names := map[any]bool{}
			for d.More() {
				name, at := next()
				value(pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name.(string)), at, names[name])
				names[name] = true
			}
		default:
			return
		}
		next()
	}
	value("", 0, false)
}

// explain finds the place of what encoding/json reports.
func explain(data []byte, err error, into reflect.Type) problem {
	var wrong *json.UnmarshalTypeError
	var noTime *time.ParseError
	name, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	isTime, isType := errors.As(err, &noTime), errors.As(err, &wrong)
	found := problem{text: "cannot be read"}
	done := false
	walk(data, func(v located) {
		switch {
		case done:
		case isType && v.offset < int(wrong.Offset): // the last one before it
			found = problem{v.pointer, v.offset, "must be " + cmp.Or(kinds[wrong.Type.Kind()], "a whole number")}
			if wrong.Type == reflect.TypeFor[time.Time]() {
				found.text = "must be " + aTime
			}
			found.text += map[json.Token]string{json.Delim('['): ", not an array", json.Delim('{'): ", not an object"}[v.token]
		case unknown && strconv.Quote(v.name()) == name && !known(v.pointer, into):
			found, done = problem{v.pointer, v.member, unknownMember}, true
		case isTime && v.token == strings.Trim(noTime.Value, `"`):
			found, done = problem{v.pointer, v.offset, "must be " + aTime}, true
		}
	})
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

const aTime = "a time such as 2026-11-22T09:00:00Z"

var kinds = map[reflect.Kind]string{
	reflect.String: "a string", reflect.Bool: "true or false", reflect.Slice: "an array", reflect.Struct: "an object", reflect.Map: "an object",
}
