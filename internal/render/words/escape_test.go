package words

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// evil does to a terminal what Clean must prevent.
const evil = "\x1b[2J\x1b]0;pwned\x07\r\x9b31m\u009b\u202egnp.exe\u2066\u200b\u2028fin\x7f\xff\n  0 reads, 0 writes. Nothing to do."

func TestClean(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"plain text, B\u00fccher, \u65e5\u672c, \U0001f512": "plain text, B\u00fccher, \u65e5\u672c, \U0001f512",
		"\x1b[31mred\x1b[0m":         `\x1b[31mred\x1b[0m`,
		"a\r\nb\tc\x00\x7f":          `a\r\nb\tc\x00\x7f`,
		"\u0085\u009b":               `\x85\x9b`,
		"\u202egnp.exe\u2066\u2069":  `\u202egnp.exe\u2066\u2069`,
		"\u2028\u2029\u200b\ufeff":   `\u2028\u2029\u200b\ufeff`,
		"bad \xff\xc3":               `bad \xff\xc3`,
		"\U000e0041\u00ad\u3164":     `\U000e0041\xad\u3164`,
		`backslash \x1b stays`:       `backslash \x1b stays`,
		"the replacement \ufffd too": "the replacement \ufffd too",
	} {
		if got := Clean(raw); got != want {
			t.Errorf("Clean(%q) = %q, want %q", raw, got, want)
		}
	}
}

// harmless reports the first thing in a text that a terminal would act on.
func harmless(s string) (rune, bool) {
	for _, r := range s {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return r, false
		}
	}
	return 0, utf8.ValidString(s)
}

// commandsJob reports whether a job's log may take a line that begins within the text
// for a command.
func commandsJob(s string) bool { return strings.Contains(s, "::") || strings.Contains(s, "##[") }

func FuzzClean(f *testing.F) {
	f.Add("plain")
	f.Add(evil)
	f.Fuzz(func(t *testing.T, raw string) {
		clean := Clean(raw)
		if r, ok := harmless(clean); !ok || strings.Contains(clean, "\n") {
			t.Errorf("Clean(%q) = %q holds %q", raw, clean, r)
		}
		if again := Clean(clean); again != clean {
			t.Errorf("Clean(%q) = %q, and again %q", raw, clean, again)
		}
		if r, ok := harmless(raw); ok && r == 0 && !strings.Contains(raw, "\n") && clean != raw && !strings.ContainsAny(raw, fillers) && !commandsJob(raw) {
			t.Errorf("Clean changed %q to %q", raw, clean)
		}
		if commandsJob(clean) {
			t.Errorf("Clean(%q) = %q commands a job", raw, clean)
		}
		if q := Quote(raw); strings.Count(strings.ReplaceAll(strings.ReplaceAll(q, `\\`, ""), `\"`, ""), `"`) != 2 {
			t.Errorf("Quote(%q) = %s ends early", raw, q)
		}
	})
}

// A line of text in a job's log must not be a command of the runner, wherever it wraps.
func TestCleanLeavesNoCommandOfARunner(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{"::error::x", "a ::stop-commands::x", "##[error]x", ":::", "::::"} {
		if got := Clean(hostile); strings.Contains(got, "::") || strings.Contains(got, "##[") {
			t.Errorf("%q stays %q", hostile, got)
		}
	}
}
