package render_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// harmless reports the first thing in a text that a terminal would act on.
func harmless(s string) (rune, bool) {
	for _, r := range s {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return r, false
		}
	}
	return 0, utf8.ValidString(s)
}

// Whatever stands in names, descriptions, files and answers, no text does anything to
// a terminal, and none begins a line that is not its own.
func TestHostileTextIsInert(t *testing.T) {
	t.Parallel()
	r := of(hostile(), strangers(1), true)
	r.Plan.Unmanaged[0].Common = evil
	r.Target, r.Paths, r.Flags = evil, []string{evil}, []string{evil}
	r.Problems = []report.Problem{{Message: evil, Hint: evil}}
	r.Problems[0].At.File, r.Problems[0].At.Line = evil, 3
	r.Failure = &report.Failure{Message: evil, Hint: evil}
	done := finished(r, func(o *report.Outcome) { o.Result, o.Err, o.Now = report.Stale, evil, o.Step })
	for name, write := range map[string]func(io.Writer) error{
		"plan":    func(w io.Writer) error { return text.Plan(w, r, render.Style{Verbose: true}) },
		"summary": func(w io.Writer) error { return text.Summary(w, done, render.Style{Verbose: true}) },
		"lines": func(w io.Writer) error {
			for _, o := range done.Outcomes {
				_, _ = io.WriteString(w, words.OutcomeLine(o)+"\n")
			}
			_, err := io.WriteString(w, words.Problem(r.Problems[0]))
			return err
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if r, ok := harmless(b.String()); !ok {
			t.Errorf("%s holds %q", name, r)
		}
		if strings.Contains(b.String(), "\n0 reads, 0 writes. Nothing") || strings.Contains(b.String(), "\n  0 reads") {
			t.Errorf("%s holds a line that is not ours:\n%s", name, b.String())
		}
	}
}
