package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// WriteHelp returns the help of a command, or of the program for its first.
func WriteHelp(all []Command, c Command) string {
	var b strings.Builder
	if c.Name == "" {
		b.WriteString(Text("intro") + "\nCommands:\n")
		for _, other := range all[1:] {
			fmt.Fprintf(&b, "  %-9s %-20s %s\n", other.Name, other.Usage, other.Short)
		}
	} else {
		fmt.Fprintf(&b, "%s.\n\nUsage:\n  cpsync %s %s\n", sentence(c.Short), c.Name, c.Usage)
	}
	writeFlags(&b, newFlags(c.Name, c.New()))
	if c.More != nil {
		b.WriteString(c.More())
	}
	return b.String()
}

// sentence begins with a capital.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// The help is read on a terminal of 80 columns.
const (
	helpWidth  = 80
	helpColumn = 26 // where the text of a flag begins
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

// writeFlag writes one flag and its text, which begins on the next line when the
// flag is too long.
func writeFlag(b *strings.Builder, f *pflag.Flag) {
	value, text := pflag.UnquoteUsage(f)
	head := "      --" + f.Name
	if f.Shorthand != "" {
		head = "  -" + f.Shorthand + ", --" + f.Name
	}
	if f.Value.Type() != "bool" && value != "" {
		head += " " + value
	}
	if f.DefValue != "" && f.DefValue != "0s" && f.DefValue != "false" && f.DefValue != "[]" {
		text += " (default " + f.DefValue + ")"
	}
	lines := wrapped(text, helpWidth-helpColumn)
	if len(head)+2 > helpColumn {
		fmt.Fprintln(b, head)
		head = ""
	}
	for _, line := range lines {
		fmt.Fprintf(b, "%-*s%s\n", helpColumn, head, line)
		head = ""
	}
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
