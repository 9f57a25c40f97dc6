package render_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/annotate"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"

	"github.com/google/go-cmp/cmp"
)

func annotations(t *testing.T, r report.Report, workspace string) string {
	t.Helper()
	var b bytes.Buffer
	if err := annotate.Report(&b, r, workspace); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnnotationsStandAtTheirLine(t *testing.T) {
	t.Parallel()
	wrong := problems()
	wrong.Warnings = []report.Problem{{Message: "the clock is off"}}
	noted := quiet(1, 1)
	for name, c := range map[string]struct {
		of   report.Report
		want string
	}{
		"problems of files": {wrong, `::error file=certs/a.yaml,line=3,col=5,title=cpsync manifest::unknown key "auto_renwe"%0Aaction: did you mean auto_renew?
::error file=certs/b.yaml,title=cpsync manifest::over 1 MiB
::error title=cpsync manifest::no manifest in certs/c
::warning title=cpsync run::the clock is off
`},
		"a failure": {failed(), "::error title=cpsync unauthorized::reading the list: no credentials%0ACPSYNC_CLIENT_ID: set%0ACPSYNC_CLIENT_SECRET: not set%0Aaction: Check the credentials and their scope: cpsync auth.\n"},
		"a certificate that can't be planned": {of([]plan.Pair{{Want: spec(17002, "certs/missing.yaml")}}, nil, true),
			"::error file=certs/missing.yaml,line=6,col=7,title=cpsync not-found::c17002 (17002): there is no request 17002 in this account: it was deleted, or the id is wrong%0Aaction: Check metadata.id.\n"},
		"what ends soon, at the id": {of([]plan.Pair{legacy()}, nil, true),
			"::warning file=certs/web/legacy.yaml,line=6,col=7,title=cpsync expiring::legacy.example.com (11588): auto_renew is off and policy.renew_before is not set%0Aaction: now: set  policy.renew_before: 30d (validation can take 7 days, vetting the organization 7 more)\n"},
		"a warning": {of(noted, nil, true),
			"::notice file=certs/quiet/q000.yaml,line=6,col=7,title=cpsync renew-idle::q000.example.net (20000): policy asks for renewals, but auto_renew is on, so CPS renews and cpsync does not%0Aaction: remove the renewal keys from policy\n"},
		"nothing":                 {of(quiet(3, 0), nil, true), ""},
		"what a manifest accepts": {of([]plan.Pair{accepted()}, nil, true), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, annotations(t, c.of, "")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// An edit that is not made is annotated where the manifest asks for it.
func TestAnnotationsOfAnEditStandWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	got := annotations(t, of([]plan.Pair{shop()}, nil, true), "")
	for _, want := range []string{
		"::warning file=certs/shop/shop.yaml,line=6,col=7,title=cpsync action-required::",
		"::warning file=certs/shop/shop.yaml,line=9,col=3,title=cpsync phase%3Adomain-control-validation::shop.example.com (11607): domains, deferred: ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestAnnotationsNameFilesFromTheWorkspace(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, workspace, want string }{
		{"certs/a.yaml", "", "::error file=certs/a.yaml,line=3,col=1,title=cpsync manifest::x\n"},
		{"certs/a.yaml", here, "::error file=certs/a.yaml,line=3,col=1,title=cpsync manifest::x\n"},
		{"./certs/../a.yaml", here, "::error file=a.yaml,line=3,col=1,title=cpsync manifest::x\n"},
		{"certs/a.yaml", filepath.Dir(here), "::error file=render/certs/a.yaml,line=3,col=1,title=cpsync manifest::x\n"},
		{filepath.Join(here, "a,b:c.yaml"), here, "::error file=a%2Cb%3Ac.yaml,line=3,col=1,title=cpsync manifest::x\n"},
		{"nl\nname.yaml", here, "::error file=nl%0Aname.yaml,line=3,col=1,title=cpsync manifest::x\n"},
		{"co::lon%d.yaml", here, "::error file=co%3A%3Alon%25d.yaml,line=3,col=1,title=cpsync manifest::x\n"},
		{"nfd-e\u0301.yaml", here, "::error file=nfd-e\u0301.yaml,line=3,col=1,title=cpsync manifest::x\n"},
		{"esc\x1b[31m.yaml", here, `::error title=cpsync manifest::esc\x1b[31m.yaml:3: x` + "\n"},
		{"bidi\u202e.yaml", here, `::error title=cpsync manifest::bidi\u202e.yaml:3: x` + "\n"},
		{"##[error]x.yaml", here, `::error title=cpsync manifest::##\x5berror]x.yaml:3: x` + "\n"},
		{"../a.yaml", here, "::error title=cpsync manifest::../a.yaml:3: x\n"},
		{"/etc/a.yaml", here, "::error title=cpsync manifest::/etc/a.yaml:3: x\n"},
	} {
		r := report.Report{Problems: []report.Problem{{At: cert.Pos{File: c.file, Line: 3, Column: 1}, Message: "x"}}}
		if got := annotations(t, r, c.workspace); got != c.want {
			t.Errorf("%s from %s: %q, want %q", c.file, c.workspace, got, c.want)
		}
	}
}

func TestAnnotationsAreNineOfALevelAndACount(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 9, 10, 30} {
		var r report.Report
		for i := range n {
			p := report.Problem{Message: fmt.Sprintf("number %d", i)}
			r.Problems, r.Warnings = append(r.Problems, p), append(r.Warnings, p)
		}
		got := annotations(t, r, "")
		for _, level := range []string{"error", "warning"} {
			if lines := strings.Count(got, "::"+level+" "); lines != min(n, 10) {
				t.Errorf("of %d: %d of level %s", n, lines, level)
			}
		}
		more := fmt.Sprintf("::error title=cpsync::and %d more\n", n-9)
		if strings.Contains(got, more) != (n > 9) || strings.Contains(got, "number 9") {
			t.Errorf("of %d:\n%s", n, got)
		}
	}
}

// A problem that only counts others counts as many.
func TestProblemsThatAreOnlyCountedCount(t *testing.T) {
	t.Parallel()
	r := problems()
	for range 6 {
		r.Problems = append(r.Problems, report.Problem{Message: "another"})
	}
	r.Problems = append(r.Problems, report.Problem{Message: "one more"}, report.Problem{More: 250, Message: "and 250 more problems from here on"})
	if got, want := annotations(t, r, ""), "::error title=cpsync::and 251 more\n"; !strings.Contains(got, want) {
		t.Errorf("%s does not hold %s", got, want)
	}
	var b strings.Builder
	if err := text.Report(&b, r, render.Style{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if want := "\n260 problems; nothing was sent\n"; !strings.Contains(b.String(), want) {
		t.Errorf("%s does not hold %s", b.String(), want)
	}
}

// oneCommand is what a runner takes for one annotation. No parameter holds a colon or
// a comma, and nothing a percent sign but as an escape.
var oneCommand = regexp.MustCompile(`^::(error|warning|notice) ` +
	`(file=([^%:,]|%25|%2C|%3A|%0A|%0D)*,(line=\d+,col=\d+,)?)?title=([^%:,]|%25|%2C|%3A|%0A)*::([^%]|%25|%0A)*$`)

func FuzzAnnotations(f *testing.F) {
	seeded(f)
	f.Fuzz(func(t *testing.T, s string) {
		r := poisoned(nasty(s), s)
		r.Problems = []report.Problem{{At: cert.Pos{File: s, Line: 3, Column: 1}, Message: s, Hint: s}}
		for _, workspace := range []string{"", s, "/"} {
			got := annotations(t, r, workspace)
			lines := strings.SplitAfter(got, "\n")
			if n := len(lines) - 1; n < 3 || n > 30 || lines[n] != "" {
				t.Errorf("%d lines", n)
			}
			for _, line := range lines[:len(lines)-1] {
				if !oneCommand.MatchString(strings.TrimSuffix(line, "\n")) || !words.IsClean(strings.TrimSuffix(line, "\n")) {
					t.Errorf("not one command: %.400q", line)
				}
			}
		}
	})
}

// Of a change under review only what it causes is annotated, at manifests that it touches.
func TestAnnotationsOfAChangeAreWhatItCauses(t *testing.T) {
	t.Parallel()
	causes := shop() // asks for a domain that the CA does not take now
	r := of([]plan.Pair{legacy(), causes, late()}, nil, true)
	then := of([]plan.Pair{legacy(), {Want: spec(11607, "certs/shop/shop.yaml"), Have: causes.Have, Found: true}, late()}, nil, true)
	r.Base = &report.Base{Touched: map[cert.ID]bool{11607: true}, Known: view.Keys(then.Plan)}
	r.Reviewed = map[cert.ID]bool{11607: true, 11588: true}
	r.Warnings = []report.Problem{{Message: "the clock is off"}}
	got := annotations(t, r, "")
	if !strings.Contains(got, "::warning file=certs/shop/shop.yaml,line=9,col=3,") || strings.Count(got, "\n") != 1 {
		t.Errorf("the change asks for one domain, annotated is:\n%s", got)
	}
	r.Reviewed = nil
	if got := annotations(t, r, ""); got != "" {
		t.Errorf("no manifest is touched, annotated is:\n%s", got)
	}
	r.Base = nil
	if got := annotations(t, r, ""); strings.Count(got, "\n") < 5 {
		t.Errorf("of the whole plan is annotated:\n%s", got)
	}
}

func late() plan.Pair {
	return pair(spec(12002, "certs/b.yaml"), live(12002, "2026-12-04", "late.example.com"))
}
