// Package openmetrics writes what a plan found as metrics.
package openmetrics

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// family is a metric: one value, or one for each set of labels. All are gauges, since
// each run begins anew.
type family struct {
	name, help string
	samples    []sample
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
		if strings.HasSuffix(f.name, "_seconds") {
			fmt.Fprintf(&b, "# UNIT %s seconds\n", f.name)
		}
		for _, s := range f.samples {
			pairs := words.Each(slices.Concat(common, s.labels), func(l Label) string {
				return l.Name + `="` + inLabel.Replace(words.Clean(l.Value)) + `"`
			})
			labels := ""
			if len(pairs) > 0 {
				labels = "{" + strings.Join(pairs, ",") + "}"
			}
			fmt.Fprintf(&b, "%s%s %d\n", f.name, labels, s.value)
		}
	}
	b.WriteString("# EOF\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// inLabel keeps a value from ending its quotation, or its line, early.
var inLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// Report writes what a plan found, for monitoring: OpenMetrics text that the textfile
// collector of the node exporter reads too. at is when the account was read. A series is
// known by the id of the request and the name of its manifest, and stays as long as the
// manifest does: a value that is no more is 0 and not absent.
func Report(w io.Writer, r report.Report, o Options) error {
	return exposition(w, append(runMetrics(r, o), stepMetrics(r)...), o.Labels)
}

// Options are what a report does not say.
type Options struct {
	At      time.Time // when the account was read
	Applied time.Time // when an apply last came to its end, as a journal says; zero: not known
	Labels  []Label   // of every series: they tell apart what several runs write
}

// Label is a label and its value.
type Label struct{ Name, Value string }

var labelName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// own are the names of labels that series have.
var own = []string{"id", "name", "team", "state", "kind", "phase", "at", "version", "commit", "job", "instance"}

// CheckLabel refuses a name that series have, that Prometheus sets, or that is none.
func CheckLabel(name string) error {
	switch {
	case !labelName.MatchString(name):
		return fmt.Errorf("%.80q is no name of a label: small letters, digits and _", name)
	case slices.Contains(own, name):
		return fmt.Errorf("series have a label %s, or get it from Prometheus: choose another name, such as account", name)
	}
	return nil
}

// runMetrics are about the reading and the fleet.
func runMetrics(r report.Report, o Options) []family {
	n := view.Summarize(r.Plan)
	of := func(label, name string, n int) sample { return sample{[]Label{{label, name}}, int64(n)} }
	return []family{
		{"cpsync_build_info", "The build that wrote this; always 1.",
			[]sample{{[]Label{{"version", r.Version.Version}, {"commit", r.Version.Commit}}, 1}}},
		{"cpsync_apply_timestamp_seconds", "When an apply was last complete, as the journal says; absent where it does not say so.",
			known(!o.Applied.IsZero(), o.Applied.Unix())},
		{"cpsync_reading_timestamp_seconds", "When the account was last read with success.", alone(o.At.Unix())},
		{"cpsync_reading_complete", "Whether every request that a manifest names could be read and planned.", alone(yes(n.Errors == 0))},
		{"cpsync_reading_requests", "Requests that the reading took, the token and retries included.", alone(int64(r.Requests.Reads))},
		{"cpsync_reading_retries", "Requests of the reading that were retries.", alone(int64(r.Requests.Retries))},
		{"cpsync_certificates", "Managed certificates by state, each counted once.", []sample{ // which make up all
			of("state", "error", n.Errors), of("state", "action-required", n.ActionRequired), of("state", "changing", n.Changing),
			of("state", "deferred", n.Deferred), of("state", "withheld", n.Withheld), of("state", "protected", n.Protected),
			of("state", "up-to-date", n.UpToDate)}},
		{"cpsync_operations", "Operations of the plan, by kind.", []sample{of("kind", "renewal", n.Renewals),
			of("kind", "reissue", n.Reissues), of("kind", "retrigger", n.Retriggers), of("kind", "edit", n.Edits)}},
		{"cpsync_unmanaged_requests", "Unmanaged requests; absent when they were not counted.",
			known(r.Plan.Complete, int64(len(r.Plan.Unmanaged)))},
		{"cpsync_unmanaged_requests_expiring", "Unmanaged requests that are expired or expire soon; absent when they were not counted.",
			known(r.Plan.Complete, int64(len(view.UnmanagedExpiring(r.Plan))))},
	}
}

func alone(value int64) []sample { return []sample{{value: value}} }

// known is a value, absent where it is not known.
func known(is bool, value int64) []sample {
	if !is {
		return nil
	}
	return alone(value)
}

func yes(is bool) int64 {
	if is {
		return 1
	}
	return 0
}
