package explore

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/cpsync/cpsync/internal/sandbox"
)

// person lets somebody act by hand in the portal while a round goes on.
func (s *schedule) person(round int, all *sync.WaitGroup) {
	r := s.dice("person", round)
	for range pick(r, 0, 0, 0, 1, 2) {
		after := time.Duration(r.Int64N(int64(pick(r, 5*time.Second, 3*time.Minute))))
		id := pick(r, s.ids...)
		c := byHand(r, id)
		all.Go(func() {
			time.Sleep(after)
			s.acts(c)
		})
	}
}

// byHand is something that people do.
func byHand(r *rand.Rand, id int64) call {
	patch := func(field string, value any) call {
		body, _ := json.Marshal(map[string]any{field: value})
		return call{method: http.MethodPatch, kind: "patch", id: id, body: body}
	}
	put := func(kind string) call { return call{method: http.MethodPut, kind: kind, id: id} }
	switch r.IntN(9) {
	case 0, 1:
		return patch("description", fmt.Sprint("by hand ", r.IntN(100)))
	case 2:
		return patch("auto_renew", often(r, 50))
	case 3:
		return patch("certificate_label", fmt.Sprintf("by-hand-%d-%d", id, r.IntN(1000)))
	case 4, 5:
		names := some(r, id)
		if often(r, 50) {
			names = append(names, fmt.Sprintf("hand%d.example.com", id))
		}
		var list []map[string]any
		for i, n := range names {
			list = append(list, map[string]any{"name": n, "is_common_name": i == 0})
		}
		return patch("domains", list)
	case 6:
		return put("renew")
	case 7:
		return put("retrigger")
	default:
		return put("cancel")
	}
}

// acts carries it out, if the API lets it. What was wanted of the request before is
// wanted anew, unless only words were changed.
func (s *schedule) acts(c call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	if c.kind == "cancel" && s.thumbprint(c.id) == "" {
		return // that would delete it
	}
	a := &attempt{call: c, sent: s.now(), thumbprint: s.thumbprint(c.id)}
	query := ""
	if c.kind == "cancel" {
		query = "?apply=true"
	}
	path := fmt.Sprintf("%s/%d", prefix, c.id)
	if c.kind != "patch" {
		path += "/" + c.kind
	}
	req, err := http.NewRequestWithContext(context.Background(), c.method, "http://127.0.0.1"+path+query, bytes.NewReader(c.body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.badge())
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res := s.serve(req, c, a)
	s.say("by hand  %s -> %d", c, res.StatusCode)
	if res.StatusCode >= 300 {
		return
	}
	s.counts["by hand"]++
	if c.kind != "patch" || c.edit().Domains != nil {
		s.epochs[c.id]++
	}
	a.intent = s.intentOf(c, a.thumbprint)
	s.attempts = append(s.attempts, a)
}

// badge is the token of the person.
func (s *schedule) badge() string {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {sandbox.ClientID}, "client_secret": {sandbox.ClientSecret}, "scope": {"sec.cps.certificates"}}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://127.0.0.1"+sandbox.TokenPath, bytes.NewReader([]byte(form.Encode())))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.api.RoundTrip(req)
	if err != nil {
		panic(err)
	}
	var t struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&t); err != nil {
		panic(err)
	}
	return t.AccessToken
}
