package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/suggest"
)

// howFlags say how a run is done, and so have a variable. Flags that say what to do,
// or what is allowed, have none: a forgotten variable must not lift a limit.
var howFlags = []string{
	"api-url", "token-url", "scope", "concurrency", "timeout", "request-timeout",
	"color", "log-format", "format", "annotations",
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

// variables lists every variable that means something, sorted.
func variables() []string {
	all := []string{envClientID, envClientSecret, envClientSecretFile, envAccessToken}
	for _, f := range howFlags {
		all = append(all, variableOf(f))
	}
	slices.Sort(all)
	return all
}

// fromEnvironment sets the flags that were not given from their variables.
func fromEnvironment(f *pflag.FlagSet, getenv func(string) string) error {
	var problems []error
	for _, name := range howFlags {
		flag, value := f.Lookup(name), getenv(variableOf(name))
		if flag == nil || flag.Changed || value == "" {
			continue
		}
		if err := f.Set(name, value); err != nil {
			problems = append(problems, fmt.Errorf("%s=%q: %w", variableOf(name), value, errors.Unwrap(err)))
		}
	}
	return errors.Join(problems...)
}

// warnOfUnknown warns of variables that look like ours and are not.
func warnOfUnknown(environ []string, talk *slog.Logger) {
	known := variables()
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(known, name) {
			continue
		}
		text := fmt.Sprintf("unknown variable %s", name)
		if meant, ok := suggest.Near(name, known); ok {
			text += "; did you mean " + meant + "?"
		}
		talk.Warn(text)
	}
}

// withSuggestion adds the flag that was most likely meant to an error about an
// unknown one.
func withSuggestion(err error, f *pflag.FlagSet) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	f.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	if meant, ok := suggest.Near(unknown.GetSpecifiedName(), names); ok {
		return fmt.Errorf("%w; did you mean --%s?", err, meant)
	}
	return err
}
