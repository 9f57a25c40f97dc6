package render_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/plan/view"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/html"
	"github.com/cpsync/cpsync/internal/render/jsonplan"
	"github.com/cpsync/cpsync/internal/render/markdown"
	"github.com/cpsync/cpsync/internal/render/openmetrics"
	"github.com/cpsync/cpsync/internal/render/text"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// situation is one combination of what the API says of a request, and of what its manifest
// asks for.
type situation struct {
	status   cert.Status
	order    cert.OrderStatus
	domains  [2]cert.DomainStatus
	left     time.Duration // until its end; 0: it was never issued
	age      time.Duration // since it was modified
	approved int           // how many names are
	auto     bool
	asks     bool // the API says that a person must act
	message  bool
	policy   int
	method   cert.DCVMethod
	vetted   bool // the CA vets its organization
	held     int  // 1: the journal holds a renewal that was accepted lately; 2: one without an answer
}

// policies are what a manifest may say of renewals.
var policies = []func(*cert.Spec){
	func(*cert.Spec) {},
	func(s *cert.Spec) { s.Policy.RenewBefore = cert.Some(30 * day) },
	func(s *cert.Spec) {
		s.Policy.RenewBefore, s.Policy.AllowUndocumented = cert.Some(60*day), []cert.Edit{cert.EditRenew}
	},
	func(s *cert.Spec) { s.Policy.RetriggerUntil = cert.Some(now.Add(10 * day)) },
	func(s *cert.Spec) { s.AutoRenew = cert.Some(true) },
	func(s *cert.Spec) { s.AutoRenew = cert.Some(false) },
	func(s *cert.Spec) { s.Description = cert.Some("other") },
	func(s *cert.Spec) {
		s.Domains = cert.Some(cert.Domains{Common: "a.example.com", Names: []string{"a.example.com", "b.example.com", "c.example.com"}})
	},
}

// situations counts the combinations of each part.
func situations() []int {
	return []int{len(allStatuses), len(allOrders), len(allDomains), len(allDomains), 6, 3, 3, 2, 2, 2, len(policies), 3, 2, 3}
}

var (
	allStatuses = append(slices.Clone(cert.Statuses), cert.StatusUnknown)
	allOrders   = append(slices.Clone(cert.OrderStatuses), cert.OrderUnknown, cert.NoOrder)
	allDomains  = append(slices.Clone(cert.DomainStatuses), cert.DomainUnknown)
)

// situationOf is the combination of a number.
func situationOf(n int) situation {
	var at []int
	for _, of := range situations() {
		at = append(at, n%of)
		n /= of
	}
	return situation{allStatuses[at[0]], allOrders[at[1]], [2]cert.DomainStatus{allDomains[at[2]], allDomains[at[3]]},
		[]time.Duration{0, -3 * day, 5 * day, 20 * day, 50 * day, 150 * day}[at[4]],
		[]time.Duration{time.Hour, 3 * day, 30 * day}[at[5]], at[6], at[7] == 1, at[8] == 1, at[9] == 1, at[10],
		[]cert.DCVMethod{cert.DNSTxtToken, cert.Email, "HttpToken"}[at[11]], at[12] == 1, at[13]}
}

func (x situation) live() cert.Live {
	l := cert.Live{ID: 11604, Label: "cdn", DCVMethod: x.method, ValidationType: cert.DV, Authority: cert.DigiCert,
		Common: "a.example.com", Created: now.Add(-300 * day), Modified: now.Add(-x.age), Status: x.status, Order: x.order,
		AutoRenew: x.auto, RequiresAttention: x.asks, OrganizationRead: true}
	if x.vetted {
		l.ValidationType = cert.OV
	}
	l.SetDomains([]cert.Domain{{Name: "a.example.com", Status: x.domains[0]}, {Name: "b.example.com", Status: x.domains[1]}})
	l.Approved = []string{"a.example.com", "b.example.com"}[:x.approved]
	if x.left != 0 {
		l.Expires, l.Thumbprint = now.Add(x.left), "AB12"
	}
	if x.message {
		l.ErrorMessage = "CAA record"
	}
	return l
}

// options are those of a run with a journal.
func (x situation) options() plan.Options {
	o := options()
	if x.held > 0 {
		h := plan.PendingOrder{Kind: plan.Renew, Sent: now.Add(-2 * time.Hour), Line: "j.jsonl:1"}
		if x.held == 1 {
			h.Answered = h.Sent
		}
		o.PendingOrders = map[cert.ID]plan.PendingOrder{11604: h}
	}
	return o
}

// accepted: the journal holds a renewal that is expected to show.
func (x situation) accepted() bool { return x.held == 1 && x.left != 0 }

// failed is an order that came to a bad end, read from the words alone.
func (x situation) failed() bool {
	bad := []cert.DomainStatus{cert.DomainTimedOut, cert.DomainRejected, cert.DomainSecretRejected}
	return slices.Contains(bad, x.domains[0]) || slices.Contains(bad, x.domains[1]) || slices.Contains([]cert.OrderStatus{
		cert.OrderRejected, cert.OrderRevoked, cert.OrderCanceled, cert.OrderDeleted, cert.OrderRenewalRejected, cert.OrderReissueRejected}, x.order)
}

// open is an order that is not through.
func (x situation) open() bool {
	word := x.order.String()
	return strings.HasPrefix(word, "Awaiting") || strings.HasPrefix(word, "Pending")
}

// tries is 5,000 in a run of all tests, and more where there is time.
var tries = flag.Int("tries", 2000, "how many situations are tried")

// TestWhatIsSaidIsSo tries combinations of status, order, domains, dates and policy. No
// output says "under way" of an order that failed, "nothing renews" of one that is open, or
// "in service" past the end; every action names something that exists; plan and explain
// give the same next actor.
func TestWhatIsSaidIsSo(t *testing.T) {
	t.Parallel()
	total := 1
	for _, n := range situations() {
		total *= n
	}
	const stride = 15_485_863 // a prime: every part comes with every other
	for i := range *tries {
		x := situationOf(i * stride % total)
		want := cert.Spec{ID: 11604, Name: "cdn"}
		policies[x.policy](&want)
		o := x.options()
		p := plan.Build(plan.Account{Pairs: []plan.Pair{{Want: want, Have: x.live(), Found: true}}, Complete: true}, now, o)
		c := checked{t, x, p.Steps[0]}
		c.decided()
		if i%150 == 0 {
			c.rendered(p)
		}
		if t.Failed() {
			return
		}
	}
}

// checked is one combination, and what was decided of it.
type checked struct {
	*testing.T
	situation
	step plan.Step
}

func (c checked) decided() {
	s := c.step
	if s.Fault != nil {
		return
	}
	r, turn := s.Renewal(now), view.WhoActs(s, now)
	texts := []string{words.State(s, now), plan.State(s.Phase, s.Have, now), words.Renewal(r), r.Do.String()}
	for _, w := range s.Warnings {
		texts = append(texts, w.Text, w.Do.String())
	}
	for _, b := range s.Withheld {
		texts = append(texts, b.Because, b.Do.String())
	}
	c.texts("plan", texts)
	if l := view.LifeOf(s.Have, now); s.Have.Expired(now) && l.At >= 0 && l.Stops[l.At] == "active" {
		c.wrong("the marker stands at in service past the end")
	}
	asked := s.NeedsAction()
	if nobody, next := c.next(); nobody != turn.Nobody || !nobody && next != turn.Next {
		c.wrong(fmt.Sprintf("next is %v (nobody: %v), explain says %+v", next, nobody, turn))
	}
	for _, b := range s.Withheld {
		if by, named := c.byPhase(); named && strings.HasPrefix(string(b.Rule), "phase:") && b.Verdict == plan.Deferred && b.Next != by {
			c.wrong(fmt.Sprintf("%v acts next, and the plan says of %v: %v", by, b.Edit, b.Next))
		}
	}
	if c.accepted() && s.Phase != cert.Deleted && r.Kind != plan.RenewalOpen {
		c.wrong("a renewal was accepted, and its renewal is " + r.Kind.String())
	}
	if asked && len(turn.Do) == 0 {
		c.wrong("nobody says what the person does")
	}
	if _, late := view.Overdue(s, now); late && (r.Kind == plan.RenewalOpen || r.Comes() && r.Kind != plan.RenewalByPolicy && !s.Is(cert.Expiring)) {
		c.wrong("overdue, and " + r.Kind.String())
	}
	if a := view.AlarmsOf(plan.Plan{Now: now, Steps: []plan.Step{s}}); s.Have.Expired(now) && len(a.Expired)+len(a.Revoked) != 1 {
		c.wrong("it has ended and is in no group of what has")
	}
}

// next is who acts next, told from the words of the API and what the plan holds.
func (c checked) next() (nobody bool, next plan.Actor) {
	s := c.step
	waits := slices.IndexFunc(s.Withheld, func(b plan.Withheld) bool { return b.Next != plan.Person })
	by, named := c.byPhase()
	switch {
	case s.NeedsAction():
		return false, plan.Person
	case len(s.Ops) > 0:
		return false, plan.NextRun
	case waits >= 0:
		return false, s.Withheld[waits].Next
	case s.Phase == cert.Active:
		return true, 0
	case named:
		return false, by
	default:
		return false, plan.Person
	}
}

// byPhase is who works on the request while nothing failed and nobody is asked; false when
// a person has to look.
func (c checked) byPhase() (next plan.Actor, named bool) {
	x, have := c.situation, c.step.Have
	switch c.step.Phase {
	case cert.Processing, cert.Deployment:
		next = plan.CDN
	case cert.Ordered, cert.OtherValidation:
		next = plan.CA
	case cert.DomainControlValidation:
		next = plan.Person
	case cert.InFlight:
		next = plan.CA
		if strings.HasPrefix(x.order.String(), "Awaiting") || x.status == cert.StatusDeployment {
			next = plan.CDN
		}
	default:
		return 0, false
	}
	if have.Validated() && (c.step.Phase == cert.DomainControlValidation || c.step.Phase == cert.InFlight) {
		next = plan.CA
		if x.age > day {
			next = plan.Person
		}
	} else if x.asks {
		next = plan.Person
	}
	return next, true
}

// rendered reads what each output says.
func (c checked) rendered(p plan.Plan) {
	r := report.Report{Plan: p, Target: "api.vdms.io"}
	x := report.Explanation{Asked: "cdn", Common: report.Common{Now: now}, Step: c.step, Managed: true, Life: view.LifeOf(c.step.Have, now),
		Next: view.WhoActs(c.step, now), Renewal: c.step.Renewal(now), Outlooks: c.step.Outlooks(now, c.options())}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text":            func(b *bytes.Buffer) error { return text.Plan(b, r, render.Style{Width: 400}) },
		"markdown":        func(b *bytes.Buffer) error { return markdown.Report(b, r) },
		"html":            func(b *bytes.Buffer) error { return html.Report(b, r) },
		"explain":         func(b *bytes.Buffer) error { return text.Explanation(b, x, render.Style{Width: 400}) },
		"json":            func(b *bytes.Buffer) error { return jsonplan.Report(b, r) },
		"explain in json": func(b *bytes.Buffer) error { return jsonplan.Explanation(b, x) },
		"metrics":         func(b *bytes.Buffer) error { return openmetrics.Report(b, r, openmetrics.Options{At: now}) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			c.Fatal(err)
		}
		text := b.String()
		if name == "html" {
			text = regexp.MustCompile(`(?s)<p class="legend">.*?</p>|<table.*?</thead>|<svg.*?</svg>`).ReplaceAllString(text, "")
		}
		switch name {
		case "metrics":
			c.exposed(text)
		case "json":
			c.counted(b.Bytes())
			c.texts(name, strings.Split(text, "\n"))
		case "explain in json":
			c.explained(b.Bytes())
			c.texts(name, strings.Split(text, "\n"))
		default:
			c.texts(name, strings.Split(text, "\n"))
		}
	}
}

func bit(is bool) int {
	if is {
		return 1
	}
	return 0
}

// exposed compares the metrics of the certificate with what the plan holds.
func (c checked) exposed(text string) {
	s, now := c.step, now
	for name, is := range map[string]bool{
		"action_required": s.NeedsAction(), "revoked": s.Is(cert.Revoked), "expired": s.Is(cert.PastExpiry), "expiring": s.Is(cert.Expiring),
		"renewal_overdue": s.Is(cert.RenewalOverdue) || s.Is(cert.AutoRenewStuck), "error": s.Fault != nil,
	} {
		if s.Fault != nil && name != "error" && name != "action_required" {
			continue
		}
		line := fmt.Sprintf("cpsync_certificate_%s{id=\"11604\",name=\"cdn\"} %d\n", name, bit(is))
		if !strings.Contains(text, line) {
			c.wrong("metrics do not say " + line)
		}
	}
	overdue := strings.Contains(text, `renewal_overdue{id="11604",name="cdn"} 1`)
	if overdue && (c.accepted() || c.open() && !c.failed() && s.Phase != cert.Unknown && !s.Is(cert.RenewalOverdue)) {
		c.wrong("metrics say overdue of an order that is open")
	}
	if s.Fault == nil && s.Have.Expired(now) && !strings.Contains(text, `expired{id="11604",name="cdn"} 1`) && !strings.Contains(text, `revoked{id="11604",name="cdn"} 1`) {
		c.wrong("metrics do not say that it has ended")
	}
}

// counted compares the summary of the JSON document with the groups.
func (c checked) counted(text []byte) {
	var j struct {
		Summary struct {
			Revoked  int `json:"revoked"`
			Expired  int `json:"expired"`
			Expiring int `json:"expiring"`
		}
	}
	countsAddUp(c, "situation", report.Report{Plan: plan.Plan{Now: now, Steps: []plan.Step{c.step}}})
	if err := json.Unmarshal(text, &j); err != nil {
		c.Fatal(err)
	}
	a := view.AlarmsOf(plan.Plan{Now: now, Steps: []plan.Step{c.step}})
	got := [3]int{j.Summary.Revoked, j.Summary.Expired, j.Summary.Expiring}
	if want := [3]int{len(a.Revoked), len(a.Expired), a.Expiring()}; got != want {
		c.wrong(fmt.Sprintf("JSON counts %v revoked, ended and ending, the plan %v", got, want))
	}
}

// explained compares the next actor and the renewal of an explanation in JSON with the plan's.
func (c checked) explained(text []byte) {
	var j struct {
		Request struct {
			Next    struct{ Actor *string }
			Renewal struct{ By string }
		}
	}
	if err := json.Unmarshal(text, &j); err != nil {
		c.Fatal(err)
	}
	actor := ""
	if nobody, next := c.next(); !nobody {
		actor = next.String()
	}
	if got := j.Request.Next.Actor; (got == nil) != (actor == "") || got != nil && *got != actor {
		c.wrong(fmt.Sprintf("next is %q, explain in JSON says %v", actor, j.Request.Next))
	}
	if by := c.step.Renewal(now).Kind.String(); j.Request.Renewal.By != by {
		c.wrong("its renewal is " + by + ", explain in JSON says " + j.Request.Renewal.By)
	}
}

var (
	namedKeys  = regexp.MustCompile(`add  ([a-z_]+):|set  ([a-z_]+):`)
	actionKeys = []string{"accept", "allow_undocumented", "renew_before", "renew_if_thumbprint", "auto_renew"}
)

// texts looks for what may not be said.
func (c checked) texts(where string, texts []string) {
	s := c.step
	for _, text := range texts {
		switch {
		case c.failed() && s.Have.Issued() && strings.Contains(text, "in progress"),
			c.failed() && strings.Contains(text, "renewal in progress"):
			c.wrong(where + " says of an order that failed: " + text)
		case c.open() && (strings.Contains(text, "nothing renews") || strings.Contains(text, "nothing will renew")):
			c.wrong(where + " says of an order that is open: " + text)
		case c.accepted() && (strings.Contains(text, "nothing renews") || strings.Contains(text, "nothing will renew")):
			c.wrong(where + " says of a renewal that was accepted: " + text)
		case s.Renewal(now).Comes() && (strings.Contains(text, "nothing renews it:") || strings.Contains(text, "nothing renews them:") || strings.Contains(text, "Nothing renews these")):
			c.wrong(where + " says of a renewal that comes: " + text)
		case c.method == cert.Email && s.Phase != cert.Unknown && strings.Contains(text, "records"):
			c.wrong(where + " speaks of records where e-mails are to be answered: " + text)
		case slices.Contains([]cert.DCVMethod{cert.DNSTxtToken}, c.method) && strings.Contains(text, "e-mail"):
			c.wrong(where + " speaks of e-mails where records are to be set: " + text)
		case s.Have.Expired(now) && strings.Contains(text, "in service, "):
			c.wrong(where + " says past the end: " + text)
		case strings.Contains(text, "look for them with cpsync explain 11604"): // later, for what is not there yet
			if s.AwaitsDCV() {
				c.wrong(where + " says of records that are there when they appear: " + text)
			}
		case where == "explain" && strings.Contains(text, "cpsync explain 11604") && !strings.Contains(text, "--no-dcv"),
			strings.Contains(text, "cpsync explain 11604") && !s.AwaitsDCV():
			c.wrong(where + " sends to where nothing is: " + text)
		}
		for _, m := range namedKeys.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(actionKeys, m[1]+m[2]) {
				c.wrong(where + " names no key: " + text)
			}
		}
	}
}

func (c checked) wrong(text string) {
	c.Helper()
	c.Errorf("%+v, phase %s: %s", c.situation, c.step.Phase, text)
}
