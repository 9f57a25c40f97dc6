package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/dns"
	"github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/shell"
)

// Manifests are where they are, for every command that reads some.
type Manifests struct {
	Paths []string
	Root  string
}

func (m *Manifests) manifestArgs() *Manifests { return m }

func (m *Manifests) declare(f *Flags) {
	f.group("Manifests")
	f.text(&m.Root, "root", "", "the top directory `DIR`: files outside are not read, _defaults.yaml applies from there down; default: the git repository, or PATH where there is none", repeated)
}

// Limits are how much a run may write.
type Limits struct{ Edits, DomainChanges, Renewals int }

func (l *Limits) declare(f *Flags) {
	f.group("Limits")
	f.number(&l.Edits, "max-edits", 50, 0, unlimited, "send no edit and no domain change if more than `N` edits are planned; 0 defers all edits", repeated)
	f.number(&l.DomainChanges, "max-domain-changes", 10, 0, unlimited, "send no edit and no domain change if more than `N` domain changes are planned; 0 defers all domain changes", repeated)
	f.number(&l.Renewals, "max-renewals", 40, 0, unlimited, "start at most `N` renewals and retriggers; the others are deferred to the next run", repeated)
}

// Orders are what keeps an order back.
type Orders struct {
	Journal  string
	Settle   []string // ids of requests whose pending order was not placed, as a person says
	Cooldown time.Duration
}

func (o *Orders) declare(f *Flags) {
	f.group("Against a second CA order")
	f.text(&o.Journal, "journal", "", "keep a list of writes in `FILE`; while an order is pending in it, send no other order of that request; see cpsync help journal", repeated)
	f.texts(&o.Settle, "settle", "with --apply and --journal: a person looked at the request with this `ID`, and its pending order was not placed; repeatable", 0)
	f.time(&o.Cooldown, "order-cooldown", 20*time.Hour, "send no CA order (domains, renewal, retrigger) if the request was modified less than this `TIME` ago", repeated)
}

// settled are the ids of --settle. It is refused where no line can be written.
func (o Orders) settled(apply bool) (ids []cert.ID, err error) {
	if len(o.Settle) > 0 && (o.Journal == "" || !apply) {
		return nil, errors.New("--settle needs --apply and --journal FILE; it says that an order in that file was not placed")
	}
	for _, text := range o.Settle {
		id, err := cert.ParseID(text)
		if err != nil {
			return nil, fmt.Errorf("--settle %q: %w", text, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// DCV are the flags about the records that prove control of a name.
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
	f.group("Domain control validation (DCV)")
	f.flag(&c.Skip, "no-dcv", "", "do not read the DNS records to create")
}

// check refuses flags that contradict each other.
func (c *DCV) check(sandbox string) (err error) {
	switch {
	case !c.Check && c.Resolver != "":
		return errors.New("--resolver needs --check-dns")
	case !c.Check:
		return nil
	case c.Skip:
		return errors.New("--check-dns needs the records that --no-dcv does not read: use one")
	case sandbox != "" && c.Resolver == "":
		return errors.New("--check-dns with --sandbox: the records of a simulated CA are in no real zone; name a server that holds them with --resolver")
	case c.Resolver == "":
		return nil
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

// Target is the API to talk to, and how.
type Target struct {
	Sandbox                 string
	Now                     string
	APIURL, TokenURL, Scope string
	Concurrency             int
	Timeout, RequestTimeout time.Duration // Timeout 0: as Most says
}

func (t *Target) declare(f *Flags) {
	f.group("Target")
	f.text(&t.Sandbox, "sandbox", "", "use a simulated API with the state in `FILE` instead of the network", repeated)
	f.checks = append(f.checks, func() error { return noDirectory(t.Sandbox, f.set.Args()) })
	f.text(&t.Now, "now", "", "plan as of this `INSTANT`, such as 2027-01-05 or 2027-01-05T09:00:00Z; with --apply only on a sandbox or an API on loopback", repeated)
	f.text(&t.APIURL, "api-url", vendorAPI, "`URL` of the API, without the version", repeated|variable)
	f.text(&t.TokenURL, "token-url", "https://id.vdms.io/connect/token", "`URL` of the token service", repeated|variable)
	f.text(&t.Scope, "scope", "sec.cps.certificates", "OAuth `SCOPE` to ask for", repeated|variable|maybeEmpty)
	f.group("Requests")
	f.number(&t.Concurrency, "concurrency", 8, 1, MaxConcurrency, fmt.Sprintf("send at most `N` reads at the same time, up to %d; writes are sent one after another", MaxConcurrency), variable)
	f.time(&t.Timeout, "timeout", 0, fmt.Sprintf("most `TIME` for the run (default %dm, with --apply %dm); the time of --wait is added", planMinutes, applyMinutes), variable|positive)
	f.time(&t.RequestTimeout, "request-timeout", 30*time.Second, "most `TIME` for one request and its answer", variable|positive)
}

// noDirectory refuses a directory where the state file of a sandbox is meant.
func noDirectory(sandbox string, paths []string) error {
	if file, err := os.Stat(sandbox); err != nil || !file.IsDir() {
		return nil
	}
	if i := slices.IndexFunc(paths, isState); i >= 0 {
		return fmt.Errorf("--sandbox %s is a directory; did you mean: --sandbox %s %s", sandbox, shell.Word(paths[i]), shell.Word(sandbox))
	}
	return fmt.Errorf("--sandbox %s is a directory; name a state file: cpsync sandbox --example DIR writes one", sandbox)
}

// noStateFile refuses the state file of a sandbox where manifests are meant.
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

// isState reports whether a JSON file begins as the state of a sandbox does.
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
	switch {
	case t.Timeout > 0:
		return t.Timeout
	case apply:
		return applyMinutes * time.Minute
	default:
		return planMinutes * time.Minute
	}
}

// Log says what goes to stderr, and how both streams look.
type Log struct {
	Color, Format  string
	Quiet, Verbose bool
}

func (l *Log) declare(f *Flags) {
	f.group("Logging")
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

func (l *Log) logged() Log { return *l }

// LogOf returns what the arguments of a command say about its output.
func LogOf(a Args) Log {
	if l, ok := a.(interface{ logged() Log }); ok {
		return l.logged()
	}
	return Log{}
}

// The values of --annotations.
const (
	annotationsAuto   = "auto"
	annotationsGitHub = "github"
	annotationsOff    = "off"
)

// Annotations are what GitHub shows beside the lines of a pull request.
type Annotations string

func (a *Annotations) declare(f *Flags) {
	f.group("Annotations")
	f.choice((*string)(a), "annotations", "annotate lines of manifests, as `WHERE` says: github (commands on stderr), off, or auto (github in a job of GitHub Actions)", variable,
		annotationsAuto, annotationsGitHub, annotationsOff)
}

// Step is a step of GitHub Actions.
type Step struct{ Output string }

func (s *Step) declare(f *Flags) {
	f.group("GitHub Actions")
	f.text(&s.Output, "github-output", "", "append the outputs of the step to `FILE`, usually \"$GITHUB_OUTPUT\": exit-code, changes, approval, renewals, json and markdown", 0)
}

// File is one that a run reads or replaces, and the flag that names it.
type File struct{ Flag, Path string }

// eachOnce refuses to write a file that the run reads or writes for something else.
func eachOnce(paths []string, reads, writes []File) error {
	uses := map[string]string{}
	for _, r := range reads {
		if r.Path != "" {
			uses[filepath.Clean(r.Path)] = r.Flag
		}
	}
	for _, p := range paths {
		uses[filepath.Clean(p)] = "a manifest"
	}
	for _, w := range writes {
		path := filepath.Clean(w.Path)
		if other, taken := uses[path]; taken && w.Path != "" {
			return fmt.Errorf("%s%s: the file is %s too", w.Flag, w.Path, other)
		}
		if strings.HasPrefix(w.Flag, "--out ") && !strings.HasPrefix(path, "/dev/") {
			uses[path] = "another --out"
		}
	}
	return nil
}
