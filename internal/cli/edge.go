package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/cpsync/cpsync/internal/edge"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/run"
)

// Edge are the flags about what the CDN serves.
type Edge struct {
	CheckEdge  bool
	EdgeAt     string // HOST:PORT
	FailOnEdge bool
}

func (e *Edge) declare(f *Flags) {
	f.group("What is served")
	f.flag(&e.CheckEdge, "check-edge", "", "also check which certificates the CDN serves, with TLS handshakes; see cpsync help edge")
	f.text(&e.EdgeAt, "edge", "", "with --check-edge: connect to this `HOST:PORT` instead of each CDN host", 0)
	f.flag(&e.FailOnEdge, "fail-on-edge", "", "with --check-edge: exit 4 when a CDN host serves a wrong certificate and a person must act")
	f.checks = append(f.checks, e.check)
}

func (e *Edge) check() error {
	if !e.CheckEdge && (e.EdgeAt != "" || e.FailOnEdge) {
		return errors.New("--edge and --fail-on-edge need --check-edge")
	}
	if e.EdgeAt == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(e.EdgeAt)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || host == "" || bad != nil || n == 0 {
		return fmt.Errorf("--edge %.80q: write it as HOST:PORT", e.EdgeAt)
	}
	return nil
}

// EdgeCheck says how the edge is looked at, in a run that does or does not apply.
func (e Edge) EdgeCheck(t Target, l Log, apply bool) run.EdgeCheck {
	return run.EdgeCheck{On: e.CheckEdge, Connect: e.EdgeAt, All: l.Verbose, Concurrency: t.Concurrency, Time: t.Most(apply) / 4}
}

// EdgeCode is the exit code of a command that looked at the edge and did all else well.
func (w World) EdgeCode(e Edge, found report.Edges) int {
	if n := found.Wrong(); n > 0 && e.FailOnEdge {
		w.Because(servedWrongly(n))
		return ActionRequired
	}
	return OK
}

// servedWrongly says how many certificates are served wrongly.
func servedWrongly(wrong int) string {
	return words.Plural(wrong, "certificate is", "certificates are") + " served wrongly (--fail-on-edge)"
}

// envEdgeCA names a file with the certificates to trust in place of those of the system.
const envEdgeCA = "CPSYNC_EDGE_CA"

// Resolver returns the addresses of a host.
type Resolver func(ctx context.Context, network, host string) ([]netip.Addr, error)

// edgeNetwork is how hosts of the network are reached.
func (w World) edgeNetwork(ctx context.Context) (edge.Network, error) {
	n := edge.Network{Dial: w.Dial, Resolve: w.Resolve}
	name := w.Getenv(envEdgeCA)
	if name == "" {
		return n, nil
	}
	data, err := ReadFile(ctx, name, 1<<20)
	if err != nil {
		return n, fmt.Errorf("%s: %w", envEdgeCA, err)
	}
	if n.Roots = x509.NewCertPool(); !n.Roots.AppendCertsFromPEM(data) {
		return n, fmt.Errorf("%s: %s holds no certificate in PEM", envEdgeCA, name)
	}
	return n, nil
}
