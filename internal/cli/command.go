package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/suggest"
)

// Command is one of the program's words.
type Command struct {
	Name  string   // "" for what runs when no other is named
	Usage string   // its arguments, as the help shows them
	Takes int      // how many arguments at most, or AnyNumber or Some
	Words []string // what an argument may be, for completion; nil: anything
	Short string
	More  func() string // what the help says after the flags; may be nil
	New   func() Args
	Run   func(context.Context, World, Args) int
}

// Numbers of arguments.
const (
	AnyNumber = -1
	Some      = -2 // at least one path
)

// Args are the arguments of one command.
type Args interface {
	declare(*Flags)
	// take takes over what was parsed, and refuses what can't be meant.
	take(*Flags) error
	Shared() *Common
}

// Common are the arguments of any command.
type Common struct {
	Help    bool
	Version bool     // print the version
	Paths   []string // what is no flag
	// Repeat are the flags given that an apply of this plan needs too.
	Repeat []string
}

// Shared returns the arguments that every command has.
func (c *Common) Shared() *Common { return c }

// GivenOf returns the flags of a command that another one about the same repeats.
func GivenOf(a Args) []string { return a.Shared().Repeat }

func (c *Common) take(*Flags) error { return nil }

func (c *Common) declare(f *Flags) {
	f.group("Help")
	c.helpFlag(f)
}

func (c *Common) helpFlag(f *Flags) { f.flag(&c.Help, "help", "h", "show this help") }

// Of makes a command whose arguments are an A.
func Of[A any, P interface {
	*A
	Args
}](c Command, run func(context.Context, World, *A) int) Command {
	c.New = func() Args { return P(new(A)) }
	c.Run = func(ctx context.Context, w World, a Args) int { return run(ctx, w, (*A)(a.(P))) }
	return c
}

// Parse fills the arguments of a command from words and environment. Its errors are about
// usage; what was understood comes with them.
func Parse(all []Command, c Command, words []string, getenv func(string) string) (Args, error) {
	a := c.New()
	f := newFlags(c.Name, a)
	err := f.fill(words, getenv, all)
	paths := f.set.Args()
	for i := range paths {
		paths[i] = filepath.ToSlash(paths[i]) // one spelling on every system
	}
	a.Shared().Paths, a.Shared().Repeat = paths, f.repeat()
	if err != nil || a.Shared().Help || a.Shared().Version {
		return a, err
	}
	if _, raw := a.(*Raw); !raw && slices.Contains(paths, "") {
		return a, errors.New("an argument is empty: is a variable not set?")
	}
	if m, ok := a.(interface{ manifestArgs() *Manifests }); ok {
		m.manifestArgs().Paths = paths
	}
	err = f.check()
	if err == nil {
		err = a.take(f)
	}
	switch {
	case err != nil:
		return a, err
	case c.Takes == Some && len(paths) == 0:
		return a, errors.New("name the files or directories that hold the manifests")
	case c.Takes >= 0 && len(paths) > c.Takes:
		return a, fmt.Errorf("unexpected argument %q", paths[c.Takes])
	}
	return a, nil
}

// takes reports whether a flag of the command may have a value.
func (c Command) takes(flag, value string) bool {
	return slices.Contains(newFlags(c.Name, c.New()).facts[flag].allowed, value)
}

// Named returns the command that the words name, and the words without it. It is the first
// of them that is neither a flag, of whatever command, nor the value of one.
func Named(all []Command, words []string) (c Command, rest []string) {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.ParseErrorsAllowlist.UnknownFlags = true
	for _, c := range all {
		newFlags("", c.New()).set.VisitAll(func(flag *pflag.Flag) {
			if f.Lookup(flag.Name) == nil {
				f.AddFlag(flag)
			}
		})
	}
	_ = f.Parse(words)                  // what is wrong is said when the command's own flags are parsed
	afterDash := f.ArgsLenAtDash() == 0 // -- says that what follows are paths
	if afterDash || f.NArg() == 0 || f.Arg(0) == "" {
		return all[0], words
	}
	i := slices.IndexFunc(all, func(c Command) bool { return c.Name == f.Arg(0) })
	if i < 0 {
		return all[0], words
	}
	at := len(words) - f.NArg()
	return all[i], slices.Concat(words[:at], words[at+1:])
}

// The variables of the credentials.
const (
	envClientID         = "CPSYNC_CLIENT_ID"
	envClientSecret     = "CPSYNC_CLIENT_SECRET"
	envClientSecretFile = "CPSYNC_CLIENT_SECRET_FILE"
	envAccessToken      = "CPSYNC_ACCESS_TOKEN"
)

const envPrefix = "CPSYNC_"

func variableOf(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Variables lists every variable that means something, sorted.
func Variables(all []Command) []string {
	known := []string{envClientID, envClientSecret, envClientSecretFile, envAccessToken, envEdgeCA}
	for _, c := range all {
		for name, fact := range newFlags("", c.New()).facts {
			if fact.traits&variable != 0 {
				known = append(known, variableOf(name))
			}
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}

// WarnOfUnknown warns of variables that look like ours and are not.
func WarnOfUnknown(all []Command, environ []string, log *slog.Logger) {
	known := Variables(all)
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(known, name) {
			continue
		}
		text := fmt.Sprintf("unknown variable %s", name)
		if meant, ok := suggest.Near(name, known); ok {
			text += "; did you mean " + meant + "?"
		} else if flag := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, envPrefix), "_", "-")); slices.ContainsFunc(all, func(c Command) bool { return c.has(flag) }) {
			text += "; --" + flag + " has no variable: give the flag"
		}
		log.Warn(text)
	}
}
