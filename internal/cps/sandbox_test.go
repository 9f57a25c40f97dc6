package cps_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/sandbox"
)

// world holds certificates 1 to n, all in service with 30 days left.
func world(t *testing.T, n int) *sandbox.Server {
	t.Helper()
	var list []string
	for id := 1; id <= n; id++ {
		list = append(list, fmt.Sprintf(`{"id":%d,"certificate_label":"l%d","certificate_authority":"DigiCert","validation_type":"DV",
			"dcv_method":"DnsTxtToken","auto_renew":false,"thumbprint":"AB","expiration_date":"2026-12-22T00:00:00Z",
			"created":"2026-01-01T00:00:00Z","last_modified":"2026-01-02T00:00:00Z",
			"domains":[{"name":"h%d.example.com","is_common_name":true,"status":"Active"}]}`, id, id, id))
	}
	w, err := sandbox.Parse("state.json", []byte(`{"clock":"2026-11-22T09:00:00Z","certificates":[`+strings.Join(list, ",")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return sandbox.New(w)
}

func client(t *testing.T, s *sandbox.Server) *cps.Client {
	t.Helper()
	c, err := cps.New(cps.Config{
		APIURL: "https://api.vdms.io/sec/cps", TokenURL: "https://id.vdms.io/connect/token", Scope: "sec.cps.certificates",
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, Transport: s, AllowWrites: true,
		Now: s.Now, Jitter: func() float64 { return 0 },
		Wait: func(ctx context.Context, d time.Duration) error {
			s.Advance(d)
			return ctx.Err()
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEveryFaultOfASimulatedServer: whatever goes wrong, on the call itself or on the
// token, an order is started once at most, and the error tells the truth about it.
func TestEveryFaultOfASimulatedServer(t *testing.T) {
	t.Parallel()
	for _, kind := range requestFaults() {
		for _, call := range []string{"renew", "token"} {
			for _, when := range []string{"before", "after"} {
				for _, times := range []int{0, 2, -1} {
					fault := sandbox.Fault{Name: kind.Name, Call: call, When: when, Times: times}
					if !honest(fault) {
						continue
					}
					t.Run(fmt.Sprint(kind.Name, call, when, times), func(t *testing.T) {
						t.Parallel()
						s := world(t, 1)
						s.AddFault(fault)
						attempts, err := client(t, s).Renew(t.Context(), 1)
						checkOutcome(t, s, attempts, err)
					})
				}
			}
		}
	}
}

// honest leaves out a 4xx to what was carried out, and a 2xx to what was not: these
// answers the client has to believe.
func honest(f sandbox.Fault) bool {
	no := strings.HasPrefix(f.Name, "status-4") || f.Name == "throttle"
	return !(no && f.When == "after") && !(f.Name == "garbage" && f.When == "before")
}

func checkOutcome(t *testing.T, s *sandbox.Server, attempts int, err error) {
	t.Helper()
	orders := s.Orders(1)
	switch {
	case err == nil && orders == 1, errors.Is(err, cert.ErrNoAnswer) && orders <= 1,
		errors.Is(err, cert.ErrRefused) && orders == 0:
	case errors.Is(err, cert.ErrNotSent) && orders == 0 && attempts == 0:
	default:
		t.Errorf("%d orders, %d attempts, %v; %v", orders, attempts, err, s.Requests())
	}
	if n := len(s.Log()); n != attempts {
		t.Errorf("%d attempts reported, the server saw %d", attempts, n)
	}
}

// requestFaults are the faults of requests; those of the edge are of handshakes.
func requestFaults() []sandbox.FaultKind {
	return slices.DeleteFunc(slices.Clone(sandbox.FaultTable), func(k sandbox.FaultKind) bool { return strings.HasPrefix(k.Name, "edge-") })
}

// TestListOfASimulatedServer: with any fault, once or for ever, the list is right or
// there is an error.
func TestListOfASimulatedServer(t *testing.T) {
	t.Parallel()
	for _, kind := range requestFaults() {
		for _, times := range []int{0, -1} {
			t.Run(fmt.Sprint(kind.Name, times), func(t *testing.T) {
				t.Parallel()
				s := world(t, 45)
				s.AddFault(sandbox.Fault{Name: kind.Name, Call: "list", Skip: 1, Times: times})
				got, err := client(t, s).List(t.Context(), []cert.ID{7, 45, 46})
				if err != nil {
					return
				}
				seen := map[cert.ID]bool{}
				for _, l := range got.Live {
					seen[l.ID] = true
				}
				if !seen[7] || !seen[45] || got.Whole && len(got.Live) != 45 {
					t.Errorf("%d requests, complete %v", len(got.Live), got.Whole)
				}
				if diff := cmp.Diff([]cert.ID{46}, got.Missing); diff != "" || len(got.Failed) != 0 {
					t.Error(diff, got.Failed)
				}
			})
		}
	}
}

// TestAgainstASimulatedServer: the calls, one after another, and what they cost.
func TestAgainstASimulatedServer(t *testing.T) {
	t.Parallel()
	s := world(t, 3)
	c := client(t, s)
	access, err := c.Check(t.Context())
	if err != nil || access.Total != 3 || access.Lifetime != 300*time.Second {
		t.Fatalf("%+v, %v", access, err)
	}
	names := cert.Domains{Common: "h1.example.com", Names: []string{"h1.example.com", "new.example.com"}}
	if n, err := c.Patch(t.Context(), 1, cert.Patch{Domains: cert.Some(names)}); n != 1 || err != nil {
		t.Error(n, err)
	}
	if n, err := c.Patch(t.Context(), 2, cert.Patch{AutoRenew: cert.Some(true), Description: cert.Some("d")}); n != 1 || err != nil {
		t.Error(n, err)
	}
	if n, err := c.Retrigger(t.Context(), 3); n != 1 || !errors.Is(err, cert.ErrRefused) {
		t.Error(n, err)
	}
	l, err := c.Certificate(t.Context(), 2, true)
	if err != nil || !l.AutoRenew || l.Description != "d" || l.Status != cert.StatusActive || !strings.HasPrefix(l.ModifiedBy, "client ") {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := c.Certificate(t.Context(), 9, false); !errors.Is(err, cert.ErrNotFound) {
		t.Error(err)
	}
	if got := c.Counts(); got.Writes != 3 || got.Reads != len(s.Requests())-3 {
		t.Errorf("counted %+v of %v", got, s.Requests())
	}
	if s.Orders(1) != 1 {
		t.Error("no reissue")
	}
}
