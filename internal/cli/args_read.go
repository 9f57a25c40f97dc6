package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/run"
)

// List are the arguments of list.
type List struct {
	Common
	Edge
	Target
	Run    run.List // as far as flags say it
	Format string

	status string
}

func (l *List) declare(f *Flags) {
	f.group("What to list")
	f.texts(&l.Run.Choice.Only, "only", "only the requests with this `NAME`, id, label, domain or path of a manifest; repeatable", 0)
	f.texts(&l.Run.Choice.Tags, "tag", "only the manifests with this tag, as `KEY=VALUE`; repeatable, all must hold", 0)
	f.time(&l.Run.Expiring, "expiring", 0, "only certificates that expire within this `TIME`, such as 30d, or have expired", positive)
	f.flag(&l.Run.Unmanaged, "unmanaged", "", "only requests without a manifest")
	l.manifests(f)
	f.group("What to read")
	f.choice(&l.status, "read-status", "read the status of `WHICH` requests: needed (not if the list shows that the expiry is far away), all, or none", 0, "needed", "all", "none")
	l.Edge.declare(f)
	l.Target.declare(f)
	f.format(&l.Format, "text", "json", "csv")
	l.last(f)
}

func (l *List) take(*Flags) error {
	l.Run.Status = map[string]run.StatusReads{"needed": run.StatusNeeded, "all": run.StatusAll, "none": run.StatusNone}[l.status]
	return checkTags(l.Run.Choice.Tags)
}

// Selection are the flags that choose, as they would be typed.
func (l *List) Selection() []string {
	all := l.Run.Choice.Words()
	if l.Run.Expiring > 0 {
		all = append(all, "--expiring "+words.Duration(l.Run.Expiring))
	}
	if l.Run.Unmanaged {
		all = append(all, "--unmanaged")
	}
	return all
}

// Explain are the arguments of explain.
type Explain struct {
	Common
	Orders
	DCV
	Edge
	Target
	Format string
	What   string
}

func (e *Explain) declare(f *Flags) {
	e.manifests(f)
	e.Orders.declare(f)
	e.DCV.declare(f)
	e.Edge.declare(f)
	e.Target.declare(f)
	f.format(&e.Format, "text", "json")
	e.last(f)
}

func (e *Explain) take(*Flags) error {
	_, err := e.settled(false)
	if err := cmp.Or(err, e.DCV.check(e.Sandbox)); err != nil {
		return err
	}
	if len(e.Paths) == 0 {
		return errors.New("name a request: its manifest's name, its id, its label or one of its domains")
	}
	e.What, e.Paths = e.Paths[0], e.Paths[1:]
	return nil
}

// MissingPath is a word after WHAT that is no path: another request may be meant.
func (e *Explain) MissingPath() error {
	for _, p := range e.Paths {
		if _, err := os.Lstat(p); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no path %q; explain takes one request, then the paths of manifests", p)
		}
	}
	return nil
}

// Validate are the arguments of validate.
type Validate struct {
	Common
	Format      string
	Effective   string // the manifest to show with all that it inherits
	Step        Step
	Annotations string
}

func (v *Validate) declare(f *Flags) {
	f.format(&v.Format, "text", "json")
	f.text(&v.Effective, "effective", "", "also show all values of the manifest with this `NAME`, id or label, and where each is written", 0)
	v.manifests(f)
	v.Step.declare(f)
	f.annotations(&v.Annotations)
	v.last(f)
}

func (v *Validate) take(*Flags) error {
	return eachOnce(v.Paths, nil, []File{{"--github-output ", v.Step.Output}})
}

// Auth are the arguments of auth.
type Auth struct {
	Common
	Target
}

func (a *Auth) declare(f *Flags) {
	a.Target.declare(f)
	a.last(f)
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
