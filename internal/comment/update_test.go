package comment

import (
	"context"
	"errors"
	"fmt"
	"regexp"
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
	return Update(t.Context(), hub, 3, p)
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
			s.AddComment(3, "somebody", text)
		}
		_, _ = keep(t, s, page("one", 1, "old"))
		return keep(t, s, page("one", 2, "new"))
	})
}

func TestEachKeyAndEachModeHasAComment(t *testing.T) {
	t.Parallel()
	expect(t, Updated, []string{"a plan, again", "b plan", outcome(1, "a outcome").own().String()}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		other := page("one", 1, "b plan")
		other.Key = "b"
		for _, p := range []Page{page("one", 1, "a plan"), other, outcome(1, "a outcome")} {
			_, _ = keep(t, s, p)
		}
		return keep(t, s, page("one", 2, "a plan, again"))
	})
}

// Anybody can copy the mark into a comment; only an author is not copied.
func TestAMarkOfSomebodyElseIsNotOurs(t *testing.T) {
	t.Parallel()
	forged := page("one", 9, "forged").mark().line(markOpens) + "forged"
	expect(t, Opened, []string{"forged", "real"}, func(t *testing.T, s *githubtest.Server) (Result, error) {
		s.AddComment(3, "mallory", forged)
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
		s.AddComment(3, githubtest.Workflow, old)
		s.AddComment(3, "somebody", "of a person")
		s.AddComment(3, githubtest.Workflow, old)
		s.AddComment(3, githubtest.Workflow, old)
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
		s.AddComment(3, githubtest.Workflow, "<!-- cpsync:comment version=7 colour=red key=default mode=plan run=soon -->\nof the future")
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
		room := mostBody - len(page("one", 1, "").mark().line(markOpens))
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

func outcome(run int64, text string) Page {
	p := page("merged", run, text)
	p.Mode = Apply
	return p
}

// outcomes are the pages in the comments, without what nobody sees.
func outcomes(s *githubtest.Server) string {
	return regexp.MustCompile("<!--.*-->\n").ReplaceAllString(strings.Join(texts(s), "\n=====\n"), "")
}

// What was applied is about a commit, whatever the head. A later run of it adds to what an
// earlier one did, in whatever order they come to comment, and takes none of it away.
func TestAnOutcomeIsAddedToTheOneBefore(t *testing.T) {
	t.Parallel()
	rerun := outcome(1, "again")
	rerun.Run.Attempt = 2
	edits := outcome(1, "1 edited")
	edits.Job = "apply"
	quiet := outcome(3, "nothing was sent")
	quiet.Open = false
	byHand := outcome(0, "by hand")
	byHand.Run = Run{}
	long := func(run int64, title string) Page { return outcome(run, title+"\n"+strings.Repeat("x", 60_000)) }
	rest := "\n\nThe rest is in the summary of the run."
	for name, c := range map[string]struct {
		pages []Page
		how   How
		want  string
	}{
		"the later comes later":   {[]Page{outcome(1, "5 done"), outcome(2, "1 failed")}, Updated, "5 done\n\n---\n\n1 failed"},
		"the later comes earlier": {[]Page{outcome(2, "1 failed"), outcome(1, "5 done")}, Updated, "5 done\n\n---\n\n1 failed"},
		"a re-run":                {[]Page{outcome(1, "5 done"), rerun}, Updated, "5 done\n\n---\n\nagain"},
		"the same run":            {[]Page{outcome(1, "not finished"), outcome(2, "b"), outcome(1, "5 done")}, Updated, "5 done\n\n---\n\nb"},
		"the same page":           {[]Page{outcome(1, "5 done"), outcome(2, "b"), outcome(1, "5 done")}, InPlace, "5 done\n\n---\n\nb"},
		"another job":             {[]Page{outcome(1, "1 renewed"), edits}, Updated, "1 renewed\n\n---\n\n1 edited"},
		"nothing to add":          {[]Page{outcome(1, "5 done"), quiet}, Unchanged, "5 done"},
		"outside of a run":        {[]Page{outcome(1, "5 done"), byHand}, Updated, "5 done\n\n---\n\nby hand"},
		"more than has room": {[]Page{long(1, "a"), outcome(2, "b\nmore"), outcome(3, "c\nmore"), long(4, "d")}, Updated,
			"a" + rest + "\n\n---\n\nb" + rest + "\n\n---\n\nc" + rest + "\n\n---\n\nd\n" + strings.Repeat("x", 60_000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := opened()
				var last Result
				for _, p := range c.pages {
					var err error
					if last, err = keep(t, s, p); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(c.want, outcomes(s)); diff != "" || last.How != c.how {
					t.Errorf("%v (-want +got):\n%s", last, diff)
				}
			})
		})
	}
}

// Two runs write at the same moment: whatever the call during which the other one is at
// work, one comment holds both in the end. GitHub has no update on a condition, so that one
// which begins and ends within an update of the other is lost.
func TestOutcomesOfTwoJobsAreBothKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		call     string
		existing bool
	}{{"GET /issues", false}, {"GET /issues", true}, {"POST", false}} {
		synctest.Test(t, func(t *testing.T) {
			s, want := opened(), "b\n\n---\n\nc"
			if c.existing {
				_, _ = keep(t, s, outcome(1, "a"))
				want = "a\n\n---\n\n" + want
			}
			s.Strike(githubtest.Fault{Call: c.call, Do: func() { _, _ = keep(t, s, outcome(2, "b")) }})
			_, err := keep(t, s, outcome(3, "c"))
			if got := outcomes(s); err != nil || got != want {
				t.Errorf("%s, existing %v: %q, %v", c.call, c.existing, got, err)
			}
		})
	}
}

// A merged commit is not known at once. It is asked for again, and at last the answer is
// taken for what it is.
func TestACommitThatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  githubtest.Fault
		number int
		err    error
	}{
		"404 for a while":         {githubtest.Fault{Status: 404, Times: 2}, 3, nil},
		"422 for a while":         {githubtest.Fault{Status: 422, Times: 3}, 3, nil},
		"an empty list at first":  {githubtest.Fault{Status: 200, Body: "[]", Times: 2}, 3, nil},
		"422 for ever":            {githubtest.Fault{Status: 422, Times: -1}, 0, github.ErrNoCommit},
		"an empty list for ever":  {githubtest.Fault{Status: 200, Body: "[]", Times: -1}, 0, nil},
		"a permission is missing": {githubtest.Fault{Status: 403, Times: -1}, 0, github.ErrMayNot},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, start := opened(), time.Now()
				s.Merge(3, "merged")
				c.fault.Call = "GET /commits/"
				s.Strike(c.fault)
				hub, err := github.New(github.Config{URL: "https://api.github.com", Repository: s.Repository,
					Token: githubtest.Token, Transport: s, Now: time.Now, Wait: wait})
				if err != nil {
					t.Fatal(err)
				}
				got, err := MergedAs(t.Context(), hub, "merged")
				if got != c.number || !errors.Is(err, c.err) || time.Since(start) > time.Minute {
					t.Errorf("#%d, %v, after %s", got, err, time.Since(start))
				}
			})
		})
	}
}
