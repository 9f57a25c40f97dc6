package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEveryPhaseCanBeWrittenByHand(t *testing.T) {
	t.Parallel()
	w := parsed(t, read(t, "world.json"))
	for _, c := range w.Certificates {
		want, _, _ := strings.Cut(c.Label, " ")
		if got := string(c.Phase(w.Clock)); got != want {
			t.Errorf("%s is %s", c.Label, got)
		}
	}
	s := New(w)
	s.Advance(400 * day) // every order ends, whatever is under way
	w = s.World()
	for _, c := range w.Certificates {
		if c.Workflow != nil && c.Label != "other-validation" {
			t.Errorf("%s is still under way after 400 days: %+v", c.Label, c.Workflow)
		}
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop))
	c := call(t, s)
	c.get("/certificates?page=1")
	c.do(200, "PATCH", "/certificates/11604", `{ "auto_renew": false }`)
	c.do(400, "PATCH", "/certificates/11604", `{`)
	c.do(204, "PUT", "/certificates/11604/renew", "")
	c.do(400, "PUT", "/certificates/11604/cancel", "")
	c.do(204, "PUT", "/certificates/11604/cancel?apply=true", "")
	c.do(400, "POST", "/certificates/cdnprovided", `{}`)
	c.do(400, "PUT", "/dcv/certificates/11604/check", "")
	if diff := cmp.Diff([]string{
		`PATCH 11604 {"auto_renew":false} -> 200`,
		`PATCH 11604 (1 bytes that are not JSON) -> 400`,
		`PUT 11604/renew -> 204`,
		`PUT 11604/cancel -> 400`,
		`PUT 11604/cancel?apply=true -> 204`,
		`POST cdnprovided {} -> 400`,
		`PUT dcv/certificates/11604/check -> 400`,
	}, s.Log()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"POST /connect/token", "GET /v2.0/certificates?page=1"}, s.Requests()[:2]); diff != "" {
		t.Error(diff)
	}
	if text := strings.Join(append(s.Requests(), s.Log()...), " "); strings.Contains(text, ClientSecret) || strings.Contains(text, c.bearer) {
		t.Errorf("a secret was noted: %s", text)
	}
	if got := s.World().Writes; len(got) != 3 || got[1].Request != "PUT 11604/renew" || got[1].Status != 204 {
		t.Errorf("accepted writes: %+v", got)
	}
}

func TestRunMovesTheClockBySpeed(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop))
	tick := make(chan time.Time, 3)
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	tick <- start
	tick <- start.Add(time.Second)
	tick <- start.Add(90 * time.Second)
	close(tick)
	s.Run(t.Context(), 60, tick)
	if got := s.Now().Sub(instant(t, noon)); got != 90*time.Minute {
		t.Errorf("moved by %v, want 90m", got)
	}
	c := call(t, s)
	s.Advance(4 * time.Hour) // 4 minutes for the caller
	if status, _ := c.send(c.request("GET", "/certificates", "")); status != 200 {
		t.Errorf("a token of 4 minutes: %d", status)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Run(ctx, 1, make(chan time.Time))
}

func TestServeHTTPAnswersLikeRoundTrip(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop))
	c := call(t, s)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, c.request("GET", "/certificates/11604", ""))
	answer, err := s.RoundTrip(c.request("GET", "/certificates/11604", ""))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	if w.Code != answer.StatusCode || !bytes.Equal(w.Body.Bytes(), body) || cmp.Diff(w.Header(), answer.Header) != "" {
		t.Errorf("%d %v %s\n%d %v %s", w.Code, w.Header(), w.Body, answer.StatusCode, answer.Header, body)
	}
}

func TestRoundTripEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop))
	c := call(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.RoundTrip(c.request("PUT", "/certificates/11604/renew", "").WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if s.Orders(11604) != 0 {
		t.Error("a cancelled request took effect")
	}
}

func TestRequestsMayComeTogether(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop, `"switches": {"renew_during_renewal": "second-order"}`))
	c := call(t, s)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if answer, err := s.RoundTrip(c.request("PUT", "/certificates/11604/renew", "")); err != nil || answer.StatusCode != 204 {
				t.Errorf("%v %v", answer, err)
			}
		})
	}
	all.Wait()
	if got := s.Orders(11604); got != 8 {
		t.Errorf("%d orders", got)
	}
}

func TestWorldIsACopy(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, shop))
	before := string(encoded(s))
	w := s.World()
	w.Certificates[0].Domains[0].Name, *w.Certificates[0].Thumbprint = "changed", "changed"
	*w.Certificates[0].Description = "changed"
	if got := string(encoded(s)); got != before {
		t.Errorf("changed through a copy:\n%s", got)
	}
}

func TestNewRefusesWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(){
		"switch": func() { New(World{Switches: Switches{NameCase: "title"}}) },
		"fault":  func() { New(World{Faults: []Fault{{Name: "flood"}}}) },
		"added":  func() { New(World{}).AddFault(Fault{Name: "flood"}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			make()
		}()
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(shopFile))
	w := New(World{Clock: time.Unix(0, 0), Certificates: []Certificate{{Label: "a", Domains: []Domain{{Name: "*.a.example"}}, Expires: time.Unix(9e9, 0)}}}).World()
	f.Add(w.Encode())
	f.Add([]byte(`{"clock": "2026-11-22T12:00:00Z", "certificates": [{"certificate_label": "a", "domains": []}]}`))
	f.Add([]byte(`{"clock": "0000-01-01T00:00:00Z", "certificates": [{"certificate_label": "a", "expiration_date": "0000-01-01T00:00:00Z"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := Parse("state.json", data)
		if err != nil {
			return
		}
		s := New(w)
		s.Advance(time.Hour)
		for _, c := range s.world.Certificates {
			s.shape(&c)
			for _, d := range c.Domains {
				_, _ = s.ResolveEdge(t.Context(), "ip", d.Name)
				if g, err := s.greet(d.Name, nil); err == nil {
					g.shows.Sign(g.id)
				}
			}
		}
	})
}
