//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cpsync/cpsync/internal/fleet"
)

// The client has as many requests in flight as cpsync: it begins with the fewest, and adds
// one after each step of answers.
const (
	fewest, most = 4, 8
	step         = 20
)

// TestMain is also the client of the benchmarks, so that it is a process of its own.
func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv("FLEET_CLIENT")); err == nil {
		if err := asks(fleet.Fleet{Certificates: n, Mix: fleet.Mix(os.Getenv("FLEET_MIX"))}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// paths are what a plan of the fleet asks for after the token, in its order.
func paths(f fleet.Fleet) []string {
	var list, status, dcv []string
	for page := range (f.Certificates + 19) / 20 {
		list = append(list, fmt.Sprintf("/v2.0/certificates?page=%d&page_size=20&sort=-id", page+1))
	}
	for i := range f.Certificates {
		s, d := f.Reads(i)
		if s {
			status = append(status, fmt.Sprintf("/v2.0/certificates/%d/status", fleet.ID(i)))
		}
		if d {
			dcv = append(dcv, fmt.Sprintf("/v2.0/dcv/certificates/%d", fleet.ID(i)))
		}
	}
	return append(append(list, status...), dcv...)
}

// asks is a client that asks for the same as a plan of the fleet: a token, the first page,
// then the rest. It throws the answers away.
func asks(f fleet.Fleet) error {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = most
	client := http.Client{Transport: t}
	answer, err := client.PostForm(os.Getenv("CPSYNC_TOKEN_URL"), url.Values{"grant_type": {"client_credentials"}, "scope": {"sec.cps.certificates"},
		"client_id": {os.Getenv("CPSYNC_CLIENT_ID")}, "client_secret": {os.Getenv("CPSYNC_CLIENT_SECRET")}})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&granted); err != nil {
		return err
	}
	all := paths(f)
	if err := ask(&client, granted.Token, all[0]); err != nil {
		return err
	}
	rest, failed := make(chan string, len(all)), make(chan error, len(all))
	for _, path := range all[1:] {
		rest <- path
	}
	close(rest)
	var answers atomic.Int64
	var asking sync.WaitGroup
	var work func()
	work = func() {
		for path := range rest {
			if err := ask(&client, granted.Token, path); err != nil {
				failed <- err
			}
			if n := answers.Add(1); n%step == 0 && n/step <= most-fewest {
				asking.Go(work)
			}
		}
	}
	for range fewest {
		asking.Go(work)
	}
	asking.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

func ask(client *http.Client, token, path string) error {
	r, err := http.NewRequest(http.MethodGet, os.Getenv("CPSYNC_API_URL")+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK && !strings.Contains(path, "/dcv/") {
		return fmt.Errorf("%s: %s %v", path, answer.Status, err)
	}
	return nil
}
