package main

import (
	"strings"
	"testing"

	"github.com/cpsync/cpsync/internal/cli"
)

// TestAFlagMayStandBeforeItsCommand, whichever command has it. Its value is no command.
func TestAFlagMayStandBeforeItsCommand(t *testing.T) {
	t.Parallel()
	all := commands()
	numbers := map[string]bool{"--concurrency": true, "--edge-port": true, "--max-edits": true, "--max-domain-changes": true, "--max-renewals": true, "--port": true, "--pr": true, "--speed": true}
	for _, c := range all[1:] {
		if c.Short == "" {
			continue // for shells
		}
		for line := range strings.Lines(cli.HelpOf(all, c)) {
			words := strings.Fields(line)
			if len(words) == 0 || !strings.HasPrefix(words[0], "--") {
				continue
			}
			flag, _, optional := strings.Cut(words[0], "[=")
			args := []string{flag, c.Name}
			switch {
			case len(words) == 1 || strings.ToUpper(words[1]) != words[1], optional: // it needs no value
			case words[1] == "TIME":
				args = []string{flag, "1h", c.Name}
			case numbers[flag]:
				args = []string{flag, "7", c.Name}
			default:
				args = []string{flag, "version", c.Name}
			}
			if got, _ := cli.Named(all, args); got.Name != c.Name {
				t.Errorf("%q is the command %q, want %q", args, got.Name, c.Name)
			}
		}
	}
}

// TestEveryVariableIsDocumented: the help names those there are, and no other.
func TestEveryVariableIsDocumented(t *testing.T) {
	t.Parallel()
	text := cli.HelpText("environment")
	for _, name := range cli.Variables(commands()) {
		if !strings.Contains(text, name) {
			t.Errorf("help environment does not name %s", name)
		}
	}
}
