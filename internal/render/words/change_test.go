package words

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// TestLookalikesCanBeToldApart: what looks the same is written so that it does not, and
// what can be told apart is left as it is.
func TestLookalikesCanBeToldApart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ from, to, shown string }{
		"a Cyrillic letter":         {"Acme GmbH", "Асme GmbH", `"Acme GmbH" -> "\u0410\u0441me GmbH"`},
		"a Greek letter":            {"ORION", "ΟRION", `"ORION" -> "\u039fRION"`},
		"a space that does not end": {"Acme GmbH", "Acme\u00a0GmbH", `"Acme GmbH" -> "Acme\xa0GmbH"`},
		"another dash":              {"A-B", "A–B", `"A-B" -> "A\u2013B"`},
		"another apostrophe":        {"Joe's", "Joe’s", `"Joe's" -> "Joe\u2019s"`},
		"letters of full width":     {"ABC", "ＡBC", `"ABC" -> "\uff21BC"`},
		"both are foreign":          {"Müller-Str", "Müller\u2010Str", `"M\xfcller-Str" -> "M\xfcller\u2010Str"`},
		"an accent can be seen":     {"Muller", "Müller", `"Muller" -> "Müller"`},
		"other words":               {"Москва", "Acme", `"Москва" -> "Acme"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := FromTo(diff.Change{Edit: cert.ExpectOrganization, From: tt.from, To: tt.to})
			if got := from + " -> " + to; got != tt.shown {
				t.Errorf("got %s, want %s", got, tt.shown)
			}
		})
	}
	if len(lookalikes) != len(likeThem) {
		t.Fatalf("%d letters are drawn like %d", len(lookalikes), len(likeThem))
	}
	for i, r := range lookalikes {
		if plain := likeThem[i]; r <= utf8.RuneSelf || plain >= utf8.RuneSelf || plain == ' ' {
			t.Errorf("%q stands for %q", r, plain)
		}
	}
}

func FuzzBothTextsCanBeRebuilt(f *testing.F) {
	f.Add("a b c", "a x c")
	f.Add("", "new")
	f.Add("B\u00fccher \xff\n", "B\u00fccher\n\n")
	f.Add(strings.Repeat("a b ", 200), strings.Repeat("b a ", 210))
	f.Fuzz(func(t *testing.T, from, to string) {
		all, d := passages(from, to), diffmatchpatch.New()
		if got := d.DiffText1(all); got != from {
			t.Errorf("from %q came back as %q", from, got)
		}
		if got := d.DiffText2(all); got != to {
			t.Errorf("to %q came back as %q", to, got)
		}
	})
}

func TestWhatChangedWithinIsShown(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("all of this stays as it is, ", 5)
	for name, c := range map[string]struct{ from, to, want string }{
		"a word":            {"owned by team web since May", "owned by team shop since May", "owned by team [-web-]{+shop+} since May"},
		"words in a row":    {"call the old team now", "call a new team now", "call [-the old-]{+a new+} team now"},
		"an end":            {"one", "one two", "one{+ two+}"},
		"lines":             {"a\nb", "a\nc", "a\n[-b-]{+c+}"},
		"within what stays": {long + "x" + long, long + "y" + long, "... this stays as it is, [-xall-]{+yall+} of this stays as it ..."},
		"little in common":  {"Storefront of the EU", "Billing, and nothing else", `"Storefront of the EU" -> "Billing, and nothing else"`},
		"nothing before":    {"", strings.Repeat("x", 205), `"" -> "` + strings.Repeat("x", 200) + `" and 5 more characters (-v)`},
		"marks of its own":  {"a [-b-] c", "a [-b-] d", `a [\-b-\] [-c-]{+d+}`},
	} {
		if got := TextDiff(c.from, c.to, FoldedBy); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestLongTextsTakeNoTime(t *testing.T) {
	t.Parallel()
	from, to := strings.Repeat("a b c ", 20000), strings.Repeat("c a ", 30000)
	begin := time.Now()
	if all := passages(from, to); diffmatchpatch.New().DiffText2(all) != to {
		t.Error("the text did not come back")
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("comparing took %v", took)
	}
}
