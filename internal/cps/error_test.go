package cps

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
)

// TestShapesOfErrors: whatever the body, the error says what the server said.
func TestShapesOfErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status     int
		body, want string // want follows "GET /v2.0/certificates/7: "
	}{
		"vendor": {
			400, `{"@type":"Error","code":"invalid_input","status_code":400,"details":[{"@type":"ErrorDetail","source":"/certificate_label","description":"This label is already in use.","meta":null}]}`,
			"400 Bad Request: invalid_input: /certificate_label: This label is already in use.",
		},
		"with title": {
			409, `{"code":"invalid_operation","title":"Conflict of states","description":"It is busy.","details":null}`,
			"409 Conflict: invalid_operation: Conflict of states; It is busy.",
		},
		"two details": {
			422, `{"details":[{"description":"a"},{"code":"b"},{"source":"/c"},{}]}`,
			"422 Unprocessable Entity: a; b; /c",
		},
		"message":       {403, `{"Message":"Access Denied"}`, "403 Forbidden: Access Denied"},
		"error":         {400, `{"error":"invalid_request"}`, "400 Bad Request: invalid_request"},
		"empty":         {404, "", "404 Not Found"},
		"white space":   {404, " \r\n", "404 Not Found"},
		"array":         {400, `[]`, "400 Bad Request: []"},
		"null":          {400, `null`, "400 Bad Request"},
		"wrong types":   {400, `{"code":1,"details":"no","title":{},"error":[]}`, "400 Bad Request"},
		"half":          {400, `{"code":"inv`, `400 Bad Request: {"code":"inv`},
		"web page":      {400, "<!DOCTYPE html><html><head><TITLE>\n Bad\tgateway </TITLE>", "400 Bad Request: a web page, titled Bad gateway"},
		"page, no name": {404, "<html>", "404 Not Found: a web page"},
		"plain":         {400, "no\r\n\x1b[31msuch\x00 thing\u202e", "400 Bad Request: no [31msuch thing"},
		"not UTF-8":     {400, "a\xffb", "400 Bad Request: a\ufffdb"},
		"unknown":       {499, "", "499"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, test.status, test.body) })
			err := readOnce(t.Context(), f.client(t))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			if diff := cmp.Diff("GET /v2.0/certificates/7: "+test.want, e.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrorTextIsBounded(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		strings.Repeat("no ", 1<<20),
		`{"code":"` + strings.Repeat("x", 1<<15) + `","details":[` + strings.Repeat(`{"description":"no"},`, 999) + `{}]}`,
		strings.Repeat(`{"details":[`, 5000),
		strings.Repeat("[", 1<<20),
	} {
		f := newFake(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 400, body) })
		if err := readOnce(t.Context(), f.client(t)); err == nil || len(err.Error()) > 1000 || strings.ContainsFunc(err.Error(), unicode.IsControl) {
			t.Errorf("%d bytes: %.200v", len(err.Error()), err)
		}
	}
}

func TestErrorMatches(t *testing.T) {
	t.Parallel()
	all := []error{cert.ErrNotFound, cert.ErrUnauthorized, cert.ErrRefused, cert.ErrNoAnswer, cert.ErrNotSent, cert.ErrOtherID}
	for status, want := range map[int][]error{
		200: {cert.ErrNoAnswer}, 302: {cert.ErrNoAnswer}, 500: {cert.ErrNoAnswer}, 503: {cert.ErrNoAnswer},
		400: {cert.ErrRefused}, 429: {cert.ErrRefused},
		401: {cert.ErrUnauthorized, cert.ErrRefused}, 403: {cert.ErrUnauthorized, cert.ErrRefused},
		404: {cert.ErrNotFound, cert.ErrRefused},
	} {
		var got []error
		for _, e := range all {
			if errors.Is(&Error{StatusCode: status}, e) {
				got = append(got, e)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d matches %v, want %v", status, got, want)
		}
		for i := range want {
			if got[i] != want[i] { //nolint:errorlint // the very sentinels are meant
				t.Errorf("%d matches %v, want %v", status, got, want)
			}
		}
	}
}

func TestRetryAfterIsInTheError(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		answer(w, 400, "")
	})
	err := readOnce(t.Context(), f.client(t))
	var e *Error
	if !errors.As(err, &e) || e.RetryAfter != 30*time.Second || !strings.Contains(err.Error(), "(try again after 30s)") {
		t.Error(err)
	}
}

func TestRedirectNamesTheHostOnly(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://login.example.com/in?ticket=abc", http.StatusFound)
	})
	err := readOnce(t.Context(), f.client(t))
	if err == nil || !strings.Contains(err.Error(), `a redirect to "login.example.com"`) || strings.Contains(err.Error(), "abc") {
		t.Error(err)
	}
}
