package cps

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// A group is names that one validation is for: those of a DV certificate share a
// token, those of OV and EV hang on the shortest of their names.
//
// Source: cps-api, section 4.7.
type group struct {
	parent  cert.Domain
	members []cert.Domain // the parent first
}

// maxIDs is how many ids of names are asked for at once, so that the address of the
// request stays short. One answer is enough where all names share a token.
const maxIDs = 100

// groupsOf parts the names that are still to be proven.
func groupsOf(have cert.Live) []group {
	names := have.Unproven()
	slices.SortStableFunc(names, func(a, b cert.Domain) int {
		return cmp.Or(cmp.Compare(len(cert.Host(a.Name)), len(cert.Host(b.Name))),
			cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	var all []group
	for _, d := range names {
		i := slices.IndexFunc(all, func(g group) bool { return shared(have) || isBelow(d, g.parent) })
		if i < 0 {
			all = append(all, group{d, []cert.Domain{d}})
			continue
		}
		all[i].members = append(all[i].members, d)
	}
	return all
}

func shared(have cert.Live) bool { return have.ValidationType == cert.DV }

func isBelow(d, parent cert.Domain) bool {
	host, above := cert.Host(d.Name), cert.Host(parent.Name)
	return host == above || strings.HasSuffix(host, "."+above)
}

// callsOf lists the ids of each call, as the vendor's own client makes them: one for
// all names of DV; else one for each parent with names below it, and one for all
// other names together.
//
// Source: cps-api, section 4.7, which does not know why one call would not do.
func callsOf(have cert.Live, groups []group) [][]int64 {
	if len(groups) == 0 {
		return nil
	}
	if shared(have) {
		return [][]int64{ids(groups[0].members[:min(len(groups[0].members), maxIDs)])}
	}
	var calls [][]int64
	var alone []cert.Domain
	for _, g := range groups {
		if len(g.members) > 1 {
			calls = append(calls, ids(g.members[:1]))
		} else {
			alone = append(alone, g.parent)
		}
	}
	for part := range slices.Chunk(alone, maxIDs) {
		calls = append(calls, ids(part))
	}
	return calls
}

func ids(all []cert.Domain) []int64 {
	list := make([]int64, len(all))
	for i, d := range all {
		list[i] = d.ID
	}
	return list
}

// proofs joins names and answers.
func proofs(have cert.Live, groups []group, items []wireControl) []cert.Proof {
	all := make([]cert.Proof, len(groups))
	for i, g := range groups {
		all[i] = g.proof(have, g.answer(have, items))
	}
	return all
}

// answer returns what the server says of the group; of names that share a token the
// first that has one. The zero value: nothing yet.
func (g group) answer(have cert.Live, items []wireControl) wireControl {
	for _, it := range items {
		if (shared(have) || it.DomainID == g.parent.ID) && (it.Token != "" || len(it.Emails) > 0) {
			return it
		}
	}
	return wireControl{}
}

func (g group) proof(have cert.Live, it wireControl) cert.Proof {
	p := cert.Proof{Method: word(cmp.Or(it.Method, string(have.DCVMethod)), cert.DCVMethods)}
	hosts := []string{}
	for _, d := range g.members {
		p.Names = append(p.Names, d.Name)
		hosts = append(hosts, cert.Host(d.Name))
	}
	slices.Sort(p.Names)
	if p.Method == cert.Email {
		p.Emails = it.Emails
		return p
	}
	if it.Token == "" || p.Method != cert.DNSTxtToken && p.Method != cert.DNSCnameToken {
		return p
	}
	p.Inferred = true
	if !shared(have) {
		hosts = hosts[:1]
	}
	slices.Sort(hosts)
	for _, host := range slices.Compact(hosts) {
		p.Records = append(p.Records, cert.RecordFor(p.Method, have.Authority, host, string(it.Token)))
	}
	return p
}
