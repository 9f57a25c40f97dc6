package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// metrics is what is exposed of a report, half an hour after its plan.
func metrics(t testing.TB, r report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Metrics(&b, r, now.Add(30*time.Minute)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// samples are the samples of a text, each as a sorted set of labels with its name.
type samples map[string]float64

// asCollector reads text as the textfile collector of the node exporter does. It takes
// no sample with a time of its own.
func asCollector(text []byte) (samples, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	all := samples{}
	for name, f := range families {
		for _, m := range f.Metric {
			if m.TimestampMs != nil {
				return nil, fmt.Errorf("%s has a time of its own", name)
			}
			set := []string{model.MetricNameLabel, name}
			for _, l := range m.Label {
				set = append(set, l.GetName(), l.GetValue())
			}
			all[labels.FromStrings(set...).String()] = m.GetGauge().GetValue()
		}
	}
	return all, err
}

// asServer reads text as a Prometheus server does that was told its type.
func asServer(text []byte, contentType string) (samples, error) {
	p, err := textparse.New(text, contentType, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		return nil, err
	}
	all := samples{}
	for {
		entry, err := p.Next()
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		case entry == textparse.EntrySeries:
			_, at, value := p.Series()
			if at != nil {
				return nil, errors.New("a sample has a time of its own")
			}
			var set labels.Labels
			p.Labels(&set)
			if _, twice := all[set.String()]; twice {
				return nil, fmt.Errorf("%s stands twice", set)
			}
			all[set.String()] = value
		}
	}
}

// The types that a Prometheus server is told.
const (
	openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
	classicText = "text/plain; version=0.0.4; charset=utf-8"
)

// parsed has every parser read the text, and holds them together.
func parsed(t testing.TB, text []byte) samples {
	t.Helper()
	got, err := asCollector(text)
	if err != nil {
		t.Fatalf("the textfile collector: %v\n%s", err, text)
	}
	for _, contentType := range []string{openMetrics, classicText} {
		other, err := asServer(text, contentType)
		if err != nil {
			t.Fatalf("%s: %v\n%s", contentType, err, text)
		}
		if diff := cmp.Diff(got, other); diff != "" {
			t.Fatalf("the textfile collector reads something else than %s:\n%s", contentType, diff)
		}
	}
	return got
}

func TestMetricsAreReadByEveryParser(t *testing.T) {
	t.Parallel()
	for name := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := scenarios[name]()
			text := metrics(t, r)
			got := parsed(t, text)
			if lines := bytes.Count(text, []byte("\n")) - bytes.Count(text, []byte("\n#")) - 1; len(got) != lines {
				t.Errorf("%d samples of %d lines", len(got), lines)
			}
			if again := metrics(t, scenarios[name]()); !bytes.Equal(text, again) {
				t.Error("the same plan gives other bytes")
			}
		})
	}
}

// TestParsersAreHeard: a test that asks judges who take anything shows nothing.
func TestParsersAreHeard(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"half a line":           "a 1\nb{c=\"d",
		"a quotation that ends": "a{b=\"c\"d\"} 1\n# EOF\n",
		"a value that is none":  "a one\n# EOF\n",
	} {
		if _, err := asCollector([]byte(text)); err == nil {
			t.Errorf("the textfile collector takes %s", name)
		}
		if _, err := asServer([]byte(text), openMetrics); err == nil {
			t.Errorf("the server takes %s", name)
		}
	}
	for name, text := range map[string]string{
		"text without its end": "a 1\n",
		"a blank line":         "a 1\n\n# EOF\n",
		"a unit not in a name": "# UNIT a seconds\na 1\n# EOF\n",
	} {
		if _, err := asServer([]byte(text), openMetrics); err == nil {
			t.Errorf("the server takes %s", name)
		}
	}
	if _, err := asCollector([]byte("a 1 1395066363000\n")); err == nil {
		t.Error("a sample with a time of its own is taken")
	}
}

// TestMetricsAreAsGolden: names are an interface, which alerts are written against.
func TestMetricsAreAsGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"errors", "phases", "in-step", "hostile"} {
		golden(t, name+".prom", metrics(t, scenarios[name]()))
	}
}

// TestMetricsOfOne tells what is said of a certificate, by what was decided about it.
func TestMetricsOfOne(t *testing.T) {
	t.Parallel()
	all := scenarios["phases"]().Plan.Steps
	got := parsed(t, metrics(t, scenarios["phases"]()))
	value := func(s plan.Step, metric string) float64 {
		v, ok := got[labels.FromStrings(model.MetricNameLabel, metric, "id", s.Want.ID.String(), "name", Clean(s.Want.Name)).String()]
		if !ok {
			return -1
		}
		return v
	}
	for _, s := range all {
		_, late := s.Overdue(now)
		for metric, want := range map[string]bool{
			"cpsync_certificate_needs_person":       s.NeedsYou(),
			"cpsync_certificate_renewal_overdue":    late,
			"cpsync_certificate_validation_pending": s.AwaitsValidation(),
			"cpsync_certificate_waiting":            s.Waits(),
			"cpsync_certificate_error":              false,
		} {
			if v := value(s, metric); v != float64(yes(want)) {
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
	in, series := 0.0, 0
	for set, value := range parsed(t, metrics(t, r)) {
		if strings.Contains(set, `"cpsync_certificate_phase"`) {
			in, series = in+value, series+1
		}
	}
	if n := len(r.Plan.Steps); in != float64(n) || series != 13*n {
		t.Errorf("%d certificates: %v phases hold, %d are exposed", n, in, series)
	}
}

// TestTheDocumentNamesEveryMetric, and none that there is not.
func TestTheDocumentNamesEveryMetric(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	exposed := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) `).FindAllSubmatch(metrics(t, example()), -1) {
		exposed[string(m[1])] = true
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`\bcpsync_[a-z_]+`).FindAll(doc, -1) {
		named[string(m)] = true
	}
	want, got := slices.Sorted(maps.Keys(exposed)), slices.Sorted(maps.Keys(named))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-exposed +in docs/monitoring.md):\n%s", diff)
	}
	for _, l := range []string{"phase", "state", "kind"} {
		for _, m := range regexp.MustCompile(l+`=~?"([^"]+)"`).FindAllSubmatch(doc, -1) {
			for word := range strings.SplitSeq(string(m[1]), "|") {
				if !bytes.Contains(metrics(t, example()), []byte(l+`="`+word+`"`)) {
					t.Errorf("docs/monitoring.md asks for %s %q, which there is not", l, word)
				}
			}
		}
	}
}

// FuzzLabel has the parsers judge what becomes of a label's value: one sample, with the
// value as it is shown elsewhere, and nothing besides.
func FuzzLabel(f *testing.F) {
	for _, seed := range []string{"", "cdn", evil, `a"b`, `a\b`, `a\`, "a\nb", `a\nb`, `"} 1` + "\n# EOF\n", "\x00", "\xff\xfe", "é\u2028", "{}=,", "a\\\"\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var b bytes.Buffer
		one := family{name: "x", help: "X.", samples: []sample{{[]label{{"name", value}, {"id", "1"}}, 7}}}
		if err := exposition(&b, []family{one}); err != nil {
			t.Fatal(err)
		}
		want := samples{labels.FromStrings(model.MetricNameLabel, "x", "name", Clean(value), "id", "1").String(): 7}
		if diff := cmp.Diff(want, parsed(t, b.Bytes())); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
	})
}
