package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/openmetrics"
	"github.com/cpsync/cpsync/internal/revision"
	"github.com/cpsync/cpsync/internal/run"
)

// Planning are the arguments of every command that makes a plan.
type Planning struct {
	Common
	run.Options // as far as flags say them
	Orders
	DCV
	Edge
	Target
	Approved string // the saved plan that was approved; of an apply
	Writes   []File // that the run replaces; of a plan each --out

	status string
}

// rest are the flags that follow those of the command itself. more are those that stand among them where the command
// has them.
func (p *Planning) rest(f *Flags, more ...func(*Flags)) {
	f.group = "Limits"
	f.number(&p.Rules.MaxEdits, "max-edits", 50, 0, unlimited, "send no edit and no domain change if more than `N` edits are planned; 0 defers all edits", repeated)
	f.number(&p.Rules.MaxDomainChanges, "max-domain-changes", 10, 0, unlimited, "send no edit and no domain change if more than `N` domain changes are planned; 0 defers all domain changes", repeated)
	f.number(&p.Rules.MaxRenewals, "max-renewals", 40, 0, unlimited, "start at most `N` renewals and retriggers; the others are deferred to the next run", repeated)
	p.Orders.declare(f)
	for _, declare := range more {
		declare(f)
	}
	p.Edge.declare(f)
	f.group = "What to read"
	f.choice(&p.status, "read-status", "read the status of `WHICH` requests: needed (if a decision depends on it) or all (one more read for each request)", repeated, "needed", "all")
	p.Target.declare(f)
}

func (p *Planning) takeOptions() (err error) {
	p.ReadAll, p.Rules.OrderCooldown = p.status == "all", p.Cooldown
	p.Settle, err = p.settled(p.Apply)
	return err
}

// takeFile is take for a command that applies nothing and writes one file.
func (p *Planning) takeFile(flag, path string) error {
	if err := cmp.Or(p.takeOptions(), noStateFile(p.Sandbox, p.Paths)); err != nil {
		return err
	}
	p.Writes = []File{{Flag: flag, Path: path}}
	return eachOnce(p.Paths, p.reads(), p.Writes)
}

// reads are the files that the run reads besides manifests.
func (p *Planning) reads() []File {
	return []File{{Flag: "--plan", Path: p.Approved}, {Flag: "--sandbox", Path: p.Sandbox}, {Flag: "--journal", Path: p.Journal}}
}

// Plan are the arguments of the main command.
type Plan struct {
	Planning
	run.Choice
	MaxAge               time.Duration // of Approved; 0: any
	Run                  []string      // KEY=VALUE: who started the run, and what for
	DetailedExit         bool
	FailOnActionRequired bool
	FailOnExpiring       time.Duration // 0: not asked for
	Format               string
	Step                 Step
	Annotations          string

	approve string
	out     []string
}

func (p *Plan) declare(f *Flags) {
	f.group = "What to do"
	f.flag(&p.Apply, "apply", "", "apply the plan; without it nothing is written")
	f.text(&p.Approved, "plan", "", "with --apply: apply only what the saved JSON plan in `FILE` approved, certificate by certificate", 0)
	f.flag(&p.AllApproved, "plan-strict", "", "with --plan: apply nothing unless every operation of that plan is still planned")
	f.time(&p.MaxAge, "plan-max-age", 0, "with --plan: refuse a plan that is older than this `TIME`", positive)
	f.choice(&p.approve, "approve", "with --apply: `WHAT` needs an approval (--plan). all: every operation, if there is a --plan. changes: every operation but renewals and retriggers that a policy asks for; what is not approved is deferred", 0, "all", "changes")
	f.time(&p.Wait, "wait", 0, "with --apply: afterwards follow each changed certificate until it is active or needs action, for at most this `TIME`", 0)
	f.flag(&p.DetailedExit, "detailed-exitcode", "", "exit 2 when there is something to apply")
	f.flag(&p.FailOnActionRequired, "fail-on-action-required", "", "exit 4 when a certificate needs action")
	f.time(&p.FailOnExpiring, "fail-on-expiring", 0, "exit 4 when a certificate is expired or expires within this `TIME`, such as 14d, even if its renewal is in progress", positive)
	f.texts(&p.Only, "only", "only the manifests with this `NAME`, id, label, domain or path; repeatable", repeated)
	f.texts(&p.Tags, "tag", "only the manifests with this tag, as `KEY=VALUE`; repeatable, all must hold", repeated)
	f.text(&p.Since, "changed-since", "", "only the manifests that are new or changed since this git revision `REV`", repeated)
	f.text(&p.Base, "base", "", "plan what changes since this git revision `REV`; of other certificates only the list is read", 0)
	p.manifests(f)
	p.rest(f, p.settles, p.DCV.declare)
	f.format(&p.Format, formats()...)
	f.group = "Files"
	f.texts(&p.out, "out", "also write a file, as `FORMAT=FILE`; - is stdout; repeatable. It is written before the first write to the API and again at the end", 0)
	p.Step.declare(f)
	f.group = "Audit"
	f.texts(&p.Run, "run", "add `KEY=VALUE` about this run to JSON and to the journal, beside the variables of GitHub and GitLab; repeatable", 0)
	f.annotations(&p.Annotations)
	p.last(f)
	f.flag(&p.Version, "version", "V", "print the version, with --format json as a document")
}

// formats are those of a report; text, the default, is the first.
func formats() []string {
	return append([]string{"text"}, slices.DeleteFunc(render.Names(), func(name string) bool { return name == "text" })...)
}

func (p *Plan) take(f *Flags) error {
	outs, err := p.takeOuts(f)
	if err != nil {
		return err
	}
	policies := p.approve == "changes"
	p.Rules.PoliciesApproved, p.Rules.ApprovalFollows = policies, policies && p.Approved == ""
	if err := refuse([]refusal{
		{p.Approved != "" && !p.Apply, "--plan needs --apply: it says what may be applied"},
		{p.MaxAge > 0 && p.Approved == "", "--plan-max-age needs --plan FILE"},
		{policies && !p.Apply, "--approve needs --apply: it says what may be applied"},
		{p.AllApproved && p.Approved == "", "--plan-strict needs --plan FILE"},
		{f.typed["wait"] && !p.Apply, "--wait needs --apply: it follows what was written"},
		{f.typed["base"] && revision.Check(p.Base) != nil, fmt.Sprintf("--base %q: name a git revision: a branch, a tag or a commit", p.Base)},
		{f.typed["changed-since"] && revision.Check(p.Since) != nil, fmt.Sprintf("--changed-since %q: name a git revision: a branch, a tag or a commit", p.Since)},
	}); err != nil {
		return err
	}
	if err := cmp.Or(p.takeOptions(), p.DCV.check(p.Sandbox)); err != nil {
		return err
	}
	p.Writes = outs
	if err := eachOnce(p.Paths, p.reads(), append([]File{{Flag: "--github-output ", Path: p.Step.Output}}, outs...)); err != nil {
		return err
	}
	if zone := func(o File) bool { return o.Format == "zone" }; p.Skip && (p.Format == "zone" || slices.ContainsFunc(outs, zone)) {
		return errors.New("a zone file holds the records that --no-dcv does not read: use one")
	}
	return cmp.Or(checkFacts(p.Run), checkTags(p.Tags), noStateFile(p.Sandbox, p.Paths))
}

// takeOuts parses --out, and refuses names that can't be meant. FORMAT=- is the format of stdout.
func (p *Plan) takeOuts(f *Flags) (outs []File, err error) {
	for _, text := range p.out {
		format, path, ok := strings.Cut(text, "=")
		known := slices.Contains(render.Names(), format)
		switch {
		case path == ToStdout && !known:
			return nil, oneOf("--format", format, formats())
		case path == ToStdout && f.typed["format"]:
			return nil, fmt.Errorf("--out %s: stdout has --format %s already; use one of the two", text, p.Format)
		case path == ToStdout:
			p.Format, f.typed["format"] = format, true
		case !ok || path == "":
			return nil, fmt.Errorf("--out %q: write it as FORMAT=FILE, with FORMAT one of %s", text, strings.Join(render.Names(), ", "))
		case !known:
			return nil, oneOf("--out "+text+": the format", format, render.Names())
		case p.Step.Output != "" && strings.ContainsAny(path, "\r\n"): // it would be taken for another output
			return nil, fmt.Errorf("--out %s=%s: with --github-output its name can't hold a line break", format, strconv.Quote(path))
		default:
			outs = append(outs, File{"--out " + format + "=", path, format})
		}
	}
	return outs, nil
}

// Metrics are the arguments of metrics.
type Metrics struct {
	Planning
	Out    string              // the file that gets them; "" for stdout
	Labels []openmetrics.Label // of every series

	pairs []string
}

func (m *Metrics) declare(f *Flags) {
	f.group = "Output"
	f.text(&m.Out, "out", "", "write to `FILE` instead of stdout (also -). The file is replaced in one step, and only if the account could be read", 0)
	f.texts(&m.pairs, "series-label", "add the label `NAME=VALUE` to every series, such as account=eu, to tell apart the files of several runs on one host; repeatable", 0)
	m.manifests(f)
	m.rest(f)
	m.last(f)
}

func (m *Metrics) take(*Flags) error {
	m.DCV.Skip = true // no metric is about the records to set
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
	return m.takeFile("--out ", m.Out)
}

// Report are the arguments of report.
type Report struct {
	Planning
	HTML string
}

func (r *Report) declare(f *Flags) {
	f.group = "What to write"
	f.text(&r.HTML, "html", "", "write the page to `FILE`, in one step; - is stdout", 0)
	r.manifests(f)
	r.DCV.skip(f)
	r.rest(f)
	r.last(f)
}

func (r *Report) take(f *Flags) error {
	if r.HTML == "" && !f.typed["html"] {
		return errors.New("say where the page goes: --html FILE")
	}
	return r.takeFile("--html ", r.HTML)
}
