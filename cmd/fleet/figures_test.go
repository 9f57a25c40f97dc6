//go:build unix

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// figures are what benchmarks reported: by name, then by unit, one for each round.
type figures struct {
	names []string
	by    map[string]map[string][]float64
}

// parse reads the output of go test -bench.
func parse(out string) figures {
	f := figures{by: map[string]map[string][]float64{}}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i] // the number of processors
		}
		if f.by[name] == nil {
			f.names, f.by[name] = append(f.names, name), map[string][]float64{}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				f.by[name][fields[i+1]] = append(f.by[name][fields[i+1]], v)
			}
		}
	}
	return f
}

// of returns the figures of a benchmark, the smallest first.
func (f figures) of(name, unit string) []float64 {
	return slices.Sorted(slices.Values(f.by[name][unit]))
}

func middle(all []float64) float64 { return all[len(all)/2] }

// spread is the middle, and in brackets the smallest and the largest.
func spread(all []float64, show func(float64) string) string {
	return fmt.Sprintf("%s (%s to %s)", show(middle(all)), show(all[0]), show(all[len(all)-1]))
}

func nanoseconds(v float64) string {
	switch {
	case v >= 1e9:
		return fmt.Sprintf("%.2f s", v/1e9)
	case v >= 1e6:
		return fmt.Sprintf("%.1f ms", v/1e6)
	default:
		return fmt.Sprintf("%.1f µs", v/1e3)
	}
}

func number(format string) func(float64) string {
	return func(v float64) string { return fmt.Sprintf(format, v) }
}

func megabytes(v float64) string { return fmt.Sprintf("%.1f MB", v/1e6) }

// row is a figure that is to stay below something.
type row struct {
	what       string
	name, unit string
	show       func(float64) string
	floor      string // the benchmark that the figure is divided by; its unit is the same
	below      string // what is to be reached, as it is written
}

func loading(size string) row {
	return row{what: "loading " + size + " manifests, beside a bare decode", name: "Load/" + size, unit: "ns/op", show: nanoseconds,
		floor: "BareDecode/" + size, below: "1.3 x"}
}

// run is the name of a benchmark of whole runs: Plan, or what it is beside.
func run(mix string, n int, wait time.Duration, what string) string {
	return fmt.Sprintf("Run/%s/%d/%s/%s", mix, n, wait, what)
}

func running(mix, what string, n int) row {
	return row{what: fmt.Sprintf("whole run of %d, %s, at %s, beside a client that asks the same", n, what, latency),
		name: run(mix, n, latency, "Plan"), unit: "ns/op", show: nanoseconds, floor: run(mix, n, latency, "Client"), below: "1.3 x"}
}

func sooner(what, name, below string) row {
	return row{what: "whole run of 1000, a quarter on its way, at " + latency.String() + what + ", beside --concurrency 4",
		name: run("quarter", 1000, latency, name), unit: "ns/op", show: nanoseconds, floor: run("quarter", 1000, latency, "Plan4"), below: below}
}

func starting(n int) row {
	return row{what: fmt.Sprintf("start to first request, manifests: %d", n), name: fmt.Sprintf("FirstRequest/%d", n),
		unit: "ns-to-first-request", show: nanoseconds, below: "30 ms"}
}

// rows are the measures to reach.
var rows = []row{
	loading("1000"), loading("10000"), loading("10000-in-one-file"),
	running("nothing", "nothing happens", 1000), running("nothing", "nothing happens", 10000),
	running("quarter", "a quarter on its way", 1000), running("quarter", "a quarter on its way", 10000),
	sooner("", "Plan", "0.6 x"), sooner(" and --concurrency 16", "Plan16", "0.45 x"),
	{what: "plan of 2 changed of 1000 with --base at 50ms, beside cpsync list, which reads the list alone", name: run("quarter", 1000, latency, "Base"),
		unit: "ns/op", show: nanoseconds, floor: run("quarter", 1000, latency, "List"), below: "1.15 x"},
	{what: "planning an unchanged certificate", name: "Build/1000", unit: "µs/certificate", show: number("%.1f µs"), below: "7 µs"},
	{what: "planning an unchanged certificate of 10000", name: "Build/10000", unit: "µs/certificate", show: number("%.1f µs"), floor: "Build/1000", below: "9 µs"},
	{what: "loading, of 10000 beside 1000, a certificate", name: "Load/10000", unit: "µs/certificate", show: number("%.1f µs"), floor: "Load/1000", below: "linear"},
	{what: "peak memory of a run of 10000", name: run("nothing", 10000, latency, "Plan"), unit: "peak-MB", show: number("%.0f MB"), below: "150 MB"},
	{what: "peak memory of a run of 10000, beside 1000", name: run("nothing", 10000, latency, "Plan"), unit: "peak-MB", show: number("%.0f MB"),
		floor: run("nothing", 1000, latency, "Plan"), below: "10 x"},
	starting(1), starting(100),
}

// beside is the table of what is to be reached.
func beside(t *testing.T, f figures) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| what | measured | floor | ratio | to stay below |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		all := f.of(r.name, r.unit)
		if len(all) == 0 {
			t.Fatalf("no benchmark reported %s of %s", r.unit, r.name)
		}
		under, ratio := "", ""
		if base := r.base(f); base > 0 {
			under, ratio = r.show(base), fmt.Sprintf("%.2f", middle(all)/base)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.what, spread(all, r.show), under, ratio, r.below)
	}
	return b.String()
}

// base is the floor, 0 when there is none.
func (r row) base(f figures) float64 {
	if all := f.of(r.floor, r.unit); len(all) > 0 {
		return middle(all)
	}
	return 0
}

// fleets is the table of whole runs, each beside its client.
func fleets(f figures) string {
	var b strings.Builder
	b.WriteString("| fleet | certificates | requests | at 0 ms | client | at 50 ms | client | CPU | client | memory | client |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, m := range mixes {
		for _, n := range []int{100, 1000, 10000} {
			fmt.Fprintf(&b, "| %s | %d", m.what, n)
			at := func(wait time.Duration, what string) string { return run(m.name, n, wait, what) }
			for _, c := range []struct {
				unit, name string
				show       func(float64) string
			}{{"requests", at(0, "Plan"), number("%.0f")}, {"ns/op", at(0, "Plan"), nanoseconds}, {"ns/op", at(0, "Client"), nanoseconds},
				{"ns/op", at(latency, "Plan"), nanoseconds}, {"ns/op", at(latency, "Client"), nanoseconds},
				{"cpu-ns", at(latency, "Plan"), nanoseconds}, {"cpu-ns", at(latency, "Client"), nanoseconds},
				{"peak-MB", at(latency, "Plan"), number("%.0f MB")}, {"peak-MB", at(latency, "Client"), number("%.0f MB")}} {
				cell := ""
				if all := f.of(c.name, c.unit); len(all) > 0 {
					cell = c.show(middle(all))
				}
				b.WriteString(" | " + cell)
			}
			b.WriteString(" |\n")
		}
	}
	return b.String()
}

// everything is the table of all benchmarks.
func everything(f figures) string {
	var b strings.Builder
	b.WriteString("| benchmark | time | allocated | allocations |\n|---|---|---|---|\n")
	for _, name := range f.names {
		cell := func(unit string, show func(float64) string) string {
			if all := f.of(name, unit); len(all) > 0 && middle(all) > 0 {
				return show(middle(all))
			}
			return ""
		}
		allocated, allocations := cell("B/op", megabytes), cell("allocs/op", number("%.0f"))
		if strings.HasPrefix(name, "Run/") {
			continue
		}
		if strings.HasPrefix(name, "FirstRequest/") {
			allocated, allocations = "", "" // those of the process that measures
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, spread(f.of(name, "ns/op"), nanoseconds), allocated, allocations)
	}
	return b.String()
}
