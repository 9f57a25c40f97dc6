package cli

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/render/layout"
	"github.com/cpsync/cpsync/internal/sandbox"
	"github.com/cpsync/cpsync/internal/suggest"
)

// The help texts are files, so that they can be read and edited as what they are.
//
//go:embed help/*.txt
var texts embed.FS

// CompletionFiles hold Completions.
//
//go:embed all:completions
var CompletionFiles embed.FS

// HelpText returns the help text of a name.
func HelpText(name string) string {
	text, err := texts.ReadFile("help/" + name + ".txt")
	if err != nil {
		panic(err)
	}
	return withTables(string(text))
}

// topics are what `cpsync help` explains, besides the commands.
var topics = []string{"flags", "exit-codes", "manifests", "environment", "phases", "journal", "dcv", "edge"}

// Help returns the help on the program, on a command, or on a topic.
func Help(all []Command, words []string) (string, error) {
	if len(words) == 0 {
		return HelpOf(all, all[0]), nil
	}
	word := words[0]
	if word == "flags" {
		var b strings.Builder
		b.WriteString("The flags of cpsync PATH... and of cpsync plan. For other commands see\ncpsync COMMAND --help.\n")
		writeFlags(&b, newFlags("", all[0].New()))
		return b.String(), nil
	}
	if slices.Contains(topics, word) {
		return HelpText(word), nil
	}
	if i := slices.IndexFunc(all[1:], func(c Command) bool { return c.Name == word }); i >= 0 {
		return HelpOf(all, all[1+i]), nil
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

// withTables puts the tables of the code into a text: the fields of a PATCH, the edits, the state file's switches,
// what faults are about, and the faults.
func withTables(text string) string {
	var edits, switches, calls, faults strings.Builder
	writeColumns(&edits, "", "protect and allow_undocumented take: "+strings.Join(manifest.EditWords(), ", ")+".", 0)
	for _, s := range sandbox.SwitchTable {
		writeColumns(&switches, "  "+s.Name, strings.Join(s.Words, " | ")+": "+s.Help, sandboxColumn)
	}
	writeColumns(&calls, "", strings.Join(sandbox.Calls, ", "), 2)
	for _, f := range sandbox.FaultTable {
		writeColumns(&faults, "  "+f.Name, f.Help, sandboxColumn)
	}
	return strings.NewReplacer("{spec}", strings.Join(manifest.ExampleOfSpec("    ", 36), "\n"), "{edits}\n", edits.String(),
		"{switches}\n", switches.String(), "{calls}\n", calls.String(), "{faults}\n", faults.String()).Replace(text)
}

// writeColumns writes a head, and a text beside it, or below where the head is too long.
func writeColumns(b *strings.Builder, head, text string, column int) {
	p := layout.NewPage(layout.Style{Width: helpWidth})
	if head != "" && len(head)+2 > column {
		p.Put(head)
		head = ""
	}
	p.Hang(fmt.Sprintf("%-*s", column, head), text, layout.Plain)
	_ = p.Flush(b)
}

// HelpOf returns the help of a command, or of the program for its first.
func HelpOf(all []Command, c Command) string {
	var b strings.Builder
	if c.Name == "" {
		b.WriteString(HelpText("intro") + "\nCommands:\n")
		for _, other := range all[1:] {
			if other.Short != "" { // the others are for shells
				fmt.Fprintf(&b, "  %-10s %-19s %s\n", other.Name, other.Usage, other.Short)
			}
		}
		b.WriteString("\nFlags (all of them: cpsync help flags):\n")
		f := newFlags("", c.New())
		for _, name := range mainFlags {
			fmt.Fprintf(&b, "  %-26s %s\n", head(f.set.Lookup(name.flag)), name.short)
		}
		b.WriteString(HelpText("examples"))
		return b.String()
	}
	if c.Short != "" { // the others are for shells
		b.WriteString(strings.ToUpper(c.Short[:1]) + c.Short[1:] + ".\n\n")
	}
	fmt.Fprintf(&b, "Usage:\n  cpsync %s %s\n", c.Name, c.Usage)
	writeFlags(&b, newFlags(c.Name, c.New()))
	more, _ := texts.ReadFile("help/" + c.Name + ".txt") // some have no more to say
	b.WriteString(withTables(string(more)))
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

// The help is read on a terminal of 80 columns.
const (
	helpWidth     = 80
	helpColumn    = 26 // where the text of a flag begins
	sandboxColumn = 30 // where the text of a switch or a fault begins
)

func writeFlags(b *strings.Builder, f *Flags) {
	group := ""
	f.set.VisitAll(func(flag *pflag.Flag) {
		if g := f.facts[flag.Name].group; g != group {
			group = g
			fmt.Fprintf(b, "\n%s:\n", g)
		}
		_, text := pflag.UnquoteUsage(flag)
		if !slices.Contains([]string{"", "0s", "false", "[]"}, flag.DefValue) {
			text += " (default " + flag.DefValue + ")"
		}
		indent := "      "
		if flag.Shorthand != "" {
			indent = "  "
		}
		writeColumns(b, indent+head(flag), text, helpColumn)
	})
}

// head is a flag as it is typed.
func head(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	head := "--" + f.Name
	if f.Shorthand != "" {
		head = "-" + f.Shorthand + ", " + head
	}
	switch {
	case f.Value.Type() == "bool" || value == "":
	case f.NoOptDefVal != "": // a word of its own would be taken for an argument
		head += "[=" + value + "]"
	default:
		head += " " + value
	}
	return head
}

// PrintFile prints the file that a command names by a word. what is what the words name.
func (w World) PrintFile(command, what, word string, named map[string]string, files embed.FS) int {
	words := slices.Sorted(maps.Keys(named))
	if word == "" {
		return w.WrongUsage(command, fmt.Errorf("name a %s; one of %s", what, strings.Join(words, ", ")))
	}
	if named[word] == "" {
		return w.WrongUsage(command, oneOf("the "+what, word, words))
	}
	text, err := files.ReadFile(named[word])
	if err != nil {
		return w.Fail(fmt.Errorf("%s %s: %w", what, word, err))
	}
	return w.Print(string(text))
}

// Completions are the files that shells load, for each shell. A release holds them too. All of
// them ask the program itself.
var Completions = map[string]string{"bash": "completions/cpsync.bash", "zsh": "completions/_cpsync", "fish": "completions/cpsync.fish"}

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
	first := !slices.ContainsFunc(rest, func(w string) bool { return !strings.HasPrefix(w, "-") })
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
	case c.Name == "" && first:
		found, files = namesOf(all), true
	case c.Name == "help":
		found = slices.Concat(topics, namesOf(all))
	case c.Name == "completion":
		found = slices.Sorted(maps.Keys(Completions))
	case c.Words != nil:
		found = c.Words
	case c.Name == "explain" && first:
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
