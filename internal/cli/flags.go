package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/manifest"
)

// Flags are those of one command, in the groups that its help shows. All that is known of
// a flag stands where it is declared.
type Flags struct {
	set    *pflag.FlagSet
	group  string // that the next flags belong to
	facts  map[string]fact
	checks []func() error  // of values, once all are set
	typed  map[string]bool // the flags that stand on the command line
}

// fact is what is known of a flag besides its value.
type fact struct {
	traits
	allowed []string // values; nil: any
	group   string
}

type traits uint8

const (
	repeated traits = 1 << iota // by an apply of the plan that it was given for
	// variable: it says how a run is done, and so has a variable. Flags that say what to do,
	// or what is allowed, have none: a forgotten variable must not lift a limit.
	variable
	maybeEmpty // without a value it means something
	positive   // a time of 0 would mean that the flag was not given
)

func newFlags(name string, a Args) *Flags {
	f := &Flags{set: pflag.NewFlagSet(name, pflag.ContinueOnError), facts: map[string]fact{}, typed: map[string]bool{}}
	f.set.SetOutput(io.Discard)
	f.set.SortFlags = false
	a.declare(f)
	return f
}

func (f *Flags) note(name string, t traits, allowed []string) {
	f.facts[name] = fact{t, allowed, f.group}
}

func (f *Flags) flag(p *bool, name, short, usage string) {
	f.set.BoolVarP(p, name, short, false, usage)
	f.note(name, 0, nil)
}

func (f *Flags) text(p *string, name, value, usage string, t traits) {
	f.set.StringVar(p, name, value, usage)
	f.note(name, t, nil)
}

func (f *Flags) texts(p *[]string, name, usage string, t traits) {
	f.set.StringArrayVar(p, name, nil, usage)
	f.note(name, t, nil)
}

// choice is one of some values; the first is the default.
func (f *Flags) choice(p *string, name, usage string, t traits, allowed ...string) {
	f.set.StringVar(p, name, allowed[0], usage)
	f.note(name, t, allowed)
	f.checks = append(f.checks, func() error {
		if slices.Contains(allowed, *p) {
			return nil
		}
		return oneOf("--"+name, *p, allowed)
	})
}

func (f *Flags) format(p *string, allowed ...string) {
	f.group = "Output"
	f.choice(p, "format", "what goes to stdout, as `FORMAT`: "+strings.Join(allowed, ", "), variable, allowed...)
}

// number is one from least to most, or the default.
func (f *Flags) number(p *int, name string, value, least, most int, usage string, t traits) {
	f.set.IntVar(p, name, value, usage)
	f.note(name, t, nil)
	f.checks = append(f.checks, func() error {
		return refuse([]refusal{
			{*p < least && *p != value, fmt.Sprintf("--%s %d: use %d or more", name, *p, least)},
			{*p > most, fmt.Sprintf("--%s %d: use %d at most", name, *p, most)},
		})
	})
}

const unlimited = math.MaxInt

func (f *Flags) time(p *time.Duration, name string, value time.Duration, usage string, t traits) {
	*p = value
	f.set.Var((*duration)(p), name, usage)
	f.note(name, t, nil)
	f.checks = append(f.checks, func() error {
		text := "--" + name + " "
		if !f.typed[name] {
			text = variableOf(name) + "="
		}
		return refuse([]refusal{{t&positive != 0 && *p == 0 && f.set.Changed(name), text + "0s: use 1s or more"}})
	})
}

// check refuses values that no flag may have, and a flag that was given without a value. An
// unset variable in a script must not switch off an approval, a journal or a sandbox.
func (f *Flags) check() (err error) {
	for _, check := range f.checks {
		if err := check(); err != nil {
			return err
		}
	}
	f.set.Visit(func(flag *pflag.Flag) {
		list, _ := flag.Value.(pflag.SliceValue)
		empty := flag.Value.Type() == "string" && flag.Value.String() == "" || list != nil && slices.Contains(list.GetSlice(), "")
		if empty && f.facts[flag.Name].traits&maybeEmpty == 0 {
			err = fmt.Errorf(`--%s "": the value is empty; leave the flag out, or check the variable that should fill it`, flag.Name)
		}
	})
	return err
}

// refusal is something that can't be meant, and why.
type refusal struct {
	wrong bool
	why   string
}

// refuse returns the first of what can't be meant as an error.
func refuse(all []refusal) error {
	for _, r := range all {
		if r.wrong {
			return errors.New(r.why)
		}
	}
	return nil
}

func parsed[T any](flag string, texts []string, parse func(string) (T, error)) (all []T, err error) {
	for _, text := range texts {
		value, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("--%s %q: %w", flag, text, err)
		}
		all = append(all, value)
	}
	return all, nil
}

// repeat returns the flags given, as they would be typed again, that decide what a plan is about.
func (f *Flags) repeat() []string {
	var words []string
	f.set.Visit(func(flag *pflag.Flag) {
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			if f.typed[flag.Name] && f.facts[flag.Name].traits&repeated != 0 {
				words = append(words, "--"+flag.Name, v)
			}
		}
	})
	return words
}

// fromEnvironment sets the flags that were not given from their variables. A value that
// only other commands take is for those.
func (f *Flags) fromEnvironment(getenv func(string) string, all []Command) error {
	var problems []error
	f.set.VisitAll(func(flag *pflag.Flag) {
		known, name := f.facts[flag.Name], variableOf(flag.Name)
		value := getenv(name)
		switch {
		case known.traits&variable == 0 || flag.Changed || value == "":
		case known.allowed != nil && !slices.Contains(known.allowed, value):
			if !slices.ContainsFunc(all, func(c Command) bool { return c.takes(flag.Name, value) }) {
				problems = append(problems, oneOf(name, value, known.allowed))
			}
		default:
			if err := f.set.Set(flag.Name, value); err != nil {
				problems = append(problems, fmt.Errorf("%s=%q: %w", name, value, errors.Unwrap(err)))
			}
		}
	})
	return errors.Join(problems...)
}

// duration is a flag of a time such as 90s, 20h or 30d.
type duration time.Duration

func (d *duration) Set(s string) error {
	v, err := manifest.ParseDuration(s)
	*d = duration(v)
	return err
}

func (d *duration) String() string {
	if *d == 0 {
		return "0s"
	}
	return cert.FormatDuration(time.Duration(*d))
}

func (d *duration) Type() string { return "time" }
