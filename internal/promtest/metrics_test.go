// Package promtest has the parsers of Prometheus read the metrics that the golden files of
// internal/render hold. It has tests and nothing else, and is a module of its own, so that
// what it brings is no dependency of the program.
package promtest

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

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
			if escaped := set.Get("bytes"); escaped != hex.EncodeToString([]byte(set.Get("name"))) && escaped != "" {
				return nil, fmt.Errorf("the name is %q, and should be %s", set.Get("name"), escaped)
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

// TestEveryParserReadsTheMetrics: every golden file, with as many samples as it has lines,
// and the same ones for each parser.
func TestEveryParserReadsTheMetrics(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".prom" {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		got, err := asCollector(text)
		if err != nil {
			t.Errorf("%s: the textfile collector: %v", path, err)
		}
		if lines := bytes.Count(text, []byte("\n")) - bytes.Count(text, []byte("\n#")) - 1; len(got) != lines {
			t.Errorf("%s: %d samples of %d lines", path, len(got), lines)
		}
		for _, contentType := range []string{openMetrics, classicText} {
			other, err := asServer(text, contentType)
			if err != nil {
				t.Errorf("%s: %s: %v", path, contentType, err)
			}
			if diff := cmp.Diff(got, other); diff != "" {
				t.Errorf("%s: the textfile collector reads something else than %s:\n%s", path, contentType, diff)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 4 {
		t.Errorf("%d golden files of metrics", files)
	}
}

// TestParsersAreHeard: a test that asks judges who take anything shows nothing.
func TestParsersAreHeard(t *testing.T) {
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
