package render_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/openmetrics"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// metrics is what is exposed of a report, half an hour after its plan.
func metrics(t testing.TB, r report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := openmetrics.Report(&b, r, openmetrics.Options{At: now.Add(30 * time.Minute)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// samples are the samples of a text, by name and sorted labels.
type samples map[string]float64

// series names a sample: its metric, and pairs of a label and its value.
func series(metric string, pairs ...string) string {
	var labels []string
	for i := 0; i < len(pairs); i += 2 {
		labels = append(labels, fmt.Sprintf("%s=%q", pairs[i], pairs[i+1]))
	}
	slices.Sort(labels)
	return metric + "{" + strings.Join(labels, ",") + "}"
}

var (
	sampleLine = regexp.MustCompile(`^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)*)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\["\\n])*)"`)
	unescape   = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n")
)

// parsed reads the text. What the parsers of Prometheus make of the golden files is a test
// of internal/promtest.
func parsed(t testing.TB, text []byte) samples {
	t.Helper()
	all := samples{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("%q is no sample:\n%s", line, text)
		}
		var pairs []string
		for _, l := range labelPair.FindAllStringSubmatch(m[2], -1) {
			pairs = append(pairs, l[1], unescape.Replace(l[2]))
		}
		value, err := strconv.ParseFloat(m[3], 64)
		if _, twice := all[series(m[1], pairs...)]; twice || err != nil {
			t.Fatalf("%q stands twice, or has no value", line)
		}
		all[series(m[1], pairs...)] = value
	}
	return all
}

func TestMetricsAreSamples(t *testing.T) {
	t.Parallel()
	for name := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := metrics(t, scenarios[name]())
			if len(parsed(t, text)) == 0 {
				t.Error("no samples")
			}
			if again := metrics(t, scenarios[name]()); !bytes.Equal(text, again) {
				t.Error("the same plan gives other bytes")
			}
		})
	}
}

// TestMetricsAreAsGolden: names are an interface, which alerts are written against.
func TestMetricsAreAsGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"errors", "phases", "hostile"} {
		r := scenarios[name]()
		r.Plan.Steps = r.Plan.Steps[:min(len(r.Plan.Steps), 3)]
		golden(t, name+".prom", metrics(t, r))
	}
}

// hostileLabels are values that others may have chosen.
var hostileLabels = []string{"", "cdn", evil, `a"b`, `a\b`, `a\`, "a\nb", `a\nb`, `"} 1` + "\n# EOF\n", "\x00", "\xff\xfe", "é\u2028", "{}=,", "a\\\"\n"}

// TestMetricsOfOne tells what is said of a certificate, by what was decided about it.
func TestMetricsOfOne(t *testing.T) {
	t.Parallel()
	all := scenarios["phases"]().Plan.Steps
	got := parsed(t, metrics(t, scenarios["phases"]()))
	value := func(s plan.Step, metric string) float64 {
		v, ok := got[series(metric, "id", s.Want.ID.String(), "name", words.Clean(s.Want.Name))]
		if !ok {
			return -1
		}
		return v
	}
	for _, s := range all {
		for metric, want := range map[string]bool{
			"cpsync_certificate_action_required":    s.NeedsAction(),
			"cpsync_certificate_renewal_overdue":    s.Is(cert.RenewalOverdue) || s.Is(cert.AutoRenewStuck),
			"cpsync_certificate_validation_pending": s.AwaitsValidation(),
			"cpsync_certificate_deferred":           s.Waits(),
			"cpsync_certificate_error":              false,
		} {
			if v := value(s, metric); v != float64(bit(want)) {
				t.Errorf("%s: %s is %v", s.Want.Name, metric, v)
			}
		}
		if v := value(s, "cpsync_certificate_expiry_timestamp_seconds"); s.Have.Issued() != (v == float64(s.Have.Expires.Unix())) {
			t.Errorf("%s: the end is %v", s.Want.Name, v)
		}
	}
}

// TestOnePhaseEach: a certificate is in one phase, and all are exposed.
func TestOnePhaseEach(t *testing.T) {
	t.Parallel()
	r := scenarios["phases"]()
	in, exposed := 0.0, 0
	for set, value := range parsed(t, metrics(t, r)) {
		if strings.HasPrefix(set, "cpsync_certificate_phase{") {
			in, exposed = in+value, exposed+1
		}
	}
	if n := len(r.Plan.Steps); in != float64(n) || exposed != 13*n {
		t.Errorf("%d certificates: %v phases hold, %d are exposed", n, in, exposed)
	}
}

// TestTheDocumentNamesNoOtherMetrics: those there are stand in docs/interfaces.md.
func TestTheDocumentNamesNoOtherMetrics(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	exposed := metrics(t, looked(example()))
	for _, name := range regexp.MustCompile(`\bcpsync_[a-z_]+`).FindAll(doc, -1) {
		if !bytes.Contains(exposed, []byte("# TYPE "+string(name)+" ")) {
			t.Errorf("docs/monitoring.md names %s, which there is not", name)
		}
	}
	for _, l := range []string{"phase", "state", "kind"} {
		for _, m := range regexp.MustCompile(l+`=~?"([^"]+)"`).FindAllSubmatch(doc, -1) {
			for word := range strings.SplitSeq(string(m[1]), "|") {
				if !bytes.Contains(metrics(t, looked(example())), []byte(l+`="`+word+`"`)) {
					t.Errorf("docs/monitoring.md asks for %s %q, which there is not", l, word)
				}
			}
		}
	}
}

// looked is a report of a run that looked at the edge: each certificate is served at its CDN
// host, and visitors reach another one.
func looked(r report.Report) report.Report {
	r.Edges = report.Edges{}
	for _, s := range r.Plan.Steps {
		leaf := &cert.EdgeLeaf{Issuer: "CA", Expires: s.Have.Expires}
		r.Edges[s.Want.ID] = plan.ServedOf(s, cert.Edge{ByThumbprint: true, Looks: []cert.EdgeLook{
			{Domain: "a.example.com", At: cert.EdgeHost{Host: "cs1.example.net"}, Finding: cert.EdgeServed, Leaf: leaf},
			{Domain: "a.example.com", Visitor: true, Finding: cert.EdgeElsewhere, Leaf: leaf},
		}}, r.Plan.Now)
	}
	return r
}

// FuzzLabel tells what becomes of a label's value: one sample, with the
// value as it is shown elsewhere, and nothing besides.
func FuzzLabel(f *testing.F) {
	for _, seed := range hostileLabels {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		want := spec(7, "certs/a.yaml")
		want.Name = value
		r := of([]plan.Pair{pair(want, live(7, "2027-02-01", "a.example.com"))}, nil, true)
		plain := r
		plain.Plan.Steps = slices.Clone(r.Plan.Steps)
		plain.Plan.Steps[0].Want.Name = "plain"
		got, named := parsed(t, metrics(t, r)), samples{}
		for set, v := range parsed(t, metrics(t, plain)) {
			named[strings.ReplaceAll(set, `name="plain"`, `name=`+strconv.Quote(words.Clean(value)))] = v
		}
		if value == "" { // an empty label is none
			return
		}
		if diff := cmp.Diff(named, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
	})
}
