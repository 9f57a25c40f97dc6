package markdown

import (
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
)

// alarmBytes is the size above which less is said about each certificate that expires. None
// is left out.
const alarmBytes = 24_000

// elsewhere are the certificates that only need action: those that the change under review
// leaves alone, or those of a whole plan that are not in the table of changes.
func (s sheet) elsewhere() plan.Plan {
	return s.Plan.Where(func(step plan.Step) bool { return step.NeedsAction() && !s.inTable(step) })
}

// restOfAccount says what of the change under review needs nothing, and in one line what else
// needs action.
func (s sheet) restOfAccount() (p part) {
	if s.Base == nil {
		return p
	}
	if n := len(s.reviewed().Where(func(step plan.Step) bool { return len(s.rows(step)) == 0 }).Steps); n > 0 {
		p.fixed = words.Plural(n, "certificate of this change is", "certificates of this change are") + " up to date.\n\n"
	}
	if others := s.notThisChange(); others != "" {
		p.fixed += "**Not this change:** " + others + "\n"
	}
	return p
}

func (s sheet) notThisChange() string {
	counts, alarms := words.ActionCounts(s.elsewhere(), s.Plan)
	text := calm(append(counts, s.unmanagedExpiring())...)
	if len(alarms) > 0 {
		text += "; soonest " + title(alarms[0]) + ", " + words.Expiry(alarms[0], s.Plan.Now)
	}
	return text
}

// calm joins counts without the capitals that make alarms stand out in a log.
func calm(counts ...string) string { return strings.ToLower(words.JoinCounts(counts...)) }

// unmanagedExpiring counts the requests without a manifest that have expired or soon do.
func (s sheet) unmanagedExpiring() string {
	n := len(view.UnmanagedExpiring(s.Plan))
	return words.Plural(n, "unmanaged request") + " expired or about to expire"
}

// actionRequired names what needs a person and is not in the table. What is revoked, expired
// or expires is never left out.
func (s sheet) actionRequired() part {
	all, title := s.elsewhere(), "Action required"
	if s.Base != nil {
		title += " elsewhere"
	}
	alarms, named := s.alarms(all)
	p := part{title: title + " (" + words.Plural(len(all.Steps), "certificate") + ")", folded: s.Base != nil,
		fixed: alarms, rank: cutAsks, entry: "group"}
	others := all.Where(func(step plan.Step) bool { return !named[step.Want.ID] }).SoonestFirst()
	if p.fixed != "" && len(others) > 0 {
		p.fixed += "\n**" + words.Plural(len(others), "other certificate needs", "other certificates need") + " action**\n"
	}
	p.entries = s.groups(others)
	return p
}

// alarms are the certificates that were revoked, expired, expire, or whose renewal is late, each
// once, and which they are.
func (s sheet) alarms(p plan.Plan) (text string, named map[cert.ID]bool) {
	a := view.AlarmsOf(p)
	late, unsure := view.Unrenewed(p)
	ordered := func(step plan.Step) bool { return step.Alarms() && step.Renewal(p.Now).Open() } // its renewal may be late too
	late, unsure = slices.DeleteFunc(late, ordered), slices.DeleteFunc(unsure, ordered)
	comes := func(step plan.Step) bool { return step.Renewal(p.Now).Comes() }
	yet, nothing := plan.Plan{Steps: late}.Where(comes).Steps, slices.DeleteFunc(late, comes)
	type alarm struct {
		title string
		steps []plan.Step
	}
	groups := slices.DeleteFunc([]alarm{
		{words.Plural(len(a.Revoked), "certificate was", "certificates were") + " revoked by the CA", a.Revoked},
		{words.Plural(len(a.Expired), "certificate has", "certificates have") + " expired", a.Expired},
		{s.dueFor(nothing) + ", and nothing renews " + words.Agree(len(nothing), "it", "them"), nothing},
		{s.dueFor(yet) + ", and no renewal is ordered yet", yet},
		{s.dueFor(unsure) + "; an order failed, or the state is unknown", unsure},
		{s.dueFor(a.Renewing) + ", and an order was placed", a.Renewing},
	}, func(g alarm) bool { return len(g.steps) == 0 })
	var b strings.Builder
	named = map[cert.ID]bool{}
	for _, g := range groups {
		b.WriteString("**" + g.title + "**\n\n" + s.shortest(g.steps, alarmBytes/len(groups)) + "\n")
		for _, step := range g.steps {
			named[step.Want.ID] = true
		}
	}
	return strings.TrimSuffix(b.String(), "\n"), named
}

// dueFor counts certificates that expire, or whose renewal should have begun.
func (s sheet) dueFor(steps []plan.Step) string {
	if slices.ContainsFunc(steps, func(step plan.Step) bool { return !step.Is(cert.Expiring) }) {
		return words.Plural(len(steps), "certificate is", "certificates are") + " due for renewal"
	}
	return words.Plural(len(steps), "certificate expires", "certificates expire") + words.Within(steps, s.Plan.Now)
}

// shortest writes a line for each certificate, and says less of each where that is too long.
func (s sheet) shortest(steps []plan.Step, most int) string {
	full := strings.Join(s.groups(steps), "")
	var short strings.Builder
	for _, step := range steps {
		short.WriteString("- " + title(step) + " " + s.state(step) + "\n")
	}
	switch {
	case len(full) <= most:
		return full
	case short.Len() <= most:
		return short.String()
	default:
		return byDay(steps)
	}
}

// groups writes certificates by cause and action.
func (s sheet) groups(steps []plan.Step) []string {
	return words.Each(view.Groups(plan.Plan{Now: s.Plan.Now, Steps: steps}), s.grouped)
}

// grouped writes a group: its reason and action once, then a line for each certificate with
// what else there is to say of it.
func (s sheet) grouped(g view.Group) string {
	if len(g.Steps) == 1 {
		return "- " + title(g.Steps[0]) + " " + s.state(g.Steps[0]) + ": " + strings.Join(reasons(g.Steps[0]), "; ") + "\n"
	}
	var b strings.Builder
	b.WriteString("- " + words.Plural(len(g.Steps), "certificate") + ": " +
		withAction(g.Reason, words.GroupAction(s.Report, g, "in bold")) + "\n")
	dated := words.DatesDiffer(g)
	for _, step := range g.Steps {
		var do plan.Action
		if asking := step.Asking(); len(asking) > 0 {
			do = asking[0].Do
		}
		all := reasons(step)
		if all[0] == withAction(g.Reason, do.String()) {
			all = all[1:]
		}
		if dated {
			all = append([]string{"**" + words.Deadline(step) + "**"}, all...)
		}
		b.WriteString("  - " + words.JoinClauses(append([]string{title(step) + " " + s.state(step)}, all...)...) + "\n")
	}
	return b.String()
}

// reasons are why a certificate needs a person, and what that person does.
func reasons(step plan.Step) []string {
	if f := step.Fault; f != nil {
		return []string{withAction(f.Message, f.Hint)}
	}
	all := words.Each(step.Asking(), reasonOf)
	for _, b := range step.Withheld {
		if b.NeedsAction() {
			all = append(all, wanted(b)+": "+withheld(b))
		}
	}
	return all
}

// byDay writes a line for each day and the ids of what expires on it, which is a few bytes
// for each. The steps come in the order they expire.
func byDay(steps []plan.Step) string {
	var b strings.Builder
	day := ""
	for _, step := range steps {
		if expires := step.Have.Expires.UTC().Format(plan.Date); expires != day {
			day = expires
			b.WriteString("\n- " + day + ", by id:")
		} else {
			b.WriteString(",")
		}
		b.WriteString(" " + word(step.Want.ID.String()))
	}
	return b.String()[1:] + "\n"
}
