package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/revision"
	"github.com/cpsync/cpsync/internal/run"
)

// Planning are the arguments of every command that makes a plan.
type Planning struct {
	Common
	Manifests
	Limits
	Orders
	DCV
	Edge
	Target
	Log
	ReadStatus string
	Settled    []cert.ID // parsed from Settle
}

// What --read-status takes.
const (
	readNeeded = "needed"
	readAll    = "all"
)

// rest are the flags that follow those of the command itself.
func (p *Planning) rest(f *Flags, control func(*Flags)) {
	p.Limits.declare(f)
	p.Orders.declare(f)
	if control != nil {
		control(f)
	}
	p.Edge.declare(f)
	f.group("What to read")
	f.choice(&p.ReadStatus, "read-status", "read the status of `WHICH` requests: needed (if a decision depends on it) or all (one more read for each request)", repeated, readNeeded, readAll)
	p.Target.declare(f)
}

func (p *Planning) lastFlags(f *Flags) {
	p.Log.declare(f)
	p.helpFlag(f)
}

func (p *Planning) take(*Flags) (err error) {
	if p.Settled, err = p.Orders.settled(false); err != nil {
		return err
	}
	return noStateFile(p.Sandbox, p.Manifests.Paths)
}

// What --approve takes.
const (
	approveAll     = "all"
	approveChanges = "changes"
)

// PoliciesApproved reports whether renewals and retriggers that policies ask for go without
// an approval.
func (p *Plan) PoliciesApproved() bool { return p.Approve == approveChanges }

// Plan are the arguments of the main command.
type Plan struct {
	Planning
	run.Choice
	Apply                bool
	Approved             string // the saved plan that was approved
	AllApproved          bool
	MaxAge               time.Duration // of Approved; 0: any
	Approve              string        // approveAll or approveChanges
	Audit                Audit
	Wait                 time.Duration
	DetailedExit         bool
	FailOnActionRequired bool
	FailOnExpiring       time.Duration // 0: not asked for
	Format               string
	Out                  []string
	Outs                 []Out // parsed from Out
	Step                 Step
	Annotations          Annotations
}

func (p *Plan) declare(f *Flags) {
	f.group("What to do")
	f.flag(&p.Apply, "apply", "", "apply the plan; without it nothing is written")
	f.text(&p.Approved, "plan", "", "with --apply: apply only what the saved JSON plan in `FILE` approved, certificate by certificate", 0)
	f.flag(&p.AllApproved, "plan-strict", "", "with --plan: apply nothing unless every operation of that plan is still planned")
	f.time(&p.MaxAge, "plan-max-age", 0, "with --plan: refuse a plan that is older than this `TIME`", positive)
	f.choice(&p.Approve, "approve", "with --apply: `WHAT` needs an approval (--plan). all: every operation, if there is a --plan. changes: every operation but renewals and retriggers that a policy asks for; what is not approved is deferred", 0, approveAll, approveChanges)
	f.time(&p.Wait, "wait", 0, "with --apply: afterwards follow each changed certificate until it is active or needs action, for at most this `TIME`", 0)
	f.flag(&p.DetailedExit, "detailed-exitcode", "", "exit 2 when there is something to apply")
	f.flag(&p.FailOnActionRequired, "fail-on-action-required", "", "exit 4 when a certificate needs action")
	f.time(&p.FailOnExpiring, "fail-on-expiring", 0, "exit 4 when a certificate is expired or expires within this `TIME`, such as 14d, even if its renewal is in progress", positive)
	f.texts(&p.Only, "only", "only the manifests with this `NAME`, id, label, domain or path; repeatable", repeated)
	f.texts(&p.Tags, "tag", "only the manifests with this tag, as `KEY=VALUE`; repeatable, all must hold", repeated)
	f.text(&p.Since, "changed-since", "", "only the manifests that are new or changed since this git revision `REV`", repeated)
	f.text(&p.Base, "base", "", "plan what changes since this git revision `REV`; of other certificates only the list is read", 0)
	p.Manifests.declare(f)
	p.rest(f, p.DCV.declare)
	f.format(&p.Format, formats()...)
	f.group("Files")
	f.texts(&p.Out, "out", "also write a file, as `FORMAT=FILE`; - is stdout; repeatable. It is written before the first write to the API and again at the end", 0)
	p.Step.declare(f)
	p.Audit.declare(f)
	p.Annotations.declare(f)
	p.lastFlags(f)
	f.flag(&p.Version, "version", "V", "print the version, with --format json as a document")
}

// formats are those of a report; text, the default, is the first.
func formats() []string {
	others := slices.DeleteFunc(slices.Clone(render.Names()), func(name string) bool { return name == "text" })
	return append([]string{"text"}, others...)
}

func (p *Plan) take(f *Flags) (err error) {
	if err := p.takeStdout(f); err != nil {
		return err
	}
	switch {
	case p.Approved != "" && !p.Apply:
		return errors.New("--plan needs --apply: it says what may be applied")
	case p.MaxAge > 0 && p.Approved == "":
		return errors.New("--plan-max-age needs --plan FILE")
	case p.Approve == approveChanges && !p.Apply:
		return errors.New("--approve needs --apply: it says what may be applied")
	case p.AllApproved && p.Approved == "":
		return errors.New("--plan-strict needs --plan FILE")
	}
	if p.Settled, err = p.Orders.settled(p.Apply); err != nil {
		return err
	}
	if f.isTyped("wait") && !p.Apply {
		return errors.New("--wait needs --apply: it follows what was written")
	}
	if err := p.DCV.check(p.Sandbox); err != nil {
		return err
	}
	for flag, rev := range map[string]string{"base": p.Base, "changed-since": p.Since} {
		if f.isTyped(flag) && revision.Check(rev) != nil {
			return fmt.Errorf("--%s %q: name a git revision: a branch, a tag or a commit", flag, rev)
		}
	}
	if err := p.takeFiles(); err != nil {
		return err
	}
	if zone := func(o Out) bool { return o.Format == "zone" }; p.Skip && (p.Format == "zone" || slices.ContainsFunc(p.Outs, zone)) {
		return errors.New("a zone file holds the records that --no-dcv does not read: use one")
	}
	if err := p.Audit.check(); err != nil {
		return err
	}
	if err := checkTags(p.Tags); err != nil {
		return err
	}
	return noStateFile(p.Sandbox, p.Manifests.Paths)
}

// takeStdout makes --out FORMAT=- the format of stdout.
func (p *Plan) takeStdout(f *Flags) error {
	kept := p.Out[:0]
	for _, text := range p.Out {
		format, path, _ := strings.Cut(text, "=")
		switch {
		case path != ToStdout:
			kept = append(kept, text)
			continue
		case !slices.Contains(render.Names(), format):
			return oneOf("--format", format, formats())
		case f.isTyped("format"):
			return fmt.Errorf("--out %s: stdout has --format %s already; use one of the two", text, p.Format)
		}
		if err := f.set.Set("format", format); err != nil {
			return err
		}
		f.typed["format"] = true
	}
	p.Out = kept
	return nil
}

// takeFiles parses --out, and refuses names that can't be meant.
func (p *Plan) takeFiles() error {
	for _, text := range p.Out {
		format, path, ok := strings.Cut(text, "=")
		if ok && path != "" && !slices.Contains(render.Names(), format) {
			return oneOf("--out "+text+": the format", format, render.Names())
		}
		if !ok || path == "" {
			return fmt.Errorf("--out %q: write it as FORMAT=FILE, with FORMAT one of %s", text, strings.Join(render.Names(), ", "))
		}
		if p.Step.Output != "" && strings.ContainsAny(path, "\r\n") { // it would be taken for another output
			return fmt.Errorf("--out %s=%s: with --github-output its name can't hold a line break", format, strconv.Quote(path))
		}
		p.Outs = append(p.Outs, Out{format, path})
	}
	return eachOnce(p.Manifests.Paths, p.Reads(), append([]File{{"--github-output ", p.Step.Output}}, p.Writes()...))
}

// ReadsAll reports whether the status of every request is read.
func (p *Planning) ReadsAll() bool { return p.ReadStatus == readAll }

// Reads are the files that the run reads besides manifests.
func (p *Planning) Reads() []File {
	return []File{{"--sandbox", p.Sandbox}, {"--journal", p.Journal}}
}

// Reads are the files that the run reads besides manifests.
func (p *Plan) Reads() []File { return append([]File{{"--plan", p.Approved}}, p.Planning.Reads()...) }

// Writes are the files that the run replaces.
func (p *Plan) Writes() []File {
	var all []File
	for _, out := range p.Outs {
		all = append(all, File{"--out " + out.Format + "=", out.Path})
	}
	return all
}
