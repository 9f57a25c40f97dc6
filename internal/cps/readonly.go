package cps

import (
	"errors"
	"fmt"
	"net/http"
)

// errReadOnly is why a request was refused before it left the program.
var errReadOnly = errors.New("this run writes nothing")

// readOnly refuses every request but GET and the POST that fetches a token. That
// a plan does not write is thereby a property of the transport.
type readOnly struct {
	base     http.RoundTripper
	tokenURL string // "" when no token is ever fetched
}

// RoundTrip implements http.RoundTripper.
func (r readOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	token := req.Method == http.MethodPost && r.tokenURL != "" && req.URL.String() == r.tokenURL
	if req.Method != http.MethodGet && !token {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, fmt.Errorf("%s refused: %w", req.Method, errReadOnly)
	}
	return r.base.RoundTrip(req)
}

// CloseIdleConnections passes the request on to the transport below.
func (r readOnly) CloseIdleConnections() {
	if t, ok := r.base.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
