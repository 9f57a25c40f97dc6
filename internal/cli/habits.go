package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/suggest"
)

// otherCommands are commands of other tools, and what to type here.
var otherCommands = map[string]string{
	"apply": "a plan is applied by: cpsync --apply %s", "sync": "a plan is applied by: cpsync --apply %s",
	"diff":   "the plan shows what differs: cpsync %s",
	"status": "one certificate: cpsync explain NAME; all of them: cpsync list %s",
	"get":    "one certificate: cpsync explain NAME; all of them: cpsync list %s",
	"show":   "one certificate: cpsync explain NAME", "describe": "one certificate: cpsync explain NAME",
	"init":    "nothing has to be set up; to begin with what is live: cpsync import certs/",
	"refresh": "every run reads the account again: cpsync %s",
	"check":   "the manifests: cpsync validate %s; the credentials: cpsync auth",
	"lint":    "the manifests are checked by: cpsync validate %s", "test": "the manifests are checked by: cpsync validate %s",
	"login":  "credentials stand in variables: cpsync help environment; they are checked by: cpsync auth",
	"create": "cpsync creates no request: order it in the portal, then: cpsync import certs/",
	"new":    "cpsync creates no request: order it in the portal, then: cpsync import certs/",
	"delete": "cpsync deletes no request: use the portal", "destroy": "cpsync deletes no request: use the portal",
	"renew":  "a renewal is asked for in the manifest: policy.renew_before; see cpsync help manifests",
	"export": "manifests of what is live are written by: cpsync import certs/",
}

var otherFlags = map[string]string{
	"f": "paths need no flag: cpsync PATH...", "file": "paths need no flag: cpsync PATH...", "filename": "paths need no flag: cpsync PATH...",
	"o": "use --format FORMAT, or --out FORMAT=FILE", "output": "use --format FORMAT, or --out FORMAT=FILE", "json": "use --format json",
	"dry-run": "nothing is written without --apply: leave it out", "n": "nothing is written without --apply: leave it out",
	"auto-approve": "cpsync does not ask: use --apply", "y": "cpsync does not ask: use --apply", "yes": "cpsync does not ask: use --apply",
	"force":    "no flag lifts a refusal; see the limits in cpsync help flags",
	"no-color": "use --color never", "no-colour": "use --color never",
	"target": "use --only NAME", "l": "use --tag KEY=VALUE", "selector": "use --tag KEY=VALUE", "filter": "use --only NAME or --tag KEY=VALUE",
	"r": "directories are read with all below them: leave it out", "R": "directories are read with all below them: leave it out",
	"recursive": "directories are read with all below them: leave it out",
	"debug":     "use -v", "w": "use --wait TIME, with --apply", "watch": "use --wait TIME, with --apply",
	"parallelism": "use --concurrency N", "refresh": "every run reads the account again: leave it out",
}

// Mistaken says what was meant when the first argument names no file but is, or is
// nearly, a command, or one of another tool.
func Mistaken(all []Command, paths, flags []string) error {
	word, rest := paths[0], paths[1:]
	if _, err := os.Lstat(word); err == nil {
		return nil
	}
	if len(rest) == 0 {
		rest = []string{"PATH..."}
	}
	none := fmt.Sprintf("there is no command or path %q", word)
	if here, known := otherCommands[word]; known {
		return fmt.Errorf("%s; %s", none, pasted(here, flags, rest))
	}
	if meant, ok := suggest.Near(word, namesOf(all)); ok {
		return fmt.Errorf("%s; did you mean: %s", none, words.Again(flags, paths[1:], meant))
	}
	var here []string
	entries, _ := os.ReadDir(".") // without it nothing can be suggested
	for _, e := range entries {
		here = append(here, e.Name())
	}
	if meant, ok := suggest.Near(word, here); ok {
		return fmt.Errorf("%s; did you mean: %s", none, words.Again(flags, append([]string{meant}, paths[1:]...)))
	}
	if strings.ContainsAny(word, "./\\") {
		return nil // a path, whose problem says more
	}
	return fmt.Errorf("%s; the commands are %s", none, strings.Join(namesOf(all), ", "))
}

func namesOf(all []Command) []string {
	var names []string
	for _, c := range all[1:] {
		if c.Short != "" { // the others are for shells
			names = append(names, c.Name)
		}
	}
	return names
}

func (f *Flags) wrongFlag(err error, all []Command) error {
	var value *pflag.InvalidValueError
	var none *pflag.ValueRequiredError
	var syntax *pflag.InvalidSyntaxError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &value):
		return fmt.Errorf("--%s %q: %w", value.GetFlag().Name, value.GetValue(), value.Unwrap())
	case errors.As(err, &none):
		return fmt.Errorf("--%s needs a value; see cpsync help flags", none.GetFlag().Name)
	case errors.As(err, &syntax):
		return fmt.Errorf("unknown flag %s; a flag begins with two dashes", syntax.GetSpecifiedFlag())
	case !errors.As(err, &unknown):
		return err
	}
	name, typed := unknown.GetSpecifiedName(), "--"+unknown.GetSpecifiedName()
	if short := unknown.GetSpecifiedShortnames(); short != "" {
		typed = "-" + short
		if len(short) > 1 && (otherFlags[short] != "" || slices.ContainsFunc(all, func(c Command) bool { return c.has(short) })) {
			name = short // -json, as some tools write it
		}
	}
	wrong := "unknown flag " + typed
	if here, known := otherFlags[name]; known {
		return fmt.Errorf("%s; %s", wrong, here)
	}
	if f.set.Lookup(name) != nil {
		return fmt.Errorf("%s; did you mean --%s?", wrong, name)
	}
	var names []string
	f.set.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	if meant, ok := suggest.Near(name, names); ok {
		return fmt.Errorf("%s; did you mean --%s?", wrong, meant)
	}
	for _, c := range all {
		if len(name) > 1 && c.has(name) {
			return fmt.Errorf("%s; it is a flag of: %s", wrong, strings.TrimSpace("cpsync "+c.Name))
		}
	}
	return errors.New(wrong)
}

func (c Command) has(flag string) bool { return newFlags(c.Name, c.New()).set.Lookup(flag) != nil }

// oneOf says which values there are, and which was meant.
func oneOf(what, value string, allowed []string) error {
	if meant, ok := suggest.Near(value, allowed); ok {
		return fmt.Errorf("%s %q is unknown; did you mean %s?", what, value, meant)
	}
	return fmt.Errorf("%s %q is unknown; use one of %s", what, value, strings.Join(allowed, ", "))
}
