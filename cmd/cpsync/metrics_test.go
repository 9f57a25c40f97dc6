package main

import (
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

var exposedLine = regexp.MustCompile(`^(# (TYPE|HELP|UNIT) [a-z_]+ .*|# EOF|[a-z_]+(\{[^{}]*\})? [0-9.e+-]+)$`)

// collected checks that a file, or stdout, is what the textfile collector of the node
// exporter reads. Its parser judges the same lines in internal/promtest.
func collected(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: collected FILE")
	}
	text := ts.ReadFile(args[0])
	for line := range strings.Lines(text) {
		if !exposedLine.MatchString(strings.TrimSuffix(line, "\n")) {
			ts.Fatalf("%s: no line of a metric: %q", args[0], line)
		}
	}
	if !regexp.MustCompile(`(?m)^cpsync_reading_timestamp_seconds[ {]`).MatchString(text) {
		ts.Fatalf("%s does not say when the account was read", args[0])
	}
}
