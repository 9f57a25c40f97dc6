package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/revision"
	"github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/shell"
)

// ErrNoJob is the lack of what only a job of GitHub Actions has.
var ErrNoJob = errors.New("this is no job of GitHub Actions")

// tokenHint is how a step gets the token of its job.
const tokenHint = "Give the step  env: GITHUB_TOKEN: ${{ github.token }}"

// failures give an error that stops a run its code and what to do about it. The
// first that matches wins.
var failures = []struct {
	is         error
	code, hint string
}{
	{ErrTimeout, "timeout", "Raise --timeout, or find out what is slow with -v."},
	{ErrSecondSignal, "interrupted", ""},
	{ErrGraceOver, "interrupted", ""},
	{context.Canceled, "interrupted", ""},
	{account.ErrOther, "other-account", "Check CPSYNC_CLIENT_ID, and the ids in the manifests."},
	{github.ErrNoToken, "no-token", tokenHint},
	{github.ErrUnauthorized, "unauthorized", tokenHint},
	{github.ErrMayNot, "may-not-comment", "The job needs  permissions: pull-requests: write. Pull requests from forks and\nfrom Dependabot get a token that may not comment."},
	{github.ErrNoCommit, "unknown-commit", "GitHub can take a while after a merge: run the job again. Where it stays so, the token may not read pull requests."},
	{ErrNoJob, "no-job", "It comments from a job of GitHub Actions; see docs/github.md."},
	{revision.ErrNoGit, "no-git", "Install git: it says which _defaults.yaml a repository should hold, and what --base and --changed-since ask for."},
	{revision.ErrNoRepository, "no-repository", "Check out the repository that holds the manifests, or run without --base and --changed-since."},
	{revision.ErrNoRevision, "no-revision", "Check the spelling. A clone may hold the last commit only: git fetch --depth=1 origin BRANCH brings another, and fetch-depth: 0 in actions/checkout brings all."},
	{run.ErrProblems, "manifest", ""},
	{run.ErrNotFound, "not-found", ""},
	{cps.ErrTooMany, "too-many", "Choose fewer manifests or requests in a run, by PATH, id, --only or --tag."},
	{cert.ErrUnauthorized, "unauthorized", "Check CPSYNC_CLIENT_ID, its secret, and the scope."},
	{cert.ErrNotSent, "not-sent", "Nothing was sent. Run again."},
}

// FailureOf turns an error that stopped the run into what the report says of it.
func FailureOf(err error) *report.Failure {
	f := &report.Failure{Code: "error", Message: strings.ReplaceAll(err.Error(), "\n", "; ")}
	var hinted interface {
		error
		Code() string
		Hint() string
	}
	if errors.As(err, &hinted) {
		f.Code, f.Hint = hinted.Code(), hinted.Hint()
		return f
	}
	if errors.As(err, new(Interrupted)) {
		f.Code = "interrupted"
		return f
	}
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		f.Code, f.Hint = "untrusted", "Check the address. A CA of your own goes into SSL_CERT_FILE."
		return f
	}
	var refused revision.Refused
	if errors.As(err, &refused) {
		f.Code, f.Hint = "git-refuses", "Make git read it (git status in there tells more): the index says which _defaults.yaml there should be."
		if refused.Owner {
			f.Hint = "git config --global --add safe.directory " + shell.Word(refused.Top)
		}
		return f
	}
	var filtered revision.LeftOut
	if errors.As(err, &filtered) {
		f.Code, f.Hint = "left-out", "In actions/checkout, remove the lines sparse-checkout and filter: with them it leaves contents out. In a clone of\nyour own: git fetch --refetch --no-filter"
		return f
	}
	for _, known := range failures {
		if errors.Is(err, known.is) {
			f.Code, f.Hint = known.code, known.hint
			return f
		}
	}
	return f
}

// Fail writes an error that ends a command which has no report, and returns its exit code.
func (w World) Fail(err error) int {
	f := FailureOf(err)
	fmt.Fprintf(w.Stderr, "error: %s\n%s", words.Clean(f.Message), Lines(f.Hint))
	if errors.As(err, new(run.UsageError)) {
		return Usage
	}
	return Failed
}

// EndOf is Fail, but for a command that a signal has ended.
func (w World) EndOf(ctx context.Context, err error) int {
	return cmp.Or(Stopped(ctx), w.Fail(err))
}

// Lines ends a text with a line end, unless it is empty. Its lines are safe for a terminal:
// they may name what others named.
func Lines(text string) string {
	var all strings.Builder
	for line := range strings.Lines(text) {
		all.WriteString(words.Clean(strings.TrimSuffix(line, "\n")) + "\n")
	}
	return all.String()
}

// Print writes a text, and returns the exit code.
func (w World) Print(text string) int {
	if _, err := io.WriteString(w.Stdout, text); err != nil {
		return Failed
	}
	return OK
}

// WrongUsage says how a command was called wrongly.
func (w World) WrongUsage(name string, err error) int {
	help := "cpsync --help"
	if name != "" {
		help = "cpsync " + name + " --help"
	}
	fmt.Fprintf(w.Stderr, "cpsync: %sSee %s.\n", Lines(err.Error()), help)
	return Usage
}
