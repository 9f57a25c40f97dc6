package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// runSandbox serves a state file on a loopback port until it is told to stop.
func runSandbox(ctx context.Context, w cli.World, a *cli.Sandbox) int {
	faults, err := parseFaults(a.Faults)
	if err != nil {
		return w.WrongUsage("sandbox", err)
	}
	s, err := sandbox.Open(a.Paths[0])
	if err != nil {
		return w.Fail(err)
	}
	for _, f := range faults {
		s.AddFault(f)
	}
	s.Advance(a.Advance)
	defer s.Close()
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(a.Port)))
	if err != nil {
		return w.Fail(err)
	}
	announce(w, s, a, listener.Addr().String())
	return serve(ctx, w, a, s, listener)
}

// parseFaults reads every --fault.
func parseFaults(texts []string) ([]sandbox.Fault, error) {
	var faults []sandbox.Fault
	for _, text := range texts {
		f, err := sandbox.ParseFault(text)
		if err != nil {
			return nil, fmt.Errorf("--%w", err) // it begins with the word fault
		}
		faults = append(faults, f)
	}
	return faults, nil
}

// announce prints what another client needs to talk to the sandbox.
func announce(w cli.World, s *sandbox.Server, a *cli.Sandbox, address string) {
	fmt.Fprintf(w.Stdout, `SANDBOX %s, clock %s, %g s a second

export CPSYNC_API_URL=http://%s/sec/cps
export CPSYNC_TOKEN_URL=http://%s/connect/token
export CPSYNC_CLIENT_ID=%s
export CPSYNC_CLIENT_SECRET=%s

Interrupt to stop. Accepted writes are stored in %s.
`, a.Paths[0], s.Now().UTC().Format("2006-01-02 15:04 UTC"), a.Speed,
		address, address, sandbox.ClientID, sandbox.ClientSecret, a.Paths[0])
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
