package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/openmetrics"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/run"
)

// Metrics are the arguments of metrics.
type Metrics struct {
	Planning
	Out    string // the file that gets them; "" for stdout
	pairs  []string
	Labels []openmetrics.Label // of every series
}

func (m *Metrics) declare(f *Flags) {
	f.group("Output")
	f.text(&m.Out, "out", "", "write to `FILE` instead of stdout (also -). The file is replaced in one step, and only if the account could be read", 0)
	f.texts(&m.pairs, "series-label", "add the label `NAME=VALUE` to every series, such as account=eu, to tell apart the files of several runs on one host; repeatable", 0)
	m.Manifests.declare(f)
	m.rest(f, nil)
	m.lastFlags(f)
}

func (m *Metrics) take(f *Flags) error {
	m.DCV.Skip = true // no metric is about the records to set
	if err := m.Planning.take(f); err != nil {
		return err
	}
	if format, path, ok := strings.Cut(m.Out, "="); ok && slices.Contains(append(render.Names(), "openmetrics", "prom"), format) {
		return fmt.Errorf("--out %s: metrics have one format; use --out %s", m.Out, cmp.Or(path, "FILE"))
	}
	for _, pair := range m.pairs {
		name, value, found := strings.Cut(pair, "=")
		if !found || value == "" {
			return fmt.Errorf("--series-label %.80q: write it as NAME=VALUE", pair)
		}
		if err := openmetrics.CheckLabel(name); err != nil {
			return fmt.Errorf("--series-label %w", err)
		}
		if slices.ContainsFunc(m.Labels, func(l openmetrics.Label) bool { return l.Name == name }) {
			return fmt.Errorf("--series-label %s is given twice", name)
		}
		m.Labels = append(m.Labels, openmetrics.Label{Name: name, Value: value})
	}
	return eachOnce(m.Manifests.Paths, m.Reads(), m.Writes())
}

// Writes are the files that the run replaces.
func (m *Metrics) Writes() []File { return []File{{"--out ", m.Out}} }

// Report are the arguments of report.
type Report struct {
	Planning
	HTML string
}

func (r *Report) declare(f *Flags) {
	f.group("What to write")
	f.text(&r.HTML, "html", "", "write the page to `FILE`, in one step; - is stdout", 0)
	r.Manifests.declare(f)
	r.DCV.skip(f)
	r.rest(f, nil)
	r.lastFlags(f)
}

func (r *Report) take(f *Flags) error {
	if r.HTML == "" && !f.isTyped("html") {
		return errors.New("say where the page goes: --html FILE")
	}
	if err := r.Planning.take(f); err != nil {
		return err
	}
	return eachOnce(r.Manifests.Paths, r.Reads(), r.Writes())
}

// Writes are the files that the run replaces.
func (r *Report) Writes() []File { return []File{{"--html ", r.HTML}} }

// List are the arguments of list.
type List struct {
	Common
	Manifests // those named, or the working directory
	run.Choice
	Edge
	Target
	Log
	Expiring   time.Duration // 0: whenever
	Unmanaged  bool
	Format     string
	ReadStatus string
	Named      bool // manifests were
}

func (l *List) declare(f *Flags) {
	f.group("What to list")
	f.texts(&l.Only, "only", "only the requests with this `NAME`, id, label, domain or path of a manifest; repeatable", 0)
	f.texts(&l.Tags, "tag", "only the manifests with this tag, as `KEY=VALUE`; repeatable, all must hold", 0)
	f.time(&l.Expiring, "expiring", 0, "only certificates that expire within this `TIME`, such as 30d, or have expired", positive)
	f.flag(&l.Unmanaged, "unmanaged", "", "only requests without a manifest")
	l.Manifests.declare(f)
	f.group("What to read")
	f.choice(&l.ReadStatus, "read-status", "read the status of `WHICH` requests: needed (not if the list shows that the expiry is far away), all, or none", 0, readNeeded, readAll, readNone)
	l.Edge.declare(f)
	l.Target.declare(f)
	f.format(&l.Format, "text", "json", "csv")
	l.Log.declare(f)
	l.helpFlag(f)
}

// readNone is a value of --read-status that only a list takes: what needs the status is
// then shown as not read.
const readNone = "none"

func (l *List) take(*Flags) error {
	if l.Named = len(l.Manifests.Paths) > 0; !l.Named {
		l.Manifests.Paths = []string{"."}
	}
	return checkTags(l.Tags)
}

// checkTags refuses what is not KEY=VALUE.
func checkTags(all []string) error {
	for _, tag := range all {
		if key, _, ok := strings.Cut(tag, "="); !ok || key == "" {
			return fmt.Errorf("--tag %q: write it as KEY=VALUE", tag)
		}
	}
	return nil
}

// Reads is what --read-status says.
func (l *List) Reads() run.StatusReads {
	return map[string]run.StatusReads{readNeeded: run.StatusNeeded, readAll: run.StatusAll, readNone: run.StatusNone}[l.ReadStatus]
}

// Selection are the flags that choose, as they would be typed.
func (l *List) Selection() []string {
	all := l.Words()
	if l.Expiring > 0 {
		all = append(all, "--expiring "+words.Duration(l.Expiring))
	}
	if l.Unmanaged {
		all = append(all, "--unmanaged")
	}
	return all
}

// Validate are the arguments of validate.
type Validate struct {
	Common
	Manifests
	Log
	Format      string
	Effective   string // the manifest to show with all that it inherits
	Step        Step
	Annotations Annotations
}

func (v *Validate) declare(f *Flags) {
	f.format(&v.Format, "text", "json")
	f.text(&v.Effective, "effective", "", "also show all values of the manifest with this `NAME`, id or label, and where each is written", 0)
	v.Manifests.declare(f)
	v.Step.declare(f)
	v.Annotations.declare(f)
	v.Log.declare(f)
	v.helpFlag(f)
}

func (v *Validate) take(*Flags) error {
	return eachOnce(v.Manifests.Paths, nil, []File{{"--github-output ", v.Step.Output}})
}

// VersionOf are the arguments of version.
type VersionOf struct {
	Common
	Format string
}

func (v *VersionOf) declare(f *Flags) {
	f.format(&v.Format, "text", "json")
	v.helpFlag(f)
}

// Auth are the arguments of auth.
type Auth struct {
	Common
	Target
	Log
}

func (a *Auth) declare(f *Flags) {
	a.Target.declare(f)
	a.Log.declare(f)
	a.helpFlag(f)
}

// Explain are the arguments of explain.
type Explain struct {
	Common
	Manifests // those named, or the working directory
	Orders
	DCV
	Edge
	Target
	Log
	Format string
	What   string
	Named  bool // manifests were
}

func (e *Explain) declare(f *Flags) {
	e.Manifests.declare(f)
	e.Orders.declare(f)
	e.DCV.declare(f)
	e.Edge.declare(f)
	e.Target.declare(f)
	f.format(&e.Format, "text", "json")
	e.Log.declare(f)
	e.helpFlag(f)
}

func (e *Explain) take(*Flags) error {
	if _, err := e.Orders.settled(false); err != nil {
		return err
	}
	if err := e.DCV.check(e.Sandbox); err != nil {
		return err
	}
	if len(e.Common.Paths) == 0 {
		return errors.New("name a request: its manifest's name, its id, its label or one of its domains")
	}
	e.What, e.Manifests.Paths = e.Common.Paths[0], e.Common.Paths[1:]
	if e.Named = len(e.Manifests.Paths) > 0; !e.Named {
		e.Manifests.Paths = []string{"."}
	}
	return nil
}

// MissingPath is a word after WHAT that is no path: another request may be meant.
func (e *Explain) MissingPath() error {
	for _, p := range e.Manifests.Paths {
		if _, err := os.Lstat(p); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no path %q; explain takes one request, then the paths of manifests", p)
		}
	}
	return nil
}

// Given are the paths that were given.
func (e *Explain) Given() []string { return e.Common.Paths[1:] }
