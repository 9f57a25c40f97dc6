// Package sandbox simulates the Edgecast CPS REST API v2.0: a strict server
// whose world is one readable JSON file and whose clock is moved by its caller.
//
// It is written from the project's fact sheet of that API alone ("cps-api,
// section N" in the comments) and shares no type, no constant and no rule with
// the client or with the planner. It opens no network connection, and reads
// no clock: only the fault "slow", behind a socket, waits in real time.
//
// A request passes through these files:
//
//	ServeHTTP / RoundTrip   transport.go   reads the request, bounded
//	   handle               handle.go      log, faults, storing
//	      token             token.go       OAuth 2.0
//	      dispatch          dispatch.go    path, bearer, scope, query, body
//	         a handler      list.go, read.go, patch.go, create.go, ...
//	            rules       phase.go (where a certificate stands), rules.go (what it then accepts)
//	            orders      workflow.go (what an order does), events.go (what time does)
//	   file                 file.go        replaced before the answer is given
package sandbox

// The fixed credentials of a sandbox, for worlds that name none.
const (
	ClientID     = "sandbox-client"
	ClientSecret = "sandbox-secret"
)

// Paths under which one handler serves both services (cps-api, sections 1 and 3).
const (
	Prefix    = "/sec/cps/v2.0"
	TokenPath = "/connect/token"
)
