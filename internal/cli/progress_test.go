package cli

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/run"
	"github.com/cpsync/cpsync/internal/wait"
)

// TestNothingIsTooSlowWhereNothingIsLeft: also when the time is over.
func TestNothingIsTooSlowWhereNothingIsLeft(t *testing.T) {
	t.Parallel()
	client, err := cps.New(cps.Config{APIURL: "http://127.0.0.1", AccessToken: "token", Transport: http.DefaultTransport, Now: time.Now, Wait: cps.Sleep})
	if err != nil {
		t.Fatal(err)
	}
	for reads, want := range map[int]string{0: "", 3: "--timeout leaves 0s:"} {
		got := TooSlow(&run.Target{Client: client, Now: time.Now, Until: time.Now().Add(-31 * time.Second)}, reads, time.Minute, false)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%d reads: %q", reads, got)
		}
	}
}

func TestOneCertificateIsWaitedFor(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	p := &Progress{now: time.Now, log: Log{}.NewLog(&out)}
	say := p.WaitLine(func() time.Time { at = at.Add(time.Hour); return at })
	if say(wait.Pause{Open: 1, All: 1}); !strings.Contains(out.String(), "still waiting for 1 of 1 certificate, ") {
		t.Error(out.String())
	}
}
