package cli

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

func defaultTransport() *http.Transport { return http.DefaultTransport.(*http.Transport) }

// NewTransport is Go's, which would keep two idle connections to a host and open the
// others anew.
func NewTransport(dial Dialer) *http.Transport {
	t := defaultTransport().Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	t.OnProxyConnectResponse = refusedByProxy
	t.DialContext = onLoopback(dial)
	return t
}

// Dialer opens connections.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// onLoopback reaches localhost without asking DNS, which may say that it is elsewhere: a
// secret goes there over plain HTTP.
func onLoopback(dial Dialer) Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil || host != "localhost" {
			return dial(ctx, network, address)
		}
		conn, err := dial(ctx, network, net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			if other, otherErr := dial(ctx, network, net.JoinHostPort("::1", port)); otherErr == nil {
				return other, nil
			}
		}
		return conn, err
	}
}

// refusedByProxy says who refused. net/http would show the words of the status alone.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	return fmt.Errorf("the proxy %s answered %s", proxy.Host, res.Status)
}
