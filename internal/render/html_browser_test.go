package render_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/patience"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// fleetOf is a fleet in service whose ends are spread over half a year.
func fleetOf(n int) report.Report {
	pairs := make([]plan.Pair, n)
	for i := range pairs {
		id := cert.ID(20000 + i)
		have := live(id, now.Add(time.Duration(i%198)*day).Format(time.DateOnly), fmt.Sprintf("site-%d.example.com", i))
		have.AutoRenew = i%3 > 0
		pairs[i] = pair(spec(id, "certs/fleet.yaml"), have)
	}
	return of(pairs, strangers(3), true)
}

// In a real browser: no text leaves the page at the width of a desk and of a phone,
// contrast is at least 4.5 to 1 in light and in dark, and nothing is asked for. With AXE, the path
// of axe.min.js of axe-core, that judges the pages too.
func TestHTMLInABrowser(t *testing.T) {
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
		}
	}
	if browser == "" || testing.Short() {
		t.Skip("there is no Chromium to look with")
	}
	type result struct {
		Scheme   string
		Problems []string
	}
	pages := map[string]string{"fleet-5": htmlOf(t, fleetOf(5)), "fleet-300": htmlOf(t, fleetOf(300)), "proving": htmlOf(t, proving())}
	for _, name := range []string{"mixed", "hostile", "names", "errors", "phases"} {
		pages[name] = htmlOf(t, scenarios[name]())
	}
	axe := ""
	if os.Getenv("AXE") != "" {
		axe = "&axe"
	}
	names := slices.Sorted(maps.Keys(pages))
	results := make(chan result, 1)
	mux := http.NewServeMux()
	mux.Handle("GET /measure.html", http.FileServer(http.Dir("testdata")))
	mux.HandleFunc("GET /{page}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		page := pages[strings.TrimSuffix(r.PathValue("page"), ".html")]
		if r.URL.Query().Has("axe") {
			page = strings.Replace(page, `http-equiv="Content-Security-Policy"`, `name="policy"`, 1)
		}
		fmt.Fprint(w, page)
	})
	mux.HandleFunc("GET /axe.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, os.Getenv("AXE")) })
	mux.HandleFunc("POST /result", func(_ http.ResponseWriter, r *http.Request) {
		var got result
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			got.Problems = []string{err.Error()}
		}
		select {
		case results <- got:
		case <-r.Context().Done():
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	for _, want := range []string{"light", "dark"} {
		scheme := map[string]string{"light": "1", "dark": "0"}[want]
		c := patience.Command(t, browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
			"--disable-background-networking", "--user-data-dir="+t.TempDir(), "--remote-debugging-port=0",
			"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--blink-settings=preferredColorScheme="+scheme,
			s.URL+"/measure.html?pages="+strings.Join(names, ",")+axe)
		if err := c.Start(); err != nil {
			t.Skip(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		select {
		case got := <-results:
			if got.Scheme != want {
				t.Errorf("the browser shows %s, want %s", got.Scheme, want)
			}
			for _, p := range got.Problems {
				t.Error(p)
			}
			_ = c.Process.Kill()
			patience.For(t, "the browser to end", ended)
		case err := <-ended:
			t.Fatalf("the browser ended: %v", err)
		}
	}
}
