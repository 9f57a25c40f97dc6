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

// Common are the arguments of any command. It alone is enough for one without flags.
type Common struct {
	Help, Version bool     // print the one or the other
	Paths         []string // what is no flag: mostly where the manifests are
	Root          string   // of the manifests
	Repeat        []string // the flags given, in pairs, that an apply of this plan needs too
	Log
}

// Shared returns the arguments that every command has.
func (c *Common) Shared() *Common { return c }

// Word is the argument of a command that takes one; "" when there is none.
func (c *Common) Word() string { return strings.Join(c.Paths, " ") }

func (c *Common) take(*Flags) error { return nil }

func (c *Common) declare(f *Flags) {
	f.group = "Help"
	c.helpFlag(f)
}

func (c *Common) helpFlag(f *Flags) { f.flag(&c.Help, "help", "h", "show this help") }

func (c *Common) last(f *Flags) {
	c.Log.declare(f)
	c.helpFlag(f)
}

func (c *Common) manifests(f *Flags) {
	f.group = "Manifests"
	f.text(&c.Root, "root", "", "the top directory `DIR`: files outside are not read, _defaults.yaml applies from there down; default: the git repository, or PATH where there is none", repeated)
}

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
	f, common := newFlags(c.Name, a), a.Shared()
	if err := f.set.Parse(words); err != nil {
		return a, f.wrongFlag(err, all)
	}
	if common.Help || common.Version {
		return a, nil
	}
	f.set.Visit(func(flag *pflag.Flag) { f.typed[flag.Name] = true })
	if err := f.fromEnvironment(getenv, all); err != nil {
		return a, err
	}
	for _, path := range f.set.Args() {
		common.Paths = append(common.Paths, filepath.ToSlash(path)) // one spelling on every system
	}
	paths := common.Paths
	common.Repeat = f.repeat()
	if c.Short != "" && slices.Contains(paths, "") { // shells complete what is empty
		return a, errors.New("an argument is empty: is a variable not set?")
	}
	err := f.check()
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
	_ = f.Parse(words) // what is wrong is said when the command's own flags are parsed
	i := slices.IndexFunc(all[1:], func(c Command) bool { return c.Name == f.Arg(0) }) + 1
	if f.ArgsLenAtDash() == 0 || i == 0 { // -- says that what follows are paths
		return all[0], words
	}
	at := len(words) - f.NArg()
	return all[i], slices.Concat(words[:at], words[at+1:])
}

// The variables that belong to no flag, and how all begin.
const (
	envClientID         = "CPSYNC_CLIENT_ID"
	envClientSecret     = "CPSYNC_CLIENT_SECRET"
	envClientSecretFile = "CPSYNC_CLIENT_SECRET_FILE"
	envAccessToken      = "CPSYNC_ACCESS_TOKEN"
	envEdgeCA           = "CPSYNC_EDGE_CA" // a file with the certificates to trust in place of those of the system

	envPrefix = "CPSYNC_"
)

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
	others := func(entry string) bool { return !strings.HasPrefix(entry, envPrefix) }
	ours := slices.DeleteFunc(slices.Clone(environ), others)
	if len(ours) == 0 {
		return
	}
	known := Variables(all)
	for _, entry := range ours {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(known, name) {
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
