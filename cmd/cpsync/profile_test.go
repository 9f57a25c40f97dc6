package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/cps"
	fleets "github.com/cpsync/cpsync/internal/fleet"
)

// BenchmarkWholeRun is a plan of 1,000 certificates, a quarter of them on its way, within
// this process, so that make profile can look into it. The sandbox is another process.
func BenchmarkWholeRun(b *testing.B) {
	dir := b.TempDir()
	f := fleets.Fleet{Certificates: 1000, Names: 10, Now: time.Now(), Mix: fleets.Quarter}
	state := filepath.Join(dir, "state.json")
	data, err := f.State()
	if err = errors.Join(err, os.WriteFile(state, data, 0o644)); err != nil {
		b.Fatal(err)
	}
	certs := filepath.Join(dir, "certs")
	if err := os.Mkdir(certs, 0o755); err != nil {
		b.Fatal(err)
	}
	for i := range f.Certificates {
		if err := os.WriteFile(filepath.Join(certs, f.File(i)), []byte(f.Manifest(i)), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	api := exec.CommandContext(b.Context(), "cpsync", "sandbox", "--speed", "0", state)
	out, err := api.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := api.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { api.Process.Kill(); api.Wait() }() //nolint:errcheck // it was killed
	env := map[string]string{}
	for lines := bufio.NewScanner(out); len(env) < 4 && lines.Scan(); {
		if variable, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			name, value, _ := strings.Cut(variable, "=")
			env[name] = value
		}
	}
	for b.Loop() {
		var text strings.Builder
		code := run(b.Context(), cli.World{
			Args: []string{certs}, Getenv: func(name string) string { return env[name] }, Stdout: io.Discard, Stderr: &text,
			Now: time.Now, Wait: cps.Sleep, Transport: cli.NewTransport(new(net.Dialer).DialContext),
		})
		if code != cli.OK {
			b.Fatalf("exit code %d\n%s", code, text.String())
		}
	}
}
