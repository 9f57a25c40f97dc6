package comment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cpsync/cpsync/internal/github"
	"github.com/cpsync/cpsync/internal/render/words"
)

// closedText is the text of an issue that is closed.
const closedText = "Nothing needs action any more. This issue is opened again when something does.\n"

// issueText is what an issue is to say.
type issueText struct{ title, text string }

// issue is an issue of ours.
type issue struct {
	github.Issue
	mark mark
}

// UpdateIssues keeps one issue with all that needs action, or one for each value of a tag, and
// returns what it did, a line each.
func UpdateIssues(ctx context.Context, hub *github.Client, key, tag string, run Run, all []ActionRequired) ([]string, error) {
	did, err := updateGroups(ctx, hub, key, run, issueTexts(all, key, tag))
	if errors.Is(err, github.ErrMayNot) {
		err = MayNotOpen{err}
	}
	if len(did) == 0 && err == nil {
		did = []string{"no issue had to change; " + words.Plural(len(all), "certificate") + " to act on"}
	}
	return did, err
}

// MayNotOpen is about a token that may not keep issues, which makes the run fail: nobody would be told else.
type MayNotOpen struct{ error }

// updateGroups opens, updates, closes and reopens the issues of groups, each by groupOf. An issue that says
// already what it should is left as it is, also when somebody closed it. Like Update it goes in
// rounds, each of which looks and does one thing, and leaves what a later run wrote.
func updateGroups(ctx context.Context, hub *github.Client, key string, run Run, groups map[string]issueText) ([]string, error) {
	for _, t := range groups {
		if n := len(t.text) + 300; n > mostBody {
			return nil, tooLong(n)
		}
	}
	author, err := authorOf(ctx, hub)
	if err != nil {
		return nil, err
	}
	k := &issueUpdate{hub: hub, author: author, key: key, run: run, groups: groups, created: map[string]bool{}}
	err = settle(ctx, hub, mostRounds+3*len(groups), func() (bool, error) { return k.round(ctx) })
	return k.did, err
}

// groupOf names a group in a mark: a value of a tag may hold anything.
func groupOf(name string) string {
	if name == "" {
		return "-"
	}
	return sumOf(name)
}

type issueUpdate struct {
	hub         *github.Client
	author, key string
	run         Run
	groups      map[string]issueText
	created     map[string]bool // an issue was sent for the group, and is not sent again
	did         []string
}

// round looks at the issues and does one thing about them.
func (k *issueUpdate) round(ctx context.Context) (done bool, err error) {
	all, err := k.hub.Issues(ctx, k.author)
	if err != nil {
		return false, err
	}
	ours := map[string][]issue{}
	for _, i := range all {
		if m, ok := markOf(i.Body, issueOpens); ok && m.key == k.key && i.User.Login == k.author {
			ours[m.mode] = append(ours[m.mode], issue{i, m})
		}
	}
	names := maps.Clone(k.groups)
	for group := range ours {
		names[group] = k.groups[group]
	}
	for _, group := range slices.Sorted(maps.Keys(names)) {
		if acted, err := k.group(ctx, group, ours[group]); acted || err != nil {
			return false, err
		}
	}
	return true, nil
}

// group does the next thing about the issues of a group, if there is one.
func (k *issueUpdate) group(ctx context.Context, group string, ours []issue) (acted bool, err error) {
	text, wanted := k.groups[group]
	if slices.ContainsFunc(ours, func(i issue) bool { return i.mark.run.after(k.run) }) {
		return false, nil
	}
	if !wanted && len(ours) > 0 {
		text = issueText{ours[0].Title, closedText}
	}
	sum := sumOf(text.title + "\n" + text.text)
	body := mark{k.key, group, "-", k.run, sum}.line(issueOpens) + text.text
	switch {
	case len(ours) == 0 && k.created[group]:
		return false, errUnsettled
	case len(ours) == 0:
		k.created[group] = true
		i, err := k.hub.CreateIssue(ctx, text.title, body)
		if err == nil {
			k.did = append(k.did, fmt.Sprintf("opened issue #%d: %s", i.Number, i.URL))
		}
		return true, err
	case ours[0].mark.sum != sum:
		did := "updated"
		if !wanted {
			did = "closed"
		} else if ours[0].State != github.Open {
			did = "reopened"
		}
		k.did = append(k.did, fmt.Sprintf("%s issue #%d: %s", did, ours[0].Number, ours[0].URL))
		return true, k.hub.EditIssue(ctx, ours[0].Number, text.title, body, wanted)
	}
	for _, i := range ours[1:] { // two jobs opened one at the same moment
		if i.State == github.Open {
			return true, k.hub.EditIssue(ctx, i.Number, i.Title, i.Body, false)
		}
	}
	return false, nil
}
