// Command cpsync keeps the TLS certificate requests of a CDN account equal to YAML manifests. It turns
// arguments and environment into calls of the internal packages, and their answers into an exit code.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/sandbox"
	"github.com/cpsync/cpsync/schemas"
)

func main() { os.Exit(start(func(*world) {})) }

// world is all that the program takes from outside; after is the time since a signal.
type world struct {
	cli.World
	after func(time.Duration) <-chan time.Time
}

// start builds the world from the process and runs the program in it. A deferred call does not run under
// os.Exit, so the exit code is its result. Tests that run a process adapt its world.
func start(adapt func(*world)) (code int) {
	defer caught(os.Stderr, &code)
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is a failed write, and never ends an apply
	inFlight, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	ctx, stop := cli.Stoppable(inFlight)
	signals := make(chan os.Signal, 2)
	cli.Notify(signals)
	w := outside()
	adapt(&w)
	background(func() { cli.Listen(signals, w.after, stop, cancel) })
	return run(ctx, w.World)
}

// gcPercent is how far the memory may grow between two collections once the manifests are held; Go's own 100 is for
// what has much to do meanwhile. From here on a run waits for answers, and the time of a collection costs it nothing.
const gcPercent = 40

// outside returns the world of this process.
func outside() world {
	return world{after: time.After, World: cli.World{
		Args: os.Args[1:], Getenv: os.Getenv, Environ: os.Environ(),
		Stdout: os.Stdout, Stderr: os.Stderr,
		Now: time.Now, Wait: cps.Sleep,
		Loaded:    func() { debug.SetGCPercent(gcPercent) },
		Spread:    func() time.Duration { return rand.N(2 * time.Second) }, // so that two runs do not walk in lock step
		Terminal:  func() (int, bool) { return cli.TerminalWidth(os.Stderr) },
		Transport: cli.NewTransport(new(net.Dialer).DialContext),
		Embedded:  func(s *sandbox.Server) http.RoundTripper { return s },
		Dial:      new(net.Dialer).DialContext,
		Resolve:   net.DefaultResolver.LookupNetIP,
		Resolvers: "/etc/resolv.conf",
	}}
}

// background runs f beside the rest. Go ends a process with 2 when a goroutine panics, which means "changes" here.
func background(f func()) {
	go func() {
		code := cli.OK
		defer func() {
			if code != cli.OK {
				os.Exit(code)
			}
		}()
		defer caught(os.Stderr, &code)
		f()
	}()
}

// caught is deferred: it says what panicked, and sets the exit code.
func caught(stderr io.Writer, code *int) {
	if p := recover(); p != nil {
		fmt.Fprintf(stderr, "internal error: %v\n%s", p, debug.Stack())
		*code = cli.Failed
	}
}

// commands are listed as the help shows them. The first, without a name, is what runs when no other is named.
func commands() []cli.Command {
	return []cli.Command{
		cli.Of(cli.Command{Usage: "[flags] PATH...", Takes: cli.Some, Short: "print what would change; with --apply, apply it"}, runPlan),
		cli.Of(cli.Command{Name: "plan", Usage: "[flags] PATH...", Takes: cli.Some, Short: "the same as cpsync without a command"}, runPlan),
		cli.Of(cli.Command{Name: "validate", Usage: "[flags] PATH...", Takes: cli.Some, Short: "check manifests without credentials or network"}, runValidate),
		cli.Of(cli.Command{Name: "auth", Usage: "[flags]", Short: "check the credentials; prints nothing secret"}, runAuth),
		cli.Of(cli.Command{Name: "import", Usage: "DIR [PATH...]", Takes: cli.AnyNumber, Short: "write manifests for unmanaged requests"}, runImport),
		cli.Of(cli.Command{Name: "explain", Usage: "WHAT [PATH...]", Takes: cli.AnyNumber, Short: "where a request is, and who acts next"}, runExplain),
		cli.Of(cli.Command{Name: "list", Usage: "[PATH...]", Takes: cli.AnyNumber, Short: "one line per certificate, soonest expiry first"}, runList),
		cli.Of(cli.Command{Name: "metrics", Usage: "[flags] PATH...", Takes: cli.Some, Short: "write OpenMetrics text for monitoring"}, runMetrics),
		cli.Of(cli.Command{Name: "sandbox", Usage: "FILE|--example DIR", Takes: 1, Short: "serve a simulated CPS API on a loopback port"}, runSandbox),
		cli.Of(cli.Command{Name: "report", Usage: "--html FILE PATH...", Takes: cli.Some, Short: "write an HTML page about all certificates"}, runReport),
		cli.Of(cli.Command{Name: "comment", Usage: "--plan FILE", Short: "comment a saved plan on its pull request"}, runComment),
		cli.Of(cli.Command{Name: "schema", Usage: "NAME", Takes: 1, Words: slices.Sorted(maps.Keys(schemas.Named())), Short: "print the JSON schema of manifests or documents"}, runSchema),
		cli.Of(cli.Command{Name: "completion", Usage: "bash|zsh|fish", Takes: 1, Short: "print the completion script of a shell"}, runCompletion),
		cli.Of(cli.Command{Name: "__complete", Usage: "WORD...", Takes: cli.AnyNumber}, runComplete),
		cli.Of(cli.Command{Name: "version", Usage: "[flags]", Short: "print the version"}, runVersion),
		cli.Of(cli.Command{Name: "help", Usage: "[TOPIC]", Takes: 1, Short: "print this help, or that of a command or topic"}, runHelp),
	}
}

// run is the program: a function from the world to an exit code. A panic in any
// goroutine comes back here and is an internal error. The first signal ends ctx.
func run(ctx context.Context, w cli.World) (code int) {
	w = w.WrapStderr()
	defer caught(w.Stderr, &code)
	all := commands()
	c, words := cli.Named(all, w.Args)
	a, err := cli.Parse(all, c, words, w.Getenv)
	w.Log, w.Why, w.Given = a.Shared().Log, new(string), a.Shared().Repeat
	defer func() { w.ExplainExit(code) }()
	switch {
	case err != nil:
		return wrongUsage(w, c.Name, a, err)
	case a.Shared().Help:
		return w.Print(cli.HelpOf(all, c))
	case a.Shared().Version:
		return runVersion(ctx, w, &cli.VersionOf{Format: a.(*cli.Plan).Format})
	default:
		return c.Run(ctx, w, a)
	}
}

// wrongUsage reports wrong usage, in JSON as a document too, and to the step that asks.
func wrongUsage(w cli.World, name string, a cli.Args, err error) int {
	var step cli.Step
	var outs []cli.File
	switch a := a.(type) {
	case *cli.Plan:
		if step, outs = a.Step, a.Writes; a.Format == "json" {
			r := report.Report{Version: cli.Version(), Failure: &report.Failure{Code: "usage", Message: err.Error()}}
			if err := jsonplan.Report(w.Stdout, r); err != nil {
				w.NoStdout(err)
			}
		}
	case *cli.Validate:
		step = a.Step
	}
	if err := step.Write(cli.Usage, plan.Plan{}, outs); err != nil {
		w.NoOutput(err)
	}
	return w.WrongUsage(name, err)
}

// begin returns the world with progress on its stderr. The log begins with what is wrong in the environment.
func begin(w cli.World, l cli.Log) (cli.World, *slog.Logger, *cli.Progress) {
	w, log, progress := w.WithProgress(l)
	cli.WarnOfUnknown(commands(), w.Environ, log)
	return w, log, progress
}

func runHelp(_ context.Context, w cli.World, a *cli.Common) int {
	text, err := cli.Help(commands(), a.Paths)
	if err != nil {
		return w.WrongUsage("help", err)
	}
	return w.Print(text)
}

func runVersion(_ context.Context, w cli.World, a *cli.VersionOf) int {
	if a.Format == "json" {
		text, err := json.Marshal(cli.BuildOf())
		if err != nil {
			return w.Fail(err)
		}
		return w.Print(string(text) + "\n")
	}
	v := cli.Version()
	return w.Print(strings.TrimRight(v.Name+" "+v.Version+" "+v.Commit, " ") + "\n")
}

func runSchema(_ context.Context, w cli.World, a *cli.Common) int {
	return w.PrintFile("schema", "schema", a.Word(), schemas.Named(), schemas.Files)
}

func runCompletion(_ context.Context, w cli.World, a *cli.Common) int {
	return w.PrintFile("completion", "shell", a.Word(), cli.Completions, cli.CompletionFiles)
}

// runComplete prints the words that may stand in the place of the last one, a line each.
// Where a file may stand there too the last line is ":files".
func runComplete(ctx context.Context, w cli.World, a *cli.Common) int {
	names := func(paths []string) (all []string) {
		if disk, err := w.Source(cli.Common{Paths: paths}).Open(ctx); err == nil {
			specs, _ := manifest.Load(disk, paths)
			for _, s := range specs {
				all = append(all, s.Name)
			}
		}
		return all
	}
	found, files := cli.Complete(commands(), a.Paths, names)
	if files {
		found = append(found, ":files")
	}
	if len(found) == 0 {
		return cli.OK
	}
	return w.Print(strings.Join(found, "\n") + "\n")
}
