package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/render"
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
	wait           func(ctx context.Context, stop <-chan struct{}, d time.Duration) error
	transport      http.RoundTripper
	embedded       func(*sandbox.Server) http.RoundTripper // how a sandbox in this process is reached
	stop           *stopper
}

// command is one of the program's words.
type command struct {
	name   string
	args   string // as the help shows them
	short  string
	groups []flagGroup
	more   func() string // what the help says after the flags; may be nil
	run    func(context.Context, world, options) int
}

// commands are listed as the help shows them. The first, without a name, is what
// runs when no other is named.
func commands() []command {
	return []command{
		{"", "[flags] PATH...", "print what would change; with --apply, carry it out",
			[]flagGroup{whatFlags, limitFlags, targetFlags, paceFlags, formatFlag, outFlag, talkFlags}, func() string { return helpExamples }, runPlan},
		{"validate", "[flags] PATH...", "check manifests without credentials or network",
			[]flagGroup{formatFlag, talkFlags}, nil, runValidate},
		{"auth", "[flags]", "check the credentials; prints nothing secret",
			[]flagGroup{targetFlags, paceFlags, talkFlags}, nil, runAuth},
		{"sandbox", "[flags] FILE", "serve a simulated CPS API on a loopback port",
			[]flagGroup{sandboxFlags, helpFlag}, helpSandbox, runSandbox},
		{"version", "", "print the version", []flagGroup{helpFlag}, nil, runVersion},
		{"help", "[TOPIC]", "print this help, or that of a command or topic", []flagGroup{helpFlag}, nil, runHelp},
	}
}

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
	name, args := "", w.args
	if len(args) > 0 && isCommand(args[0]) {
		name, args = args[0], args[1:]
	}
	c := commandNamed(name)
	var o options
	if err := parse(name, c.groups, &o, args, w.getenv); err != nil {
		return usage(w, name, err)
	}
	if o.help {
		return printHelp(w, name)
	}
	return c.run(ctx, w, o)
}

func isCommand(word string) bool {
	return word != "" && slices.ContainsFunc(commands(), func(c command) bool { return c.name == word })
}

func commandNamed(name string) command {
	all := commands()
	return all[slices.IndexFunc(all, func(c command) bool { return c.name == name })]
}

// usage reports wrong usage.
func usage(w world, name string, err error) int {
	help := "cpsync --help"
	if name != "" {
		help = "cpsync " + name + " --help"
	}
	fmt.Fprintf(w.stderr, "cpsync: %v\nSee %s.\n", err, help)
	return exitUsage
}

// fail reports an error that ends a command which has no report.
func fail(w world, err error) int {
	f := failureOf(err)
	fmt.Fprintf(w.stderr, "error: %s\n", render.Clean(f.Message))
	if f.Hint != "" {
		fmt.Fprintln(w.stderr, f.Hint)
	}
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
