package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/dns"
	"github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/shell"
)

// Orders are what keeps an order back.
type Orders struct {
	Journal  string
	Cooldown time.Duration

	settle []string
}

func (o *Orders) declare(f *Flags) {
	f.group = "Against a second CA order"
	f.text(&o.Journal, "journal", "", "keep a list of writes in `FILE`; while an order is pending in it, send no other order of that request; see cpsync help journal", repeated)
	f.time(&o.Cooldown, "order-cooldown", 20*time.Hour, "send no CA order (domains, renewal, retrigger) if the request was modified less than this `TIME` ago", repeated)
}

// settles is for an apply, which writes the journal.
func (o *Orders) settles(f *Flags) {
	f.texts(&o.settle, "settle", "with --apply and --journal: a person looked at the request with this `ID`, and its pending order was not placed; repeatable", 0)
}

// settled are the requests whose pending order was not placed, as a person says. That is
// refused where no line can be written.
func (o *Orders) settled(apply bool) ([]cert.ID, error) {
	if len(o.settle) > 0 && (o.Journal == "" || !apply) {
		return nil, errors.New("--settle needs --apply and --journal FILE; it says that an order in that file was not placed")
	}
	return parsed("settle", o.settle, cert.ParseID)
}

// DCV are the flags about DNS records that DCV asks for.
type DCV struct {
	Skip     bool
	Check    bool
	Resolver string // HOST:PORT
}

func (c *DCV) declare(f *Flags) {
	c.skip(f)
	f.flag(&c.Check, "check-dns", "", "look up each of these DNS records; see cpsync help dcv")
	f.text(&c.Resolver, "resolver", "", "with --check-dns: ask this `SERVER`, as HOST or HOST:PORT, instead of the servers of the zone", 0)
}

// skip is for who shows the records and does not look them up.
func (c *DCV) skip(f *Flags) {
	f.group = "Domain control validation (DCV)"
	f.flag(&c.Skip, "no-dcv", "", "do not read the DNS records to create")
}

func (c *DCV) check(sandbox string) (err error) {
	if err := refuse([]refusal{
		{!c.Check && c.Resolver != "", "--resolver needs --check-dns"},
		{c.Check && c.Skip, "--check-dns needs the records that --no-dcv does not read: use one"},
		{c.Check && sandbox != "" && c.Resolver == "", "--check-dns with --sandbox: the records of a simulated CA are in no real zone; name a server that holds them with --resolver"},
	}); err != nil || c.Resolver == "" {
		return err
	}
	if c.Resolver, err = dns.Address(c.Resolver); err != nil {
		return fmt.Errorf("--resolver: %w; write it as HOST or HOST:PORT", err)
	}
	return nil
}

// Lookup says how records are looked up, in a run that takes some time at most.
func (w World) Lookup(c DCV, most time.Duration) run.Lookup {
	d := run.Lookup{Direct: c.Resolver == "", Dial: w.Dial, Time: min(2*time.Minute, most/4)}
	switch {
	case !c.Check:
	case c.Resolver != "":
		d.Resolvers = func() ([]string, error) { return []string{c.Resolver}, nil }
	default:
		d.Resolvers = func() ([]string, error) { return dns.System(w.Resolvers) }
	}
	return d
}

// Edge are the flags about what the CDN serves.
type Edge struct {
	CheckEdge  bool
	EdgeAt     string // HOST:PORT
	FailOnEdge bool
}

func (e *Edge) declare(f *Flags) {
	f.group = "What is served"
	f.flag(&e.CheckEdge, "check-edge", "", "also check which certificates the CDN serves, with TLS handshakes; see cpsync help edge")
	f.text(&e.EdgeAt, "edge", "", "with --check-edge: connect to this `HOST:PORT` instead of each CDN host", 0)
	f.flag(&e.FailOnEdge, "fail-on-edge", "", "with --check-edge: exit 4 when a CDN host serves a wrong certificate and a person must act")
	f.checks = append(f.checks, e.check)
}

func (e *Edge) check() error {
	if !e.CheckEdge && (e.EdgeAt != "" || e.FailOnEdge) {
		return errors.New("--edge and --fail-on-edge need --check-edge")
	}
	if e.EdgeAt == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(e.EdgeAt)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || host == "" || bad != nil || n == 0 {
		return fmt.Errorf("--edge %.80q: write it as HOST:PORT", e.EdgeAt)
	}
	return nil
}

// EdgeCheck says how the edge is looked at, in a run that does or does not apply.
func (e Edge) EdgeCheck(t Target, l Log, apply bool) run.EdgeCheck {
	return run.EdgeCheck{On: e.CheckEdge, Connect: e.EdgeAt, All: l.Verbose, Concurrency: t.Concurrency, Time: t.Most(apply) / 4}
}

// Target is the API to talk to, and how.
type Target struct {
	Sandbox                 string
	Now                     string
	APIURL, TokenURL, Scope string
	Concurrency             int
	Timeout, RequestTimeout time.Duration // Timeout 0: as Most says
}

func (t *Target) declare(f *Flags) {
	f.group = "Target"
	f.text(&t.Sandbox, "sandbox", "", "use a simulated API with the state in `FILE` instead of the network", repeated)
	f.checks = append(f.checks, func() error { return noDirectory(t.Sandbox, f.set.Args()) })
	f.text(&t.Now, "now", "", "plan as of this `INSTANT`, such as 2027-01-05 or 2027-01-05T09:00:00Z; with --apply only on a sandbox or an API on loopback", repeated)
	f.text(&t.APIURL, "api-url", vendorAPI, "`URL` of the API, without the version", repeated|variable)
	f.text(&t.TokenURL, "token-url", "https://id.vdms.io/connect/token", "`URL` of the token service", repeated|variable)
	f.text(&t.Scope, "scope", "sec.cps.certificates", "OAuth `SCOPE` to ask for", repeated|variable|maybeEmpty)
	f.group = "Requests"
	f.number(&t.Concurrency, "concurrency", 8, 1, MaxConcurrency, fmt.Sprintf("send at most `N` reads at the same time, up to %d; writes are sent one after another", MaxConcurrency), variable)
	f.time(&t.Timeout, "timeout", 0, fmt.Sprintf("most `TIME` for the run (default %dm, with --apply %dm); the time of --wait is added", planMinutes, applyMinutes), variable|positive)
	f.time(&t.RequestTimeout, "request-timeout", 30*time.Second, "most `TIME` for one request and its answer", variable|positive)
}

func noDirectory(sandbox string, paths []string) error {
	if file, err := os.Stat(sandbox); err != nil || !file.IsDir() {
		return nil
	}
	if i := slices.IndexFunc(paths, isState); i >= 0 {
		return fmt.Errorf("--sandbox %s is a directory; did you mean: --sandbox %s %s", sandbox, shell.Word(paths[i]), shell.Word(sandbox))
	}
	return fmt.Errorf("--sandbox %s is a directory; name a state file: cpsync sandbox --example DIR writes one", sandbox)
}

func noStateFile(sandbox string, paths []string) error {
	i := slices.IndexFunc(paths, isState)
	switch {
	case i < 0:
		return nil
	case sandbox == "":
		return fmt.Errorf("%s is the state file of a sandbox, and no manifest; did you mean: --sandbox %s PATH", paths[i], shell.Word(paths[i]))
	default:
		return fmt.Errorf("%s is the state file of a sandbox, and no manifest; name the manifests after --sandbox %s", paths[i], shell.Word(sandbox))
	}
}

func isState(path string) bool {
	if file, err := os.Stat(path); err != nil || filepath.Ext(path) != ".json" || !file.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	begin, _ := io.ReadAll(io.LimitReader(f, 4<<10)) // what can't be read says so later
	return bytes.Contains(begin, []byte(`"clock":`)) && bytes.Contains(begin, []byte(`"certificates":`))
}

const (
	MaxConcurrency = 64 // no API is helped by more

	planMinutes, applyMinutes = 15, 45
)

// Most is how long a run may take.
func (t Target) Most(apply bool) time.Duration {
	if apply {
		return cmp.Or(t.Timeout, applyMinutes*time.Minute)
	}
	return cmp.Or(t.Timeout, planMinutes*time.Minute)
}

// Log says what goes to stderr, and how both streams look.
type Log struct {
	Color, Format  string
	Quiet, Verbose bool
}

func (l *Log) declare(f *Flags) {
	f.group = "Logging"
	f.choice(&l.Color, "color", "`WHEN` to use colour: auto, always or never", variable, "auto", "always", "never")
	f.flag(&l.Quiet, "quiet", "q", "write only warnings and errors to stderr")
	f.flag(&l.Verbose, "verbose", "v", "show unchanged certificates and notes; log every request to stderr")
	f.choice(&l.Format, "log-format", "stderr as `FORMAT`: text or json", variable, "text", "json")
	f.checks = append(f.checks, func() error {
		if l.Quiet && l.Verbose {
			return errors.New("-q and -v contradict each other: use one")
		}
		return nil
	})
}

func (f *Flags) annotations(p *string) {
	f.group = "Annotations"
	f.choice(p, "annotations", "annotate lines of manifests, as `WHERE` says: github (commands on stderr), off, or auto (github in a job of GitHub Actions)", variable,
		"auto", "github", "off")
}

// Step is a step of GitHub Actions.
type Step struct{ Output string }

func (s *Step) declare(f *Flags) {
	f.group = "GitHub Actions"
	f.text(&s.Output, "github-output", "", "append the outputs of the step to `FILE`, usually \"$GITHUB_OUTPUT\": exit-code, changes, approval, renewals, json and markdown", 0)
}

func checkTags(all []string) error {
	for _, tag := range all {
		if key, _, ok := strings.Cut(tag, "="); !ok || key == "" {
			return fmt.Errorf("--tag %q: write it as KEY=VALUE", tag)
		}
	}
	return nil
}
