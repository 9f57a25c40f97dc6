package jsonplan

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/render/words"
)

// TestJSONActsOnNobody: the document holds nothing that acts, and means what was put in.
func TestJSONActsOnNobody(t *testing.T) {
	t.Parallel()
	text := "a\u009b2J\u202eb\u2066c\x7f\u200b\ufeff\U000e0041\u115f\x1b[2J\n\u00fc\U0001f600 <&>"
	var b strings.Builder
	if err := writeDocument(&b, object{{"run", map[string]string{text: text}}}); err != nil {
		t.Fatal(err)
	}
	document := b.String()
	if strings.ContainsFunc(document, func(r rune) bool { return r != '\n' && words.IsActive(r) }) {
		t.Errorf("holds what acts: %q", document)
	}
	if !strings.Contains(document, "\u00fc\U0001f600 <&>") {
		t.Errorf("hides what does not: %s", document)
	}
	var back struct{ Run map[string]string }
	if err := json.Unmarshal([]byte(document), &back); err != nil || back.Run[text] != text {
		t.Errorf("reads as %q, %v", back, err)
	}
}
