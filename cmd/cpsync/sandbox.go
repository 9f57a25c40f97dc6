package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/sandbox"
)

// sandboxOptions are the flags of `cpsync sandbox`.
type sandboxOptions struct {
	port    int
	speed   float64
	advance time.Duration
	faults  []string
}

var sandboxFlags = flagGroup{"Sandbox", func(f *pflag.FlagSet, o *options) {
	f.IntVar(&o.served.port, "port", 0, "loopback `PORT` to listen on; 0 takes a free one")
	f.Float64Var(&o.served.speed, "speed", 1, "how many simulated seconds pass in one real second; `N` may be 0")
	f.Var((*duration)(&o.served.advance), "advance", "move the clock forward by this `TIME` at the start")
	f.StringArrayVar(&o.served.faults, "fault", nil, "a `FAULT` to inject, such as drop:renew:1; repeatable, see below")
}}

// runSandbox serves a state file on a loopback port until it is told to stop.
func runSandbox(ctx context.Context, w world, o options) int {
	if len(o.paths) != 1 {
		return usage(w, "sandbox", errors.New("name one state file"))
	}
	if o.served.port < 0 || o.served.port > 65535 || o.served.speed < 0 {
		return usage(w, "sandbox", errors.New("--port takes 0 to 65535, --speed 0 or more"))
	}
	faults, err := parseFaults(o.served.faults)
	if err != nil {
		return usage(w, "sandbox", err)
	}
	s, err := sandbox.Open(o.paths[0])
	if err != nil {
		return fail(w, err)
	}
	for _, f := range faults {
		s.AddFault(f)
	}
	s.Advance(o.served.advance)
	defer s.Close()
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.served.port)))
	if err != nil {
		return fail(w, err)
	}
	announce(w, s, o, listener.Addr().String())
	return serve(ctx, w, o, s, listener)
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
func announce(w world, s *sandbox.Server, o options, address string) {
	fmt.Fprintf(w.stdout, `SANDBOX %s, clock %s, %g s a second

export CPSYNC_API_URL=http://%s/sec/cps
export CPSYNC_TOKEN_URL=http://%s/connect/token
export CPSYNC_CLIENT_ID=%s
export CPSYNC_CLIENT_SECRET=%s

Interrupt to stop. Accepted writes are stored in %s.
`, o.paths[0], s.Now().UTC().Format("2006-01-02 15:04 UTC"), o.served.speed,
		address, address, sandbox.ClientID, sandbox.ClientSecret, o.paths[0])
}

// serve answers requests until the first signal, then ends those in flight.
func serve(ctx context.Context, w world, o options, s *sandbox.Server, listener net.Listener) int {
	clock := time.NewTicker(100 * time.Millisecond)
	defer clock.Stop()
	running, stopClock := context.WithCancel(ctx)
	defer stopClock()
	background(func() { s.Run(running, o.served.speed, clock.C) })
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	background(func() { ended <- server.Serve(listener) })
	select {
	case err := <-ended:
		return fail(w, err)
	case <-w.stop.closed:
	}
	closing, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		return fail(w, err)
	}
	return exitOK
}
