package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/cpsync/cpsync/internal/account"
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/comment"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/platform"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/revision"
	"github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/shell"
)

const tokenHint = "Give the step  env: GITHUB_TOKEN: ${{ github.token }}"

// failures give an error that stops a run its code and what to do about it. The first that matches wins.
var failures = []struct {
	is         error
	code, hint string
}{
	{ErrTimeout, "timeout", "Raise --timeout, or find out what is slow with -v"},
	{ErrSecondSignal, "interrupted", ""},
	{ErrGraceOver, "interrupted", ""},
	{context.Canceled, "interrupted", ""},
	{account.ErrOther, "other-account", "Compare the ids in the manifests with those in the portal, and check CPSYNC_CLIENT_ID with: cpsync auth"},
	{run.ErrJournalInUse, "journal-in-use", "wait until the other run ends, then run again; of two runs at a time each needs a journal of its own"},
	{github.ErrNoToken, "no-token", tokenHint},
	{github.ErrUnauthorized, "unauthorized", tokenHint},
	{github.ErrMayNot, "may-not-comment", "The job needs  permissions: pull-requests: write. Pull requests from forks and\nfrom Dependabot get a token that may not comment"},
	{github.ErrNoCommit, "unknown-commit", "GitHub can take a while after a merge: run the job again. Where it stays so, the token may not read pull requests"},
	{comment.ErrNoJob, "no-job", "It comments from a job of GitHub Actions; see docs/github.md"},
	{revision.ErrNoGit, "no-git", "Install git: it says which _defaults.yaml a repository should hold, and what --base and --changed-since ask for"},
	{revision.ErrNoRepository, "no-repository", "Check out the repository that holds the manifests, or run without --base and --changed-since"},
	{revision.ErrNoRevision, "no-revision", "Check the spelling. A clone may hold the last commit only: git fetch --depth=1 origin BRANCH brings another, and fetch-depth: 0 in actions/checkout brings all"},
	{errNoState, "not-found", "cpsync sandbox --example DIR writes one"},
	{run.ErrProblems, "manifest", ""},
	{run.ErrNoJournalFile, "no-journal", "Name a file that cpsync writes its journal to, such as cpsync.jsonl"},
	{cps.ErrTooMany, "too-many", "Choose fewer manifests or requests in a run, by PATH, id, --only or --tag"},
	{cert.ErrUnauthorized, "unauthorized", "Check CPSYNC_CLIENT_ID, its secret and --scope with: cpsync auth"},
	{cert.ErrNotSent, "not-sent", "Run again"},
	{fs.ErrNotExist, "not-found", "Check the spelling; paths start from the working directory"},
}

// FailureOf turns an error that stopped the run into what the report says of it: the cause
// alone, and the whole chain beside it.
func (w World) FailureOf(err error) *report.Failure {
	code, hint := diagnose(err)
	f := &report.Failure{Code: code, Message: strings.ReplaceAll(err.Error(), "\n", "; "), Hint: pasted(hint, w.Given, nil)}
	if short, ok := errors.AsType[interface {
		error
		Cause() string
	}](err); ok {
		f.Chain, f.Message = f.Message, short.Cause()
	}
	return f
}

// commandWords are the commands in hints; %s stands for the paths.
var commandWords = regexp.MustCompile(`cpsync (?:(auth|list|validate|import certs/|--apply|explain (?:NAME|[0-9]+))( %s)?|%s)`)

// pasted returns a hint with its commands as they can be pasted: with the flags of this run.
func pasted(hint string, flags, paths []string) string {
	return commandWords.ReplaceAllStringFunc(hint, func(command string) string {
		short, about := strings.CutSuffix(command, " %s")
		if !about {
			return words.Again(flags, nil, strings.Fields(short)[1:]...)
		}
		return words.Again(flags, paths, strings.Fields(short)[1:]...)
	})
}

func diagnose(err error) (code, hint string) {
	var advised run.Advised
	var refused revision.Refused
	var connect *cps.ConnectError
	var answer *cps.Error
	var long cps.TooLongError
	switch {
	case errors.As(err, &advised):
		return advised.Code, advised.Hint
	case errors.As(err, new(comment.MayNotOpen)):
		return "may-not-open-issues", "The job needs  permissions: issues: write, and the repository needs issues."
	case errors.As(err, new(Interrupted)):
		return "interrupted", ""
	case errors.As(err, &connect):
		return diagnoseConnection(connect)
	case errors.As(err, &long):
		return "timeout", "Raise --timeout, or run again later: " + strings.TrimPrefix(long.Error(), "not tried again: ")
	case errors.As(err, &refused) && refused.Owner:
		return "git-refuses", "git config --global --add safe.directory " + shell.Word(refused.Top)
	case errors.As(err, &refused):
		return "git-refuses", "Make git read it (git status in there tells more): the index says which _defaults.yaml there should be"
	case errors.As(err, new(revision.LeftOut)):
		return "contents-missing", "In actions/checkout, remove the lines sparse-checkout and filter: with them it leaves contents out. In a clone of\nyour own: git fetch --refetch --no-filter"
	case errors.As(err, &answer) && answer.OfList() && errors.Is(err, cert.ErrNotFound):
		return "wrong-url", "Check --api-url; that of the vendor is " + vendorAPI
	}
	for _, known := range failures {
		if errors.Is(err, known.is) {
			return known.code, known.hint
		}
	}
	return "error", ""
}

func diagnoseConnection(e *cps.ConnectError) (code, hint string) {
	flag := "--api-url"
	if e.Token {
		flag = "--token-url"
	}
	var lasting cps.LastingError
	switch {
	case errors.As(e, new(*tls.CertificateVerificationError)):
		return "untrusted", "Check " + flag + ". A CA of your own goes into SSL_CERT_FILE"
	case errors.As(e, &lasting):
		return "proxy", "Put user and password of the proxy into HTTPS_PROXY, as http://USER:PASSWORD@HOST:PORT"
	case errors.As(e, new(tls.RecordHeaderError)):
		return "not-sent", "Check " + flag + ": host and port"
	default:
		return "not-sent", "Check " + flag + ", DNS, VPN and proxy, then run again"
	}
}

// Fail writes an error that ends a command which has no report, and returns its exit code.
func (w World) Fail(err error) int {
	w.Complain(w.FailureOf(err))
	if errors.As(err, new(run.UsageError)) {
		return Usage
	}
	return Failed
}

// Complain writes what stopped a command: the cause, with -v the chain, and what to do.
func (w World) Complain(f *report.Failure) {
	w.Because(stoppedBy)
	if w.Log.JSON() {
		w.Log.NewLog(w.Stderr).Error(f.Message, "code", f.Code, "hint", f.Hint, "chain", f.Chain)
		return
	}
	text := "error: " + words.Clean(f.Message) + "\n"
	if f.Chain != "" && w.Log.Verbose {
		text += "chain: " + words.Clean(f.Chain) + "\n"
	}
	fmt.Fprint(w.Stderr, text+Hint(f.Hint))
}

// Problems writes problems of manifests. A line for people begins with its place, so that
// editors and problem matchers find it.
func (w World) Problems(all []report.Problem) {
	if w.Log.JSON() {
		w.Log.logProblems(w.Log.NewLog(w.Stderr), all)
		return
	}
	for _, p := range all {
		fmt.Fprintln(w.Stderr, words.Problem(p))
	}
}

// Hint returns the lines of a hint, safe for a terminal: they may name what others named.
func Hint(text string) string {
	var b strings.Builder
	head := "hint:  "
	if !strings.HasSuffix(text, "...") {
		text = strings.TrimSuffix(text, ".")
	}
	for line := range strings.Lines(text) {
		b.WriteString(head + words.Clean(strings.TrimSuffix(line, "\n")) + "\n")
		head = "       "
	}
	return b.String()
}

// EndOf is Fail, but for a command that a signal has ended.
func (w World) EndOf(ctx context.Context, err error) int {
	return cmp.Or(Stopped(ctx), w.Fail(err))
}

// Print writes a text, and returns the exit code.
func (w World) Print(text string) int {
	if _, err := io.WriteString(w.Stdout, text); err != nil {
		return w.NoStdout(err)
	}
	return OK
}

// NoStdout says why stdout could not be written, and returns the exit code. That a reader such as head has gone away is
// nothing to complain of.
func (w World) NoStdout(err error) int {
	if platform.IsClosedPipe(err) {
		w.Because(notWritten)
		return Failed
	}
	return w.NoOutput(fmt.Errorf("stdout: %w", WithoutPath(err)))
}

// NoOutput says what could not be written, of a command that did all else, and returns the exit code.
func (w World) NoOutput(err error) int {
	w.Log.NewLog(w.Stderr).Error(err.Error())
	w.Because(notWritten)
	return Failed
}

// WrongUsage says how a command was called wrongly.
func (w World) WrongUsage(name string, err error) int {
	help := "cpsync --help"
	switch {
	case name != "":
		help = "cpsync " + name + " --help"
	case strings.Contains(err.Error(), "-"): // a flag
		help = "cpsync help flags"
	}
	if _, err := os.Lstat(name); name != "" && err == nil {
		help += "; the path of that name: cpsync ./" + name
	}
	message, hint, _ := strings.Cut(err.Error(), "; ")
	w.Complain(&report.Failure{Code: "usage", Message: message, Hint: cmp.Or(hint, "see "+help)})
	return Usage
}
