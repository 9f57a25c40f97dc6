// Package html writes a report as one page that needs nothing but itself.
package html

import (
	"embed"
	"html/template"
	"io"
	"slices"

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

//go:embed page.html page.css
var files embed.FS

// pageTemplate is parsed when a page is asked for: every other command would wait for it.
func pageTemplate() *template.Template {
	return template.Must(template.ParseFS(files, "page.html"))
}

func pageStyle() template.CSS {
	css, err := files.ReadFile("page.css")
	if err != nil {
		panic(err) // it is embedded
	}
	return template.CSS(css)
}

// page is what the page shows. Every text in it is clean; the template escapes it for
// where it stands.
type page struct {
	Style     template.CSS
	Target    string
	Now       string // when the account was read
	Paths     []string
	Tiles     []tile
	Alarms    []alarm // what is never left out
	Timeline  *timeline
	Control   dcvList
	Sections  []section // of the plan
	Refused   []string  // what is over a limit
	Fleet     []row
	Strangers list[string] // live requests without a manifest
	Next      string       // what to do with the plan
	Version   string
}

// tile is a count at the top.
type tile struct {
	Count int
	Label string
	About string
	Class string // what it is coloured as: "bad", "act", "wait" or "good"
}

// Report writes one page that needs nothing but itself: no script, no picture and no style
// from elsewhere.
func Report(w io.Writer, r report.Report) error {
	r = words.PointToDCV(r, "Domain control")
	return pageTemplate().ExecuteTemplate(w, "page.html", page{
		Style:     pageStyle(),
		Target:    words.Clean(r.Target),
		Now:       r.Plan.Now.UTC().Format(plan.Minute),
		Paths:     words.Each(r.Paths, words.Clean),
		Tiles:     tilesOf(r),
		Alarms:    alarmsOf(r),
		Timeline:  timelineOf(r.Plan),
		Control:   dcvOf(r),
		Sections:  sectionsOf(r),
		Refused:   refusalsOf(r),
		Fleet:     fleetOf(r.Plan),
		Strangers: unmanagedOf(r.Plan),
		Next:      words.Clean(words.Cost(r.Requests) + nextOf(r)),
		Version:   words.Clean(r.Version.Name + " " + r.Version.Version),
	})
}

// nextOf says how the plan is carried out, where there is one.
func nextOf(r report.Report) string {
	if text := words.Next(r); text != " To apply:" {
		return text
	}
	return " To apply: " + words.ApplyCommand(r)
}

func tilesOf(r report.Report) []tile {
	n, a := view.Summarize(r.Plan), view.AlarmsOf(r.Plan)
	nothing, yet := words.SplitByRenewal(a.Unrenewed, r.Plan.Now)
	tiles := []tile{
		{n.Errors, words.Agree(n.Errors, "error", "errors"), "could not be planned", "bad"},
		{len(a.Revoked), "revoked", "by the CA", "bad"},
		{len(a.Expired), "ended", "are past their end", "bad"},
		{len(nothing), "end soon", "with nothing to renew them", "bad"},
		{len(yet), "end soon", "with no renewal ordered yet", "bad"},
		{len(a.Failed), "end soon", "with an order that failed, or is not known", "bad"},
		{len(a.Renewing), "end soon", "with an order placed", "bad"},
		{n.ActionRequired, words.Agree(n.ActionRequired, "needs you", "need you"), "cpsync cannot do these", "act"},
		{n.Orders, words.Agree(n.Orders, "order", "orders"), "each starts something at the CA", "act"},
		{n.Edits, words.Agree(n.Edits, "edit", "edits"), "no order", "act"},
		{n.Deferred, "waiting", "a later run makes it", "wait"},
		{n.Protected, "protected", "differ, and their manifests keep it", "wait"},
		{n.UpToDate, "in step", "nothing to do", "good"},
	}
	if r.Plan.Complete {
		tiles = append(tiles, tile{len(r.Plan.Unmanaged), "unmanaged", "live, without a manifest", "wait"})
	}
	return slices.DeleteFunc(tiles, func(t tile) bool { return t.Count == 0 })
}

// alarm is a group of certificates that is never left out.
type alarm struct {
	Title, About string
	List         list[card]
}

func alarmsOf(r report.Report) []alarm {
	a := view.AlarmsOf(r.Plan)
	nothing, yet := words.SplitByRenewal(a.Unrenewed, r.Plan.Now)
	var all []alarm
	for _, g := range []struct {
		title, about string
		steps        []plan.Step
	}{
		{"Revoked", "The CA revoked these certificates.", a.Revoked},
		{"Ended", "These certificates are past their end.", a.Expired},
		{"Ends soon", "Nothing renews these certificates.", nothing},
		{"Ends soon, with no renewal ordered yet", "Their renewal is asked for and was not ordered yet.", yet},
		{"Ends soon, and an order failed", "Their last order failed, or what renews them is not known.", a.Failed},
		{"Expires soon, with an order placed", "Their renewal, or another order, is not done.", a.Renewing},
	} {
		if len(g.steps) > 0 {
			all = append(all, alarm{g.title, g.about, cardsOf(r, g.steps, askingFacts)})
		}
	}
	return all
}

// Written says in a line what a page holds.
func Written(file string, r report.Report) string {
	n, a := view.Summarize(r.Plan), view.AlarmsOf(r.Plan)
	about := words.JoinCounts(words.Plural(n.Errors, "error", "errors"), words.Plural(n.ActionRequired, "needs you", "need you"),
		words.Plural(len(a.Revoked), "revoked", "revoked"), words.Plural(len(a.Expired), "has ended", "have ended"),
		words.Plural(a.Expiring(), "expires soon", "end soon"))
	line := words.Clean(file) + ": " + words.Plural(n.Total, "certificate", "certificates")
	if about != "" {
		line += ", " + about
	}
	return line + ". " + words.Cost(r.Requests) + "\n"
}
