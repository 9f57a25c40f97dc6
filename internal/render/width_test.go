package render_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/width"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/report"
)

// columns is how wide a terminal shows a text, judged by other tables than the program's.
func columns(text string) int {
	n := 0
	for _, r := range text {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// Wide and combining characters keep lines within 80 columns, and columns below each other.
func TestWidthsAreThoseOfATerminal(t *testing.T) {
	t.Parallel()
	for name, label := range map[string]string{
		"wide":      strings.Repeat("証明書", 60),
		"combining": strings.Repeat("e\u0301\u0302", 100),
		"mixed":     strings.Repeat("a証e\u0301 ", 60),
	} {
		p := pair(spec(11612, "certs/a.yaml"), live(11612, "2027-02-18", "img.example.com"))
		p.Have.Description, p.Want.Description = label, cert.Some("Pictures")
		p.Have.Label, p.Have.Common = label, ""
		r := of([]plan.Pair{p, legacy()}, nil, true)
		var b bytes.Buffer
		if err := render.Formats["text"](&b, r, render.Style{}); err != nil {
			t.Fatal(err)
		}
		if e := text.Explanation(&b, explained(p), render.Style{}); e != nil {
			t.Fatal(e)
		}
		widest := 0
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := columns(line); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			} else {
				widest = max(widest, n)
			}
		}
		if widest < 70 {
			t.Errorf("%s: no line is longer than %d columns", name, widest)
		}
		p.Have.Label = label[:len(label)/30]
		l := report.Listing{Common: report.Common{Now: now}, Steps: of([]plan.Pair{p, legacy()}, nil, true).Plan.Steps}
		b.Reset()
		if err := text.List(&b, l, render.Style{}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(b.String(), "\n")
		at := columns(lines[0][:strings.Index(lines[0], "ID ")])
		for i, s := range l.Steps {
			before, _, found := strings.Cut(lines[i+1], s.Want.ID.String())
			if !found || columns(before) != at {
				t.Errorf("%s: the id is not in column %d:\n%s", name, at, &b)
			}
		}
	}
}
