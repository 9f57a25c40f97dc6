package plan_test

import (
	"fmt"
	. "github.com/cpsync/cpsync/internal/plan"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
)

func TestWarnings(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 101 {
		many = append(many, fmt.Sprintf("n%03d.example.com", i))
	}
	tests := map[string]struct {
		want  cert.Spec
		have  cert.Live
		codes []string
	}{
		"nothing to say":                                   {asks(), inService(), nil},
		"auto-renew is stuck":                              {asks(), inService(endsIn(45*day-time.Second), autoRenews), []string{"auto-renew-stuck"}},
		"auto-renew has 45 days left":                      {asks(), inService(endsIn(45*day), autoRenews), nil},
		"auto-renew has begun":                             {asks(), inService(endsIn(20*day), autoRenews, order(cert.OrderPendingRenewal)), nil},
		"auto-renew is stuck and that is accepted":         {asks(accepts(cert.AutoRenewStuck)), inService(endsIn(40*day), autoRenews), []string{"auto-renew-stuck (accepted)"}},
		"a renew policy while auto-renew is on":            {asks(renewBefore(30 * day)), inService(autoRenews), []string{"renew-idle"}},
		"and managed":                                      {asks(renewBefore(30*day), autoRenew(true)), inService(autoRenews), nil},
		"and to be switched off":                           {asks(renewBefore(30*day), autoRenew(false)), inService(autoRenews), []string{"modified-outside-git"}},
		"auto-renew is switched on late":                   {asks(autoRenew(true)), inService(endsIn(60*day - time.Second)), []string{"auto-renew-late", "modified-outside-git"}},
		"auto-renew is switched on in time":                {asks(autoRenew(true)), inService(endsIn(60 * day)), []string{"modified-outside-git"}},
		"auto-renew would be switched on and is protected": {asks(autoRenew(true), protects(cert.EditAutoRenew)), inService(endsIn(50 * day)), []string{"modified-outside-git"}},
		"renew_before is longer than the window":           {asks(renewBefore(61 * day)), inService(), []string{"renew-before-window"}},
		"the policy is met":                                {asks(renewBefore(30 * day)), inService(endsIn(20*day), order(cert.OrderAwaitingRenewal)), []string{"renewal-in-progress"}},
		"a renewal nobody asked for":                       {asks(), inService(endsIn(20*day), order(cert.OrderAwaitingRenewal)), nil},
		"a label of 64 characters":                         {asks(label(strings.Repeat("x", 64)), accepts(cert.OtherDomains)), inService(), []string{"other-domains (accepted)", "modified-outside-git"}},
		"a label of 65 characters":                         {asks(label(strings.Repeat("x", 65)), accepts(cert.OtherDomains)), inService(), []string{"long-label", "other-domains (accepted)", "modified-outside-git"}},
		"a description of 255 letters":                     {asks(description(strings.Repeat("ü", 255))), inService(), []string{"modified-outside-git"}},
		"a description of 256 letters":                     {asks(description(strings.Repeat("ü", 256))), inService(), []string{"long-description", "modified-outside-git"}},
		"100 names":                                        {asks(lists(many[:100]...)), inService(serving(many[:100]...)), nil},
		"101 names":                                        {asks(lists(many...)), inService(serving(many...)), []string{"many-domains"}},
		"no common name is marked":                         {asks(lists("b.example.com", "a.example.com")), inService(serving("a.example.com", "b.example.com"), common("")), []string{"common-name-unmarked"}},
		"no common name is marked, and none is managed":    {asks(), inService(common("")), nil},
		"no common name is marked, and a name more":        {asks(lists("a.example.com", "b.example.com", "c.example.com")), inService(common("")), []string{"modified-outside-git"}},
		"a difference, unknown by whom":                    {asks(description("new")), inService(func(l *cert.Live) { l.ModifiedBy = "" }), nil},
		"a difference, unknown when":                       {asks(description("new")), inService(neverModified), nil},
		"the CA waits for proof":                           {asks(), inService(timedOut, func(l *cert.Live) { l.SetDomains(names(cert.DomainAwaitingCertificateAuthority, "a.example.com")) }), []string{"action-required"}},
		"timed out and nothing goes":                       {asks(), inService(timedOut), []string{"action-required"}},
		"timed out and placed again":                       {asks(retriggerUntil("2026-12-31")), inService(timedOut), nil},
		"its renewal was rejected":                         {asks(), inService(order(cert.OrderRenewalRejected)), []string{"action-required"}},
		"accepted":                                         {asks(accepts(cert.ActionRequired)), inService(order(cert.OrderRenewalRejected)), []string{"action-required (accepted)"}},
		"a renewal for which somebody must act":            {asks(), inService(order(cert.OrderPendingRenewal), func(l *cert.Live) { l.RequiresAttention = true }), []string{"action-required"}},
		"a word nobody has heard of":                       {asks(), inService(order(cert.OrderUnknown)), []string{"action-required"}},
		"waiting for the CA":                               {asks(), inService(order(cert.OrderPendingReissue)), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(tt.codes, codes(one(tt.want, tt.have))); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// TestWhatTheVendorSaysIsPassedOn: its own words, and those nobody has heard of.
func TestWhatTheVendorSaysIsPassedOn(t *testing.T) {
	t.Parallel()
	s := one(asks(), inService(order(cert.OrderUnknown), func(l *cert.Live) {
		l.UnknownWords, l.ErrorMessage = []string{`order status "Paused"`}, "CAA record forbids"
	}))
	if text := s.Asking()[0].Text; !strings.Contains(text, `order status "Paused"`) || !strings.Contains(text, "CAA record forbids") {
		t.Errorf("got %q", text)
	}
}

// TestAnIdlePolicyIsDeclinedWhereItIsInherited: a manifest has no keys to remove then.
func TestAnIdlePolicyIsDeclinedWhereItIsInherited(t *testing.T) {
	t.Parallel()
	here, above := cert.Pos{File: "certs/a.yaml", Line: 9}, cert.Pos{File: "_defaults.yaml", Line: 4}
	for _, c := range []struct {
		at       cert.Pos
		text, do string
	}{
		{here, "policy asks for renewals, but", "remove the renewal keys from policy"},
		{above, "policy asks for renewals, from _defaults.yaml:4, but", "set  auto_renew: true  if CPS is to renew, and  auto_renew: false  if cpsync is"},
	} {
		s := one(asks(endsBefore("2027-06-01"), func(s *cert.Spec) {
			s.At = map[string]cert.Pos{"": here, "policy.renew_if_expires_before": c.at}
		}), inService(autoRenews))
		if w, _ := s.Warning(cert.RenewalIdle); !strings.HasPrefix(w.Text, c.text) || w.Do.String() != c.do {
			t.Errorf("got %q, do %q", w.Text, w.Do)
		}
	}
}

// TestRenewalsOpenAfterDaysAndHours where the window is no number of days.
func TestRenewalsOpenAfterDaysAndHours(t *testing.T) {
	t.Parallel()
	s := oneAt(asks(renewBefore(61*day)), inService(at("2027-06-01", 90*day)), midnight("2027-06-01"))
	if w, _ := s.Warning(cert.RenewBeforeWindow); !strings.Contains(w.Text, "renewals open 49d 12h before expiry") {
		t.Errorf("got %q", w.Text)
	}
}

// TestAChangeInTheFutureIsOfAnotherClock: no cooldown is too short for it.
func TestAChangeInTheFutureIsOfAnotherClock(t *testing.T) {
	t.Parallel()
	o := opts
	o.OrderCooldown = 0
	s := Build(Account{Pairs: []Pair{{Want: asks(lists("a.example.com", "b.example.com", "c.example.com")), Have: inService(changed(-time.Hour)), Found: true}}}, now, o).Steps[0]
	x := s.Withheld[0]
	if !strings.HasPrefix(x.Because, "modified 2026-11-22 10:00 UTC by client 2cd2, later than the clock of this plan;") ||
		x.Do.String() != "correct the clock of this run, if it is wrong" {
		t.Errorf("got %+v", x)
	}
}

// TestWhatAnOrderThatEndedIsCalled says which end it was, and which API behaviour is undocumented.
func TestWhatAnOrderThatEndedIsCalled(t *testing.T) {
	t.Parallel()
	first := func(s cert.Status, o cert.OrderStatus) cert.Live {
		return inService(timedOut, status(s), order(o), func(l *cert.Live) { l.SetDomains(names(cert.DomainAwaitingCertificateAuthority, "a.example.com")) })
	}
	for _, c := range []struct {
		have                 cert.Live
		state, because, life string
	}{
		{first(cert.StatusDomainControlValidation, cert.OrderDeleted), "its order was deleted (Deleted)", "its order was deleted (Deleted)", "prepared ordered DELETED"},
		{first(cert.StatusProcessing, cert.OrderCanceled), "its order was canceled (Canceled)", "API behaviour after a canceled order is undocumented", "prepared ordered CANCELED"},
		{first(cert.StatusProcessing, cert.OrderRevoked), "the CA revoked its certificate (Revoked)", "API behaviour after a revoked order is undocumented", "prepared ordered REVOKED"},
		{inService(order(cert.OrderDeleted)), "active, but its order was deleted (Deleted)", "its order was deleted (Deleted)", "active ordered DELETED"},
	} {
		w := WordsOf(cert.PhaseOf(c.have, now), c.have, now)
		if life := drawn(view.LifeOf(c.have, now)); w.State != c.state || w.Because != c.because || life != c.life {
			t.Errorf("got %q because %q, drawn as %q; want %+v", w.State, w.Because, life, c)
		}
	}
}

// TestWarningsThatNeedAPerson: the rest are notes.
func TestWarningsThatNeedAPerson(t *testing.T) {
	t.Parallel()
	for _, c := range cert.Codes {
		want := slices.Contains([]cert.Code{cert.Revoked, cert.PastExpiry, cert.Expiring, cert.AutoRenewStuck,
			cert.ActionRequired, cert.WorkflowError, cert.NothingRenews, cert.RenewalOverdue}, c)
		if got := (Warning{Code: c}).NeedsAction(); got != want {
			t.Errorf("%s needs a person: %v", c, got)
		}
		if (Warning{Code: c, Accepted: true}).NeedsAction() {
			t.Errorf("%s needs a person although it is accepted", c)
		}
	}
}

// TestWhoChangedItIsSilentOfOwnWrites: what a journal proves to be this client's write was
// not changed elsewhere; where only the client is the same, it is said to who asks for all.
func TestWhoChangedItIsSilentOfOwnWrites(t *testing.T) {
	t.Parallel()
	have := inService()
	for name, tt := range map[string]struct {
		o     func(*Options)
		noted bool
		aside bool
	}{
		"somebody else":                   {func(*Options) {}, true, false},
		"this client":                     {func(o *Options) { o.Self = have.ModifiedBy }, true, true},
		"a write of the journal":          {func(o *Options) { o.Own = map[cert.ID][]Own{11604: {{After: have.Modified}}} }, false, false},
		"an older write":                  {func(o *Options) { o.Own = map[cert.ID][]Own{11604: {{After: have.Modified.Add(-day)}}} }, true, false},
		"a write of the journal, another": {func(o *Options) { o.Own = map[cert.ID][]Own{1: {{After: have.Modified}}} }, true, false},
	} {
		o := opts
		tt.o(&o)
		s := Build(Account{Pairs: []Pair{{Want: asks(description("new")), Have: have, Found: true}}}, now, o).Steps[0]
		w, noted := s.Warning(cert.ModifiedOutside)
		if noted != tt.noted || w.Aside != tt.aside {
			t.Errorf("%s: noted %v, aside %v", name, noted, w.Aside)
		}
	}
}

// TestOwnMetadataStartsNoPause: the pause counts from the change before it, and only a
// proven write of metadata is passed over.
func TestOwnMetadataStartsNoPause(t *testing.T) {
	t.Parallel()
	at := now.Add(-time.Hour)
	have := inService(endsIn(20*day), func(l *cert.Live) { l.Modified = at })
	for name, tt := range map[string]struct {
		own  []Own
		from time.Time // what the pause counts from; zero when there is none
	}{
		"no journal":              {nil, at},
		"metadata":                {[]Own{{Before: now.Add(-day), After: at, Metadata: true}}, time.Time{}},
		"two of them":             {[]Own{{Before: now.Add(-day), After: at.Add(-time.Minute), Metadata: true}, {Before: at.Add(-time.Minute), After: at, Metadata: true}}, time.Time{}},
		"after a change by hand":  {[]Own{{Before: at.Add(-time.Hour), After: at, Metadata: true}}, at.Add(-time.Hour)},
		"an order":                {[]Own{{Before: now.Add(-day), After: at}}, at},
		"a write at another time": {[]Own{{Before: now.Add(-day), After: at.Add(time.Second), Metadata: true}}, at},
		"unknown since when":      {[]Own{{After: at, Metadata: true}}, at},
		"it did not move":         {[]Own{{Before: at, After: at, Metadata: true}}, at},
	} {
		o := opts
		o.Own = map[cert.ID][]Own{11604: tt.own}
		s := Build(Account{Pairs: []Pair{{Want: asks(renewBefore(30 * day)), Have: have, Found: true}}}, now, o).Steps[0]
		var until time.Time
		if !tt.from.IsZero() {
			until = tt.from.Add(o.OrderCooldown)
		}
		var got time.Time
		for _, b := range s.Withheld {
			got = b.UntilAt
		}
		if !got.Equal(until) {
			t.Errorf("%s: %q, until %s, want %s", name, lines(s), got, until)
		}
	}
}
