package cps

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// maxToken bounds the answer of the token service, in bytes.
const maxToken = 256 << 10

// tokenTransport carries a token request. It mends answers that the oauth2 package
// does not read, and keeps the last one for its status and headers.
type tokenTransport struct {
	base   http.RoundTripper
	agent  string
	answer *http.Response // nil until there is one; its body is not to be read
}

// RoundTrip implements http.RoundTripper.
func (t *tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", t.agent)
	t.answer = nil
	res, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxToken))
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	if mended, ok := wholeSeconds(body); ok {
		body = mended
		res.Header.Set("Content-Type", "application/json") // as text/plain it would be read as a form
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	t.answer = res
	return res, nil
}

// wholeSeconds rewrites expires_in, which may be decimal or a string, as a whole
// number, and leaves it out when it is none of these or not positive. It reports
// whether body is a JSON object at all.
//
// Source: cps-api, section 1: the vendor's own client reads it as a float.
func wholeSeconds(body []byte) ([]byte, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil || object == nil {
		return nil, false
	}
	text := strings.Trim(string(object["expires_in"]), `"`)
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 1) {
		delete(object, "expires_in")
	} else {
		whole := int64(min(seconds, math.MaxInt32))
		object["expires_in"] = json.RawMessage(strconv.FormatInt(whole, 10))
	}
	mended, err := json.Marshal(object)
	return mended, err == nil
}
