package render_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
)

func TestLinesFitEightyColumns(t *testing.T) {
	t.Parallel()
	for name, write := range texts() {
		for line := range strings.SplitSeq(uncolored(string(write(t))), "\n") {
			if utf8.RuneCountInString(line) > 80 && !isLoneName(line) && !isZoneLine(line) && !strings.HasPrefix(line, "certs/a.yaml:3:5: ") {
				t.Errorf("%s: %d columns: %s", name, utf8.RuneCountInString(line), line)
			}
		}
	}
}

// isLoneName reports whether a line holds one name, behind a sign at most.
func isLoneName(line string) bool {
	fields := strings.Fields(line)
	return len(fields) == 1 || len(fields) == 2 && len(fields[0]) == 1
}

// isZoneLine reports whether a line is there to be copied as a whole.
func isZoneLine(line string) bool {
	return strings.Contains(line, " IN TXT ") || strings.Contains(line, " IN CNAME ") || strings.Contains(line, "TYPE   VALUE")
}

var color = regexp.MustCompile("\x1b\\[[0-9;]*m")

func uncolored(s string) string { return color.ReplaceAllString(s, "") }

func TestNarrowPagesFitToo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"example", "blocked", "limits", "apply-part"} {
		for line := range strings.SplitSeq(string(rendered(t, name, text.Report, render.Style{Width: 60})), "\n") {
			if utf8.RuneCountInString(line) > 60 && !strings.HasPrefix(line, "cpsync") {
				t.Errorf("%s: %d columns: %s", name, utf8.RuneCountInString(line), line)
			}
		}
	}
}

func TestOurOwnWordsAreASCII(t *testing.T) {
	t.Parallel()
	for name, write := range texts() {
		foreign := strings.ReplaceAll(string(write(t)), "\u00fc", "") // of names in the manifests
		if i := strings.IndexFunc(foreign, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
			t.Errorf("%s: %q", name, foreign[max(0, i-20):min(len(foreign), i+20)])
		}
	}
}

// The words of the table of rules are not for people.
func TestNoWordOfTheTableIsSaid(t *testing.T) {
	t.Parallel()
	inner := regexp.MustCompile(`(?i)\b(hold|held|lock|locked|grey|phase|extra-domain)\b`)
	for name, write := range texts() {
		if found := inner.Find(write(t)); found != nil {
			t.Errorf("%s says %q", name, found)
		}
	}
}

func TestColorChangesNothingButColor(t *testing.T) {
	t.Parallel()
	for name := range scenarios {
		plain, colored := rendered(t, name, text.Report, render.Style{}), rendered(t, name, text.Report, render.Style{Color: true})
		if uncolored(string(colored)) != string(plain) {
			t.Errorf("%s reads otherwise with colour", name)
		}
	}
}

// header is the line of a certificate's name, with its id.
var header = regexp.MustCompile(`^ {2,4}(?:by \S+ +|now +)?\S+(?: \(\S+\))? \((\d+)\)`)

func TestEachCertificateStandsOnce(t *testing.T) {
	t.Parallel()
	for name := range scenarios {
		if strings.HasPrefix(name, "apply") || name == "hostile" {
			continue
		}
		stands := map[string]int{}
		text, _, _ := strings.Cut(string(rendered(t, name, text.Report, render.Style{Verbose: true})), "\nPlan: ")
		for line := range strings.SplitSeq(text, "\n") {
			if m := header.FindStringSubmatch(line); m != nil {
				stands[m[1]]++
			}
		}
		for _, s := range scenarios[name]().Plan.Steps {
			if n := stands[s.Want.ID.String()]; n != 1 {
				t.Errorf("%s: %s stands %d times", name, s.Want.ID, n)
			}
		}
	}
}

// TestCountsOfAPlanAddUp: the last lines count each certificate once.
func TestCountsOfAPlanAddUp(t *testing.T) {
	t.Parallel()
	counts := regexp.MustCompile(`(?s)\n(\d+) certificates?: (.*?)(?:\. |\n\S)`)
	for name := range scenarios {
		r := scenarios[name]()
		m := counts.FindStringSubmatch(string(rendered(t, name, text.Plan, render.Style{})))
		if m == nil {
			if len(r.Plan.Steps) > 0 {
				t.Errorf("%s counts no certificates", name)
			}
			continue
		}
		if m[1] == "1" {
			continue // what it is needs no number
		}
		m[2] = regexp.MustCompile(` \(\d+ of them to change\)`).ReplaceAllString(m[2], "")
		sum := 0
		for _, n := range regexp.MustCompile(`\d+`).FindAllString(m[2], -1) {
			count, err := strconv.Atoi(n)
			if err != nil {
				t.Fatal(err)
			}
			sum += count
		}
		if m[1] != strconv.Itoa(sum) || sum != len(r.Plan.Steps) {
			t.Errorf("%s: %s certificates are %q, and the plan has %d", name, m[1], m[2], len(r.Plan.Steps))
		}
	}
}

func TestUnknownIsNeverDone(t *testing.T) {
	t.Parallel()
	r := partly()
	for _, o := range r.Outcomes {
		for _, text := range []string{words.OutcomeLine(o), fmt.Sprint(words.OutcomeFacts(r, o))} {
			if o.Result.String() != "done" && regexp.MustCompile(`(?i)\bdone\b`).MatchString(text) {
				t.Errorf("%v: %s", o.Result, text)
			}
		}
	}
	if got := string(rendered(t, "apply-part", text.Summary, render.Style{})); strings.Contains(got, "All done") {
		t.Error("an apply with an unknown order is all done")
	}
}

func TestEveryErrorAndEveryEndIsInTheText(t *testing.T) {
	t.Parallel()
	for name := range scenarios {
		got := string(rendered(t, name, text.Plan, render.Style{}))
		nothing, unsure := view.Unrenewed(scenarios[name]().Plan)
		for _, s := range slices.Concat(nothing, unsure) {
			if !strings.Contains(got, words.Title(s)) {
				t.Errorf("%s does not name %s, which nothing renews", name, words.Title(s))
			}
		}
	}
}
