package comment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/github/githubtest"
)

// opened returns a GitHub with pull request 3, whose head is "one".
func opened() *githubtest.Server {
	s := githubtest.New("web/certs")
	s.Open(3, "one")
	return s
}

func page(head string, run int64, text string) Page {
	return Page{Key: "default", Mode: Plan, Head: head, Run: Run{run, 1}, Text: text, Open: true}
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// keep puts a page on pull request 3. It is used in a bubble of synctest.
func keep(t *testing.T, s *githubtest.Server, p Page) (Result, error) {
	t.Helper()
	hub, err := github.New(github.Config{URL: "https://api.github.com", Repository: s.Repository,
		Token: githubtest.Token, Transport: s, Now: time.Now, Wait: wait})
	if err != nil {
		t.Fatal(err)
	}
	return Keep(t.Context(), hub, wait, 3, p)
}

// texts are the comments of pull request 3 without their marks.
func texts(s *githubtest.Server) []string {
	var all []string
	for _, c := range s.Comments(3) {
		_, text, marked := strings.Cut(c.Body, markEnds)
		if !marked {
			text = c.Body
		}
		all = append(all, text)
	}
	return all
}

// expect runs a story in a bubble: what became of the last page, and which comments
// stand there at the end.
func expect(t *testing.T, how How, want []string, story func(*testing.T, *githubtest.Server) (Result, error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := opened()
		got, err := story(t, s)
		if err != nil || got.How != how {
			t.Errorf("%v, %v", got, err)
		}
		if diff := cmp.Diff(want, texts(s)); diff != "" {
			t.Errorf("comments (-want +got):\n%s\nrequests:\n%s", diff, strings.Join(s.Requests(), "\n"))
		}
	})
}

func TestTheFirstPageOpensAComment(t *testing.T) {
	t.Parallel()
	expect(t, Opened, []string{"hello"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		return keep(t, s, page("one", 1, "hello"))
	})
}

func TestTheNextPageReplacesIt(t *testing.T) {
	t.Parallel()
	expect(t, Updated, []string{"second"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		_, _ = keep(t, s, page("one", 1, "first"))
		s.Open(3, "two")
		return keep(t, s, page("two", 2, "second"))
	})
}

func TestTheSamePageIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	expect(t, InPlace, []string{"hello"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		_, _ = keep(t, s, page("one", 1, "hello"))
		before := len(s.Requests())
		defer func() {
			for _, r := range s.Requests()[before:] {
				if !strings.HasPrefix(r, "GET ") {
					t.Error(r)
				}
			}
		}()
		return keep(t, s, page("one", 1, "hello"))
	})
}

func TestACommentIsFoundOnALaterPage(t *testing.T) {
	t.Parallel()
	var want []string
	for i := range 250 {
		want = append(want, fmt.Sprint(i))
	}
	expect(t, Updated, append(want, "new"), func(t *testing.T, s *githubtest.Server) (Result, error) {
		for _, text := range want {
			s.Say(3, "somebody", text)
		}
		_, _ = keep(t, s, page("one", 1, "old"))
		return keep(t, s, page("one", 2, "new"))
	})
}

func TestEachKeyAndEachModeHasAComment(t *testing.T) {
	t.Parallel()
	expect(t, Updated, []string{"a plan, again", "b plan", "a outcome"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		other := page("one", 1, "b plan")
		other.Key = "b"
		outcome := page("one", 1, "a outcome")
		outcome.Mode = Apply
		for _, p := range []Page{page("one", 1, "a plan"), other, outcome} {
			_, _ = keep(t, s, p)
		}
		return keep(t, s, page("one", 2, "a plan, again"))
	})
}

// Anybody can copy the mark into a comment; only an author is not copied.
func TestAMarkOfSomebodyElseIsNotOurs(t *testing.T) {
	t.Parallel()
	forged := page("one", 9, "forged").mark().String() + "forged"
	expect(t, Opened, []string{"forged", "real"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		s.Say(3, "mallory", forged)
		return keep(t, s, page("one", 1, "real"))
	})
}

func TestAUserAndAnAppFindTheirOwn(t *testing.T) {
	t.Parallel()
	for name, user := range map[string]bool{"octocat": true, "my-app[bot]": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, map[bool]How{true: Updated, false: Opened}[user], []string{"second"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
				s.Me, s.User = name, user
				_, _ = keep(t, s, page("one", 1, "first"))
				return keep(t, s, page("one", 2, "second"))
			})
		})
	}
}

func TestYoungerDuplicatesGo(t *testing.T) {
	t.Parallel()
	old := page("one", 1, "old").body()
	expect(t, Updated, []string{"new", "of a person"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		s.Say(3, githubtest.Workflow, old)
		s.Say(3, "somebody", "of a person")
		s.Say(3, githubtest.Workflow, old)
		s.Say(3, githubtest.Workflow, old)
		return keep(t, s, page("one", 2, "new"))
	})
}

func TestAPageOfAnOlderHeadIsLeft(t *testing.T) {
	t.Parallel()
	expect(t, Behind, []string{"second"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		s.Open(3, "two")
		_, _ = keep(t, s, page("two", 2, "second"))
		return keep(t, s, page("one", 1, "first, finished late"))
	})
}

func TestAnOlderRunOfTheSameHeadIsLeft(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]Run{"an earlier run": {1, 3}, "an earlier attempt": {2, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, Newer, []string{"second"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
				_, _ = keep(t, s, page("one", 2, "second"))
				p := page("one", 1, "late")
				p.Run = late
				return keep(t, s, p)
			})
		})
	}
}

func TestARunThatIsNoneUpdates(t *testing.T) {
	t.Parallel()
	expect(t, Updated, []string{"by hand"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		_, _ = keep(t, s, page("one", 2, "first"))
		p := page("one", 0, "by hand")
		p.Run = Run{}
		return keep(t, s, p)
	})
}

func TestNothingWorthSayingOpensNoComment(t *testing.T) {
	t.Parallel()
	quiet := page("one", 2, "nothing")
	quiet.Open = false
	expect(t, NotOpened, nil, func(t *testing.T, s *githubtest.Server) (Result, error) {
		return keep(t, s, quiet)
	})
	expect(t, Updated, []string{"nothing"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		_, _ = keep(t, s, page("one", 1, "something"))
		return keep(t, s, quiet)
	})
}

func TestACommentOfAnotherVersionIsUpdated(t *testing.T) {
	t.Parallel()
	expect(t, Updated, []string{"ours"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		s.Say(3, githubtest.Workflow, "<!-- cpsync:comment version=7 colour=red key=default mode=plan run=soon -->\nof the future")
		return keep(t, s, page("one", 1, "ours"))
	})
}

func TestAPageThatIsTooLongIsNotSent(t *testing.T) {
	t.Parallel()
	s := opened()
	_, err := keep(t, s, page("one", 1, strings.Repeat("x", 65_536)))
	if err == nil || !strings.Contains(err.Error(), "65536") || len(s.Requests()) > 0 {
		t.Errorf("%v, %v", err, s.Requests())
	}
	synctest.Test(t, func(t *testing.T) {
		s := opened()
		room := mostBody - len(page("one", 1, "").mark().String())
		if got, err := keep(t, s, page("one", 1, strings.Repeat("x", room))); err != nil || got.How != Opened {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestWhatMayNotBeDoneIsSaid(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*githubtest.Server){
		"a token that may only read": func(s *githubtest.Server) { s.ReadOnly = true },
		"another repository":         func(s *githubtest.Server) { s.Strike(githubtest.Fault{Status: 404}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := opened()
				set(s)
				if got, err := keep(t, s, page("one", 1, "hello")); !errors.Is(err, github.ErrMayNot) {
					t.Errorf("%v, %v", got, err)
				}
			})
		})
	}
}

// Somebody pushes, takes the push back, and runs the first run again.
func TestAHeadThatComesBackIsCommentedAgain(t *testing.T) {
	t.Parallel()
	expect(t, Updated, []string{"of one, again"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		s.Open(3, "two")
		_, _ = keep(t, s, page("two", 2, "of two"))
		s.Open(3, "one")
		p := page("one", 1, "of one, again")
		p.Run = Run{1, 2}
		return keep(t, s, p)
	})
}

// What was applied is about a commit, whatever the head; the later run of it counts.
func TestAnOutcomeIsOfTheLatestApply(t *testing.T) {
	t.Parallel()
	outcome := func(run int64, text string) Page {
		p := page("merged", run, text)
		p.Mode = Apply
		return p
	}
	expect(t, Updated, []string{"second"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		_, _ = keep(t, s, outcome(1, "first"))
		return keep(t, s, outcome(2, "second"))
	})
	expect(t, Newer, []string{"second"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		_, _ = keep(t, s, outcome(2, "second"))
		return keep(t, s, outcome(1, "first"))
	})
}
