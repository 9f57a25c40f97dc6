package comment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cpsync/cpsync/internal/github"
)

func TestSavedPlans(t *testing.T) {
	t.Parallel()
	const head = `{"format_version":"2.0","mode":"plan","digest":"sha256:1f","errors":[],"steps":`
	for name, c := range map[string]struct {
		json string
		want Saved
		err  string
	}{
		"nothing to do":               {head + `[{"operations":[],"withheld":[]}]}`, Saved{Mode: Plan, Digest: "sha256:1f"}, ""},
		"an operation":                {head + `[{"operations":[{}],"withheld":[]}]}`, Saved{Mode: Plan, Digest: "sha256:1f", Changes: true}, ""},
		"something that waits":        {head + `[{"operations":[],"withheld":[{}]}]}`, Saved{Mode: Plan, Digest: "sha256:1f", Changes: true}, ""},
		"pending before this change":  {head + `[{"changed_by_base":false,"operations":[{}],"withheld":[]}]}`, Saved{Mode: Plan, Digest: "sha256:1f"}, ""},
		"of this change":              {head + `[{"changed_by_base":true,"operations":[{}],"withheld":[]}]}`, Saved{Mode: Plan, Digest: "sha256:1f", Changes: true}, ""},
		"a manifest that is gone":     {`{"format_version":"2.0","mode":"plan","errors":[],"steps":[],"base":{"gone":[{}]}}`, Saved{Mode: Plan, Empty: true, Changes: true}, ""},
		"no base":                     {`{"format_version":"2.0","mode":"plan","errors":[],"steps":[],"base":null}`, Saved{Mode: Plan, Empty: true}, ""},
		"an error":                    {`{"format_version":"2.0","mode":"plan","errors":[{"code":"manifest"}],"steps":[]}`, Saved{Mode: Plan, Empty: true, Changes: true}, ""},
		"an outcome":                  {`{"format_version":"2.7","mode":"apply","new":1,"errors":[],"steps":[]}`, Saved{Mode: Apply, Empty: true}, ""},
		"a plan of another version":   {`{"format_version":"1.0","mode":"plan"}`, Saved{}, `version "1.0"`},
		"a version like ours":         {`{"format_version":"20","mode":"plan"}`, Saved{}, `version "20"`},
		"another document":            {`{"name":"cpsync"}`, Saved{}, "no format_version"},
		"another mode":                {`{"format_version":"2.0","mode":"destroy"}`, Saved{}, "its mode"},
		"a list":                      {`[]`, Saved{}, "no plan"},
		"nothing":                     {``, Saved{}, "no plan"},
		"half of a plan":              {head, Saved{}, "no plan"},
		"two plans":                   {head + `[]}` + head + `[]}`, Saved{}, "more after"},
		"an operation that is a word": {head + `[{"operations":"all"}]}`, Saved{}, "no plan"},
	} {
		got, err := Read([]byte(c.json))
		if !cmp.Equal(got, c.want, cmpopts.IgnoreFields(Saved{}, "ActionRequired")) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %+v, %v; want %+v, %q", name, got, err, c.want, c.err)
		}
	}
}

func TestAPageBelongsToItsPlan(t *testing.T) {
	t.Parallel()
	plan := Saved{Digest: "sha256:1f"}
	for page, want := range map[string]string{
		"### cpsync: nothing\n\nplan `sha256:1f`": "",
		"### cpsync: nothing\n\nplan `sha256:2f`": "of another run",
		"# something else sha256:1f":              "no page of cpsync",
		"":                                        "no page of cpsync",
	} {
		if err := plan.Belongs(page); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", page, err, want)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		json string
		want Event
		err  string
	}{
		"a pull request": {`{"pull_request":{"number":7,"head":{"sha":"abc","repo":{"full_name":"a/b"}},"base":{"repo":{"full_name":"a/b"}}}}`,
			Event{Pull: 7, Head: "abc"}, ""},
		"merged":                  {`{"pull_request":{"number":7,"merged":true,"head":{"sha":"abc"}}}`, Event{Pull: 7, Head: "abc", Merged: true}, ""},
		"a push":                  {`{"ref":"refs/heads/main","after":"abc"}`, Event{}, ""},
		"a schedule":              {`{"schedule":"5 4 * * *"}`, Event{Timed: true}, ""},
		"by hand":                 {`{"inputs":{"max-edits":"80"}}`, Event{}, ""},
		"no number":               {`{"pull_request":{"head":{"sha":"abc"}}}`, Event{}, "no number"},
		"a number that is a word": {`{"pull_request":{"number":"7"}}`, Event{}, "no event"},
		"no JSON":                 {`hello`, Event{}, "no event"},
		"nothing":                 {``, Event{}, "no event"},
	} {
		got, err := readEvent([]byte(c.json))
		if !cmp.Equal(got, c.want, cmpopts.IgnoreFields(Saved{}, "ActionRequired")) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %+v, %v; want %+v, %q", name, got, err, c.want, c.err)
		}
	}
}

func TestKeysCanNotEndTheMark(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"default", "EU-1", "a.b_c"} {
		if err := CheckKey(good); err != nil {
			t.Error(err)
		}
		m := mark{key: good, mode: Plan, head: "abc", run: Run{12, 3}, sum: "0f"}
		if got, ok := markOf(m.line(markOpens)+"text", markOpens); !ok || got != m {
			t.Errorf("%+v", got)
		}
	}
	for _, bad := range []string{"", "a b", "a--b", "-->", "a>", "a=b", "../x", "a/b", "é", "a\nb", strings.Repeat("x", 65)} {
		if CheckKey(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestThePullRequestOfACommit(t *testing.T) {
	t.Parallel()
	open, old := github.Pull{Number: 9, Head: "sha"}, github.Pull{Number: 3, Merged: true, Commit: "other"}
	made, late := github.Pull{Number: 4, Merged: true, Commit: "sha"}, github.Pull{Number: 8, Merged: true, Commit: "more"}
	for _, c := range []struct {
		all  []github.Pull
		want int
	}{{nil, 0}, {[]github.Pull{open}, 0}, {[]github.Pull{open, late, made}, 4}, {[]github.Pull{late, old}, 8}} {
		if got := merged(c.all, "sha"); !cmp.Equal(got, c.want, cmpopts.IgnoreFields(Saved{}, "ActionRequired")) {
			t.Errorf("%v: %d, want %d", c.all, got, c.want)
		}
	}
}
