//go:build unix

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/fleet"
)

// latency is how long the simulated API takes for each answer where it takes any.
const latency = 50 * time.Millisecond

// BenchmarkRun is a whole plan of a fleet with 10 names each and nothing to do: the
// program as it is released, and a sandbox that it reaches through a socket, each a
// process of its own. peak-MB is the most memory that was resident; x-floor how much
// longer it takes than the pages of the list take to answer.
func BenchmarkRun(b *testing.B) {
	bin := built(b)
	for _, n := range []int{100, 1000, 10000} {
		dir := b.TempDir()
		if err := write(fleet.Fleet{Certificates: n, Names: 10, Now: time.Now()}, dir, false); err != nil {
			b.Fatal(err)
		}
		for _, wait := range []time.Duration{0, latency} {
			b.Run(fmt.Sprintf("%d/%s", n, wait), func(b *testing.B) {
				env := served(b, bin, filepath.Join(dir, "state.json"), wait)
				peak := 0.0
				for b.Loop() {
					cmd := exec.CommandContext(b.Context(), bin, filepath.Join(dir, "certs"))
					cmd.Env = env
					out, err := cmd.CombinedOutput()
					if err != nil || !bytes.Contains(out, []byte(fmt.Sprintf("%d up to date", n))) {
						b.Fatalf("%v\n%s", err, out)
					}
					peak = max(peak, resident(cmd))
				}
				b.ReportMetric(peak, "peak-MB")
				if wait > 0 {
					b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/floor(n).Seconds(), "x-floor")
				}
			})
		}
	}
}

// floor is the time that answers alone take: pages of 20, four at a time.
func floor(n int) time.Duration {
	pages := (n + 19) / 20
	return time.Duration((pages+3)/4) * latency
}

// resident is the most memory that a process that has ended had resident, in 10^6 bytes.
// The system counts what its parent had when it was started too, which is small here.
func resident(cmd *exec.Cmd) float64 {
	return float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) * 1024 / 1e6
}

// BenchmarkFirstRequest is the time from starting the program to its first request.
func BenchmarkFirstRequest(b *testing.B) {
	bin := built(b)
	for _, n := range []int{1, 100} {
		dir := b.TempDir()
		if err := write(fleet.Fleet{Certificates: n, Names: 10, Now: time.Now()}, dir, false); err != nil {
			b.Fatal(err)
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) { firstRequest(b, bin, filepath.Join(dir, "certs")) })
	}
}

func firstRequest(b *testing.B, bin, certs string) {
	var mu sync.Mutex
	var first time.Time
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if first.IsZero() {
			first = time.Now()
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer api.Close()
	var all time.Duration
	for b.Loop() {
		first = time.Time{}
		cmd := exec.CommandContext(b.Context(), bin, certs)
		cmd.Env = []string{"CPSYNC_API_URL=" + api.URL + "/sec/cps", "CPSYNC_TOKEN_URL=" + api.URL + "/connect/token",
			"CPSYNC_CLIENT_ID=a", "CPSYNC_CLIENT_SECRET=b"}
		begun := time.Now()
		if err := cmd.Run(); err == nil {
			b.Fatal("a refused client went on")
		}
		mu.Lock()
		all += first.Sub(begun)
		mu.Unlock()
	}
	b.ReportMetric(float64(all.Nanoseconds())/float64(b.N), "ns-to-first-request")
}

// built is the program as the action builds it, without its symbols.
func built(tb testing.TB) string {
	tb.Helper()
	bin := filepath.Join(tb.TempDir(), "cpsync")
	build := exec.CommandContext(tb.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "../cpsync")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// served starts a sandbox whose clock stands, and returns the environment to reach it.
func served(tb testing.TB, bin, state string, wait time.Duration) []string {
	tb.Helper()
	args := []string{"sandbox", "--speed", "0"}
	if wait > 0 {
		args = append(args, "--fault", "slow:any:always:for="+wait.String(), "--fault", "slow:token:always:for="+wait.String())
	}
	cmd := exec.CommandContext(tb.Context(), bin, append(args, state)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may be gone
		cmd.Wait()         //nolint:errcheck // it was killed
	})
	var env []string
	for lines := bufio.NewScanner(out); len(env) < 4 && lines.Scan(); {
		if variable, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			env = append(env, variable)
		}
	}
	return env
}
