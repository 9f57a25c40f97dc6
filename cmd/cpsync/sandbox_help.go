package main

import (
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/sandbox"
)

// helpSandbox describes the state file's switches and the faults, from the tables of
// the sandbox itself.
func helpSandbox() string {
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
