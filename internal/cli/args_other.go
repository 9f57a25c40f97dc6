package cli

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/comment"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/sandbox"
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
	f.group = "What to list"
	f.texts(&l.Run.Choice.Only, "only", "only the requests with this `NAME`, id, label, domain or path of a manifest; repeatable", 0)
	f.texts(&l.Run.Choice.Tags, "tag", "only the manifests with this tag, as `KEY=VALUE`; repeatable, all must hold", 0)
	f.time(&l.Run.Expiring, "expiring", 0, "only certificates that expire within this `TIME`, such as 30d, or have expired", positive)
	f.flag(&l.Run.Unmanaged, "unmanaged", "", "only requests without a manifest")
	l.manifests(f)
	f.group = "What to read"
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
		all = append(all, "--expiring "+cert.FormatDuration(l.Run.Expiring))
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
	if err := e.DCV.check(e.Sandbox); err != nil {
		return err
	}
	if len(e.Paths) == 0 {
		return errors.New("name a request: its manifest's name, its id, its label or one of its domains")
	}
	e.What, e.Paths = e.Paths[0], e.Paths[1:]
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
	return eachOnce(v.Paths, nil, []File{{Flag: "--github-output ", Path: v.Step.Output}})
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

// Import are the arguments of import.
type Import struct {
	Common
	Target
	Run run.Import // as far as flags say it

	ids, domains, pairs []string
}

func (i *Import) declare(f *Flags) {
	f.group = "What to import"
	f.text(&i.Run.Query, "query", "", "only what the API's own search finds, as `FIELD:VALUE`. FIELD is one of "+
		strings.Join(cps.SearchFields, ", ")+", and * in VALUE stands for anything", 0)
	f.texts(&i.ids, "id", "only the request with this id `N`; repeatable", 0)
	f.texts(&i.domains, "domain", "only requests with this `DOMAIN`, where *.example.com stands for all domains below example.com; repeatable, one must hold", 0)
	f.texts(&i.pairs, "tag", "give each manifest this tag, as `KEY=VALUE`; repeatable", 0)
	f.flag(&i.Run.All, "all", "", "also requests that were rejected, or expired more than 30 days ago")
	f.text(&i.Run.Schema, "schema", "", "the schema that the manifests name for editors: a `PATH`, or an address", 0)
	i.manifests(f)
	i.Target.declare(f)
	i.last(f)
}

func (i *Import) take(*Flags) (err error) {
	r := &i.Run
	field, value, ok := strings.Cut(r.Query, ":")
	if err := refuse([]refusal{
		{len(i.Paths) == 0, "name the directory to write manifests into"},
		// Editors read as far as a space.
		{strings.ContainsFunc(r.Schema, unicode.IsSpace), fmt.Sprintf("--schema %q: editors can't read a name with spaces in it", r.Schema)},
		{r.Query != "" && len(i.ids) > 0, "--query and --id can't be used together: use one"},
		{r.Query != "" && (!ok || value == "" || !slices.Contains(cps.SearchFields, field)),
			fmt.Sprintf("--query %q: write it as FIELD:VALUE, with FIELD one of %s", r.Query, strings.Join(cps.SearchFields, ", "))},
	}); err != nil {
		return err
	}
	if r.IDs, err = parsed("id", i.ids, cert.ParseID); err != nil {
		return err
	}
	if r.Domains, err = parsed("domain", i.domains, cert.NormalizeName); err != nil {
		return err
	}
	r.Tags = map[string]string{}
	for _, pair := range i.pairs {
		key, value, _ := strings.Cut(pair, "=")
		if _, twice := r.Tags[key]; twice {
			return fmt.Errorf("--tag %s is given twice", key)
		}
		r.Tags[key] = value
	}
	r.Dir = filepath.Clean(i.Paths[0])
	r.Schema = addressFrom(r.Dir, r.Schema)
	return checkTags(i.pairs)
}

// addressFrom is how manifests in a directory name their schema, as editors read it: a file
// from there, "" for the usual one.
func addressFrom(dir, schema string) string {
	if schema == "" || strings.Contains(schema, "://") {
		return schema
	}
	dir, dirErr := filepath.Abs(dir)
	file, err := filepath.Abs(schema)
	if err = errors.Join(dirErr, err); err != nil {
		return schema
	}
	if rel, err := filepath.Rel(dir, file); err == nil {
		file = rel
	}
	return filepath.ToSlash(file)
}

// Comment are the arguments of comment.
type Comment struct {
	Common
	Plan, markdown string
	Key            string
	Pull           int    // 0: that of the event
	Head           string // of Pull; "": that of the event, or the one of now
	Issue          bool   // keep an issue in place of a comment
	IssueBy        string // the tag whose values have an issue each
	Always         bool
	Summary        string // when the page goes to the job's summary
	Journal        string
}

func (c *Comment) declare(f *Flags) {
	f.group = "What to put where"
	f.text(&c.Plan, "plan", "", "the plan that a run saved with --out json=`FILE`", 0)
	f.text(&c.markdown, "markdown", "", "the page that the same run saved with --out markdown=`FILE`; default: the name of the plan with .md", 0)
	f.text(&c.Key, "key", "default", "`NAME` of what is planned; each name has its own comment", 0)
	f.number(&c.Pull, "pr", 0, 0, unlimited, "the pull request with this `NUMBER`; by default that of the event", 0)
	f.text(&c.Head, "head", "", "with --pr: the head `COMMIT` that the plan is for; default: that of the event, or the current one", 0)
	f.flag(&c.Issue, "issue", "", "keep one issue with what needs action, instead of a comment; it is updated, closed when nothing needs action, and reopened")
	f.text(&c.IssueBy, "issue-by", "", "with --issue: one issue for each value of the tag `KEY`", 0)
	f.flag(&c.Always, "always", "", "comment also when nothing changes; without this flag only an existing comment is updated")
	f.choice(&c.Summary, "summary", "`WHEN` to write the page to the job's summary: always (also without a value), instead (of a comment), or never", 0, "instead", "always", "never")
	f.set.Lookup("summary").NoOptDefVal = "always"
	f.text(&c.Journal, "journal", "", "first wait, up to a minute, until no apply uses the journal `FILE`", 0)
	c.last(f)
}

func (c *Comment) take(*Flags) error {
	return cmp.Or(refuse([]refusal{
		{c.Plan == "", "name the plan that a run saved: --plan plan.json"},
		{c.Head != "" && c.Pull == 0, "--pr NUMBER names a pull request, and --head COMMIT needs it"},
		{c.Head != "" && !commits.MatchString(c.Head), fmt.Sprintf("--head %.80q: name a commit by all of its id", c.Head)},
		{c.IssueBy != "" && !c.Issue, "--issue-by needs --issue"},
		{c.Issue && (c.Pull != 0 || c.Always), "--issue keeps an issue and no comment: leave out --pr and --always"},
	}), comment.CheckKey(c.Key))
}

var commits = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// Page names the file with the Markdown.
func (c *Comment) Page() string {
	return cmp.Or(c.markdown, strings.TrimSuffix(c.Plan, filepath.Ext(c.Plan))+".md")
}

// Sandbox are the arguments of sandbox.
type Sandbox struct {
	Common
	Port     int
	EdgePort int // where the edge listens; -1: nowhere
	Speed    float64
	Advance  time.Duration
	Faults   []sandbox.Fault
	Example  string // directory to write the example to; nothing is served

	faults []string
}

func (s *Sandbox) declare(f *Flags) {
	f.group = "Sandbox"
	f.number(&s.Port, "port", 0, 0, math.MaxUint16, "loopback `PORT` to listen on; 0 takes a free one", 0)
	f.number(&s.EdgePort, "edge-port", -1, 0, math.MaxUint16, "serve the CDN's edge too, over TLS, on this loopback `PORT`; 0 takes a free one", 0)
	f.set.Lookup("edge-port").DefValue = ""
	f.set.Float64Var(&s.Speed, "speed", 1, "how many simulated seconds pass in one real second; `N` may be 0")
	f.note("speed", 0, nil)
	f.time(&s.Advance, "advance", 0, "move the clock forward by this `TIME` at the start", 0)
	f.texts(&s.faults, "fault", "simulate this `FAULT`, such as drop:renew:1; repeatable; see below", 0)
	f.text(&s.Example, "example", "", "write an example (a state file and its manifests) to the new directory `DIR`, and serve nothing", 0)
	s.Common.declare(f)
}

func (s *Sandbox) take(*Flags) error {
	for _, text := range s.faults {
		f, err := sandbox.ParseFault(text)
		if err != nil {
			return fmt.Errorf("--%w", err) // it begins with the word fault
		}
		s.Faults = append(s.Faults, f)
	}
	return refuse([]refusal{
		{s.Example != "" && len(s.Paths) > 0, "--example writes a state file of its own: leave out FILE"},
		{s.Example == "" && len(s.Paths) == 0, "name one state file; cpsync sandbox --example DIR writes one"},
		{s.Speed < 0, fmt.Sprintf("--speed %g: use 0 or more", s.Speed)},
	})
}
