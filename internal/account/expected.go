package account

import "github.com/cpsync/cpsync/internal/cps"

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
