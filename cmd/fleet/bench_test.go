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

// mixes are the fleets by the names of their benchmarks.
var mixes = []struct {
	name, what string
	mix        fleet.Mix
}{{"nothing", "nothing happens", fleet.Nothing}, {"quarter", "a quarter on its way", fleet.Quarter}, {"due", "everything due", fleet.Due}}

// done are the mixes of which the largest fleet was measured, in another round.
var done = map[fleet.Mix]bool{}

// BenchmarkRun is a whole plan of a fleet with 10 domains each: the program as it is
// released, and a sandbox that it reaches through a socket, each a process of its own. Client
// is a client that asks for the same and throws the answers away. peak-MB is the most memory
// that was resident.
func BenchmarkRun(b *testing.B) {
	bin := built(b)
	for _, m := range mixes {
		for _, n := range []int{100, 1000, 10000} {
			f := fleet.Fleet{Certificates: n, Names: 10, Now: time.Now(), Mix: m.mix}
			if n == 10000 && done[m.mix] { // it takes minutes
				continue
			}
			done[m.mix] = done[m.mix] || n == 10000
			dir := b.TempDir()
			if err := write(f, dir, false); err != nil {
				b.Fatal(err)
			}
			for _, wait := range []time.Duration{0, latency} {
				b.Run(fmt.Sprintf("%s/%d/%s", m.name, n, wait), func(b *testing.B) { measure(b, bin, dir, f, wait) })
			}
		}
	}
}

// measure measures all that is asked of one sandbox.
func measure(b *testing.B, bin, dir string, f fleet.Fleet, wait time.Duration) {
	env, certs := served(b, bin, filepath.Join(dir, "state.json"), wait), filepath.Join(dir, "certs")
	plan := func(name string, requests int, args ...string) {
		b.Run(name, func(b *testing.B) { plans(b, env, requests, bin, append(args, certs)...) })
	}
	all, list := len(paths(f)), len(paths(fleet.Fleet{Certificates: f.Certificates}))
	plan("Plan", all)
	b.Run("Client", func(b *testing.B) { asksFor(b, env, f) })
	if f.Mix == fleet.Quarter && f.Certificates == 1000 && wait > 0 {
		plan("Plan4", all, "--concurrency", "4")
		plan("Plan16", all, "--concurrency", "16")
		change(b, f, dir)
		plan("List", list, "list", "--read-status", "none")
		plan("Base", list+2, "--base", "HEAD")
	}
}

// plans is the program, which has to send so many requests beside that for the token.
func plans(b *testing.B, env []string, requests int, bin string, args ...string) {
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), bin, args...)
		cmd.Env = append(env, "PATH="+os.Getenv("PATH"))
		out, err := cmd.Output()
		if err != nil || !bytes.Contains(out, fmt.Appendf(nil, "%d reads", requests+1)) {
			b.Fatalf("%v, want %d reads\n%s", err, requests+1, out[max(len(out)-500, 0):])
		}
		report(b, cmd)
	}
	b.ReportMetric(float64(requests+1), "requests")
}

// asksFor is the client.
func asksFor(b *testing.B, env []string, f fleet.Fleet) {
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), os.Args[0])
		cmd.Env = append(env, fmt.Sprintf("FLEET_CLIENT=%d", f.Certificates), "FLEET_MIX="+string(f.Mix))
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		report(b, cmd)
	}
}

// report reports what a process that has ended took.
func report(b *testing.B, cmd *exec.Cmd) {
	b.ReportMetric(resident(cmd), "peak-MB")
	b.ReportMetric(float64((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Nanoseconds()), "cpu-ns")
}

// change makes a repository of the fleet, and changes two of its manifests.
func change(b *testing.B, f fleet.Fleet, dir string) {
	certs := filepath.Join(dir, "certs")
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "first"}} {
		if out, err := exec.CommandContext(b.Context(), "git", append([]string{"-C", certs}, args...)...).CombinedOutput(); err != nil {
			b.Skipf("git %v: %v\n%s", args, err, out)
		}
	}
	for _, i := range []int{1, 2} {
		text := strings.Replace(f.Manifest(i), "dcv_method: DnsTxtToken", "dcv_method: Email", 1)
		if err := os.WriteFile(filepath.Join(certs, f.File(i)), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
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
