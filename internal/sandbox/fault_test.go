package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFaultsStrike(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault, request string
		status         int
		want           string // in the answer or its headers
		took           bool   // whether the request took effect
	}{
		{"throttle:list:1:retry_after=30", "GET /certificates", 429, "Retry-After:30", false},
		{"throttle:list:1:retry_after=date", "GET /certificates", 429, "Retry-After:Sun, 22 Nov 2026 12:00:30 GMT", false},
		{"status-400:patch", `PATCH /certificates/11604 {"auto_renew":true}`, 400, "invalid_input", false},
		{"status-401", "GET /certificates", 401, "unauthorized", false},
		{"status-403", "GET /certificates", 403, "forbidden", false},
		{"status-404:get", "GET /certificates/11604", 404, "not_found", false},
		{"status-409:renew", "PUT /certificates/11604/renew", 409, "invalid_operation", false},
		{"status-422:renew", "PUT /certificates/11604/renew", 422, "422", false},
		{"status-500:renew", "PUT /certificates/11604/renew", 500, "internal_error", false},
		{"status-502:renew", "PUT /certificates/11604/renew", 502, "<html>", false},
		{"status-503:renew:1:when=after", "PUT /certificates/11604/renew", 503, "service_unavailable", true},
		{"status-504:renew", "PUT /certificates/11604/renew", 504, "gateway_timeout", false},
		{"garbage:get", "GET /certificates/11604", 200, "%PDF", false},
		{"redirect:renew", "PUT /certificates/11604/renew", 302, "Location:/sec/cps/v2.0/certificates/11604/renew/elsewhere", false},
		{"redirect:renew:1:what=/x", "PUT /certificates/11604/renew", 302, "Location:/x", false},
		{"other-id:get", "GET /certificates/11604", 200, `"id":11614`, false},
		{"unknown-word:status", "GET /certificates/11604/status", 200, `"status":"Levitating"`, false},
		{"timestamps-7:get", "GET /certificates/11604", 200, `.1234567Z"`, false},
		{"timestamps-0:get", "GET /certificates/11604", 200, `"last_modified":"2026-08-14T00:00:00Z"`, false},
		{"nulls:get", "GET /certificates/11604", 200, `"created_by":null`, false},
		{"extra-fields:get", "GET /certificates/11604", 200, `"x_new_member"`, false},
		{"moves:patch", `PATCH /certificates/11604 {"auto_renew":true}`, 200, `"description":"edited by somebody else"`, true},
		{"moves:get:1:what=domains", "GET /certificates/11604", 200, `meanwhile.example.net`, false},
		{"moves:get:1:what=last_modified", "GET /certificates/11604", 200, `"last_modified":"2026-11-22T12:00:00.000000Z"`, false},
	} {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			s := New(worldOf(t, shop))
			c := call(t, s)
			s.AddFault(fault(t, test.fault))
			parts := append(strings.SplitN(test.request, " ", 3), "")
			answer, err := s.RoundTrip(c.request(parts[0], parts[1], parts[2]))
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(answer.Body)
			text := string(body)
			for name := range answer.Header {
				text += " " + name + ":" + answer.Header.Get(name)
			}
			if answer.StatusCode != test.status || !strings.Contains(text, test.want) {
				t.Errorf("got %d %s\nwant %d %s", answer.StatusCode, text, test.status, test.want)
			}
			if took := len(s.World().Writes) > 0; took != test.took {
				t.Errorf("took effect: %v", took)
			}
		})
	}
}

func fault(t *testing.T, text string) Fault {
	t.Helper()
	f, err := ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTruncatedAndAbsent(t *testing.T) {
	t.Parallel()
	c := call(t, New(worldOf(t, shop, `"faults": [{"name": "truncated", "call": "get"}, {"name": "total-items-absent", "call": "list"}]`)))
	if got := c.do(200, "GET", "/certificates/11604", ""); strings.HasSuffix(strings.TrimSpace(got), "}") || got == "" {
		t.Errorf("not truncated: %s", got)
	}
	if _, ok := c.get("/certificates")["total_items"]; ok {
		t.Error("total_items is there")
	}
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"drop-answer:renew":         "PUT 11604/renew -> lost after commit",
		"drop:renew:1:when=after":   "PUT 11604/renew -> lost after commit",
		"drop:renew":                "PUT 11604/renew -> lost before it took effect",
		"drop-answer:renew:1:id=42": "PUT 11604/renew -> 204",
	} {
		s := New(worldOf(t, shop))
		c := call(t, s)
		s.AddFault(fault(t, text))
		_, err := s.RoundTrip(c.request("PUT", "/certificates/11604/renew", ""))
		if lost := strings.Contains(want, "lost"); errors.Is(err, io.ErrUnexpectedEOF) != lost {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff([]string{want}, s.Log()); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		if took, should := s.Orders(11604) == 1, !strings.Contains(want, "before"); took != should {
			t.Errorf("%s: took effect: %v, want %v", text, took, should)
		}
	}
}

// TestALossBeforeTheWriteWins: of two faults that end the connection, the one that strikes before the write takes
// effect counts, in whatever order they were added.
func TestALossBeforeTheWriteWins(t *testing.T) {
	t.Parallel()
	for _, faults := range [][2]string{{"drop-answer:renew", "drop:renew"}, {"drop:renew", "drop-answer:renew"}} {
		s := New(worldOf(t, shop))
		c := call(t, s)
		s.AddFault(fault(t, faults[0]))
		s.AddFault(fault(t, faults[1]))
		_, _ = s.RoundTrip(c.request("PUT", "/certificates/11604/renew", ""))
		if diff := cmp.Diff([]string{"PUT 11604/renew -> lost before it took effect"}, s.Log()); diff != "" || s.Orders(11604) != 0 {
			t.Errorf("%v: %d orders: %s", faults, s.Orders(11604), diff)
		}
	}
}

func TestFaultsCount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"status-500:get":          "500 200 200 200",
		"status-500:get:2":        "500 500 200 200",
		"status-500:get:always":   "500 500 500 500",
		"status-500:get:1:skip=2": "200 200 500 200",
		"status-500:get:1:id=1":   "200 200 200 200",
		"status-500:patch":        "200 200 200 200",
		"status-500:any:-1":       "500 500 500 500",
	} {
		s := New(worldOf(t, shop))
		c := call(t, s)
		s.AddFault(fault(t, text))
		var got []string
		for range 4 {
			status, _ := c.send(c.request("GET", "/certificates/11604", ""))
			got = append(got, map[int]string{200: "200", 500: "500"}[status])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

func TestPatchDomainsIsACallOfItsOwn(t *testing.T) {
	t.Parallel()
	c := call(t, New(worldOf(t, shop, `"faults": [{"name": "status-500", "call": "patch-domains", "times": -1}]`)))
	c.do(200, "PATCH", "/certificates/11604", `{"auto_renew":true,"domains":null}`)
	c.do(500, "PATCH", "/certificates/11604", `{"domains":[{"name":"a.example.com"}]}`)
}

func TestPagesMove(t *testing.T) {
	t.Parallel()
	s := New(many(t, 5, ""))
	c := call(t, s)
	s.AddFault(fault(t, "moves-pages:list:always"))
	// "-id" is ascending at this API. From the second page on everything has moved by one: 20002 comes twice.
	if diff := cmp.Diff("20001 20002, 20002 20003, 20004 20005", strings.Join([]string{
		c.ids("/certificates?sort=-id&page_size=2"), c.ids("/certificates?sort=-id&page_size=2&page=2"), c.ids("/certificates?sort=-id&page_size=2&page=3")}, ", ")); diff != "" {
		t.Error(diff)
	}
}

func TestSlowAnswersMoveTheClock(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop))
	c := call(t, s)
	s.AddFault(fault(t, "slow:get:1:for=90s"))
	c.get("/certificates/11604")
	if got := s.Now().Sub(instant(t, noon)); got != 90*time.Second {
		t.Errorf("the clock moved by %v", got)
	}
}

func TestSlowAnswersBehindASocketEndWithTheRequest(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop))
	c := call(t, s)
	s.AddFault(fault(t, "slow:renew:1:for=1h"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	defer func() {
		if p := recover(); p != http.ErrAbortHandler { // so a handler of net/http ends its connection
			t.Errorf("the connection was not ended: %v", p)
		}
		if s.Orders(11604) != 0 {
			t.Error("the request took effect")
		}
	}()
	s.ServeHTTP(httptest.NewRecorder(), c.request("PUT", "/certificates/11604/renew", "").WithContext(ctx))
}

func TestParseFaultRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"flood":                   "no fault has this name",
		"drop:reboot":             "call must be one of",
		"drop:any:x":              "not a number of times",
		"drop:any:any":            "not a number of times",
		"drop:any:-2":             "not a number of times",
		"drop:any:1:colour=red":   "unknown member",
		"drop:any:1:when=between": "before or after",
		"slow:any:1:for=x":        "not a duration",
		"moves:any:1:what=label":  "what must be",
	} {
		if _, err := ParseFault(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
