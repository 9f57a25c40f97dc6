//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/patience"
)

// TestTheNodeExporterTakesSeveralFiles has the node exporter read the metrics of two runs on
// one host. Each series is there, and with labels there is no error.
func TestTheNodeExporterTakesSeveralFiles(t *testing.T) {
	t.Parallel()
	exporter, err := exec.LookPath("prometheus-node-exporter")
	if err != nil {
		t.Skip("prometheus-node-exporter is not installed")
	}
	dir := t.TempDir()
	root, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	for _, team := range []string{"web", "shop"} {
		p := awaited(launch(t, t.TempDir(), nil, "metrics", "-q", "--sandbox", exampleAccount(t), "--series-label", "account="+team,
			"--out", filepath.Join(dir, team+".prom"), filepath.Join(root, "certificates", team)))
		if p.code != 0 {
			t.Fatalf("%s: %d %s", team, p.code, p.stderr)
		}
	}
	c := patience.Command(t, exporter, "--web.listen-address=127.0.0.1:0", "--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory="+dir)
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	address, rest := "", bufio.NewScanner(said)
	for address == "" && rest.Scan() {
		if m := regexp.MustCompile(`address=(127\.0\.0\.1:\d+)`).FindStringSubmatch(rest.Text()); m != nil {
			address = m[1]
		}
	}
	answer, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	for rest.Scan() {
		if strings.Contains(rest.Text(), "error(s)") {
			t.Error(rest.Text())
		}
	}
	_ = c.Wait()
	for _, team := range []string{"web", "shop"} {
		if line := fmt.Sprintf("cpsync_reading_complete{account=%q} 1\n", team); !strings.Contains(string(text), line) {
			t.Errorf("%q is missing:\n%s", line, text)
		}
	}
	if !strings.Contains(string(text), "node_textfile_scrape_error 0\n") {
		t.Errorf("a file could not be read:\n%s", text)
	}
}

// TestPromtoolTakesTheMetricsAndTheRules checks both with the tool of Prometheus, and that the
// rules of docs/monitoring.md speak up of what they are for.
func TestPromtoolTakesTheMetricsAndTheRules(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	dir := t.TempDir()
	root, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	_, rules, _ := strings.Cut(textOf(t, "../..", "docs/monitoring.md"), "```yaml\n")
	rules, _, _ = strings.Cut(rules, "```")
	place(t, dir, "rules.yaml", rules)
	place(t, dir, "test.yaml", `rule_files: [rules.yaml]
evaluation_interval: 1h
tests:
  - interval: 1h
    input_series:
      - {series: 'cpsync_reading_timestamp_seconds{account="eu"}', values: '0x400'}
      - {series: 'cpsync_apply_timestamp_seconds{account="eu"}', values: '0x400'}
      - {series: 'cpsync_certificate_renewal_overdue{account="eu",id="1",name="a"}', values: '1x400'}
    alert_rule_test:
      - {eval_time: 2h, alertname: CertificatesNotRead, exp_alerts: []}
      - eval_time: 5h
        alertname: CertificatesNotRead
        exp_alerts:
          - {exp_labels: {account: eu}, exp_annotations: {summary: "cpsync has not read the account for three hours; what it says of certificates is old"}}
      - {eval_time: 70h, alertname: CertificatesNotAppliedFor, exp_alerts: []}
      - eval_time: 75h
        alertname: CertificatesNotAppliedFor
        exp_alerts:
          - {exp_labels: {account: eu}, exp_annotations: {summary: "no apply has finished for three days; GitHub switches schedules off after 60 days without a commit"}}
      - eval_time: 3h
        alertname: CertificateNotRenewed
        exp_alerts:
          - {exp_labels: {account: eu, id: "1", name: a}, exp_annotations: {summary: "a should be renewed by now, and no order is open: cpsync explain 1"}}
`)
	for _, args := range [][]string{{"check", "rules", "rules.yaml"}, {"test", "rules", "test.yaml"}} {
		c := patience.Command(t, promtool, args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	p := awaited(launch(t, dir, nil, "metrics", "-q", "--sandbox", exampleAccount(t), filepath.Join(root, "certificates")))
	c := patience.Command(t, promtool, "check", "metrics")
	c.Stdin = strings.NewReader(p.stdout)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}
