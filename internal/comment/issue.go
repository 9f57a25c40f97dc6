package comment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cpsync/cpsync/internal/github"
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
// returns what it did, a line each. After an error of the run it closes none: what the run could not evaluate may
// still need action.
func UpdateIssues(ctx context.Context, hub *github.Client, key, tag string, run Run, all []ActionRequired) ([]string, error) {
	k := &issueUpdate{hub: hub, key: key, run: run, groups: issueTexts(all, key, tag), partial: slices.ContainsFunc(all, ActionRequired.ofRun)}
	err := k.keep(ctx)
	if errors.Is(err, github.ErrMayNot) {
		err = MayNotOpen{err}
	}
	if len(k.did) == 0 && err == nil {
		k.did = []string{"no issue had to change; " + cmp.Or(counted(all), "nothing") + " to act on"}
	}
	return k.did, err
}

// MayNotOpen is about a token that may not keep issues, which makes the run fail: nobody would be told else.
type MayNotOpen struct{ error }

// keep opens, updates, closes and reopens the issues of groups, each by groupOf. An issue that says
// already what it should is left as it is, also when somebody closed it. Like Update it goes in
// rounds, each of which looks and does one thing, and leaves what a later run wrote.
func (k *issueUpdate) keep(ctx context.Context) (err error) {
	for _, t := range k.groups {
		if n := len(t.text) + 300; n > mostBody {
			return tooLong(n)
		}
	}
	if k.author, err = authorOf(ctx, k.hub); err != nil {
		return err
	}
	k.created, k.unseen, k.left = map[string]bool{}, map[string]lostWrite{}, map[string]bool{}
	return settle(ctx, k.hub, mostRounds+3*len(k.groups), func() (bool, error) { return k.round(ctx) })
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
	partial     bool                 // groups may lack some, and no issue is closed
	created     map[string]bool      // an issue was sent for the group, and is not sent again
	unseen      map[string]lostWrite // of the group: no reading has shown yet whether it took effect
	left        map[string]bool      // that a later run wrote the issue of the group has been said
	did         []string
}

// lostWrite is a write without an answer: what it was to do, to which issue (0: a new one), and why there was none.
type lostWrite struct {
	how    string
	number int
	err    error
}

// shownBy reports whether an issue shows that the write took effect.
func (w lostWrite) shownBy(i issue, run Run, sum string) bool {
	switch {
	case w.err == nil || w.number != 0 && w.number != i.Number:
		return false
	case w.how == closed:
		return i.State != github.Open
	default:
		return i.mark.run == run && i.mark.sum == sum
	}
}

// closed is what becomes of an issue when nothing needs action, and of the younger of two.
const closed = "closed"

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
	if !wanted && k.partial {
		return false, nil
	}
	if !wanted && len(ours) > 0 {
		text = issueText{ours[0].Title, closedText}
	}
	sum := sumOf(text.title + "\n" + text.text)
	if i := slices.IndexFunc(ours, func(i issue) bool { return i.mark.run.after(k.run) }); i >= 0 {
		if !k.left[group] && ours[i].mark.sum != sum {
			k.note("left", "; a later run has written it", ours[i].Issue)
		}
		k.left[group] = true
		return false, nil
	}
	body := mark{k.key, group, "-", k.run, sum}.line(issueOpens) + text.text
	lost := k.unseen[group]
	if i := slices.IndexFunc(ours, func(i issue) bool { return lost.shownBy(i, k.run, sum) }); i >= 0 {
		k.note(lost.how, "", ours[i].Issue)
		delete(k.unseen, group)
	}
	switch {
	case len(ours) == 0 && lost.err != nil:
		return false, fmt.Errorf("%w; it was looked for and not sent again", lost.err)
	case len(ours) == 0 && k.created[group]:
		return false, errUnsettled
	case len(ours) == 0:
		k.created[group] = true
		i, err := k.hub.CreateIssue(ctx, text.title, body)
		return true, k.sent(group, "opened", i, err)
	case ours[0].mark.sum != sum:
		how := "updated"
		if !wanted {
			how = closed
		} else if ours[0].State != github.Open {
			how = "reopened"
		}
		return true, k.sent(group, how, ours[0].Issue, k.hub.EditIssue(ctx, ours[0].Number, text.title, body, wanted))
	}
	for _, i := range ours[1:] { // two jobs opened one at the same moment
		if i.State == github.Open {
			return true, k.sent(group, closed, i.Issue, k.hub.EditIssue(ctx, i.Number, i.Title, i.Body, false))
		}
	}
	return false, nil
}

// sent notes what a write did. One without an answer is noted once a reading shows it.
func (k *issueUpdate) sent(group, how string, i github.Issue, err error) error {
	switch {
	case err == nil:
		k.note(how, "", i)
		delete(k.unseen, group)
	case errors.Is(err, github.ErrUnanswered):
		k.unseen[group] = lostWrite{how, i.Number, err}
	}
	return err
}

// note says what became of an issue.
func (k *issueUpdate) note(how, why string, i github.Issue) {
	k.did = append(k.did, fmt.Sprintf("%s issue #%d%s: %s", how, i.Number, why, i.URL))
}
