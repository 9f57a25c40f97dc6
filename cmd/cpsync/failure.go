package main

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/revision"
	"github.com/cpsync/cpsync/internal/shell"
)

// tokenHint is how a step gets the token of its job.
const tokenHint = "Give the step  env: GITHUB_TOKEN: ${{ github.token }}"

// failures give an error that stops a run its code and what to do about it. The
// first that matches wins.
var failures = []struct {
	is         error
	code, hint string
}{
	{errTimeout, "timeout", "Raise --timeout, or find out what is slow with -v."},
	{errStopped, "interrupted", ""},
	{errSecondSignal, "interrupted", ""},
	{errGraceOver, "interrupted", ""},
	{context.Canceled, "interrupted", ""},
	{account.ErrOther, "other-account", "Check CPSYNC_CLIENT_ID, and the ids in the manifests."},
	{github.ErrNoToken, "no-token", tokenHint},
	{github.ErrUnauthorized, "unauthorized", tokenHint},
	{github.ErrMayNot, "may-not-comment", "The job needs  permissions: pull-requests: write. Pull requests from forks and\nfrom Dependabot get a token that may not comment."},
	{github.ErrNoCommit, "unknown-commit", "GitHub can take a while after a merge: run the job again. Where it stays so, the token may not read pull requests."},
	{errNoJob, "no-job", "It comments from a job of GitHub Actions; see docs/github.md."},
	{revision.ErrNoGit, "no-git", "Install git: it says which _defaults.yaml a repository should hold, and what --base and --changed-since ask for."},
	{revision.ErrNoRepository, "no-repository", "Check out the repository that holds the manifests, or run without --base and --changed-since."},
	{revision.ErrNoRevision, "no-revision", "Check the spelling. A clone may hold the last commit only: git fetch --depth=1 origin BRANCH brings another, and fetch-depth: 0 in actions/checkout brings all."},
	{errProblems, "manifest", ""},
	{errNotFound, "not-found", ""},
	{cps.ErrTooMany, "too-many", "Choose fewer manifests or requests in a run, by PATH, id, --only or --tag."},
	{cert.ErrUnauthorized, "unauthorized", "Check CPSYNC_CLIENT_ID, its secret, and the scope."},
	{cert.ErrNotSent, "not-sent", "Nothing was sent. Run again."},
}

// failureOf turns an error that stopped the run into what the report says of it.
func failureOf(err error) *report.Failure {
	f := &report.Failure{Code: "error", Message: strings.ReplaceAll(err.Error(), "\n", "; ")}
	var missing missingCredentials
	if errors.As(err, &missing) {
		f.Code, f.Hint = "no-credentials", missing.hint()
		return f
	}
	var closed mayNotOpen
	if errors.As(err, &closed) {
		f.Code, f.Hint = "may-not-open-issues", closed.hint()
		return f
	}
	var page noPage
	if errors.As(err, &page) {
		f.Code, f.Hint = "no-page", page.hint()
		return f
	}
	var several ambiguous
	if errors.As(err, &several) {
		f.Code, f.Hint = "ambiguous", several.hint()
		return f
	}
	var without gone
	if errors.As(err, &without) {
		f.Code, f.Hint = "not-found", without.hint()
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
