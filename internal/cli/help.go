package cli

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/sandbox"
	"github.com/cpsync/cpsync/internal/suggest"
)

// The help texts are files, so that they can be read and edited as what they are.
//
//go:embed help/*.txt
var texts embed.FS

// Text returns the help text of a name.
func Text(name string) string {
	text, err := texts.ReadFile("help/" + name + ".txt")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// topics are what `cpsync help` explains, besides the commands.
var topics = []string{"exit-codes", "manifests", "environment", "phases", "journal", "dcv"}

// Help returns the help on the program, on a command, or on a topic.
func Help(all []Command, words []string) (string, error) {
	if len(words) == 0 {
		return WriteHelp(all, all[0]), nil
	}
	word := words[0]
	if slices.Contains(topics, word) {
		return Text(word), nil
	}
	names := slices.Clone(topics)
	for _, c := range all[1:] {
		if c.Name == word {
			return WriteHelp(all, c), nil
		}
		names = append(names, c.Name)
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
FILE is one JSON document; examples/sandbox.json is one. Time passes while it is
served, and every accepted write is stored in FILE before it is answered.

Switches settle what nobody knows about the real service. They stand in FILE, as
"switches": {"order_shows_after": "60s"}. The first word is the default:

`)
	for _, s := range sandbox.SwitchTable {
		explain(&b, s.Name, strings.Join(s.Words, " | ")+": "+s.Help)
	}
	b.WriteString(`
Faults stand in FILE or come with --fault NAME[:CALL[:TIMES]], such as
drop-answer:renew:1. TIMES may be always. More members follow as :member=value,
such as slow:patch:1:for=5s. CALL is one of
`)
	for _, line := range wrapped(strings.Join(sandbox.Calls, ", "), helpWidth-2) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	b.WriteString("\n")
	for _, f := range sandbox.FaultTable {
		explain(&b, f.Name, f.Help)
	}
	return b.String()
}

// explain writes a word and what it means.
func explain(b *strings.Builder, word, text string) {
	const column = 30
	head := "  " + word
	for _, line := range wrapped(text, helpWidth-column) {
		fmt.Fprintf(b, "%-*s%s\n", column, head, line)
		head = ""
	}
}
