package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// TestReadmeAndDocs runs every command of the console blocks of README and docs, in order,
// each page in a directory of its own, and compares what it prints. With -update it writes
// the outputs. A command that does not end with 0 is followed by "echo $?".
func TestReadmeAndDocs(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("the pages are for bash")
	}
	for _, page := range pages(t) {
		t.Run(filepath.Base(page), func(t *testing.T) {
			text := textOf(t, filepath.Dir(page), filepath.Base(page))
			dir := t.TempDir()
			if err := beginRepository(dir); err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			s := &console{t: t}
			got := consoles(text, s.run)
			s.run("true") // the last exit code was shown
			if *update {
				if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(text, got); diff != "" {
				t.Errorf("%s does not show what cpsync prints; rewrite it with -update:\n%s", page, diff)
			}
		})
	}
}

// pages returns the absolute names of README and of the pages for users.
func pages(t *testing.T) []string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	docs, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(docs) == 0 {
		t.Fatal("no pages", err)
	}
	return append(docs, filepath.Join(root, "README.md"))
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

// console runs the commands of a page: cpsync in this process, everything else in bash.
type console struct {
	t    *testing.T
	last string // the command that did not end with 0, until its code is shown
	code int
}

func (s *console) run(command string) (output string) {
	s.t.Helper()
	if command == "echo $?" {
		s.last = ""
		return fmt.Sprintln(s.code)
	}
	if s.last != "" {
		s.t.Errorf("%s: exit code %d", s.last, s.code)
		s.last = ""
	}
	words := strings.Fields(command)
	switch words[0] {
	case "cd":
		s.t.Chdir(words[1])
		return ""
	case "cpsync":
		args, file, redirected := strings.Cut(command, " > ")
		words = strings.Fields(args)
		var terminal bytes.Buffer
		stdout := &terminal
		if redirected {
			stdout = new(bytes.Buffer)
		}
		if s.code = run(patience.Context(s.t), embeddedWorld(stdout, &terminal, words[1:]...)); s.code != cli.OK {
			s.last = command
		}
		if redirected {
			write(s.t, file, stdout.Bytes())
		}
		return terminal.String()
	}
	out, err := patience.Command(s.t, "bash", "-c", command).CombinedOutput()
	if err != nil {
		s.t.Errorf("%s: %v\n%s", command, err, out)
	}
	return string(out)
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

// TestReadmeLinks: what the pages link to is there, headings too.
func TestReadmeLinks(t *testing.T) {
	t.Parallel()
	link, notInHeadings := regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`), regexp.MustCompile("[^a-z0-9 _-]")
	all := pages(t)
	for _, more := range []string{"docs/developers/*.md", "*.md"} {
		found, err := filepath.Glob(filepath.Join(filepath.Dir(all[len(all)-1]), more))
		if err != nil || len(found) == 0 {
			t.Fatal(more, err)
		}
		all = append(all, found...)
	}
	for _, page := range all {
		for _, m := range link.FindAllStringSubmatch(textOf(t, filepath.Dir(page), filepath.Base(page)), -1) {
			to, heading := m[1], m[2]
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			target := page
			if to != "" {
				target = filepath.Join(filepath.Dir(page), to)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", page, to)
				continue
			}
			if heading == "" {
				continue
			}
			has := false
			for line := range strings.Lines(textOf(t, filepath.Dir(target), filepath.Base(target))) {
				words, isHeading := strings.CutPrefix(strings.ToLower(strings.TrimLeft(line, "#")), " ")
				name := strings.ReplaceAll(notInHeadings.ReplaceAllString(strings.TrimSpace(words), ""), " ", "-")
				has = has || isHeading && strings.HasPrefix(line, "#") && "#"+name == heading
			}
			if !has {
				t.Errorf("%s links to %s%s, which has no such heading", page, to, heading)
			}
		}
	}
}

// TestReadmeParses: what the pages show and their test can't run, because it needs the real
// API, has flags and commands that exist; their manifests are good ones.
func TestReadmeParses(t *testing.T) {
	t.Parallel()
	count, all := 0, commands()
	for _, page := range pages(t) {
		text := textOf(t, filepath.Dir(page), filepath.Base(page))
		for _, block := range blocks(text, "sh") {
			for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", " ")) {
				line, _, _ = strings.Cut(line, " #")
				line, _, _ = strings.Cut(line, " > ")
				words := strings.Fields(strings.ReplaceAll(line, "'", "")) // no quoted word has a space
				if len(words) == 0 || words[0] != "cpsync" {
					continue
				}
				count++
				c, rest := cli.Named(all, words[1:])
				if _, err := cli.Parse(all, c, rest, func(string) string { return "" }); err != nil {
					t.Errorf("%s: %s: %v", page, line, err)
				}
			}
		}
		for i, block := range blocks(text, "yaml") {
			if !strings.Contains(block, "apiVersion: cpsync/") {
				continue
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "page.yaml")
			if strings.Contains(block, "kind: Defaults") {
				write(t, file, []byte("apiVersion: cpsync/v1\nkind: Certificate\nmetadata: {id: 1}\n"))
				file = filepath.Join(dir, "_defaults.yaml")
			}
			write(t, file, []byte(block))
			disk, err := manifest.OpenDisk(t.Context(), []string{dir}, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, problems := manifest.Load(disk, []string{dir}); len(problems) > 0 {
				t.Errorf("manifest %d of %s: %v", i+1, page, problems)
			}
		}
	}
	if count == 0 {
		t.Error("no page shows a command for the real API")
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
