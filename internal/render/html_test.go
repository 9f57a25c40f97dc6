package render_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	nethtml "golang.org/x/net/html"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/html"
	"github.com/cpsync/cpsync/internal/report"
)

func htmlOf(t testing.TB, r report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := html.Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTMLIsAsGolden(t *testing.T) {
	t.Parallel()
	style := regexp.MustCompile(`(?s)<style>.*</style>`)
	for _, name := range []string{"mixed", "proving"} {
		page := htmlOf(t, scenarios[name]())
		golden(t, name+".html", style.ReplaceAll([]byte(page), []byte("<style>...</style>")))
	}
}

// Each certificate is on the page once, and its counts are those of every other output: they add
// up to the number of manifests.
func TestHTMLHasEachCertificateOnce(t *testing.T) {
	t.Parallel()
	total := regexp.MustCompile(`<p>(\d+) managed`)
	counted := regexp.MustCompile(`<a href="#[a-z-]+"[^>]*><b>(\d+)</b> ([^<]*)</a>`)
	for name, make := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := make()
			page, n := htmlOf(t, r), view.Summarize(r.Plan)
			for _, s := range r.Plan.Steps {
				if times := len(regexp.MustCompile(`<small>`+s.Want.ID.String()+`\b`).FindAllString(page, -1)); times != 1 {
					t.Errorf("certificate %s is there %d times", s.Want.ID, times)
				}
			}
			_, counts, _ := strings.Cut(page, " managed certificate")
			got, sum := map[string]int{}, 0
			for _, m := range counted.FindAllStringSubmatch(counts, -1) {
				count, _ := strconv.Atoi(m[1])
				got[m[2]], sum = count, sum+count
			}
			want := map[string]int{}
			for words, count := range map[[2]string]int{
				{"error", "errors"}: n.Errors, {"needs action", "need action"}: n.ActionRequired, {"to change", "to change"}: n.Changing,
				{"deferred", "deferred"}: n.Deferred, {"not approved", "not approved"}: n.Withheld,
				{"protected", "protected"}: n.Protected, {"up to date", "up to date"}: n.UpToDate,
			} {
				if count > 0 {
					want[words[bit(count > 1)]] = count
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("counts %v, want %v", got, want)
			}
			if m := total.FindStringSubmatch(page); m == nil || m[1] != strconv.Itoa(sum) {
				t.Errorf("the counts add up to %d, the page says %v", sum, m)
			}
		})
	}
}

// The chart has a row for each span of time, of which none is missing. Each certificate that was
// issued is in one of them, and no bar leaves the scale.
func TestHTMLChartHoldsTheFleet(t *testing.T) {
	t.Parallel()
	bar := regexp.MustCompile(`<tr><th scope="row">([^<]*)</th><td><svg[^>]*>(.*?)</svg></td><td>(\d+)`)
	width := regexp.MustCompile(`width="([\d.]+)%"`)
	for _, days := range []int{1, 2, 111, 112, 113, 198, 480, 520, 900, 20000} {
		var pairs []plan.Pair
		for i := range 50 {
			have := live(cert.ID(20000+i), now.Add(time.Duration(i*days/49-i%3)*day).Format(time.DateOnly), fmt.Sprintf("s%d.example.com", i))
			have.AutoRenew = i%2 == 0
			pairs = append(pairs, pair(spec(have.ID, "certs/fleet.yaml"), have))
		}
		page := htmlOf(t, of(pairs, nil, true))
		sum, labels := 0, []string{}
		for _, m := range bar.FindAllStringSubmatch(page, -1) {
			n, _ := strconv.Atoi(m[3])
			sum, labels = sum+n, append(labels, m[1])
			share := 0.0
			for _, w := range width.FindAllStringSubmatch(m[2], -1) {
				part, _ := strconv.ParseFloat(w[1], 64)
				share += part
			}
			if share > 100.1 || (share == 0) != (n == 0) {
				t.Errorf("%d days: the bar of %d certificates takes %.1f%%", days, n, share)
			}
		}
		if sum != len(pairs) || len(labels) > 18 || len(slices.Compact(slices.Clone(labels))) != len(labels) {
			t.Errorf("%d days: %d certificates in %q", days, sum, labels)
		}
	}
}

// What is in no bar is counted by its cause, and one certificate is not several.
func TestHTMLCountsWhatIsInNoBar(t *testing.T) {
	t.Parallel()
	ended, unread := legacy(), cdn()
	ended.Have.Order = cert.OrderExpired
	unread.Err = errors.New("500")
	page := htmlOf(t, of([]plan.Pair{ended, unread}, nil, true))
	for _, want := range []string{"<span>1 not planned, in no bar</span>", ": 1 expired or revoked<"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not hold %s", want)
		}
	}
	if strings.Contains(page, "no expiry yet") {
		t.Error("an expiry that the list shows is said to be none")
	}
	page = htmlOf(t, of([]plan.Pair{ended}, nil, true))
	for _, want := range []string{"<title>cpsync: 1 certificate, ", "<p>1 managed certificate, "} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not hold %s", want)
		}
	}
}

// The page needs nothing but itself, and nothing in it acts, whatever the texts are.
func TestHTMLNeedsNothingElse(t *testing.T) {
	t.Parallel()
	for name, r := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := htmlOf(t, r())
			for _, problem := range inert(t, page) {
				t.Error(problem)
			}
		})
	}
}

// inert lists what on a page acts or asks for something.
func inert(t testing.TB, page string) (problems []string) {
	t.Helper()
	root, err := nethtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, links := map[string]int{}, []string{}
	for n := range root.Descendants() {
		if n.Type == nethtml.ElementNode {
			if slices.Contains([]string{"script", "iframe", "object", "embed", "img", "form", "input", "base", "video", "audio"}, n.Data) {
				problems = append(problems, "an element "+n.Data)
			}
			for _, a := range n.Attr {
				switch {
				case a.Key == "id":
					ids[a.Val]++
				case a.Key == "href" && n.Data == "a":
					links = append(links, a.Val)
				case a.Key == "href" && a.Val != "data:,", a.Key == "src", a.Key == "srcset", a.Key == "style", strings.HasPrefix(a.Key, "on"):
					problems = append(problems, fmt.Sprintf("%s of %s is %q", a.Key, n.Data, a.Val))
				}
			}
		}
		if n.Type == nethtml.TextNode && n.Parent.Data != "style" && strings.ContainsFunc(strings.ReplaceAll(n.Data, "\n", ""), unclean) {
			problems = append(problems, fmt.Sprintf("text that acts: %q", n.Data))
		}
		if n.Type == nethtml.TextNode && n.Parent.Data == "style" && strings.Contains(n.Data, "url(") {
			problems = append(problems, "a style that asks for something")
		}
	}
	for id, n := range ids {
		if n > 1 {
			problems = append(problems, "the id "+id+" is there more than once")
		}
	}
	for _, l := range links {
		if id, ok := strings.CutPrefix(l, "#"); !ok || ids[id] == 0 {
			problems = append(problems, "a link to "+l)
		}
	}
	return problems
}

func unclean(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// FuzzHTML: no text of the API or of a manifest changes what the page consists of.
func FuzzHTML(f *testing.F) {
	for _, s := range []string{"plain", `"><script>alert(1)</script>`, "</style><b>", "{{.}}", "a\x00b\u202e", "<!--", "]]>", "javascript:x", "\xff"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		if name == "" || text == "" {
			t.Skip("an empty text is left out")
		}
		with := func(name, text string) []string {
			have := live(7, "2026-12-01", "a.example.com")
			have.Common, have.Label, have.Description = name, name, text
			want := spec(7, "certs/"+name+".yaml")
			want.Description = cert.Some(text + "x")
			r := of([]plan.Pair{pair(want, have)}, []cert.Live{have}, true)
			r.DCV = report.DCVs{7: {Validations: []cert.DomainValidation{{Names: []string{name}, Method: cert.DNSTxtToken,
				Records: []cert.Record{{Name: name, Type: "TXT", Value: text}}, Inferred: true}}}}
			return elements(t, htmlOf(t, r))
		}
		if got, want := with(name, text), with("plain", "text"); !slices.Equal(got, want) {
			t.Errorf("the page consists of\n%v\nwant\n%v", got, want)
		}
	})
}

// elements are the elements of a page in order, each with the names of its attributes.
func elements(t testing.TB, page string) (all []string) {
	t.Helper()
	root, err := nethtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == nethtml.TextNode {
			continue
		}
		text := n.Data
		if n.Type == nethtml.CommentNode {
			text = "comment"
		}
		for _, a := range n.Attr {
			text += " " + a.Key
		}
		all = append(all, text)
	}
	return all
}
