package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/width"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
)

// slowly lets each request take its time on the simulated clock.
func slowly(g *rig, d time.Duration) {
	g.takes = d
}

// onTerminal runs the program with a terminal behind stderr, so wide.
func (g *rig) onTerminal(width int, env map[string]string, args ...string) result {
	g.t.Helper()
	var stdout, stderr lockedBuffer
	w := g.world(&stdout, &stderr, args...)
	w.Terminal = func() (int, bool) { return width, true }
	getenv := w.Getenv
	w.Getenv = func(name string) string {
		if value, ok := env[name]; ok {
			return value
		}
		return getenv(name)
	}
	code := run(patience.Context(g.t), w)
	return result{code, stdout.String(), stderr.String()}
}

// TestProgressInLines: where stderr is no terminal, a long run says every ten seconds
// how far it is; with -q it does not, and in JSON it is a record.
func TestProgressInLines(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		flags []string
		want  []string
	}{
		"text":  {nil, []string{"reading: 9 of 20 reads, 54.0/min, about 13s left", "reading: 19 of 20 reads, 57.0/min, about 2s left"}},
		"quiet": {[]string{"-q"}, nil},
		"JSON": {[]string{"--log-format", "json"}, []string{
			`{"done":9,"level":"INFO","msg":"reading","per_second":0.9,"seconds_left":13,"total":20,"unit":"reads"}`,
			`{"done":19,"level":"INFO","msg":"reading","per_second":1,"seconds_left":2,"total":20,"unit":"reads"}`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, many(400, lasting)...)
			slowly(g, time.Second)
			r := g.cpsync(append(test.flags, "--concurrency", "1", manifests(t, many(400, same)...))...)
			var got []string
			for line := range strings.Lines(r.stderr) {
				if strings.Contains(line, "reading") {
					got = append(got, withoutTime(strings.TrimSpace(line)))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" || r.code != cli.OK {
				t.Errorf("exit code %d %s", r.code, diff)
			}
			if strings.Contains(r.stdout, "reading") {
				t.Errorf("progress on stdout:\n%s", r.stdout)
			}
		})
	}
}

// withoutTime drops the time of a record, and sorts its members.
func withoutTime(line string) string {
	var object map[string]any
	if json.Unmarshal([]byte(line), &object) != nil {
		return line
	}
	delete(object, "time")
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestTimeLeftCountsWhatIsToCome: pages that are still to come are taken to need as many
// further reads as those that came, so that the time left is about right from the start.
func TestTimeLeftCountsWhatIsToCome(t *testing.T) {
	t.Parallel()
	account := many(400, lasting)
	for i := 0; i < len(account); i += 4 {
		account[i] = served(account[i].ID)
	}
	g := newRig(t, account...)
	slowly(g, time.Second)
	r := g.cpsync("--concurrency", "1", manifests(t, many(400, same)...))
	lines := regexp.MustCompile(`reading: (\d+) of (\d+) reads, .*, about (\S+) left`).FindAllStringSubmatch(r.stderr, -1)
	if len(lines) != 12 {
		t.Fatalf("%d lines:\n%s", len(lines), r.stderr)
	}
	for i, line := range lines {
		left, err := time.ParseDuration(line[3])
		truth := 122*time.Second - cli.LineEvery*time.Duration(i+1)
		if off := left - truth; err != nil || line[2] != "120" && line[2] != "121" || off.Abs() > truth/3+2*time.Second {
			t.Errorf("%s before the end: %s", truth, line[0])
		}
	}
}

// TestBar: on a terminal a bar shows how far it is and what it waits for; lines that
// are written meanwhile stand whole above it, and nothing of it is left.
func TestBar(t *testing.T) {
	t.Parallel()
	g := newRig(t, many(400, lasting)...)
	slowly(g, time.Second)
	g.breaks("429", aList, 1)
	r := g.onTerminal(80, nil, "--apply", "--concurrency", "1", manifests(t, append(many(3, editing), many(400, same)[3:]...)...))
	var seen terminal
	seen.write(regexp.MustCompile(`retrying in [0-9.]+s`).ReplaceAllString(r.stderr, "retrying in 1s"))
	want := []string{
		"warning: too many requests for the API: GET",
		"  /v2.0/certificates?page=1&page_size=20&sort=-id: 429; retrying in 1s",
		"done          change description of h700.example.com (700)",
		"done          change description of h701.example.com (701)",
		"done          change description of h702.example.com (702)",
		"",
	}
	if diff := cmp.Diff(want, seen.lines); diff != "" || r.code != cli.OK {
		t.Errorf("exit code %d; what is left on the terminal: %s", r.code, diff)
	}
	for _, line := range []string{
		`\n50% \[==========>\.+\] reading: 10 of 20 reads, 4\d\.\d/min, about 1\ds left\n`,
		`\n33% \[=+>\.+\] applying: 1 of 3 operations, 20\.0/min, about 6s left\n`,
		`\nreading: 0 reads, waiting until 09:00:0\d UTC\n`,
	} {
		if !regexp.MustCompile(line).MatchString(strings.Join(seen.past, "\n")) {
			t.Errorf("%q was never shown:\n%s", line, strings.Join(seen.past, "\n"))
		}
	}
	for _, line := range seen.past {
		if len(line) >= 80 {
			t.Errorf("the bar wraps: %q", line)
		}
	}
}

// TestBarIsGoneBeforeThePlan: both may stand on one terminal, which may be narrow.
func TestBarIsGoneBeforeThePlan(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 1, 20, 40, 80, 200} {
		g := newRig(t, many(400, lasting)...)
		slowly(g, time.Second)
		var both lockedBuffer
		w := g.world(&both, &both, "--concurrency", "1", manifests(t, many(400, same)...))
		w.Terminal = func() (int, bool) { return width, true }
		code := run(patience.Context(t), w)
		var seen terminal
		seen.write(both.String())
		if code != cli.OK || !strings.HasPrefix(seen.lines[0], "cpsync plan") {
			t.Errorf("%d columns: exit code %d\n%s", width, code, strings.Join(seen.lines, "\n"))
		}
		for _, line := range seen.past {
			if line != "" && len(line) >= width {
				t.Errorf("%d columns: the bar wraps: %q", width, line)
			}
		}
	}
}

// TestNoBar: none where nobody wants one or none can be drawn.
func TestNoBar(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		env   map[string]string
		flags []string
	}{
		"a dumb terminal": {map[string]string{"TERM": "dumb"}, nil},
		"quiet":           {nil, []string{"-q"}},
		"verbose":         {nil, []string{"-v"}},
		"JSON":            {nil, []string{"--log-format", "json"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, many(400, lasting)...)
			slowly(g, time.Second)
			r := g.onTerminal(80, test.env, append(test.flags, "--concurrency", "1", manifests(t, many(400, same)...))...)
			if strings.ContainsAny(r.stderr, "\r\x1b") || r.code != cli.OK {
				t.Errorf("exit code %d; %q", r.code, r.stderr)
			}
		})
	}
}

// TestStderrFitsItsTerminal: lines are broken at its width, also of wide and combining
// characters, and elsewhere stay whole. Lines for programs are never broken.
func TestStderrFitsItsTerminal(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"wide": strings.Repeat("\u8a3c\u660e ", 30), "combining": strings.Repeat("e\u0301\u0302 ", 60), "plain": strings.Repeat("name ", 30)} {
		g := newRig(t, lasting(700))
		args := []string{"--only", text, manifests(t, same(700))}
		broken := g.onTerminal(60, nil, args...).stderr
		for line := range strings.Lines(broken) {
			if n := terminalColumns(strings.TrimSuffix(line, "\n")); n > 60 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		whole := g.cpsync(args...).stderr
		if strings.Join(strings.Fields(broken), "") != strings.Join(strings.Fields(whole), "") || strings.Count(broken, "\n") <= strings.Count(whole, "\n") {
			t.Errorf("%s: a terminal shows\n%selse it is\n%s", name, broken, whole)
		}
		inJSON := g.onTerminal(60, nil, append(args, "--log-format", "json")...).stderr
		for line := range strings.Lines(inJSON) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: no JSON: %s", name, line)
			}
		}
	}
}

// terminalColumns is how wide a terminal shows a text, judged by other tables than the program's.
func terminalColumns(text string) int {
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

// terminal is what a terminal shows: lines, and those that stood last at some time.
type terminal struct {
	lines, past []string
}

func (t *terminal) write(text string) {
	line := ""
	for len(text) > 0 {
		switch {
		case strings.HasPrefix(text, cli.Wipe):
			t.past = append(t.past, line)
			line, text = "", text[len(cli.Wipe):]
		case text[0] == '\n':
			t.lines = append(t.lines, line)
			line, text = "", text[1:]
		default:
			line, text = line+text[:1], text[1:]
		}
	}
	t.lines = append(t.lines, line)
}
