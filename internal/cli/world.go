// Package cli is the command line: arguments, environment, help texts, exit codes, signals, streams and progress.
package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// World is all that the program takes from outside.
type World struct {
	Args           []string
	Getenv         func(string) string
	Environ        []string
	Stdout, Stderr io.Writer
	Log            Log      // how stderr looks, once it is known
	Why            *string  // what the exit code is explained by
	Given          []string // the flags, in pairs, that a command which is named repeats
	Now            func() time.Time
	Wait           func(context.Context, time.Duration) error // pauses, until the context ends
	Terminal       func() (width int, ok bool)                // behind stderr; nil: none
	Progress       func(done, total int)                      // of the reads of a list; nil: nobody asks
	Loaded         func()                                     // told once the manifests are held; nil: nobody asks
	Spread         func() time.Duration                       // before an order; nil: none
	Transport      http.RoundTripper
	Embedded       func(*sandbox.Server) http.RoundTripper // how a sandbox in this process is reached
	Dial           Dialer                                  // for DNS and the CDN's edge
	Resolve        Resolver
	Resolvers      string // the file that names them
}

// Source is where the manifests of some arguments come from. Git is asked without our
// variables, whose secrets are no business of it.
func (w World) Source(c Common) run.Source {
	ours := func(variable string) bool { return strings.HasPrefix(variable, envPrefix) }
	return run.Source{Paths: c.Paths, Root: c.Root, Environ: slices.DeleteFunc(slices.Clone(w.Environ), ours)}
}

// What the linker is told where the Go toolchain can't record it: the files of a downloaded action are no repository.
var builtVersion, builtCommit string

// recorded returns the version of a build and what the toolchain recorded of its commit.
func recorded() (version string, vcs map[string]string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", nil
	}
	vcs = map[string]string{}
	for _, s := range info.Settings {
		vcs[s.Key] = s.Value
	}
	return strings.TrimSuffix(info.Main.Version, "(devel)"), vcs
}

// Version says which build this is, as far as it was recorded.
func Version() report.Version {
	version, vcs := recorded()
	return report.Version{Name: "cpsync", Version: cmp.Or(version, builtVersion, "devel"), Commit: cmp.Or(vcs["vcs.revision"], builtCommit)}
}

// Build is how this build was made, as `cpsync version --format json` says it.
type Build struct {
	Version  string `json:"version"`
	Commit   any    `json:"commit"` // null: not recorded
	Date     any    `json:"date"`   // of the commit; null: not recorded
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// BuildOf returns how this build was made.
func BuildOf() Build {
	v := Version()
	_, vcs := recorded()
	return Build{v.Version, orNull(v.Commit), orNull(vcs["vcs.time"]), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
}

// UserAgent names the build to the servers it speaks to: "cpsync/v1.2.3 (0f1c…)".
func UserAgent() string {
	v := Version()
	agent := v.Name + "/" + v.Version
	if v.Commit != "" {
		agent += " (" + v.Commit + ")"
	}
	return agent
}

// ciFacts are the facts about a run, and the variables of GitHub and of GitLab that hold
// them. The first that is set counts.
//
// Source: GitHub, "Variables reference"; GitLab, "Predefined CI/CD variables reference",
// read 2026-11-28.
var ciFacts = map[string][]string{
	"commit":       {"GITHUB_SHA", "CI_COMMIT_SHA"},
	"actor":        {"GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN"},
	"event":        {"GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE"},
	"url":          {"CI_JOB_URL"},
	"pull_request": {"CI_MERGE_REQUEST_IID"},
}

// Sizes of facts: a journal repeats them for each write.
const (
	maxFacts = 20
	maxFact  = 300 // bytes of a value
)

var (
	factKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
	pullRef = regexp.MustCompile(`^refs/pull/([0-9]+)/`)
)

// Facts are what is known of the run: of the job of a CI, then of --run, which wins.
func (w World) Facts(given []string) map[string]string {
	getenv, facts := w.Getenv, map[string]string{}
	set := func(key, value string) {
		if value = words.Clean(value); value != "" && len(value) <= maxFact {
			facts[key] = value
		}
	}
	if getenv("GITHUB_ACTIONS") != "" || getenv("GITLAB_CI") != "" {
		for key, variables := range ciFacts {
			for _, name := range slices.Backward(variables) {
				set(key, getenv(name))
			}
		}
	}
	if getenv("GITHUB_ACTIONS") != "" {
		if id := getenv("GITHUB_RUN_ID"); id != "" {
			set("url", fmt.Sprintf("%s/%s/actions/runs/%s/attempts/%s", getenv("GITHUB_SERVER_URL"), getenv("GITHUB_REPOSITORY"), id, getenv("GITHUB_RUN_ATTEMPT")))
		}
		if m := pullRef.FindStringSubmatch(getenv("GITHUB_REF")); m != nil {
			set("pull_request", m[1])
		}
	}
	for _, pair := range given {
		key, value, _ := strings.Cut(pair, "=")
		facts[key] = value
	}
	return facts
}

func checkFacts(given []string) error {
	for _, pair := range given {
		key, value, found := strings.Cut(pair, "=")
		switch {
		case !found || !factKey.MatchString(key):
			return fmt.Errorf("--run %.80q: write it as KEY=VALUE, with a key of small letters, digits and _", pair)
		case value == "" || len(value) > maxFact || words.Clean(value) != value:
			return fmt.Errorf("--run %s: the value is one line of at most %d bytes", key, maxFact)
		}
	}
	if len(given) > maxFacts {
		return fmt.Errorf("--run is given %d times, and a run has at most %d of them", len(given), maxFacts)
	}
	return nil
}

// NewTransport is Go's, which would keep two idle connections to a host and open the others anew.
func NewTransport(dial Dialer) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	// localhost is reached without asking DNS, which may say that it is elsewhere: a secret goes
	// there over plain HTTP.
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil || host != "localhost" {
			return dial(ctx, network, address)
		}
		conn, err := dial(ctx, network, net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			if other, otherErr := dial(ctx, network, net.JoinHostPort("::1", port)); otherErr == nil {
				return other, nil
			}
		}
		return conn, err
	}
	t.OnProxyConnectResponse = func(_ context.Context, proxy *url.URL, _ *http.Request, res *http.Response) error {
		if res.StatusCode == http.StatusOK {
			return nil
		}
		err := fmt.Errorf("the proxy %s answered %s", proxy.Host, res.Status) // net/http says the status alone
		if res.StatusCode == http.StatusProxyAuthRequired {
			return cps.LastingError{Err: err}
		}
		return err
	}
	return t
}

// Dialer opens connections.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Resolver returns the addresses of a host.
type Resolver func(ctx context.Context, network, host string) ([]netip.Addr, error)
