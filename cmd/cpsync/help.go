package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/cpsync/cpsync/internal/suggest"
)

// The help texts are files, so that they can be read and edited as what they are.
var (
	//go:embed help/exit-codes.txt
	helpExitCodes string
	//go:embed help/manifests.txt
	helpManifests string
	//go:embed help/environment.txt
	helpEnvironment string
	//go:embed help/phases.txt
	helpPhases string
	//go:embed help/journal.txt
	helpJournal string
	//go:embed help/dcv.txt
	helpControl string
	//go:embed help/comment.txt
	helpComment string
	//go:embed help/intro.txt
	helpIntro string
	//go:embed help/import.txt
	helpImport string
	//go:embed help/explain.txt
	helpExplain string
	//go:embed help/report.txt
	helpReport string
	//go:embed help/metrics.txt
	helpMetrics string
	//go:embed help/examples.txt
	helpExamples string
)

// topics are what `cpsync help` explains, besides the commands.
var topics = []struct{ name, text string }{
	{"exit-codes", helpExitCodes},
	{"manifests", helpManifests},
	{"environment", helpEnvironment},
	{"phases", helpPhases},
	{"journal", helpJournal},
	{"dcv", helpControl},
}

// runHelp prints the help, that of a command, or a topic.
func runHelp(_ context.Context, w world, o options) int {
	if len(o.paths) == 0 {
		return printHelp(w, "")
	}
	word := o.paths[0]
	names := []string{}
	for _, t := range topics {
		if t.name == word {
			return print(w, t.text)
		}
		names = append(names, t.name)
	}
	for _, c := range commands()[1:] {
		if c.name == word {
			return printHelp(w, word)
		}
		names = append(names, c.name)
	}
	err := fmt.Errorf("there is no help on %q; there is on %s", word, strings.Join(names, ", "))
	if meant, ok := suggest.Near(word, names); ok {
		err = fmt.Errorf("there is no help on %q; did you mean %s?", word, meant)
	}
	return usage(w, "help", err)
}

// printHelp prints the help of a command, or of the program for "".
func printHelp(w world, name string) int {
	var b strings.Builder
	c := commandNamed(name)
	if name == "" {
		b.WriteString(helpIntro)
		writeCommands(&b)
	} else {
		fmt.Fprintf(&b, "%s.\n\nUsage:\n  cpsync %s %s\n", sentence(c.short), name, c.args)
	}
	writeFlags(&b, c.groups)
	if c.more != nil {
		b.WriteString(c.more())
	}
	return print(w, b.String())
}

func writeCommands(b *strings.Builder) {
	b.WriteString("\nCommands:\n")
	for _, c := range commands()[1:] {
		fmt.Fprintf(b, "  %-9s %-20s %s\n", c.name, c.args, c.short)
	}
}

// sentence begins with a capital.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func print(w world, text string) int {
	if _, err := io.WriteString(w.stdout, text); err != nil {
		return exitError
	}
	return exitOK
}
