package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/edge"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/platform"
	"github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// Connect prepares the target of a run. Nothing is sent yet. Waits end when ctx does. Without
// a log there is no client: nothing is asked of the API then, and no credentials are needed.
func (w World) Connect(ctx context.Context, a Target, apply bool, log *slog.Logger) (*run.Target, error) {
	if a.Sandbox != "" {
		return w.embed(ctx, a, apply, log)
	}
	t, err := w.remote(ctx, a, apply)
	if err != nil || log == nil {
		return t, err
	}
	t.Pause = func(call context.Context, d time.Duration) error {
		both, cancel := context.WithCancelCause(call)
		defer cancel(nil)
		defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()
		return w.Wait(both, d)
	}
	config := w.clientConfig(a, t, apply, log)
	if err := w.authenticate(ctx, &config); err != nil {
		return nil, err
	}
	config.Transport = w.Transport
	config.APIURL, config.TokenURL = t.API, a.TokenURL
	config.Jitter = rand.Float64
	if config.AccessToken == "" {
		t.Self = cert.ClientName(config.ClientID)
	}
	t.Until = t.Now().Add(a.Most(apply))
	config.Budget = func() time.Duration { return t.Until.Sub(t.Now()) }
	t.Client, err = cps.New(config)
	return t, err
}

// remote is an API behind the network.
func (w World) remote(ctx context.Context, a Target, apply bool) (*run.Target, error) {
	if err := checkAPI(a.APIURL); err != nil {
		return nil, err
	}
	api := cps.Address(a.APIURL)
	clock := w.Now().UTC()
	at, err := a.instant(clock, apply)
	if err != nil {
		return nil, err
	}
	t := &run.Target{Name: host(api), API: api, Now: w.Now, Instant: at, Close: func() error { return nil }}
	t.Edge = func() (edge.Network, error) {
		n, name := edge.Network{Dial: w.Dial, Resolve: w.Resolve}, w.Getenv(envEdgeCA)
		if name == "" {
			return n, nil
		}
		data, err := ReadFile(ctx, name, 1<<20)
		if err != nil {
			return n, fmt.Errorf("%s: %w", envEdgeCA, err)
		}
		if n.Roots = x509.NewCertPool(); !n.Roots.AppendCertsFromPEM(data) {
			return n, fmt.Errorf("%s: %s holds no certificate in PEM", envEdgeCA, name)
		}
		return n, nil
	}
	if ahead := at.Sub(clock); cps.OnLoopback(api) { // --now is the clock here
		t.Now = func() time.Time { return w.Now().Add(ahead) }
	}
	return t, nil
}

// clientConfig is what the client of any target has in common.
func (w World) clientConfig(a Target, t *run.Target, apply bool, log *slog.Logger) cps.Config {
	return cps.Config{
		Scope: a.Scope, AllowWrites: apply, Concurrency: a.Concurrency, RequestTimeout: a.RequestTimeout,
		Now: t.Now, Wait: t.Pause, Log: log, UserAgent: UserAgent(), Progress: w.Progress,
	}
}

var errNoState = errors.New("no such file")

// NoState is a state file of a sandbox that can't be opened, behind the flag that names it.
func NoState(flag, file string, err error) error {
	if ext := filepath.Ext(file); ext == ".yaml" || ext == ".yml" {
		return run.UsageError{Err: fmt.Errorf("%s%s is YAML and no state of a sandbox; to plan it: cpsync %s", flag, file, file)}
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = errNoState
	}
	return fmt.Errorf("%s%s: %w", flag, file, WithoutPath(err))
}

// embed prepares a sandbox inside this process, and without a log no client of it. Its
// clock moves only by --now and by waits, none of which sleeps.
func (w World) embed(ctx context.Context, a Target, apply bool, log *slog.Logger) (*run.Target, error) {
	s, err := run.Until(ctx, func() (*sandbox.Server, error) { return sandbox.Open(a.Sandbox) })
	if err != nil {
		return nil, NoState("--sandbox ", a.Sandbox, err)
	}
	at, err := a.instant(s.Now(), apply)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.SetClock(at)
	t := &run.Target{
		Name: "SANDBOX " + a.Sandbox + ", clock " + at.UTC().Format(plan.Minute), API: "sandbox",
		Now: s.Now, Instant: at, Close: s.Close, Self: cert.ClientName(sandbox.ClientID),
	}
	t.Edge = func() (edge.Network, error) {
		return edge.Network{Dial: s.DialEdge, Roots: sandbox.EdgeRoots(), Resolve: func(ctx context.Context, network, host string) ([]netip.Addr, error) {
			found, err := s.ResolveEdge(ctx, network, host)
			if errors.Is(err, sandbox.ErrNotSimulated) {
				err = edge.Refusal(err.Error())
			}
			return found, err
		}}, nil
	}
	if apply {
		t.Close = func() error { return errors.Join(s.Save(), s.Close()) }
	}
	if log == nil {
		return t, nil
	}
	t.Pause = func(call context.Context, d time.Duration) error {
		s.Advance(d)
		return errors.Join(call.Err(), ctx.Err())
	}
	config := w.clientConfig(a, t, apply, log)
	config.Transport = w.Embedded(s)
	config.APIURL, config.TokenURL = SandboxAPI, SandboxToken
	config.ClientID, config.ClientSecret = sandbox.ClientID, sandbox.ClientSecret
	config.Jitter = func() float64 { return 0 }
	if t.Client, err = cps.New(config); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return t, nil
}

const (
	// vendorAPI is the API that is meant when nothing else is said.
	vendorAPI = "https://api.vdms.io/sec/cps"
	// SandboxAPI and SandboxToken address an embedded sandbox. Nothing listens there: requests
	// are handed over inside the process.
	SandboxAPI, SandboxToken = "http://127.0.0.1/sec/cps", "http://127.0.0.1/connect/token"
)

// versionSuffix is what the client adds to the URL of the API by itself.
var versionSuffix = regexp.MustCompile(`/v[0-9]+(\.[0-9]+)?/?$`)

// checkAPI refuses URLs that can only come to "404 Not Found".
func checkAPI(address string) error {
	switch {
	case versionSuffix.MatchString(address):
		return run.UsageError{Err: fmt.Errorf("--api-url %s ends in a version; leave it out: --api-url %s", address, versionSuffix.ReplaceAllString(address, ""))}
	case host(address) == host(vendorAPI) && !strings.HasSuffix(strings.TrimSuffix(address, "/"), "/sec/cps"):
		return run.UsageError{Err: fmt.Errorf("--api-url %s lacks the path of the API; write: --api-url %s", address, vendorAPI)}
	default:
		return nil
	}
}

// instant is the now of every decision: --now, or the clock.
func (a Target) instant(clock time.Time, apply bool) (time.Time, error) {
	if a.Now == "" {
		return clock, nil
	}
	if apply && a.Sandbox == "" && !cps.OnLoopback(a.APIURL) {
		return clock, run.UsageError{Err: errors.New("--now with --apply works only on a sandbox or an API on loopback")}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.Parse(layout, a.Now); err == nil && at.Year() >= 1970 && at.Year() < 8000 {
			return at.UTC(), nil
		}
	}
	return clock, run.UsageError{Err: fmt.Errorf("--now %q: write a day as 2027-01-05 or an instant as 2027-01-05T09:00:00Z, from 1970 to 7999", a.Now)}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}

// AsOf reports whether the plan is one of another instant than now, against the real API.
func (a Target) AsOf() bool { return a.Now != "" && a.Sandbox == "" && !cps.OnLoopback(a.APIURL) }

// authenticate takes the credentials from the environment alone.
func (w World) authenticate(ctx context.Context, c *cps.Config) (err error) {
	c.ClientID = w.Getenv(envClientID)
	c.ClientSecret, c.AccessToken = cps.Secret(w.Getenv(envClientSecret)), cps.Secret(w.Getenv(envAccessToken))
	if file := w.Getenv(envClientSecretFile); file != "" && c.ClientSecret == "" && c.AccessToken == "" {
		c.ClientSecret, err = readSecret(ctx, file, c.Log)
	}
	short := func(name string, value cps.Secret) { // it can't be told from words
		if value != "" && len(value) < cps.ShortSecret {
			c.Log.Warn(fmt.Sprintf("%s has fewer than %d characters; it is not hidden in messages that repeat it", name, cps.ShortSecret))
		}
	}
	short("the client secret", c.ClientSecret)
	short(envAccessToken, c.AccessToken)
	if err == nil && c.AccessToken == "" && (c.ClientID == "" || c.ClientSecret == "") {
		return w.noCredentials()
	}
	return err
}

// readSecret reads a file that holds a secret. One that others may write could be anybody's secret, and is refused.
func readSecret(ctx context.Context, file string, log *slog.Logger) (cps.Secret, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", envClientSecretFile, err)
	}
	switch mode := info.Mode().Perm(); {
	case !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0:
		return "", fmt.Errorf("%s: %s is not a file", envClientSecretFile, file)
	case platform.PermissionBits && mode&0o022 != 0:
		return "", fmt.Errorf("%s: others may write %s (mode %04o); chmod 600 it and make sure of its content", envClientSecretFile, file, mode)
	case platform.PermissionBits && mode&0o044 != 0:
		log.Warn(fmt.Sprintf("%s: others may read %s (mode %04o); chmod 600 it", envClientSecretFile, file, mode))
	}
	data, err := ReadFile(ctx, file, MaxSecret)
	if err != nil {
		return "", fmt.Errorf("%s: %w", envClientSecretFile, err)
	}
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		if strings.HasPrefix(string(data), mark) {
			return "", fmt.Errorf("%s: %s begins with a byte order mark; save it as UTF-8 without one", envClientSecretFile, file)
		}
	}
	secret := strings.TrimSpace(string(data))
	if secret == "" {
		return "", fmt.Errorf("%s: %s is empty", envClientSecretFile, file)
	}
	return cps.Secret(secret), nil
}

// noCredentials lists each variable as set or not, and what works without.
func (w World) noCredentials() error {
	var b strings.Builder
	for _, name := range []string{envClientID, envClientSecret, envClientSecretFile, envAccessToken} {
		state := "not set"
		if w.Getenv(name) != "" {
			state = "set"
		}
		fmt.Fprintf(&b, "  %-27s %s\n", name, state)
	}
	b.WriteString(`Set CPSYNC_CLIENT_ID with CPSYNC_CLIENT_SECRET or CPSYNC_CLIENT_SECRET_FILE, or
set CPSYNC_ACCESS_TOKEN. Pull requests from forks and from Dependabot get no
secrets. These work without credentials:
  cpsync validate PATH...
  cpsync --sandbox FILE PATH...`)
	return run.Advised{Err: errors.New("no credentials"), Code: "no-credentials", Hint: b.String()}
}
