package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/examples"
	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
	"github.com/cpsync/cpsync/internal/shell"
)

// runSandbox serves a state file on a loopback port until it is told to stop.
func runSandbox(ctx context.Context, w cli.World, a *cli.Sandbox) int {
	if a.Example != "" {
		return writeExample(w, a.Example)
	}
	s, err := sandbox.Open(a.Paths[0])
	if err != nil {
		return w.EndOf(ctx, cli.NoState("", a.Paths[0], err))
	}
	for _, f := range a.Faults {
		s.AddFault(f)
	}
	s.Advance(a.Advance)
	defer s.Close()
	listener, err := listen(a.Port)
	if err != nil {
		return w.Fail(err)
	}
	defer listener.Close() //nolint:errcheck // the server closes it first
	edge, err := serveEdge(ctx, s, a)
	if err != nil {
		return w.Fail(err)
	}
	address := listener.Addr().String()
	fmt.Fprintf(w.Stdout, `SANDBOX %s, clock %s, %g s a second

export CPSYNC_API_URL=http://%s/sec/cps
export CPSYNC_TOKEN_URL=http://%s/connect/token
export CPSYNC_CLIENT_ID=%s
export CPSYNC_CLIENT_SECRET=%s
%s
Interrupt to stop. Accepted writes are stored in %s.
`, a.Paths[0], s.Now().UTC().Format("2006-01-02 15:04 UTC"), a.Speed,
		address, address, sandbox.ClientID, sandbox.ClientSecret, edge, a.Paths[0])
	return serve(ctx, w, a, s, listener)
}

// serveEdge serves the edge until the first signal, where that was asked for. It returns
// what another client needs to look at it.
func serveEdge(ctx context.Context, s *sandbox.Server, a *cli.Sandbox) (needs string, err error) {
	if a.EdgePort < 0 {
		return "", nil
	}
	ca, err := filepath.Abs(a.Paths[0] + ".ca.pem")
	if err != nil {
		return "", err
	}
	listener, err := listen(a.EdgePort)
	if err != nil {
		return "", err
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	background(func() { _ = s.ServeEdge(listener) })
	return fmt.Sprintf(`export CPSYNC_EDGE_CA=%s

Look at its edge with --check-edge --edge %s --now %s.
`, shell.Word(ca), listener.Addr(), s.Now().UTC().Format("2006-01-02T15:04Z")),
		os.WriteFile(ca, sandbox.EdgeCA(), 0o644) //nolint:gosec // everybody may read it
}

func listen(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// writeExample writes the fleet of the README, and says what to do with it. It replaces nothing.
func writeExample(w cli.World, dir string) int {
	if there, err := os.ReadDir(dir); len(there) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return w.Fail(fmt.Errorf("--example %s: name a directory that is new or empty, or remove %s", dir, dir))
	}
	if err := os.CopyFS(dir, examples.Files); err != nil {
		return w.Fail(fmt.Errorf("--example %s: %w", dir, err))
	}
	state, manifests := shell.Word(path.Join(filepath.ToSlash(dir), "sandbox.json")), shell.Word(path.Join(filepath.ToSlash(dir), "certificates"))
	return w.Print(fmt.Sprintf(`Wrote a simulated account to %s and its manifests to %s.
Plan, then apply:

  cpsync --sandbox %s %s
  cpsync --apply --sandbox %s %s
`, state, manifests, state, manifests, state, manifests))
}

// serve answers requests until the first signal, then ends those in flight.
func serve(ctx context.Context, w cli.World, a *cli.Sandbox, s *sandbox.Server, listener net.Listener) int {
	clock := time.NewTicker(100 * time.Millisecond)
	defer clock.Stop()
	running, stopClock := context.WithCancel(cli.InFlight(ctx))
	defer stopClock()
	background(func() { s.Run(running, a.Speed, clock.C) })
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	background(func() { ended <- server.Serve(listener) })
	select {
	case err := <-ended:
		return w.Fail(err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(cli.InFlight(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		return w.Fail(err)
	}
	return cli.OK
}
