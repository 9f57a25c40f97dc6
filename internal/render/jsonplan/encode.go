package jsonplan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/cpsync/cpsync/internal/render/words"
)

// indented is v as JSON, without a line break at its end.
func indented(prefix string, v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	err := e.Encode(v)
	return calmed(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), err
}

// oneDocument writes v as the only document.
func oneDocument(w io.Writer, v any) error {
	text, err := indented("", v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// calmed writes what acts on whoever looks at a document, such as a terminal, in the other
// way that JSON has for it. It reads as the same.
func calmed(document []byte) []byte {
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
