package main

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/comment"
)

// commentOptions are the flags of cpsync comment.
type commentOptions struct {
	plan, markdown string
	key            string
	always         bool
	summary        bool
}

var commentFlags = flagGroup{"What to put where", func(f *pflag.FlagSet, o *options) {
	c := &o.comment
	f.StringVar(&c.plan, "plan", "", "the plan, as a run saved it with --out json=`FILE`")
	f.StringVar(&c.markdown, "markdown", "", "the page that the same run saved with --out markdown=`FILE`; by default beside the plan, with the ending .md")
	f.StringVar(&c.key, "key", "default", "`NAME` of what is planned: one comment is kept for each name")
	f.BoolVar(&c.always, "always", false, "comment also when nothing changes; without it only a comment that is there is updated")
	f.BoolVar(&c.summary, "summary", false, "also write the page to the job's summary")
}}

// check refuses what can't be meant.
func (c commentOptions) check() error {
	if c.plan == "" {
		return errors.New("name the plan that a run saved: --plan plan.json")
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
