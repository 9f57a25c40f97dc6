// Package account reads the live state that the manifests need: each request once, and its
// status or organization only if plan.Needs says so. It decides nothing.
package account

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/report"
)

// State is the state of the account as far as the manifests need it.
type State struct {
	plan.Account
	Listed map[cert.ID]cert.Live // as the list shows them, without details
	Failed map[cert.ID]error     // requests that could not be read

	Reasons       map[string]int // why statuses were read, and how often
	Organizations int            // number of organizations read
	Expected      report.Expected
}

// Selection is all manifests, and those that the run chose.
type Selection struct {
	All, Chosen []cert.Spec
	Evaluate    *Evaluate // what is evaluated of Chosen; nil: all
}

// Evaluate is a change under review. Of certificates that it does not touch only the list is
// read, unless the decision about a touched one depends on them.
type Evaluate struct {
	Touched     map[cert.ID]bool
	Older       map[cert.ID]cert.Spec // the manifests that the change removes, or had before
	MaxRenewals int
}

// Also is what the caller wants beside what decisions need.
type Also struct {
	Status  func(cert.ID) string             // why the status of a request is read although no decision needs it, or ""; may be nil
	Control func(context.Context, cert.Live) // reads the DCV metadata of a request that waits for it; may be nil
	Expect  func(report.Expected)            // gets how many requests the reading takes, as soon as known; may be nil
}

// ErrOther means that none of several manifests found its request. If a single request is
// missing, it may have been deleted, or its id is wrong.
var ErrOther = errors.New("none of the manifests names a request of this account")

// Read reads the list, and a status or an organization if a decision depends on it. A request
// that cannot be read has an error of its own. Any other error means that nothing is known.
func Read(ctx context.Context, c *cps.Client, m Selection, now time.Time, also Also) (State, error) {
	d := &details{client: c, wanted: map[cert.ID]cert.Spec{}, now: now, asked: also,
		read: map[cert.ID]detail{}, reasons: map[string]int{}, planned: map[cert.ID]plan.Reads{}}
	var ids []cert.ID
	for _, want := range m.Chosen {
		d.wanted[want.ID] = want
		ids = append(ids, want.ID)
	}
	list, err := c.ListWith(ctx, ids, func(have cert.Live) cps.FollowUpRead {
		if !m.evaluates(have.ID) {
			return nil
		}
		return d.reads(have)
	}, d.known)
	if err != nil {
		return State{}, fmt.Errorf("reading the account: %w", err)
	}
	s := match(m, list)
	known := s.Complete || len(m.Chosen) == len(m.All) // else the others may be there
	if known && len(s.Pairs) > 1 && len(s.Unselected) == 0 && !slices.ContainsFunc(s.Pairs, func(p plan.Pair) bool { return p.Found || p.Err != nil }) {
		return State{}, ErrOther
	}
	for i := range s.Pairs {
		d.complete(&s.Pairs[i])
	}
	if err := d.evaluateMore(ctx, m.Evaluate, s.Pairs); err != nil {
		return State{}, fmt.Errorf("reading the account: %w", err)
	}
	s.Reasons, s.Organizations, s.Expected = d.reasons, d.organizations, d.expected()
	s.Expected.DCV = new(d.validations)
	return s, nil
}

// match pairs manifests with requests of the list.
func match(m Selection, list cps.Listing) State {
	s := State{Account: plan.Account{Complete: list.Whole}, Listed: map[cert.ID]cert.Live{}, Failed: list.Failed}
	for _, have := range list.Live {
		s.Listed[have.ID] = have
	}
	for _, want := range m.Chosen {
		p := s.Pair(want)
		p.ListOnly = !m.evaluates(want.ID)
		s.Pairs = append(s.Pairs, p)
	}
	all, chosen := IDs(m.All), IDs(m.Chosen)
	s.Others = slices.DeleteFunc(slices.Clone(m.All), func(other cert.Spec) bool { return chosen[other.ID] })
	for _, have := range list.Live {
		switch {
		case chosen[have.ID]:
		case all[have.ID]:
			s.Unselected = append(s.Unselected, have)
		default:
			s.Unmanaged = append(s.Unmanaged, have)
		}
	}
	return s
}

func (m Selection) evaluates(id cert.ID) bool { return m.Evaluate == nil || m.Evaluate.Touched[id] }

// Pair returns a manifest and its request of the list.
func (s State) Pair(want cert.Spec) plan.Pair {
	have, found := s.Listed[want.ID]
	return plan.Pair{Want: want, Have: have, Found: found, Err: s.Failed[want.ID]}
}

// IDs returns the set of ids of manifests.
func IDs(specs []cert.Spec) map[cert.ID]bool {
	ids := map[cert.ID]bool{}
	for _, s := range specs {
		ids[s.ID] = true
	}
	return ids
}

// details reads statuses and organizations while the list still arrives: those of plan.Needs
// and those of Also.Status.
type details struct {
	client *cps.Client
	wanted map[cert.ID]cert.Spec
	now    time.Time
	asked  Also

	mu            sync.Mutex
	read          map[cert.ID]detail
	reasons       map[string]int // why statuses were read
	organizations int            // number of organizations read
	planned       map[cert.ID]plan.Reads
	listed        cps.Expected // what the list takes, as far as known
	validations   int          // number of requests whose DCV metadata is read
}

// detail is the result for a request of the list.
type detail struct {
	of, have cert.Live // as the list shows it, and with its status and organization
	err      error
}

// evaluateMore evaluates the pairs on which the decision about a touched one depends: what only the
// whole list shows.
func (d *details) evaluateMore(ctx context.Context, e *Evaluate, pairs []plan.Pair) error {
	if e == nil {
		return nil
	}
	more := plan.AlsoEvaluate(pairs, e.Older, d.now, e.MaxRenewals)
	var reads []cps.FollowUpRead
	for i := range pairs {
		if p := &pairs[i]; more[p.Want.ID] {
			p.ListOnly = false
			if read := d.reads(p.Have); p.Found && read != nil {
				reads = append(reads, read)
			}
		}
	}
	if len(reads) == 0 {
		return nil
	}
	d.known(cps.Expected{Pages: d.listed.Pages, Singles: d.listed.Singles, Complete: true})
	err := d.client.Each(ctx, len(reads), func(ctx context.Context, i int) error {
		last, err := reads[i](ctx)
		if last != nil {
			last(ctx)
		}
		return err
	})
	for i := range pairs {
		if more[pairs[i].Want.ID] {
			d.complete(&pairs[i])
		}
	}
	return err
}

// reads are the further reads of a request, or nil. If the list is read again, an unchanged request
// is not read a second time.
func (d *details) reads(have cert.Live) cps.FollowUpRead {
	pair := plan.Pair{Want: d.wanted[have.ID], Have: have, Found: true}
	needs := plan.Needs(pair, d.now)
	reason := plan.StatusReason(pair, d.now)
	if reason == "" && d.asked.Status != nil {
		reason = d.asked.Status(have.ID)
	}
	needs.Status = reason != ""
	if known, found := d.about(have); needs == (plan.Reads{}) || found && known.err == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.planned[have.ID] = needs
	return func(ctx context.Context) (func(context.Context), error) {
		return d.readDetails(ctx, have, needs, reason)
	}
}

// readDetails reads the details of a request. Its error is one of the run: refused credentials, or
// the end of ctx. Any other error belongs to the request.
func (d *details) readDetails(ctx context.Context, of cert.Live, needs plan.Reads, reason string) (control func(context.Context), _ error) {
	d.mu.Lock()
	if needs.Status {
		d.reasons[reason]++
	}
	if needs.Organization {
		d.organizations++
	}
	d.mu.Unlock()
	have, err := of, error(nil)
	if needs.Status {
		have, err = d.client.Status(ctx, have)
	}
	if err == nil && needs.Organization {
		have, err = d.client.Organization(ctx, have)
	}
	if errors.Is(err, cert.ErrUnauthorized) || ctx.Err() != nil {
		return nil, fmt.Errorf("reading request %s: %w", of.ID, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.read[of.ID] = detail{of, have, err}
	waits := plan.AwaitsDCV(plan.Pair{Want: d.wanted[of.ID], Have: have, Found: true}, d.now)
	if d.asked.Control == nil || err != nil || !waits {
		return nil, nil
	}
	d.validations++
	return func(ctx context.Context) { d.asked.Control(ctx, have) }, nil
}

// about returns the details of a request if the list still shows it as it was then.
func (d *details) about(now cert.Live) (detail, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	known, found := d.read[now.ID]
	if now.OrganizationRead && known.have.OrganizationRead && now.Organization != known.have.Organization {
		return detail{}, false
	}
	now.Organization, now.OrganizationRead = known.of.Organization, known.of.OrganizationRead
	return known, found && reflect.DeepEqual(known.of, now)
}

// complete adds the details to a pair. If they could not be read, the pair keeps the request
// as the list shows it, for its expiry.
func (d *details) complete(p *plan.Pair) {
	known, found := d.about(p.Have)
	if !found || !p.Found {
		return
	}
	if p.Err = errors.Join(p.Err, known.err); p.Err == nil {
		p.Have = known.have
	}
}

// known takes over what is known of the list, and reports what the reading takes.
func (d *details) known(k cps.Expected) {
	d.mu.Lock()
	d.listed = k
	now := d.expected()
	d.mu.Unlock()
	if d.asked.Expect != nil {
		d.asked.Expect(now)
	}
}

// expected returns what the reading takes but for DCV, which is known at the end.
func (d *details) expected() (e report.Expected) {
	single, status := d.listed.Singles, 0
	for _, needs := range d.planned {
		if needs.Status {
			status++
		}
		if needs.Organization {
			single++
		}
	}
	if d.listed.Pages > 0 {
		e.List = new(d.listed.Pages)
	}
	if d.listed.Complete {
		e.Single, e.Status = &single, &status
	}
	return e
}
