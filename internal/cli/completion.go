package cli

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// NoSuch says that a table lacks a word, and which was meant; "" is none.
func NoSuch[V any](what, word string, table map[string]V) error {
	if word == "" {
		return fmt.Errorf("name a %s; one of %s", what, strings.Join(slices.Sorted(maps.Keys(table)), ", "))
	}
	return oneOf("the "+what, word, slices.Sorted(maps.Keys(table)))
}

//go:embed all:completions
var completions embed.FS

// shells are the files that a shell loads. A release holds them too. All of them ask the
// program itself.
var shells = map[string]string{"bash": "cpsync.bash", "zsh": "_cpsync", "fish": "cpsync.fish"}

// Completion returns what a shell loads.
func Completion(shell string) (string, error) {
	if shells[shell] == "" {
		return "", NoSuch("shell", shell, shells)
	}
	text, err := completions.ReadFile("completions/" + shells[shell])
	return string(text), err
}

// Complete returns what may stand in the place of the last word, and whether a file may.
// names are those of the manifests of some paths.
func Complete(all []Command, words []string, names func(paths []string) []string) (found []string, files bool) {
	if len(words) == 0 {
		return nil, true
	}
	last, before := words[len(words)-1], slices.Clone(words[:len(words)-1])
	before = slices.DeleteFunc(before, func(w string) bool { return w == "=" }) // bash splits --flag=value in three
	if last == "=" {
		last = ""
	}
	name, value, joined := strings.Cut(last, "=")
	if joined = joined && strings.HasPrefix(name, "--"); joined { // --flag=value is two words
		last, before = value, append(before, name)
	}
	c, rest := Named(all, before)
	f := newFlags(c.Name, c.New())
	var paths []string
	for _, w := range rest {
		if !strings.HasPrefix(w, "-") {
			paths = append(paths, w)
		}
	}
	var flag *pflag.Flag // that takes the word
	if len(before) > 0 && strings.HasPrefix(before[len(before)-1], "--") {
		flag = f.set.Lookup(before[len(before)-1][2:])
	}
	switch {
	case flag != nil && flag.NoOptDefVal == "":
		value, _ := pflag.UnquoteUsage(flag)
		found, files = f.facts[flag.Name].allowed, strings.Contains(value, "FILE") || value == "DIR" || value == "PATH"
		if flag.Name == "only" || flag.Name == "effective" {
			found, files = names([]string{"."}), true
		}
	case strings.HasPrefix(last, "-"):
		f.set.VisitAll(func(flag *pflag.Flag) { found = append(found, "--"+flag.Name) })
	case c.Name == "" && len(paths) == 0:
		found, files = namesOf(all), true
	case c.Name == "help":
		found = slices.Concat(topics, namesOf(all))
	case c.Name == "completion":
		found = slices.Sorted(maps.Keys(shells))
	case c.Words != nil:
		found = c.Words
	case c.Name == "explain" && len(paths) == 0:
		found = names([]string{"."})
	default:
		files = true
	}
	found = slices.DeleteFunc(slices.Clone(found), func(w string) bool { return !strings.HasPrefix(w, last) })
	if joined {
		for i := range found {
			found[i] = name + "=" + found[i]
		}
	}
	return found, files && !joined
}
