package jsontext

import (
	"errors"
	"strings"
	"testing"
)

// wire is what is read.
type wire struct {
	Version string `json:"version"`
	Steps   []struct {
		ID   int64  `json:"id"`
		On   bool   `json:"on"`
		Held *inner `json:"held"`
		Own  own    `json:"own"`
	} `json:"steps"`
}

type inner struct{}

// own has an error of its own, which shows text.
type own struct{}

func (*own) UnmarshalJSON(b []byte) error { return errors.New("no: " + string(b)) }

// TestErrorsSpeakOfJSON: no type of Go, and nothing of the text.
func TestErrorsSpeakOfJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"version": 1.0}`:                    "version must be text, not a number, at 1:15",
		`{"steps": [{"id": "hunter2"}]}`:      "steps.id must be a whole number, not text, at 1:27",
		`{"steps": [{"id": 1e999}]}`:          "steps.id must be a whole number, not a number, at 1:23",
		"{\n \"steps\": {\"hunter2\": 1}}":    "steps must be an array, not an object, at 2:11",
		`{"steps": [{"on": "hunter2"}]}`:      "steps.on must be true or false, not text, at 1:27",
		`{"steps": [{"held": "hunter2"}]}`:    "steps.held must be an object, not text, at 1:29",
		`[]`:                                  "the whole must be an object, not an array, at 1:1",
		`{"steps": [{"own": "hunter2"}]}`:     "one of its values is not what it should be",
		"root:$6$hunter2:1:2\n":               "it is not JSON, from 1:1 on",
		`{"version": "hunter2`:                "it is not JSON: it ends too early",
		"":                                    "it is not JSON: it ends too early",
		`{} hunter2`:                          "there is more after the document, at 1:4",
		`[` + strings.Repeat("0,", 1_000_001): "it holds more than 1000000 values",
	} {
		var w wire
		err := Decode([]byte(text), &w)
		if err == nil || err.Error() != want {
			t.Errorf("%.60s gives %q, want %q", text, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "Go ")) {
			t.Errorf("%.60s: %v", text, err)
		}
	}
	var w wire
	if err := Decode([]byte(`{"version": "1", "more": 2}`), &w); err != nil || w.Version != "1" {
		t.Error(err, w)
	}
}
