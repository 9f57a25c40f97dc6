package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/comment"
)

// commentOptions are the flags of cpsync comment.
type commentOptions struct {
	plan, markdown string
	key            string
	pull           int    // 0: that of the event
	head           string // of pull; "": that of the event, or the one of now
	issue          bool   // keep an issue in place of a comment
	issueBy        string // the tag whose values have an issue each
	always         bool
	summary        string // one of summaries
	journal        string
}

// When the page goes to the job's summary.
const (
	summaryAlways  = "always"
	summaryInstead = "instead" // of a comment
	summaryNever   = "never"
)

var commentFlags = flagGroup{"What to put where", func(f *pflag.FlagSet, o *options) {
	c := &o.comment
	f.StringVar(&c.plan, "plan", "", "the plan, as a run saved it with --out json=`FILE`")
	f.StringVar(&c.markdown, "markdown", "", "the page that the same run saved with --out markdown=`FILE`; by default beside the plan, with the ending .md")
	f.StringVar(&c.key, "key", "default", "`NAME` of what is planned: one comment is kept for each name")
	f.IntVar(&c.pull, "pr", 0, "the pull request with this `NUMBER`; by default that of the event")
	f.StringVar(&c.head, "head", "", "with --pr: the `COMMIT` at its head that the plan is of; by default that of the event, or the present one")
	f.BoolVar(&c.issue, "issue", false, "keep one issue with what needs action, in place of a comment: it is updated when something changes, closed when nothing is left, and reopened")
	f.StringVar(&c.issueBy, "issue-by", "", "with --issue: one issue for each value of the tag `KEY`")
	f.BoolVar(&c.always, "always", false, "comment also when nothing changes; without it only a comment that is there is updated")
	f.StringVar(&c.summary, "summary", summaryInstead, "`WHEN` to write the page to the job's summary: always, which is meant without a value, instead of a comment, or never")
	f.Lookup("summary").NoOptDefVal = summaryAlways
	f.StringVar(&c.journal, "journal", "", "first wait, at most a minute, until no apply has the journal `FILE`")
}}

var commits = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// check refuses what can't be meant.
func (c commentOptions) check() error {
	if c.plan == "" {
		return errors.New("name the plan that a run saved: --plan plan.json")
	}
	if all := []string{summaryAlways, summaryInstead, summaryNever}; !slices.Contains(all, c.summary) {
		return fmt.Errorf("--summary %q: use one of %s", c.summary, strings.Join(all, ", "))
	}
	if c.issueBy != "" && !c.issue {
		return errors.New("--issue-by goes with --issue")
	}
	if c.issue && (c.pull != 0 || c.always) {
		return errors.New("--issue keeps an issue and no comment: leave out --pr and --always")
	}
	if c.pull < 0 || c.head != "" && c.pull == 0 {
		return errors.New("--pr NUMBER names a pull request, and --head COMMIT goes with it")
	}
	if c.head != "" && !commits.MatchString(c.head) {
		return fmt.Errorf("--head %.80q: name a commit by all of its id", c.head)
	}
	return comment.CheckKey(c.key)
}

// page names the file with the Markdown.
func (c commentOptions) page() string {
	if c.markdown != "" {
		return c.markdown
	}
	return strings.TrimSuffix(c.plan, filepath.Ext(c.plan)) + ".md"
}
