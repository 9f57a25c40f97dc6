package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// An answer is a response that is ready to be sent, or lost.
type answer struct {
	status int
	header http.Header
	body   []byte
	lost   bool // the connection ends instead
}

const jsonType = "application/json; charset=utf-8"

// jsonAnswer returns an answer with a JSON body; nil is an empty one, which has
// the JSON content type all the same (cps-api, section 2.2).
func (s *Server) jsonAnswer(status int, body any) answer {
	a := answer{status: status, header: http.Header{
		"Content-Type": {jsonType},
		"Date":         {s.world.Clock.Format(http.TimeFormat)},
	}}
	if body != nil {
		a.body = marshal(body)
	}
	return a
}

// errorAnswer returns the answer to a request that was refused.
func (s *Server) errorAnswer(err error) answer {
	var r *refusal
	if !errors.As(err, &r) {
		r = refused(http.StatusInternalServerError, "", "%v", err)
	}
	return s.jsonAnswer(r.status, errorBody(r, s.world.Switches.ErrorBody))
}

// response returns the answer as net/http has it.
func (a answer) response(r *http.Request) *http.Response {
	return &http.Response{
		Status:        strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          readCloser(a.body),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}
}

func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("sandbox: an answer cannot be encoded: " + err.Error())
	}
	return b.Bytes()
}
