package explore

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"syscall"
	"time"
)

// fault is what goes wrong with one exchange. The zero value: nothing.
type fault struct {
	name    string
	unsent  bool // the server never sees the request
	commits bool // it takes effect all the same
	late    bool // it takes effect, but only up to a minute later
	silent  bool // no answer comes before the client gives up
	status  int  // answered in place of the truth; 0: the connection ends
	after   string
	body    string
	broken  bool // the true answer ends in its middle
}

// faults befall reads and writes alike. A 4xx comes with an effect
// where it is a 401 or 429 alone, and a 2xx never without one: an answer that lies can't be
// seen through.
var faults = []fault{
	{name: "connection refused", unsent: true},
	{name: "reset before commit"},
	{name: "reset after commit", commits: true},
	{name: "reset, commit within a minute", late: true},
	{name: "silence before commit", silent: true},
	{name: "silence after commit", silent: true, commits: true},
	{name: "400", status: 400, body: `{"code":"invalid_input"}`},
	{name: "401", status: 401, body: `{"code":"unauthorized"}`},
	{name: "403", status: 403, body: `{"code":"forbidden"}`},
	{name: "404", status: 404, body: `{"code":"not_found"}`},
	{name: "409", status: 409, body: `{"code":"invalid_operation"}`},
	{name: "422", status: 422},
	{name: "429", status: 429, after: "30", body: `{"code":"rate_limit_reached"}`},
	{name: "401 after commit", status: 401, commits: true, body: `{"code":"unauthorized"}`},
	{name: "429 after commit", status: 429, commits: true, body: `{"code":"rate_limit_reached"}`},
	{name: "500", status: 500, body: `{"code":"internal_error"}`},
	{name: "500 after commit", status: 500, commits: true, body: `{"code":"internal_error"}`},
	{name: "502 HTML", status: 502, body: `<html><title>502 Bad Gateway</title></html>`},
	{name: "503", status: 503},
	{name: "503 after commit", status: 503, commits: true},
	{name: "504 after commit", status: 504, commits: true},
	{name: "redirect", status: 307},
	{name: "truncated", commits: true, broken: true},
	{name: "garbage", status: 200, commits: true, body: "%PDF-1.7 \x00\xff"},
}

// befalls returns what goes wrong with a request, by chance.
func befalls(r *rand.Rand, percent int) fault {
	if !often(r, percent) {
		return fault{}
	}
	return pick(r, faults...)
}

// answer is what the client gets in place of the truth.
func (f fault) answer(ctx context.Context, req *http.Request, truth *http.Response) (*http.Response, error) {
	switch {
	case f.unsent:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case f.silent:
		<-ctx.Done()
		return nil, ctx.Err()
	case f.broken && truth != nil && truth.StatusCode != http.StatusNoContent:
		whole, _ := io.ReadAll(truth.Body)
		truth.Body = io.NopCloser(io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), brokenOff{}))
		return truth, nil
	case f.status == 0:
		return nil, io.ErrUnexpectedEOF
	default:
		res := &http.Response{
			StatusCode: f.status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Request: req,
			Body: io.NopCloser(bytes.NewReader([]byte(f.body))), ContentLength: int64(len(f.body)),
		}
		if f.after != "" {
			res.Header.Set("Retry-After", f.after)
		}
		if f.status == http.StatusTemporaryRedirect {
			res.Header.Set("Location", "/elsewhere")
		}
		return res, nil
	}
}

// brokenOff is where a connection ends.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// lateness is when a late request takes effect, counted from the loss of its answer.
func lateness(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(int64(time.Minute))) }
