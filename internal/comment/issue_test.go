package comment

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/github/githubtest"
)

// keepNeeds keeps the issues of groups, each with a text; "" is the group without a tag.
func keepNeeds(t *testing.T, s *githubtest.Server, run int64, groups map[string]string) ([]string, error) {
	t.Helper()
	hub, err := github.New(github.Config{URL: "https://api.github.com", Repository: s.Repository,
		Token: githubtest.Token, Transport: s, Now: time.Now, Wait: wait})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]issueText{}
	for group, text := range groups {
		texts[groupOf(group)] = issueText{"title " + group, text}
	}
	k := &issueUpdate{hub: hub, key: "default", run: Run{run, 1}, groups: texts}
	err = k.keep(t.Context())
	return k.did, err
}

// issuesOf shows the issues: open or closed, title, and text.
func issuesOf(s *githubtest.Server) (all []string) {
	for _, i := range s.Issues() {
		_, text, marked := strings.Cut(i.Body, markEnds)
		if !marked {
			text = i.Body
		}
		all = append(all, fmt.Sprintf("%t %s: %s", i.Open, i.Title, text))
	}
	return all
}

func TestOneIssueIsKept(t *testing.T) {
	t.Parallel()
	type step struct {
		groups map[string]string
		do     func(*githubtest.Server)
		want   []string
		writes int
	}
	only := func(text string) map[string]string { return map[string]string{"": text} }
	for name, steps := range map[string][]step{
		"opened, unchanged, updated, closed, reopened": {
			{only("a"), nil, []string{"true title : a"}, 1},
			{only("a"), nil, []string{"true title : a"}, 0},
			{only("b"), nil, []string{"true title : b"}, 1},
			{nil, nil, []string{"false title : " + closedText}, 1},
			{nil, nil, []string{"false title : " + closedText}, 0},
			{only("a"), nil, []string{"true title : a"}, 1},
		},
		"nothing is needed, and nothing is opened": {{nil, nil, nil, 0}},
		"what a person closes stays closed until something changes": {
			{only("a"), nil, []string{"true title : a"}, 1},
			{only("a"), func(s *githubtest.Server) { s.CloseIssue(s.Issues()[0].ID) }, []string{"false title : a"}, 0},
			{only("b"), nil, []string{"true title : b"}, 1},
		},
		"one for each value of a tag": {
			{map[string]string{"web": "w", "shop": "s"}, nil, []string{"true title shop: s", "true title web: w"}, 2},
			{map[string]string{"web": "w2"}, nil, []string{"false title shop: " + closedText, "true title web: w2"}, 2},
		},
		"a mark of somebody else is not ours": {
			{only("a"), func(s *githubtest.Server) {
				s.OpenIssue("mallory", "x", mark{"default", "-", "-", Run{9, 1}, "0"}.line(issueOpens)+"x")
			}, []string{"true x: x", "true title : a"}, 1},
		},
		"a younger one is closed": {
			{only("a"), func(s *githubtest.Server) {
				for range 2 {
					s.OpenIssue(githubtest.Workflow, "x", mark{"default", "-", "-", Run{0, 0}, "0"}.line(issueOpens)+"x")
				}
			}, []string{"true title : a", "false x: x"}, 2},
		},
		"a later run is left alone": {
			{only("a"), func(s *githubtest.Server) {
				s.OpenIssue(githubtest.Workflow, "x", mark{"default", "-", "-", Run{99, 1}, "0"}.line(issueOpens)+"x")
			}, []string{"true x: x"}, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := opened()
				s.PageSize = 1
				for i, step := range steps {
					if step.do != nil {
						step.do(s)
					}
					before := len(s.Requests())
					if _, err := keepNeeds(t, s, int64(i+1), step.groups); err != nil {
						t.Fatal(err)
					}
					writes := 0
					for _, r := range s.Requests()[before:] {
						if !strings.HasPrefix(r, "GET ") {
							writes++
						}
					}
					got := issuesOf(s)
					slices.Sort(got)
					slices.Sort(step.want)
					if diff := cmp.Diff(step.want, got); diff != "" || writes != step.writes {
						t.Errorf("%d: %d writes (-want +got):\n%s", i, writes, diff)
					}
				}
			})
		})
	}
}

// What a run says that it did is what it did, also where no answer came.
func TestIssuesMeetFaults(t *testing.T) {
	t.Parallel()
	post, patch := "POST /issues", "PATCH /issues"
	for name, c := range map[string]struct {
		do    func(*githubtest.Server)
		fault githubtest.Fault
		text  string // "": nothing needs action
		want  []string
		err   string
		did   []string
	}{
		"opened without an answer": {nil, githubtest.Fault{Call: post, Status: 502, After: true}, "b",
			[]string{"true title : b"}, "", []string{"opened issue #1001"}},
		"not opened": {nil, githubtest.Fault{Call: post, NoAnswer: true}, "b", nil, "looked for and not sent again", nil},
		"updated without an answer": {existing, githubtest.Fault{Call: patch, Status: 502, After: true}, "b",
			[]string{"true title : b"}, "", []string{"updated issue #1001"}},
		"updated at the second try": {existing, githubtest.Fault{Call: patch, Status: 502}, "b",
			[]string{"true title : b"}, "", []string{"updated issue #1001"}},
		"updated after a limit": {existing, githubtest.Fault{Call: patch, Status: 429}, "b",
			[]string{"true title : b"}, "", []string{"updated issue #1001"}},
		"closed without an answer": {existing, githubtest.Fault{Call: patch, Status: 502, After: true}, "",
			[]string{"false title : " + closedText}, "", []string{"closed issue #1001"}},
		"not updated": {existing, githubtest.Fault{Call: patch, Status: 403, Times: -1}, "b",
			[]string{"true title : a"}, "not allowed", nil},
		"the younger of two, closed without an answer": {twice, githubtest.Fault{Call: patch, Skip: 1, Status: 502, After: true}, "b",
			[]string{"true title : b", "false title : a"}, "", []string{"updated issue #1001", "closed issue #1002"}},
		"of a later run": {later, githubtest.Fault{Call: patch}, "b",
			[]string{"true title : c"}, "", []string{"left issue #1001; a later run has written it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := opened()
				if c.do != nil {
					c.do(s)
				}
				s.Strike(c.fault)
				groups := map[string]string{"": c.text}
				if c.text == "" {
					groups = nil
				}
				did, err := keepNeeds(t, s, 2, groups)
				if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
					t.Errorf("%v, want %q", err, c.err)
				}
				for i, line := range did {
					did[i], _, _ = strings.Cut(line, ": ")
				}
				if diff := cmp.Diff(c.want, issuesOf(s)) + cmp.Diff(c.did, did); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

func existing(s *githubtest.Server) { s.OpenIssue(githubtest.Workflow, "title ", issueOf(1, "a")) }
func twice(s *githubtest.Server)    { existing(s); existing(s) }
func later(s *githubtest.Server)    { s.OpenIssue(githubtest.Workflow, "title ", issueOf(9, "c")) }

// issueOf is the body of the issue that a run keeps.
func issueOf(run int64, text string) string {
	return mark{"default", "-", "-", Run{run, 1}, sumOf("title \n" + text)}.line(issueOpens) + text
}

func TestIssuesOfATokenThatMayNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := opened()
		existing(s)
		s.ReadOnly = true
		if _, err := keepNeeds(t, s, 3, nil); !errors.Is(err, github.ErrMayNot) {
			t.Error(err)
		}
	})
}
