package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// TestReadme runs every command of the README's console blocks, in order, in a copy
// of the examples, and compares what it prints. With -update it writes the outputs.
func TestReadme(t *testing.T) {
	readme := filepath.Join("..", "..", "README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS(filepath.Join("..", "..", "examples"))); err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(readme)
	if err != nil {
		t.Fatal(err)
	}
	if err := beginRepository(dir); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	got := consoles(string(text), func(command string) string { return typed(t, command) })
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("the README does not show what cpsync prints; rewrite it with -update:\n%s", diff)
	}
}

// consoles returns the text with the output of every command in its console blocks
// as run gives it.
func consoles(text string, run func(command string) string) string {
	var out strings.Builder
	inside := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console\n"
		case inside && strings.HasPrefix(line, "$ "):
			out.WriteString(line + run(strings.TrimSpace(line[2:])))
			continue
		case inside:
			continue // output of before
		}
		out.WriteString(line)
	}
	return out.String()
}

// typed does what the README's commands do: run cpsync, copy a file. The tests of the
// README's second command are the ones that run now.
func typed(t *testing.T, command string) string {
	t.Helper()
	words := strings.Fields(command)
	switch {
	case command == "go test ./...":
		return ""
	case words[0] == "cp":
		data, err := os.ReadFile(words[1])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(words[2], data, 0o644); err != nil {
			t.Fatal(err)
		}
		return ""
	case strings.HasPrefix(command, "go run ./cmd/cpsync "):
		out, code := inProcess(t, words[3:]...)
		if code != cli.OK {
			t.Errorf("%s: exit code %d", command, code)
		}
		return out
	}
	t.Fatalf("the README holds a command that its test does not know: %s", command)
	return ""
}

// inProcess runs cpsync with arguments and an empty environment, and returns what a
// terminal shows of it.
func inProcess(t testing.TB, args ...string) (output string, code int) {
	t.Helper()
	var terminal bytes.Buffer
	code = run(patience.Context(t), embeddedWorld(&terminal, &terminal, args...))
	return terminal.String(), code
}

// embeddedWorld is a world with an empty environment, a clock that stands still and no
// network: what a run on an embedded sandbox takes.
func embeddedWorld(stdout, stderr io.Writer, args ...string) cli.World {
	return cli.World{
		Args: args, Getenv: func(string) string { return "" },
		Stdout: stdout, Stderr: stderr,
		Now:       func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) },
		Wait:      func(context.Context, time.Duration) error { return nil },
		Transport: offline{},
		Embedded:  func(s *sandbox.Server) http.RoundTripper { return s },
	}
}

// offline is the network of tests that must not use one.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) { return nil, io.ErrClosedPipe }

// TestReadmeCommandsParse: what the README shows and its test can't run, because it needs
// the real API, has flags and commands that exist; its manifest is a good one.
func TestReadmeCommandsParse(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	count, all := 0, commands()
	for _, block := range blocks(string(text), "sh") {
		for line := range strings.Lines(block) {
			line, _, _ = strings.Cut(line, " #")
			words := strings.Fields(line)
			if len(words) == 0 || words[0] != "cpsync" {
				continue
			}
			count++
			c, rest := cli.Named(all, words[1:])
			if _, err := cli.Parse(all, c, rest, func(string) string { return "" }); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if count == 0 {
		t.Error("the README shows no command for the real API")
	}
	for i, block := range blocks(string(text), "yaml") {
		dir := t.TempDir()
		file := filepath.Join(dir, "readme.yaml")
		if strings.Contains(block, "kind: Defaults") {
			write(t, file, []byte("apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 1}\n"))
			file = filepath.Join(dir, "_defaults.yaml")
		}
		write(t, file, []byte(block))
		disk, err := manifest.OpenDisk(t.Context(), []string{dir}, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := manifest.Load(disk, []string{dir}); len(problems) > 0 && strings.Contains(block, "kind: ") {
			t.Errorf("manifest %d of the README: %v", i+1, problems)
		}
	}
}

// blocks returns the fenced blocks of a language.
func blocks(text, language string) []string {
	var all []string
	for _, part := range strings.Split(text, "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		all = append(all, block)
	}
	return all
}
