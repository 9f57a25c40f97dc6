package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/patience"
)

// TestLogInJSONIsData: each line is an object, no message holds columns, and an outcome has
// its certificate and its result in fields.
func TestLogInJSONIsData(t *testing.T) {
	t.Parallel()
	g := newRig(t, served(700))
	var stdout, stderr strings.Builder
	args := []string{"-v", "--apply", "--wait", "1m", "--log-format", "json"}
	if code := run(patience.Context(t), g.world(&stdout, &stderr, append(args, manifests(t, renewing(700)))...)); code == cli.Failed {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	messages := map[string]map[string]any{}
	for line := range strings.Lines(stderr.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		message, _ := record["msg"].(string)
		if message == "" || strings.Contains(message, "  ") || strings.ContainsAny(message, "\n\t") {
			t.Errorf("a message that is no sentence: %s", line)
		}
		messages[message] = record
	}
	if o := messages["outcome"]; o["id"] != 700.0 || o["operation"] != "renew" || o["outcome"] != "done" || o["error"] != nil {
		t.Errorf("the outcome of the renewal is %v in:\n%s", o, &stderr)
	}
	if r := messages["requests"]; r["writes"] != 1.0 {
		t.Errorf("the requests are %v in:\n%s", r, &stderr)
	}
}
