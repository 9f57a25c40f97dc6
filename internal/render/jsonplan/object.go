// Package jsonplan writes reports, lists, explanations and validations as the published JSON
// documents, which the schemas describe.
package jsonplan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"
	"unicode/utf16"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/render/words"
)

// formatVersion is the version of the published form. Members are only ever added to it:
// nothing is renamed or taken out within version 2.
const formatVersion = "2.0"

// object is a part of a document: its members in the order they are written. What is absent or
// was not read is null, as is an object without members. A list of texts or a map is never null,
// and a time is in UTC, in seconds.
type object []member

type member struct {
	name  string
	value any
}

// objects are made one by one as they are written: those of a fleet are never in memory together.
type objects = iter.Seq[object]

func each[T any](in []T, f func(T) object) objects {
	return func(yield func(object) bool) {
		for _, v := range in {
			if !yield(f(v)) {
				return
			}
		}
	}
}

// writeDocument writes the only document of a command.
func writeDocument(w io.Writer, o object) error {
	out := writer{Writer: bufio.NewWriter(w)}
	out.encoder = json.NewEncoder(&out.text)
	out.encoder.SetEscapeHTML(false)
	if err := out.write(append(object{{"format_version", formatVersion}}, o...), "\n"); err != nil {
		return err
	}
	out.WriteByte('\n')
	return out.Flush()
}

type writer struct {
	*bufio.Writer
	text    bytes.Buffer // of one value
	encoder *json.Encoder
}

// write writes a value; end is the line break and the indent before its closing bracket.
func (w *writer) write(value any, end string) error {
	inner := end + "  "
	switch v := value.(type) {
	case object:
		if v == nil {
			return w.write(nil, end)
		}
		before := "{"
		for _, m := range v {
			w.WriteString(before + inner + `"` + m.name + `": `)
			if err := w.write(m.value, inner); err != nil {
				return err
			}
			before = ","
		}
		w.WriteString(end + "}")
		return nil
	case objects:
		before, after := "[", "[]"
		for o := range v {
			w.WriteString(before + inner)
			if err := w.write(o, inner); err != nil {
				return err
			}
			before, after = ",", end+"]"
		}
		w.WriteString(after)
		return nil
	case []string:
		value = append([]string{}, v...)
	case map[string]string:
		if v == nil {
			value = map[string]string{}
		}
	case time.Time:
		if value = v.UTC().Truncate(time.Second); v.IsZero() {
			value = nil
		}
	}
	w.text.Reset()
	w.encoder.SetIndent(end[1:], "  ")
	err := w.encoder.Encode(value)
	w.Write(escapeActive(bytes.TrimSuffix(w.text.Bytes(), []byte("\n"))))
	return err
}

// escapeActive writes characters that act on a terminal as \u escapes. The document means
// the same.
func escapeActive(document []byte) []byte {
	harmful := func(r rune) bool { return r >= '\x7f' && words.IsActive(r) } // the encoder sees to the rest
	if bytes.IndexFunc(document, harmful) < 0 {
		return document
	}
	var b bytes.Buffer
	for _, r := range string(document) {
		if !harmful(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.Bytes()
}

// orNull is a value, or null where there is none.
func orNull[T comparable](v T) any {
	var none T
	if v == none {
		return nil
	}
	return v
}

// known is a value, or null where it is not known.
func known(is bool, v any) any {
	if !is {
		return nil
	}
	return v
}

func position(at cert.Pos) object {
	if at.File == "" {
		return nil
	}
	return object{{"file", at.File}, {"line", at.Line}, {"column", at.Column}}
}
