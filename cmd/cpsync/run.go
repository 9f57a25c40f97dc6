package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/sandbox"
	"github.com/cpsync/cpsync/internal/suggest"
)

// world is all that the program takes from outside.
type world struct {
	args           []string
	getenv         func(string) string
	environ        []string
	stdout, stderr io.Writer
	now            func() time.Time
	wait           waiter
	after          func(time.Duration) <-chan time.Time // since a signal
	terminal       func() (width int, ok bool)          // behind stderr; nil: none
	progress       func(done, total int)                // of the reads of a list; nil: nobody asks
	spread         func() time.Duration                 // before an order; nil: none
	transport      http.RoundTripper
	embedded       func(*sandbox.Server) http.RoundTripper // how a sandbox in this process is reached
	stop           *stopper
	dial           func(ctx context.Context, network, address string) (net.Conn, error) // for DNS
	resolvers      string                                                               // the file that names them
}

// waiter pauses for d, until ctx ends or stop is closed.
type waiter func(ctx context.Context, stop <-chan struct{}, d time.Duration) error

// command is one of the program's words.
type command struct {
	name   string
	args   string // as the help shows them
	takes  int    // how many arguments at most, or anyNumber
	short  string
	groups []flagGroup
	more   func() string // what the help says after the flags; may be nil
	run    func(context.Context, world, options) int
}

// commands are listed as the help shows them. The first, without a name, is what
// runs when no other is named.
func commands() []command {
	return []command{
		{
			args: "[flags] PATH...", takes: anyNumber, short: "print what would change; with --apply, carry it out",
			groups: []flagGroup{whatFlags, rootFlag, limitFlags, orderFlags, controlFlags, readFlags, targetFlags, paceFlags, formatFlag, outFlag, stepFlag, auditFlag, githubFlags, talkFlags},
			more:   func() string { return helpExamples }, run: runPlan,
		}, {
			name: "validate", args: "[flags] PATH...", takes: anyNumber, short: "check manifests without credentials or network",
			groups: []flagGroup{validFlag, rootFlag, stepFlag, githubFlags, talkFlags}, run: runValidate,
		}, {
			name: "auth", args: "[flags]", short: "check the credentials; prints nothing secret",
			groups: []flagGroup{targetFlags, paceFlags, talkFlags}, run: runAuth,
		}, {
			name: "import", args: "DIR [PATH...]", takes: anyNumber, short: "write manifests for live requests without one",
			groups: []flagGroup{importFlags, rootFlag, targetFlags, paceFlags, talkFlags},
			more:   func() string { return helpImport }, run: runImport,
		}, {
			name: "explain", args: "WHAT [PATH...]", takes: anyNumber, short: "where a request is, and who acts next",
			groups: []flagGroup{rootFlag, orderFlags, controlFlags, targetFlags, paceFlags, explainFormat, talkFlags},
			more:   func() string { return helpExplain }, run: runExplain,
		}, {
			name: "metrics", args: "[flags] PATH...", takes: anyNumber, short: "write OpenMetrics text for monitoring",
			groups: []flagGroup{metricsFlags, rootFlag, limitFlags, orderFlags, readFlags, targetFlags, paceFlags, talkFlags},
			more:   func() string { return helpMetrics }, run: runMetrics,
		}, {
			name: "sandbox", args: "[flags] FILE", takes: 1, short: "serve a simulated CPS API on a loopback port",
			groups: []flagGroup{sandboxFlags, helpFlag}, more: helpSandbox, run: runSandbox,
		}, {
			name: "report", args: "--html FILE PATH...", takes: anyNumber, short: "write one page to look at",
			groups: []flagGroup{reportFlags, rootFlag, noControlFlags, limitFlags, orderFlags, readFlags, targetFlags, paceFlags, talkFlags},
			more:   func() string { return helpReport }, run: runReport,
		}, {
			name: "comment", args: "--plan FILE", short: "put a saved plan on its pull request, in place",
			groups: []flagGroup{commentFlags, talkFlags}, more: func() string { return helpComment }, run: runComment,
		}, {
			name: "version", short: "print the version",
			groups: []flagGroup{helpFlag}, run: runVersion,
		}, {
			name: "help", args: "[TOPIC]", takes: 1, short: "print this help, or that of a command or topic",
			groups: []flagGroup{helpFlag}, run: runHelp,
		},
	}
}

// anyNumber of arguments.
const anyNumber = -1

// usageError is an error about how the program was called. Its code is the exit code.
type usageError struct {
	error
	code int
}

// run is the program: a function from the world to an exit code. A panic in any
// goroutine comes back here and is an internal error.
func run(ctx context.Context, w world) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(w.stderr, "internal error: %v\n%s", p, debug.Stack())
			code = exitError
		}
	}()
	name, args := named(w.args)
	c := commandNamed(name)
	var o options
	if err := parse(name, c.groups, &o, args, w.getenv); err != nil {
		return wrongUsage(w, name, o, err)
	}
	if o.help {
		return printHelp(w, name)
	}
	if c.takes != anyNumber && len(o.paths) > c.takes {
		return usage(w, name, fmt.Errorf("unexpected argument %q", o.paths[c.takes]))
	}
	return c.run(ctx, w, o)
}

// named returns the command that the arguments name, and the arguments without it.
// It is the first of them that is neither a flag nor the value of one.
func named(args []string) (name string, rest []string) {
	groups := []flagGroup{whatFlags, rootFlag, limitFlags, orderFlags, readFlags, targetFlags, paceFlags, formatFlag, outFlag, stepFlag, auditFlag, githubFlags, sandboxFlags, importFlags, controlFlags, reportFlags, talkFlags}
	f := newFlagSet("", groups, &options{})
	f.SetInterspersed(false)
	f.ParseErrorsAllowlist.UnknownFlags = true
	_ = f.Parse(args)                   // what is wrong is said when the command's own flags are parsed
	afterDash := f.ArgsLenAtDash() == 0 // -- says that what follows are paths
	if afterDash || f.NArg() == 0 || !isCommand(f.Arg(0)) {
		return "", args
	}
	at := len(args) - f.NArg()
	return f.Arg(0), slices.Concat(args[:at], args[at+1:])
}

func isCommand(word string) bool {
	return word != "" && slices.ContainsFunc(commands(), func(c command) bool { return c.name == word })
}

func commandNamed(name string) command {
	all := commands()
	return all[slices.IndexFunc(all, func(c command) bool { return c.name == name })]
}

// wrongUsage reports wrong usage, in JSON as a document too.
func wrongUsage(w world, name string, o options, err error) int {
	if name == "" && o.format == "json" {
		writeFailure(w, err)
	}
	if err := o.writeStepOutput(exitUsage, plan.Plan{}); err != nil {
		fmt.Fprintf(w.stderr, "error: %v\n", err)
	}
	return usage(w, name, err)
}

// writeFailure writes the one document that a run in JSON has, also when it was called
// wrongly.
func writeFailure(w world, err error) {
	r := report.Report{Version: version(), Failure: &report.Failure{Code: "usage", Message: err.Error()}}
	if err := jsonplan.Report(w.stdout, r); err != nil {
		fmt.Fprintf(w.stderr, "error: %v\n", err)
	}
}

// endOf reports why a command without a report ended before its end.
func endOf(w world, err error) int {
	if code := fail(w, err); !w.stop.done() {
		return code
	}
	return w.stop.code
}

// usage reports wrong usage.
func usage(w world, name string, err error) int {
	help := "cpsync --help"
	if name != "" {
		help = "cpsync " + name + " --help"
	}
	fmt.Fprintf(w.stderr, "cpsync: %sSee %s.\n", lines(err.Error()), help)
	return exitUsage
}

// fail reports an error that ends a command which has no report.
func fail(w world, err error) int {
	f := failureOf(err)
	fmt.Fprintf(w.stderr, "error: %s\n", words.Clean(f.Message))
	fmt.Fprint(w.stderr, lines(f.Hint))
	var u usageError
	if errors.As(err, &u) {
		return u.code
	}
	return exitError
}

// mistaken says what was meant when the first argument names no file but is, or is
// nearly, a command.
func mistaken(paths []string) error {
	word, rest := paths[0], strings.Join(paths[1:], " ")
	if _, err := os.Lstat(word); err == nil {
		return nil
	}
	switch word {
	case "plan":
		return fmt.Errorf("there is no command plan; the plan is printed by: cpsync %s", rest)
	case "apply":
		return fmt.Errorf("there is no command apply; a plan is carried out by: cpsync --apply %s", rest)
	}
	var names []string
	for _, c := range commands()[1:] {
		names = append(names, c.name)
	}
	if meant, ok := suggest.Near(word, names); ok {
		return fmt.Errorf("there is no command or path %q; did you mean: cpsync %s %s", word, meant, rest)
	}
	return nil
}
