package words

import (
	"testing"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
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
