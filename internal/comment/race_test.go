package comment

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/github/githubtest"
)

// meanwhile lets something happen in the middle of the first call of a kind.
func meanwhile(s *githubtest.Server, call string, do func()) {
	s.Strike(githubtest.Fault{Call: call, Do: do})
}

// Whatever the call during which somebody pushes and the run of that push comes to its
// end, its page stands there in the end, once.
func TestAnOlderRunThatEndsLateChangesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		existing bool
		call     string
		skip     int
	}{
		{false, "GET /issues", 0}, {false, "GET /pulls", 0}, {false, "POST", 0}, {false, "GET /issues", 1}, {false, "GET /pulls", 1},
		{true, "GET /issues", 0}, {true, "GET /pulls", 0}, {true, "GET /issues", 1}, {true, "GET /pulls", 1},
	} {
		expect(t, Behind, []string{"of two"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
			if c.existing {
				_, _ = keep(t, s, page("one", 0, "before"))
			}
			s.Strike(githubtest.Fault{Call: c.call, Skip: c.skip, Do: func() {
				s.Open(3, "two")
				if _, err := keep(t, s, page("two", 2, "of two")); err != nil {
					t.Error(err)
				}
			}})
			return keep(t, s, page("one", 1, "of one"))
		})
	}
}

// Two runs of one head, of which the later one began first and is interrupted.
func TestTheLaterRunOfAHeadWins(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"GET /issues", "GET /pulls", "POST", "PATCH"} {
		for _, existing := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := opened()
				if existing {
					_, _ = keep(t, s, page("one", 0, "before"))
				}
				meanwhile(s, call, func() { _, _ = keep(t, s, page("one", 2, "earlier")) })
				_, err := keep(t, s, page("one", 3, "later"))
				if got := texts(s); err != nil || len(got) != 1 || got[0] != "later" {
					t.Errorf("%s, existing %v: %q, %v", call, existing, got, err)
				}
			})
		}
	}
}

func TestTwoJobsThatBothCreateAgreeOnTheOlder(t *testing.T) {
	t.Parallel()
	expect(t, Opened, []string{"second job"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		var first Result
		var failed error
		done := make(chan bool)
		// Both have seen that there is no comment before either creates one.
		meanwhile(s, "POST", func() {
			go func() {
				first, failed = keep(t, s, page("one", 1, "first job"))
				close(done)
			}()
			time.Sleep(time.Second)
		})
		got, err := keep(t, s, page("one", 2, "second job"))
		<-done
		if failed != nil {
			t.Errorf("%v, %v", first, failed)
		}
		return got, err
	})
}

func TestALostCreationIsLookedForAndNotSentAgain(t *testing.T) {
	t.Parallel()
	expect(t, InPlace, []string{"hello"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		s.Strike(githubtest.Fault{Call: "POST", Status: 502, After: true})
		return keep(t, s, page("one", 1, "hello"))
	})
	synctest.Test(t, func(t *testing.T) {
		s := opened()
		s.Strike(githubtest.Fault{Call: "POST", NoAnswer: true})
		_, err := keep(t, s, page("one", 1, "hello"))
		if !errors.Is(err, github.ErrUnanswered) || len(texts(s)) > 0 {
			t.Errorf("%v, %q", err, texts(s))
		}
		if n := strings.Count(strings.Join(s.Requests(), "\n"), "POST"); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}

func TestALostUpdateIsSettledByReading(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{true, false} {
		expect(t, map[bool]How{true: InPlace, false: Updated}[after], []string{"second"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
			_, _ = keep(t, s, page("one", 1, "first"))
			s.Strike(githubtest.Fault{Call: "PATCH", Status: 500, After: after})
			return keep(t, s, page("one", 2, "second"))
		})
	}
}

func TestABrokenGitHubIsGivenUpOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, start := opened(), time.Now()
		s.Strike(githubtest.Fault{Status: 503, Times: -1})
		if _, err := keep(t, s, page("one", 1, "hello")); !errors.Is(err, github.ErrUnanswered) {
			t.Error(err)
		}
		if took := time.Since(start); took > 5*time.Minute {
			t.Error(took)
		}
	})
}
