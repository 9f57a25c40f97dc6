package openmetrics

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/render/words"
)

// family is a metric: one value, or one for each set of labels. All are gauges, since
// each run begins anew.
type family struct {
	name    string
	unit    string // what the name ends in, where that is a unit
	help    string
	samples []sample
}

// sample is one value of a family.
type sample struct {
	labels []Label
	value  int64
}

// exposition writes families as OpenMetrics text that is the classic text format of
// Prometheus (version 0.0.4) too: its readers, such as the textfile collector of the
// node exporter, take the lines that they do not know for comments. No sample has a time
// of its own, which the collector refuses.
func exposition(w io.Writer, families []family, common []Label) error {
	var b strings.Builder
	for _, f := range families {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", f.name, f.help, f.name)
		if f.unit != "" {
			fmt.Fprintf(&b, "# UNIT %s %s\n", f.name, f.unit)
		}
		for _, s := range f.samples {
			fmt.Fprintf(&b, "%s%s %d\n", f.name, labelled(slices.Concat(common, s.labels)), s.value)
		}
	}
	b.WriteString("# EOF\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// labelled writes labels in braces; nothing where there are none.
func labelled(labels []Label) string {
	if len(labels) == 0 {
		return ""
	}
	pairs := make([]string, len(labels))
	for i, l := range labels {
		pairs[i] = l.Name + `="` + inLabel.Replace(words.Clean(l.Value)) + `"`
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

// inLabel keeps a value from ending its quotation, or its line, early.
var inLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
