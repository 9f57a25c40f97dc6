// Package openmetrics writes what a plan found as metrics.
package openmetrics

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
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

// Report writes what a plan found, for monitoring: OpenMetrics text that the textfile
// collector of the node exporter reads too. at is when the account was read. A series is
// known by the id of the request and the name of its manifest, and stays as long as the
// manifest does: a value that is no more is 0 and not absent.
func Report(w io.Writer, r report.Report, o Options) error {
	return exposition(w, slices.Concat(runMetrics(r, o), stepMetrics(r.Plan), edgeMetrics(r)), o.Labels)
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
	return []family{
		{name: "cpsync_build_info", help: "The build that wrote this; always 1.",
			samples: []sample{{[]Label{{"version", r.Version.Version}, {"commit", r.Version.Commit}}, 1}}},
		{name: "cpsync_apply_timestamp_seconds", unit: "seconds",
			help: "When an apply was last complete, as the journal says; absent where it does not say so.", samples: instant(o.Applied)},
		{name: "cpsync_reading_timestamp_seconds", unit: "seconds",
			help: "When the account was last read with success.", samples: alone(o.At.Unix())},
		{name: "cpsync_reading_complete",
			help: "Whether every request that a manifest names could be read and planned.", samples: alone(yes(n.Errors == 0))},
		{name: "cpsync_reading_requests",
			help: "Requests that the reading took, the token and retries included.", samples: alone(int64(r.Requests.Reads))},
		{name: "cpsync_reading_retries",
			help: "Requests of the reading that were retries.", samples: alone(int64(r.Requests.Retries))},
		{name: "cpsync_certificates",
			help: "Managed certificates by state, each counted once.", samples: byState(n)},
		{name: "cpsync_operations",
			help: "Operations of the plan, by kind.", samples: byKind(n)},
		{name: "cpsync_unmanaged_requests",
			help: "Unmanaged requests; absent when they were not counted.", samples: unmanagedCount(r.Plan, len(r.Plan.Unmanaged))},
		{name: "cpsync_unmanaged_requests_expiring",
			help: "Unmanaged requests that are expired or expire soon; absent when they were not counted.", samples: unmanagedCount(r.Plan, len(view.UnmanagedExpiring(r.Plan)))},
	}
}

func alone(value int64) []sample { return []sample{{value: value}} }

func instant(t time.Time) []sample {
	if t.IsZero() {
		return nil
	}
	return alone(t.Unix())
}

func yes(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// byState counts each certificate once. The states make up all certificates.
func byState(n view.Summary) []sample {
	state := func(name string, n int) sample { return sample{[]Label{{"state", name}}, int64(n)} }
	return []sample{state("error", n.Errors), state("action-required", n.ActionRequired), state("changing", n.Changing),
		state("deferred", n.Deferred), state("withheld", n.Withheld), state("protected", n.Protected), state("up-to-date", n.UpToDate)}
}

func byKind(n view.Summary) []sample {
	kind := func(name string, n int) sample { return sample{[]Label{{"kind", name}}, int64(n)} }
	return []sample{kind("renewal", n.Renewals), kind("reissue", n.Reissues), kind("retrigger", n.Retriggers), kind("edit", n.Edits)}
}

func unmanagedCount(p plan.Plan, n int) []sample {
	if !p.Complete {
		return nil
	}
	return alone(int64(n))
}
