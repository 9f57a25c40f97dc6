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

// details is what is read of single requests while the list still arrives: what
// plan.Needs asks for, and the status for reasons that are not about the request.
type details struct {
	client *cps.Client
	wanted map[cert.ID]cert.Spec
	now    time.Time
	also   Also

	mu            sync.Mutex
	read          map[cert.ID]detail
	reasons       map[string]int // for each status read
	organizations int            // organizations read
	planned       map[cert.ID]plan.Reads
	expected      Expected
}

// detail is what was read of a request that looked a certain way.
type detail struct {
	of   cert.Live // as the list showed it
	have cert.Live // with what was read further
	err  error
}

func newDetails(c *cps.Client, chosen []cert.Spec, now time.Time, also Also) *details {
	if also.Status == nil {
		also.Status = func(cert.ID) string { return "" }
	}
	d := &details{client: c, wanted: map[cert.ID]cert.Spec{}, now: now, also: also, read: map[cert.ID]detail{}, reasons: map[string]int{}, planned: map[cert.ID]plan.Reads{}}
	for _, s := range chosen {
		d.wanted[s.ID] = s
	}
	return d
}

// further is a cps.Further. A list that is read again costs no second reading of a
// request that looks as it did.
func (d *details) further(have cert.Live) cps.FollowUpRead {
	pair := plan.Pair{Want: d.wanted[have.ID], Have: have, Found: true}
	needs := plan.Needs(pair, d.now)
	reason := cmp.Or(plan.StatusReason(pair, d.now), d.also.Status(have.ID))
	needs.Status = reason != ""
	if known, found := d.about(have); needs == (plan.Reads{}) || found && known.err == nil {
		return nil
	}
	d.mu.Lock()
	d.planned[have.ID] = needs
	d.mu.Unlock()
	return func(ctx context.Context) (func(context.Context), error) {
		d.count(needs, reason)
		return d.look(ctx, have, needs)
	}
}

// count notes why something is read.
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

// look reads. One certificate that can't be read is an error of that certificate;
// credentials that no longer do, or a run that has to end, are errors of the run.
func (d *details) look(ctx context.Context, of cert.Live, needs plan.Reads) (control func(context.Context), _ error) {
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
	waits := plan.AwaitsControl(plan.Pair{Want: d.wanted[of.ID], Have: have, Found: true}, d.now)
	if d.also.Control == nil || err != nil || !waits {
		return nil, nil
	}
	d.expected.Control++
	return func(ctx context.Context) { d.also.Control(ctx, have) }, nil
}

// about returns what was read of a request when it looked as it does now. What was
// read when it looked otherwise, in a list that has moved since, is of no use.
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

// complete adds what was read further to a pair. Where that failed, what the list said
// stays: it decides nothing, and tells when the certificate ends.
func (d *details) complete(p *plan.Pair) {
	known, found := d.about(p.Have)
	if !found || !p.Found {
		return
	}
	if p.Err = errors.Join(p.Err, known.err); p.Err == nil {
		p.Have = known.have
	}
}

// Expected is how many requests a reading takes, repeats not counted.
type Expected struct {
	List    int // pages; 0: not known
	Single  int // requests read by themselves, once the list is known for their organization too
	Status  int
	Control int // names whose proof is read; known at the end

	Listed bool // Single and Status are known
	Read   bool // Control is known
}

// known takes over what is known of a reading, and tells.
func (d *details) known(k cps.Expected) {
	d.mu.Lock()
	e := &d.expected
	e.List, e.Single, e.Status, e.Listed = k.Pages, k.Singles, 0, k.Complete
	for _, needs := range d.planned {
		if needs.Status {
			e.Status++
		}
		if needs.Organization {
			e.Single++
		}
	}
	told := *e
	d.mu.Unlock()
	if d.also.Expect != nil {
		d.also.Expect(told)
	}
}
