package sandbox

import (
	"math"
	"strings"
	"testing"
	"time"
)

// A moment is a step of a story: time passes, something is done ("METHOD path
// body" about certificate 11604), and the certificate looks as wanted.
type moment struct {
	wait time.Duration
	do   string
	want string
}

// A story is what happens to certificate 11604.
type story struct {
	certificate string
	member      string // of the world, such as its switches
	moments     []moment
	orders      int
}

func TestTimeMovesCertificates(t *testing.T) {
	t.Parallel()
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var members []string
			if story.member != "" {
				members = append(members, story.member)
			}
			s := New(worldOf(t, story.certificate, members...))
			c := call(t, s)
			for i, m := range story.moments {
				s.Advance(m.wait)
				c.run(m.do)
				if got := c.look(); got != m.want {
					t.Fatalf("moment %d:\n got %s\nwant %s", i+1, got, m.want)
				}
			}
			if got := s.Orders(11604); got != story.orders {
				t.Errorf("%d orders, want %d", got, story.orders)
			}
		})
	}
}

// run sends "METHOD path body" to certificate 11604 and expects success.
func (c *caller) run(request string) {
	c.t.Helper()
	if request == "" {
		return
	}
	parts := append(strings.SplitN(request, " ", 3), "")
	status := 204
	if parts[0] == "PATCH" {
		status = 200
	}
	path := "/certificates/11604" + strings.TrimPrefix(parts[1], ".")
	if strings.HasPrefix(parts[1], "dcv") {
		path = "/dcv/certificates/11604" + strings.TrimPrefix(parts[1], "dcv")
	}
	c.do(status, parts[0], path, parts[2])
}

const (
	addName = `PATCH . {"domains":[{"name":"a.example.com","is_common_name":true},{"name":"b.example.com"}]}`
	served  = `{"id": 11604, "certificate_label": "a", "expiration_date": "2027-03-01T00:00:00Z",
		"domains": [{"name": "a.example.com"}], "validates_after": "2h"`
	fresh = `{"id": 11604, "certificate_label": "a", "domains": [{"name": "a.example.com"}], "validates_after": `
)

var stories = map[string]story{
	"a renewal whose names are not proven in time may stay open": {
		certificate: strings.Replace(served, `"2h"`, `"never", "revalidates": true`, 1) + `}`, member: `"switches": {"timed_out_order": "stays-open"}`,
		moments: []moment{
			{0, "PUT ./renew", "Active/AwaitingRenewal a.example.com:Active"},
			{8 * 24 * time.Hour, "", "DomainControlValidation/PendingRenewal! a.example.com:TimedOut"},
		}, orders: 1},
	"so may a first order": {
		certificate: fresh + `"never"}`, member: `"switches": {"timed_out_order": "stays-open"}`,
		moments: []moment{{8 * 24 * time.Hour, "", "DomainControlValidation/Pending! a.example.com:TimedOut"}}},
	"a first request is validated, issued and deployed": {certificate: fresh + `"2h"}`, moments: []moment{
		{0, "", "Processing a.example.com:ProvisioningInitiated"},
		{time.Minute, "", "Processing/Pending a.example.com:AwaitingCertificateAuthority"},
		{19 * time.Minute, "", "DomainControlValidation/Pending! a.example.com:AwaitingCertificateAuthority"},
		{99 * time.Minute, "", "DomainControlValidation/Pending! a.example.com:AwaitingCertificateAuthority"},
		{time.Minute, "", "Deployment/Issued a.example.com:PendingDns"},
		{4 * time.Hour, "", "Active/Issued a.example.com:Active"},
	}},
	"one advance passes through all stages": {certificate: fresh + `"2h"}`, moments: []moment{
		{6 * time.Hour, "", "Active/Issued a.example.com:Active"},
	}},
	"names nobody validates time out, and a retrigger orders anew": {certificate: fresh + `"never"}`, moments: []moment{
		{7*day - time.Second, "", "DomainControlValidation/Pending! a.example.com:AwaitingCertificateAuthority"},
		{time.Second, "", "DomainControlValidation/Canceled! a.example.com:TimedOut"},
		{30 * day, "", "DomainControlValidation/Canceled! a.example.com:TimedOut"},
		{0, "PUT ./retrigger", "Processing a.example.com:ProvisioningInitiated"},
		{20 * time.Minute, "", "DomainControlValidation/Pending! a.example.com:AwaitingCertificateAuthority"},
	}, orders: 1},
	"a check validates names that wait for one": {certificate: fresh + `"check"}`, moments: []moment{
		{day, "", "DomainControlValidation/Pending! a.example.com:AwaitingCertificateAuthority"},
		{0, "PUT dcv/check", "Deployment/Issued a.example.com:PendingDns"},
	}},
	"the CA refuses": {certificate: fresh + `"2h", "refused": true}`, moments: []moment{
		{time.Hour, "", "DomainControlValidation/Rejected! a.example.com:Rejected"},
	}},
	"an organization is vetted": {certificate: fresh + `"2h", "validation_type": "OV", "vetted_after": "3d"}`, moments: []moment{
		{2 * time.Hour, "", "OtherValidation/Pending a.example.com:AwaitingCertificateAuthority"},
		{3 * day, "", "Deployment/Issued a.example.com:PendingDns"},
	}},
	"a first request is cancelled": {certificate: fresh + `"never"}`, member: `"switches": {"deleted_get": "200"}`, moments: []moment{
		{time.Hour, "PUT ./cancel?apply=true", "Deleted/Canceled a.example.com:Delete"},
		{30 * day, "", "Deleted/Canceled a.example.com:Delete"},
	}},
	"a renewal keeps the old certificate in service": {certificate: served + "}", moments: []moment{
		{0, "PUT ./renew", "Active/AwaitingRenewal a.example.com:Active"},
		{time.Minute, "", "Active/PendingRenewal a.example.com:Active"},
		{4*time.Hour - time.Second, "", "Active/PendingRenewal a.example.com:Active"},
		{time.Second, "", "Active/Renewed a.example.com:Active"},
	}, orders: 1},
	"a renewal is validated again": {certificate: served + `, "revalidates": true}`, moments: []moment{
		{0, "PUT ./renew", "Active/AwaitingRenewal a.example.com:Active"},
		{20 * time.Minute, "", "DomainControlValidation/PendingRenewal! a.example.com:Active"},
		{100 * time.Minute, "", "Active/PendingRenewal a.example.com:Active"},
		{4 * time.Hour, "", "Active/Renewed a.example.com:Active"},
	}, orders: 1},
	"a renewal is refused": {certificate: served + `, "refused": true}`, moments: []moment{
		{0, "PUT ./renew", "Active/AwaitingRenewal a.example.com:Active"},
		{time.Hour, "", "Active/RenewalRejected! a.example.com:Active"},
	}, orders: 1},
	"a renewal is reverted": {certificate: served + "}", moments: []moment{
		{0, "PUT ./renew", "Active/AwaitingRenewal a.example.com:Active"},
		{time.Hour, "PUT ./cancel?apply=true", "Active/Issued a.example.com:Active"},
	}, orders: 1},
	"renewal starts by itself 60 days before the expiry": {certificate: served + `, "auto_renew": true}`, moments: []moment{
		{38*day + 12*time.Hour - time.Second, "", "Active/Issued a.example.com:Active"},
		{time.Second, "", "Active/AwaitingRenewal a.example.com:Active"},
		{5 * time.Hour, "", "Active/Renewed a.example.com:Active"},
		{30 * day, "", "Active/Renewed a.example.com:Active"},
	}, orders: 1},
	"renewal that is stuck does not start, and the certificate expires": {certificate: served + `, "auto_renew": true, "stuck": true}`, moments: []moment{
		{90 * day, "", "Active/Issued a.example.com:Active"},
		{9 * day, "", "Active/Expired a.example.com:Active"},
	}},
	"a name is added": {certificate: served + "}", moments: []moment{
		{0, addName, "Active/AwaitingReissue a.example.com:PendingReissue b.example.com:AwaitingCertificateAuthority"},
		{20 * time.Minute, "", "DomainControlValidation/PendingReissue! a.example.com:PendingReissue b.example.com:AwaitingCertificateAuthority"},
		{100 * time.Minute, "", "Active/PendingReissue a.example.com:PendingReissue b.example.com:AwaitingCertificateAuthority"},
		{4 * time.Hour, "", "Active/Issued a.example.com:Active b.example.com:Active"},
	}, orders: 1},
	"a name that is added times out": {certificate: strings.Replace(served, "2h", "never", 1) + "}", moments: []moment{
		{0, addName, "Active/AwaitingReissue a.example.com:PendingReissue b.example.com:AwaitingCertificateAuthority"},
		{7 * day, "", "Active/ReissueRejected! a.example.com:Active b.example.com:TimedOut"},
	}, orders: 1},
	"a name is exchanged": {certificate: served + "}", moments: []moment{
		{0, `PATCH . {"domains":[{"name":"b.example.com"}]}`, "Active/AwaitingReissue b.example.com:AwaitingCertificateAuthority a.example.com:PendingDelete"},
		{7 * time.Hour, "", "Active/Issued b.example.com:Active"},
	}, orders: 1},
	"a change of names is reverted": {certificate: served + "}", moments: []moment{
		{0, `PATCH . {"domains":[{"name":"b.example.com"}]}`, "Active/AwaitingReissue b.example.com:AwaitingCertificateAuthority a.example.com:PendingDelete"},
		{0, "PUT ./cancel?apply=true", "Active/Issued a.example.com:Active"},
		{10 * day, "", "Active/Issued a.example.com:Active"},
	}, orders: 1},
	"a removed name stays listed for a while": {certificate: served + "}", member: `"switches": {"removed_names": "3d"}`, moments: []moment{
		{0, `PATCH . {"domains":[{"name":"b.example.com"}]}`, "Active/AwaitingReissue b.example.com:AwaitingCertificateAuthority a.example.com:PendingDelete"},
		{7 * time.Hour, "", "Active/Issued b.example.com:Active a.example.com:PendingDelete"},
		{3 * day, "", "Active/Issued b.example.com:Active"},
	}, orders: 1},
	"a removed name stays listed for ever": {certificate: served + "}", member: `"switches": {"removed_names": "stay"}`, moments: []moment{
		{0, `PATCH . {"domains":[{"name":"b.example.com"}]}`, "Active/AwaitingReissue b.example.com:AwaitingCertificateAuthority a.example.com:PendingDelete"},
		{70 * day, "", "Active/Issued b.example.com:Active a.example.com:PendingDelete"},
	}, orders: 1},
	"the same names are no order": {certificate: served + "}", moments: []moment{
		{0, `PATCH . {"domains":[{"name":"A.example.com","is_common_name":true}]}`, "Active/Issued a.example.com:Active"},
		{0, `PATCH . {"domains":null}`, "Active/Issued a.example.com:Active"},
	}},
	"another common name is an order": {certificate: `{"id": 11604, "certificate_label": "a", "expiration_date": "2027-03-01T00:00:00Z",
		"domains": [{"name": "a.example.com"}, {"name": "b.example.com"}]}`, moments: []moment{
		{0, `PATCH . {"domains":[{"name":"a.example.com"},{"name":"b.example.com","is_common_name":true}]}`,
			"Active/AwaitingReissue a.example.com:PendingReissue b.example.com:PendingReissue"},
		{5 * time.Hour, "", "Active/Issued a.example.com:Active b.example.com:Active"},
	}, orders: 1},
	"a name that a state lists twice is one": {certificate: `{"id": 11604, "certificate_label": "a", "expiration_date": "2027-03-01T00:00:00Z",
		"domains": [{"name": "a.example.com"}, {"name": "A.example.com"}]}`, moments: []moment{
		{0, addName, "Active/AwaitingReissue a.example.com:PendingReissue b.example.com:AwaitingCertificateAuthority"},
	}, orders: 1},
	"an order shows after a while": {certificate: served + "}", member: `"switches": {"order_shows_after": "60s"}`, moments: []moment{
		{0, addName, "Active/Issued a.example.com:Active"},
		{59 * time.Second, "", "Active/Issued a.example.com:Active"},
		{time.Second, "", "Active/AwaitingReissue a.example.com:PendingReissue b.example.com:AwaitingCertificateAuthority"},
	}, orders: 1},
	"a second renew is a second order": {certificate: served + "}", member: `"switches": {"renew_during_renewal": "second-order"}`, moments: []moment{
		{0, "PUT ./renew", "Active/AwaitingRenewal a.example.com:Active"},
		{time.Hour, "PUT ./renew", "Active/PendingRenewal a.example.com:Active"},
	}, orders: 2},
	"kept names may stay active": {certificate: served + "}", member: `"switches": {"kept_names": "active"}`, moments: []moment{
		{0, addName, "Active/AwaitingReissue a.example.com:Active b.example.com:AwaitingCertificateAuthority"},
	}, orders: 1},
}

func TestWhatIsIssuedIsNew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, clock, want string
	}{
		{"199 days", "2026-11-22T12:00:00Z", "2027-06-09T00:00:00Z"},
		{"99 days from 2027-03-15", "2027-03-15T12:00:00Z", "2027-06-22T00:00:00Z"},
		{"46 days from 2029-03-15", "2029-03-15T12:00:00Z", "2029-04-30T00:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := worldOf(t, `{"id": 11604, "certificate_label": "a", "expiration_date": "2029-05-01T00:00:00Z", "domains": [{"name": "a.example.com"}]}`)
			w.Clock = instant(t, test.clock)
			s := New(w)
			c := call(t, s)
			old := c.get("/certificates/11604")
			c.run("PUT ./renew")
			s.Advance(5 * time.Hour)
			have := c.get("/certificates/11604")
			if have["expiration_date"] != test.want {
				t.Errorf("expires %v, want %v", have["expiration_date"], test.want)
			}
			if have["thumbprint"] == old["thumbprint"] {
				t.Errorf("thumbprint is still %v", have["thumbprint"])
			}
			if have["modified_by"] != nil {
				t.Errorf("modified by %v, want null: the system did it", have["modified_by"])
			}
		})
	}
}

func TestShortValidityDoesNotRenewAllTheTime(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, served+`, "auto_renew": true}`))
	s.SetClock(instant(t, "2029-03-20T00:00:00Z"))
	before := s.Orders(11604)
	s.Advance(100 * day)
	if got := s.Orders(11604) - before; got < 2 || got > 4 {
		t.Errorf("%d renewals in 100 days of 46-day certificates, want about 3", got)
	}
}

func TestClockBackwardsUndoesNothing(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, served+"}"))
	c := call(t, s)
	c.run("PUT ./renew")
	s.Advance(5 * time.Hour)
	s.SetClock(instant(t, noon))
	if got, want := c.look(), "Active/Renewed a.example.com:Active"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !s.Now().Equal(instant(t, noon)) {
		t.Errorf("the clock shows %v", s.Now())
	}
}

// TestTheClockEnds where what is written can still be read, however far it is to move.
func TestTheClockEnds(t *testing.T) {
	t.Parallel()
	s := New(World{Clock: instant(t, noon)})
	const most = time.Duration(math.MaxInt64)
	for range 40 {
		s.Advance(most)
	}
	if year := s.Now().Year(); year < 7000 || year >= 8000 {
		t.Errorf("the year %d", year)
	}
	s.SetClock(time.Date(9999, time.December, 31, 23, 0, 0, 0, time.UTC)) // nothing happens then
}

// TestAnOrderOfNothingTimesOut: a state may have an order in progress and no domains.
func TestAnOrderOfNothingTimesOut(t *testing.T) {
	t.Parallel()
	s := New(worldOf(t, `{"id": 11604, "certificate_label": "a", "domains": [], "expiration_date": "2027-03-01T00:00:00Z",
		"workflow": {"kind": "renewal", "stage": "validation"}}`, `"switches": {"timed_out_order": "stays-open"}`))
	s.Advance(8 * day)
	if got, want := call(t, s).look(), "DomainControlValidation/PendingRenewal!"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
