// Package cli is the command line: arguments, environment, help texts, exit codes, signals,
// streams and progress.
package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cps"
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
	Spread         func() time.Duration                       // before an order; nil: none
	Transport      http.RoundTripper
	Embedded       func(*sandbox.Server) http.RoundTripper // how a sandbox in this process is reached
	Dial           Dialer                                  // for DNS and the CDN's edge
	Resolve        Resolver
	Resolvers      string // the file that names them
}

// withoutOurs is the environment without the variables of this program, whose secrets are
// no business of git.
func (w World) withoutOurs() []string {
	ours := func(variable string) bool { return strings.HasPrefix(variable, envPrefix) }
	return slices.DeleteFunc(slices.Clone(w.Environ), ours)
}

// Source is where the manifests of some arguments come from.
func (w World) Source(m Manifests) run.Source {
	return run.Source{Paths: m.Paths, Root: m.Root, Environ: w.withoutOurs()}
}

// What the linker is told where the Go toolchain can't record it: the files of a downloaded
// action are no repository.
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
	Version  string  `json:"version"`
	Commit   *string `json:"commit"` // null: not recorded
	Date     *string `json:"date"`   // of the commit; null: not recorded
	Go       string  `json:"go"`
	Platform string  `json:"platform"`
}

// BuildOf returns how this build was made.
func BuildOf() Build {
	v := Version()
	b := Build{Version: v.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if v.Commit != "" {
		b.Commit = &v.Commit
	}
	if _, vcs := recorded(); vcs["vcs.time"] != "" {
		date := vcs["vcs.time"]
		b.Date = &date
	}
	return b
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

// Reads are the files that a run reads besides manifests.
func (w World) Reads(files []File) []File {
	return append(files, File{envClientSecretFile, w.Getenv(envClientSecretFile)})
}

// NewTransport is Go's, which would keep two idle connections to a host and open the
// others anew.
func NewTransport(dial Dialer) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	t.OnProxyConnectResponse = refusedByProxy
	t.DialContext = onLoopback(dial)
	return t
}

// Dialer opens connections.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// onLoopback reaches localhost without asking DNS, which may say that it is elsewhere: a
// secret goes there over plain HTTP.
func onLoopback(dial Dialer) Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
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
}

// refusedByProxy says who refused. net/http would show the words of the status alone.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	err := fmt.Errorf("the proxy %s answered %s", proxy.Host, res.Status)
	if res.StatusCode == http.StatusProxyAuthRequired {
		return cps.LastingError{Err: err}
	}
	return err
}
