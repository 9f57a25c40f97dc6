//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/fleet"
)

// BenchmarkPages is what a client pays that reads the same pages of the same sandbox as
// BenchmarkRun, as many at a time, after a token and the first page, and throws them away.
func BenchmarkPages(b *testing.B) {
	bin := built(b)
	for _, n := range []int{1000, 10000} {
		dir := b.TempDir()
		if err := write(fleet.Fleet{Certificates: n, Names: 10, Now: time.Now()}, dir, false); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%d/%s", n, latency), func(b *testing.B) {
			c := newReader(served(b, bin, filepath.Join(dir, "state.json"), latency))
			for b.Loop() {
				c.read(b, (n+19)/20)
			}
		})
	}
}

// reader reads pages and throws them away.
type reader struct {
	http.Client
	env map[string]string
}

func newReader(environ []string) *reader {
	c := &reader{env: map[string]string{}}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		c.env[name] = value
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = t.MaxIdleConns
	c.Transport = t
	return c
}

func (c *reader) read(b *testing.B, pages int) {
	token := c.token(b)
	c.page(b, token, 1)
	numbers := make(chan int)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for n := range numbers {
				c.page(b, token, n)
			}
		})
	}
	for n := 2; n <= pages; n++ {
		numbers <- n
	}
	close(numbers)
	all.Wait()
}

func (c *reader) token(b *testing.B) string {
	answer, err := c.PostForm(c.env["CPSYNC_TOKEN_URL"], url.Values{"grant_type": {"client_credentials"}, "scope": {"sec.cps.certificates"},
		"client_id": {c.env["CPSYNC_CLIENT_ID"]}, "client_secret": {c.env["CPSYNC_CLIENT_SECRET"]}})
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&granted); err != nil {
		b.Fatal(err)
	}
	return granted.Token
}

func (c *reader) page(b *testing.B, token string, n int) {
	ask, err := http.NewRequestWithContext(b.Context(), http.MethodGet,
		fmt.Sprintf("%s/v2.0/certificates?page=%d&page_size=20&sort=-id", c.env["CPSYNC_API_URL"], n), nil)
	if err != nil {
		b.Error(err)
		return
	}
	ask.Header.Set("Authorization", "Bearer "+token)
	answer, err := c.Do(ask)
	if err != nil {
		b.Error(err)
		return
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		b.Error(answer.Status, err)
	}
}
