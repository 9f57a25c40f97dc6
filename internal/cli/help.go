package cli

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/sandbox"
	"github.com/cpsync/cpsync/internal/suggest"
)

// The help texts are files, so that they can be read and edited as what they are.
//
//go:embed help/*.txt
var texts embed.FS

// HelpText returns the help text of a name.
func HelpText(name string) string {
	text, err := texts.ReadFile("help/" + name + ".txt")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// topics are what `cpsync help` explains, besides the commands.
var topics = []string{"flags", "exit-codes", "manifests", "environment", "phases", "journal", "dcv", "edge"}

// Help returns the help on the program, on a command, or on a topic.
func Help(all []Command, words []string) (string, error) {
	if len(words) == 0 {
		return HelpOf(all, all[0]), nil
	}
	word := words[0]
	switch {
	case word == "flags":
		return flagsHelp(all[0]), nil
	case slices.Contains(topics, word):
		return HelpText(word), nil
	}
	for _, c := range all[1:] {
		if c.Name == word {
			return HelpOf(all, c), nil
		}
	}
	names := slices.Concat(topics, namesOf(all))
	if here, known := otherCommands[word]; known {
		return "", fmt.Errorf("there is no command %q; %s", word, strings.ReplaceAll(here, "%s", "PATH..."))
	}
	if meant, ok := suggest.Near(word, names); ok {
		return "", fmt.Errorf("there is no help on %q; did you mean %s?", word, meant)
	}
	return "", fmt.Errorf("there is no help on %q; there is on %s", word, strings.Join(names, ", "))
}

// SandboxHelp describes the state file's switches and the faults, from the tables of
// the sandbox itself.
func SandboxHelp() string {
	var b strings.Builder
	b.WriteString(`
FILE is a JSON document with the state of the account, such as
examples/sandbox.json. The sandbox has a clock, which goes on while it runs. It
stores every accepted write in FILE before it answers.

With --edge-port it also simulates the servers of the CDN. Their CA is its own.
A certificate in FILE is served there if it has no "thumbprint", or
"thumbprint": "made". With any other thumbprint it is not. A new certificate is
served 4 hours after its issue in its first deployment, and an hour later in
each further one.

A switch chooses a behaviour of the API that is undocumented. Switches are part
of FILE: "switches": {"order_shows_after": "60s"}. The first word below is the
default:

`)
	for _, s := range sandbox.SwitchTable {
		writeColumns(&b, "  "+s.Name, strings.Join(s.Words, " | ")+": "+s.Help, sandboxColumn)
	}
	b.WriteString(`
A fault is a failure that the sandbox simulates. Give it in FILE, or with
--fault NAME[:CALL[:TIMES]], such as drop-answer:renew:1. TIMES may be always.
Some faults have options, as :option=value, such as slow:patch:1:for=5s. A fault
of the edge lasts always, unless TIMES is given. CALL is one of
`)
	for _, line := range wrapped(strings.Join(sandbox.Calls, ", "), helpWidth-2) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("\n")
	for _, f := range sandbox.FaultTable {
		writeColumns(&b, "  "+f.Name, f.Help, sandboxColumn)
	}
	return b.String()
}

// writeColumns writes a head, and a text beside it, or below where the head is too long.
func writeColumns(b *strings.Builder, head, text string, column int) {
	if len(head)+2 > column {
		fmt.Fprintln(b, head)
		head = ""
	}
	for _, line := range wrapped(text, helpWidth-column) {
		fmt.Fprintf(b, "%-*s%s\n", column, head, line)
		head = ""
	}
}

// HelpOf returns the help of a command, or of the program for its first.
func HelpOf(all []Command, c Command) string {
	var b strings.Builder
	if c.Name == "" {
		b.WriteString(HelpText("intro") + "\nCommands:\n")
		for _, other := range all[1:] {
			if other.Short == "" {
				continue // for shells
			}
			fmt.Fprintf(&b, "  %-10s %-19s %s\n", other.Name, other.Usage, other.Short)
		}
		b.WriteString("\nFlags (all of them: cpsync help flags):\n")
		f := newFlags("", c.New())
		for _, name := range mainFlags {
			fmt.Fprintf(&b, "  %-26s %s\n", head(f.set.Lookup(name.flag)), name.short)
		}
		b.WriteString(c.More())
		return b.String()
	}
	fmt.Fprintf(&b, "%s.\n\nUsage:\n  cpsync %s %s\n", sentence(c.Short), c.Name, c.Usage)
	writeFlags(&b, newFlags(c.Name, c.New()))
	if c.More != nil {
		b.WriteString(c.More())
	}
	return b.String()
}

// mainFlags are those that people need first, with a text that fits into a line.
var mainFlags = []struct{ flag, short string }{
	{"apply", "apply the plan; without it nothing is written"},
	{"only", "only this manifest, by name, id, label or path"},
	{"tag", "only manifests with this tag, as KEY=VALUE"},
	{"base", "plan only what changes since this git revision"},
	{"journal", "keep a list of writes, against a second CA order"},
	{"format", "text, json, markdown and others, to stdout"},
	{"out", "also write a file, as FORMAT=FILE"},
	{"detailed-exitcode", "exit 2 when there is something to apply"},
	{"sandbox", "use a simulated API instead of the network"},
	{"quiet", "write only warnings and errors to stderr"},
	{"verbose", "show unchanged certificates, notes and requests"},
}

// flagsHelp lists all flags of the main command.
func flagsHelp(c Command) string {
	var b strings.Builder
	b.WriteString("The flags of cpsync PATH... and of cpsync plan. For other commands see\ncpsync COMMAND --help.\n")
	writeFlags(&b, newFlags("", c.New()))
	return b.String()
}

// sentence begins with a capital.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// The help is read on a terminal of 80 columns.
const (
	helpWidth  = 80
	helpColumn = 26 // where the text of a flag begins

	sandboxColumn = 30 // where the text of a switch or a fault begins
)

// writeFlags lists the flags of a command, group by group.
func writeFlags(b *strings.Builder, f *Flags) {
	for _, g := range f.groups {
		fmt.Fprintf(b, "\n%s:\n", g.title)
		for _, name := range g.names {
			writeFlag(b, f.set.Lookup(name))
		}
	}
}

// head is a flag as it is typed.
func head(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	head := "--" + f.Name
	if f.Shorthand != "" {
		head = "-" + f.Shorthand + ", " + head
	}
	if f.Value.Type() != "bool" && value != "" {
		head += " " + value
	}
	return head
}

// writeFlag writes one flag and its text, which begins on the next line when the
// flag is too long.
func writeFlag(b *strings.Builder, f *pflag.Flag) {
	_, text := pflag.UnquoteUsage(f)
	head := "      " + head(f)
	if f.Shorthand != "" {
		head = head[4:]
	}
	if f.DefValue != "" && f.DefValue != "0s" && f.DefValue != "false" && f.DefValue != "[]" {
		text += " (default " + f.DefValue + ")"
	}
	writeColumns(b, head, text, helpColumn)
}

// wrapped breaks a text between words into lines of at most width characters. A
// longer word has a line of its own.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
