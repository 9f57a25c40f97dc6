package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// The help is read on a terminal of 80 columns.
const (
	helpWidth  = 80
	helpColumn = 26 // where the text of a flag begins
)

// writeFlags lists the flags of a command, group by group.
func writeFlags(b *strings.Builder, groups []flagGroup) {
	for _, g := range groups {
		fmt.Fprintf(b, "\n%s:\n", g.title)
		newFlagSet("", []flagGroup{g}, &options{}).VisitAll(func(f *pflag.Flag) { writeFlag(b, f) })
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
