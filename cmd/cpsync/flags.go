package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/revision"
)

// options are the flags of the plan, and of the commands that share some of them.
// Parsing has no effect besides filling them.
type options struct {
	apply           bool
	format          string
	out             []string
	outFiles        []outFile // parsed from out
	stepOutput      string
	detailedExit    bool
	failOnAttention bool
	failOnExpiring  time.Duration // 0: not asked for
	only            []string
	tags            []string
	changedSince    string
	asksNothing     bool // nothing was chosen, so that no credentials are needed
	base            string
	effective       string // of validate: the manifest to show with all that it inherits

	maxEdits, maxOrders, maxRenewals int
	orderPause                       time.Duration

	readStatus string // readNeeded or readAll

	root    string
	sandbox string
	now     string
	journal string
	settle  []string // ids of requests whose pending order was not placed, as a person says

	html       string // where the page of report goes
	plan       string // the saved plan that was approved
	planStrict bool
	planMaxAge time.Duration // 0: any
	approve    string        // approveAll or approveChanges
	run        []string      // facts about the run

	apiURL, tokenURL, scope string
	concurrency             int
	timeout, requestTimeout time.Duration
	wait                    time.Duration

	color, logFormat string
	annotations      string
	quiet, verbose   bool
	help             bool

	served       sandboxOptions
	imports      importOptions
	control      controlOptions
	comment      commentOptions
	metrics      string // the file that gets them; "" for stdout
	seriesLabels []string
	paths        []string
	repeat       []string // the flags given that an apply of this plan needs too
}

// What --read-status takes.
const (
	readNeeded = "needed"
	readAll    = "all"
)

// mostConcurrency is how many reads may be in flight: no API is helped by more.
const mostConcurrency = 64

// flagGroup is a set of flags that belong together, under a title of the help.
type flagGroup struct {
	title string
	add   func(*pflag.FlagSet, *options)
}

var (
	whatFlags = flagGroup{"What to do", func(f *pflag.FlagSet, o *options) {
		f.BoolVar(&o.apply, "apply", false, "carry the plan out; without it nothing is written")
		f.StringVar(&o.plan, "plan", "", "with --apply: carry out only what the saved JSON plan in `FILE` approved, certificate by certificate")
		f.BoolVar(&o.planStrict, "plan-strict", false, "with --plan: nothing unless all of it still holds")
		f.Var((*duration)(&o.planMaxAge), "plan-max-age", "with --plan: a plan that is older than this `TIME` approves nothing")
		f.StringVar(&o.approve, "approve", approveAll, "with --apply: `WHAT` needs an approval: all, which means all where there is --plan, or changes: renewals and retriggers that policies ask for go without, and what else is not approved waits")
		f.Var((*duration)(&o.wait), "wait", "with --apply: then follow what was written for at most this `TIME`, until each is in service or needs a person")
		f.BoolVar(&o.detailedExit, "detailed-exitcode", false, "exit 2 when there is something to apply")
		f.BoolVar(&o.failOnAttention, "fail-on-attention", false, "exit 4 when something needs a person")
		f.Var((*duration)(&o.failOnExpiring), "fail-on-expiring", "exit 4 when a certificate ends within this `TIME`, such as 14d, whatever is under way")
		f.StringArrayVar(&o.only, "only", nil, "only the manifests with this `NAME`, id, label, host or path; repeatable")
		f.StringArrayVar(&o.tags, "tag", nil, "only the manifests with this tag, as `KEY=VALUE`; repeatable, all must hold")
		f.StringVar(&o.changedSince, "changed-since", "", "only the manifests that are new or changed since this git `REV`")
		f.StringVar(&o.base, "base", "", "tell what differs from the manifests as of this git `REV` from what was pending anyway")
	}}
	rootFlag = flagGroup{"Manifests", func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.root, "root", "", "take `DIR` for the top: no link leads out of it, and _defaults.yaml counts from there; else the repository, or PATH where there is none")
	}}
	limitFlags = flagGroup{"What is allowed", func(f *pflag.FlagSet, o *options) {
		f.IntVar(&o.maxEdits, "max-edits", 50, "refuse more PATCHes of description, auto_renew and label than `N`")
		f.IntVar(&o.maxOrders, "max-orders", 10, "refuse more PATCHes of domains and dcv_method than `N`")
		f.IntVar(&o.maxRenewals, "max-renewals", 40, "start at most `N` renewals and retriggers; the rest waits for the next run")
	}}
	orderFlags = flagGroup{"What keeps an order back", func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.journal, "journal", "", "keep a trail of writes in `FILE`, and start no order while it holds one; see cpsync help journal")
		f.StringArrayVar(&o.settle, "settle", nil, "with --apply and --journal: nothing was ordered of the order that the journal holds of the request with this `ID`; repeatable")
		o.orderPause = usualOrderPause
		f.Var((*duration)(&o.orderPause), "order-pause", "no order (new names, renewal, retrigger) while the request changed more recently than this `TIME`")
	}}
	readFlags = flagGroup{"What to read", func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.readStatus, "read-status", readNeeded, "read the status of `WHICH` requests: needed, where a decision depends on it, or all, one request more for each")
	}}
	targetFlags = flagGroup{"Where", func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.sandbox, "sandbox", "", "talk to an embedded simulated API whose state is `FILE`, instead of the network")
		f.StringVar(&o.now, "now", "", "plan as of this `INSTANT`, such as 2027-01-05 or 2027-01-05T09:00:00Z; with --apply only on a sandbox or an API on loopback")
		f.StringVar(&o.apiURL, "api-url", "https://api.vdms.io/sec/cps", "`URL` of the API, without the version")
		f.StringVar(&o.tokenURL, "token-url", "https://id.vdms.io/connect/token", "`URL` of the token service")
		f.StringVar(&o.scope, "scope", "sec.cps.certificates", "OAuth `SCOPE` to ask for")
	}}
	paceFlags = flagGroup{"How", func(f *pflag.FlagSet, o *options) {
		f.IntVar(&o.concurrency, "concurrency", 8, fmt.Sprintf("at most `N` reads in flight, up to %d;", mostConcurrency)+" writes go one after another")
		f.Var((*duration)(&o.timeout), "timeout", "`TIME` for the run (15m for a plan, 45m with --apply), without that of --wait")
		o.requestTimeout = 30 * time.Second
		f.Var((*duration)(&o.requestTimeout), "request-timeout", "`TIME` for one request and its answer")
	}}
	formatFlag = flagGroup{"Output", func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.format, "format", "text", "what goes to stdout, as `FORMAT`: "+strings.Join(render.Names(), " or "))
	}}
	validFlag = flagGroup{"Output", func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.format, "format", "text", "what goes to stdout, as `FORMAT`: text, a problem a line, or json")
		f.StringVar(&o.effective, "effective", "", "also show the manifest with this `NAME`, id or label with all that it inherits, and from where")
	}}
	outFlag = flagGroup{"Files", func(f *pflag.FlagSet, o *options) {
		f.StringArrayVar(&o.out, "out", nil, "also write it to a file, as `FORMAT=FILE`, where - is stdout; repeatable. Before the first write, and again at the end")
	}}
	talkFlags = flagGroup{"Conversation", func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.color, "color", "auto", "`WHEN` to use colour: auto, always or never")
		f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress and no outcomes on stderr")
		f.BoolVarP(&o.verbose, "verbose", "v", false, "name unchanged certificates and notes; log requests, and where they went, to stderr")
		f.StringVar(&o.logFormat, "log-format", "text", "stderr as `FORMAT`: text or json")
		addHelp(f, o)
	}}
	githubFlags = flagGroup{"On GitHub", func(f *pflag.FlagSet, o *options) {
		f.StringVar(&o.annotations, "annotations", annotationsAuto, "`WHERE` to say things at lines of the manifests, on stderr: github, off, or auto: in a job of GitHub")
	}}
	helpFlag = flagGroup{"Help", addHelp}
)

func addHelp(f *pflag.FlagSet, o *options) {
	f.BoolVarP(&o.help, "help", "h", false, "show this help")
}

// newFlagSet returns the flags of a command, unparsed.
func newFlagSet(name string, groups []flagGroup, o *options) *pflag.FlagSet {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.SortFlags = false
	for _, g := range groups {
		g.add(f, o)
	}
	return f
}

// parse fills the options of a command from arguments and environment and checks
// them. Its errors are about usage.
func parse(name string, groups []flagGroup, o *options, args []string, getenv func(string) string) error {
	f := newFlagSet(name, groups, o)
	if err := f.Parse(args); err != nil {
		return withSuggestion(err, f)
	}
	if o.help {
		return nil
	}
	o.paths, o.repeat = f.Args(), repeatable(f)
	for i := range o.paths {
		o.paths[i] = filepath.ToSlash(o.paths[i]) // one spelling on every system
	}
	if slices.Contains(o.paths, "") {
		return errors.New("an argument is empty: is a variable not set?")
	}
	if err := o.takeStdout(f); err != nil {
		return err
	}
	if err := fromEnvironment(f, getenv); err != nil {
		return err
	}
	return o.check(f)
}

// repeatable returns the flags given, as they would be typed again, that decide what
// a plan is about.
func repeatable(f *pflag.FlagSet) []string {
	var words []string
	again := map[string]bool{"sandbox": true, "now": true, "api-url": true, "token-url": true, "scope": true,
		"only": true, "tag": true, "changed-since": true, "root": true, "order-pause": true, "max-edits": true, "max-orders": true, "max-renewals": true, "journal": true, "read-status": true}
	f.Visit(func(flag *pflag.Flag) {
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			if again[flag.Name] {
				words = append(words, "--"+flag.Name, v)
			}
		}
	})
	return words
}

// check refuses values that no flag may have.
func (o *options) check(f *pflag.FlagSet) error {
	for _, c := range []struct {
		flag, value string
		allowed     []string
	}{
		{"format", o.format, render.Names()},
		{"color", o.color, []string{"auto", "always", "never"}},
		{"log-format", o.logFormat, []string{"text", "json"}},
		{"approve", o.approve, []string{approveAll, approveChanges}},
		{"read-status", o.readStatus, []string{readNeeded, readAll}},
		{"annotations", o.annotations, []string{annotationsAuto, annotationsGitHub, annotationsOff}},
	} {
		if f.Lookup(c.flag) != nil && !slices.Contains(c.allowed, c.value) {
			return fmt.Errorf("--%s %q: use one of %s", c.flag, c.value, strings.Join(c.allowed, ", "))
		}
	}
	for _, c := range []struct {
		flag           string
		n, least, most int
	}{
		{"max-edits", o.maxEdits, 0, math.MaxInt}, {"max-orders", o.maxOrders, 0, math.MaxInt},
		{"max-renewals", o.maxRenewals, 0, math.MaxInt}, {"concurrency", o.concurrency, 1, mostConcurrency},
	} {
		if f.Lookup(c.flag) != nil && c.n < c.least {
			return fmt.Errorf("--%s %d: use %d or more", c.flag, c.n, c.least)
		}
		if f.Lookup(c.flag) != nil && c.n > c.most {
			return fmt.Errorf("--%s %d: use %d at most", c.flag, c.n, c.most)
		}
	}
	if given := f.Lookup("fail-on-expiring"); given != nil && given.Changed && o.failOnExpiring == 0 {
		return fmt.Errorf("--fail-on-expiring %s: use 1s or more, such as 14d", given.Value)
	}
	if o.quiet && o.verbose {
		return fmt.Errorf("-q and -v contradict each other: use one")
	}
	if err := noneIsEmpty(f); err != nil {
		return err
	}
	if err := o.checkApproval(); err != nil {
		return err
	}
	if err := o.checkRun(); err != nil {
		return err
	}
	if err := o.checkSettle(); err != nil {
		return err
	}
	if given := f.Lookup("wait"); given != nil && given.Changed && !o.apply {
		return errors.New("--wait goes with --apply: it follows what was written")
	}
	if err := o.control.checkFlags(o.sandbox); err != nil {
		return err
	}
	for flag, rev := range map[string]string{"base": o.base, "changed-since": o.changedSince} {
		if given := f.Lookup(flag); given != nil && given.Changed && revision.Check(rev) != nil {
			return fmt.Errorf("--%s %q: name a git revision: a branch, a tag or a commit", flag, rev)
		}
	}
	for _, text := range o.out {
		out, err := parseOut(text)
		if err != nil {
			return err
		}
		o.outFiles = append(o.outFiles, out)
	}
	if err := o.checkStepOutput(); err != nil {
		return err
	}
	if err := o.eachFileOnce(); err != nil {
		return err
	}
	for _, tag := range o.tags {
		if key, _, ok := strings.Cut(tag, "="); !ok || key == "" {
			return fmt.Errorf("--tag %q: write it as KEY=VALUE", tag)
		}
	}
	return nil
}

// noneIsEmpty refuses a flag that was given without a value. An unset variable in a
// script must not switch off an approval, a journal or a sandbox.
func noneIsEmpty(f *pflag.FlagSet) (err error) {
	f.Visit(func(flag *pflag.Flag) {
		if flag.Value.Type() == "string" && flag.Value.String() == "" && flag.Name != "scope" {
			err = fmt.Errorf(`--%s "": the value is empty; leave the flag out, or see what should have filled it`, flag.Name)
		}
	})
	return err
}

// eachFileOnce refuses to write a file that the run reads or writes for something else.
func (o *options) eachFileOnce() error {
	uses := map[string]string{}
	for _, use := range [][2]string{{"--sandbox", o.sandbox}, {"--plan", o.plan}, {"--journal", o.journal}} {
		if use[1] != "" {
			uses[filepath.Clean(use[1])] = use[0]
		}
	}
	for _, p := range o.paths {
		uses[filepath.Clean(p)] = "a manifest"
	}
	for _, of := range [][2]string{{"--html", o.html}, {"--out", o.metrics}, {"--github-output", o.stepOutput}} {
		if other, taken := uses[filepath.Clean(of[1])]; taken && of[1] != "" {
			return fmt.Errorf("%s %s: the file is %s too", of[0], of[1], other)
		}
	}
	for _, out := range o.outFiles {
		path := filepath.Clean(out.path)
		if other, taken := uses[path]; taken {
			return fmt.Errorf("--out %s=%s: the file is %s too", out.format, out.path, other)
		}
		if !strings.HasPrefix(path, "/dev/") {
			uses[path] = "another --out"
		}
	}
	return nil
}

// duration is a flag of a time such as 90s, 20h or 30d.
type duration time.Duration

func (d *duration) Set(s string) error {
	v, err := manifest.ParseDuration(s)
	if err != nil {
		return err
	}
	*d = duration(v)
	return nil
}

// String writes the duration in hours, or in what is left of them.
func (d *duration) String() string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := time.Duration(*d) / u.unit; n > 0 && time.Duration(*d)%u.unit == 0 {
			return fmt.Sprintf("%d%s", n, u.name)
		}
	}
	return "0s"
}

func (d *duration) Type() string { return "time" }
