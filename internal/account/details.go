package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
	"github.com/cpsync/cpsync/internal/plan"
)

// details reads statuses and organizations while the list still arrives: those of plan.Needs
// and those of Also.Status.
type details struct {
	client *cps.Client
	chosen Selection
	wanted map[cert.ID]cert.Spec
	now    time.Time
	asked  Also

	mu            sync.Mutex
	read          map[cert.ID]detail
	reasons       map[string]int // why statuses were read
	organizations int            // number of organizations read
	planned       map[cert.ID]plan.Reads
	expected      Expected
	singles       int // single reads of the list
}

// detail is the result for a request of the list.
type detail struct {
	of   cert.Live // as the list shows it
	have cert.Live // with its status and organization
	err  error
}

func newDetails(c *cps.Client, m Selection, now time.Time, also Also) *details {
	if also.Status == nil {
		also.Status = func(cert.ID) string { return "" }
	}
	d := &details{client: c, chosen: m, wanted: map[cert.ID]cert.Spec{}, now: now, asked: also, read: map[cert.ID]detail{}, reasons: map[string]int{}, planned: map[cert.ID]plan.Reads{}}
	for _, s := range m.Chosen {
		d.wanted[s.ID] = s
	}
	return d
}

// further is a cps.FollowUp. If the list is read again, it does not read an unchanged request
// a second time.
func (d *details) further(have cert.Live) cps.FollowUpRead {
	if !d.chosen.evaluates(have.ID) {
		return nil
	}
	return d.reads(have)
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
	d.known(cps.Expected{Pages: d.expected.List, Singles: d.singles, Complete: true})
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

// reads are the further reads of a request, or nil.
func (d *details) reads(have cert.Live) cps.FollowUpRead {
	pair := plan.Pair{Want: d.wanted[have.ID], Have: have, Found: true}
	needs := plan.Needs(pair, d.now)
	reason := cmp.Or(plan.StatusReason(pair, d.now), d.asked.Status(have.ID))
	needs.Status = reason != ""
	if known, found := d.about(have); needs == (plan.Reads{}) || found && known.err == nil {
		return nil
	}
	d.mu.Lock()
	d.planned[have.ID] = needs
	d.mu.Unlock()
	return func(ctx context.Context) (func(context.Context), error) {
		d.count(needs, reason)
		return d.readDetails(ctx, have, needs)
	}
}

// count counts a reading and its reason.
func (d *details) count(needs plan.Reads, reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if needs.Status {
		d.reasons[reason]++
	}
	if needs.Organization {
		d.organizations++
	}
}

// readDetails reads the details of a request. Its error is one of the run: refused credentials, or
// the end of ctx. Any other error belongs to the request.
func (d *details) readDetails(ctx context.Context, of cert.Live, needs plan.Reads) (control func(context.Context), _ error) {
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
	d.expected.DCV++
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

// Expected is how many requests a reading takes. It does not count retries.
type Expected struct {
	List   int // pages; 0: unknown
	Single int // single reads; once Listed, those for organizations too
	Status int
	DCV    int // reads of DCV metadata; known at the end

	Listed bool // Single and Status are known
	Read   bool // DCV is known
}

// known adds what is known of the list, and reports it.
func (d *details) known(k cps.Expected) {
	d.mu.Lock()
	e := &d.expected
	d.singles = k.Singles
	e.List, e.Single, e.Status, e.Listed = k.Pages, k.Singles, 0, k.Complete
	for _, needs := range d.planned {
		if needs.Status {
			e.Status++
		}
		if needs.Organization {
			e.Single++
		}
	}
	now := *e
	d.mu.Unlock()
	if d.asked.Expect != nil {
		d.asked.Expect(now)
	}
}
