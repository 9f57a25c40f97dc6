package cps

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// wireControl is the DCV metadata of one domain.
//
// Source: cps-api, section 4.7.
type wireControl struct {
	DomainID int64     `json:"domain_id"`
	Method   string    `json:"dcv_method"`
	Token    wireToken `json:"dcv_token"`
	Emails   []string  `json:"emails"`
}

// wireToken reads a token that is a string, null, or an object with a token.
//
// Source: cps-api, section 4.7: documents and the vendor's own client differ.
type wireToken string

// UnmarshalJSON implements json.Unmarshaler.
func (t *wireToken) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*t = wireToken(text)
		return nil
	}
	var object struct {
		Token string `json:"token"`
	}
	err := json.Unmarshal(data, &object)
	*t = wireToken(object.Token)
	return err
}

// Proofs reads how to validate the domains of have that the CA has not validated yet. A
// proof without records or emails is not ready: in the first 20 minutes of an order there
// may be no token yet.
func (c *Client) Proofs(ctx context.Context, have cert.Live) ([]cert.Proof, error) {
	groups := groupsOf(have)
	var items []wireControl
	for _, ids := range callsOf(have, groups) {
		more, err := c.control(ctx, have.ID, ids)
		if err != nil {
			return nil, fmt.Errorf("reading the domain control of request %d: %w", have.ID, err)
		}
		items = append(items, more...)
	}
	return proofs(have, groups, items), nil
}

// control reads the DCV metadata of domains by their ids. A 404 means that there is none.
func (c *Client) control(ctx context.Context, id cert.ID, ids []int64) ([]wireControl, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	path := "/v2.0/dcv/certificates/" + id.String()
	if list := joined(ids); list != "" {
		path += "?domain_ids=" + list
	}
	raw, err := c.get(ctx, KindControl, path)
	if errors.Is(err, cert.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var w struct {
		Items []wireControl `json:"items"`
	}
	if err := decode(raw, &w); err != nil {
		return nil, &objectError{"the answer about domain control", err}
	}
	return w.Items, nil
}

// joined returns the ids above zero, separated by commas.
func joined(ids []int64) string {
	var words []string
	for _, id := range ids {
		if id > 0 {
			words = append(words, strconv.FormatInt(id, 10))
		}
	}
	return strings.Join(slices.Compact(words), ",")
}

// group is the domains of one validation. All domains of a DV certificate share one token.
// On OV and EV a domain and its subdomains share one.
//
// Source: cps-api, section 4.7.
type group struct {
	parent  cert.Domain
	members []cert.Domain // the parent first
}

// maxIDs is the most domain ids in one URL, which keeps it short. If all domains share a
// token, one answer is enough.
const maxIDs = 100

// groupsOf groups the domains that are not validated yet.
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

// callsOf returns the ids of each call, as the vendor's own client makes them. On DV, one
// call has all domains. On OV and EV, each parent with subdomains has its own call, and all
// other domains share one.
//
// Source: cps-api, section 4.7. Why one call is not enough is unknown.
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

// proofs returns a proof for each group.
func proofs(have cert.Live, groups []group, items []wireControl) []cert.Proof {
	all := make([]cert.Proof, len(groups))
	for i, g := range groups {
		all[i] = g.proof(have, g.answer(have, items))
	}
	return all
}

// answer returns the server's metadata of the group, or zero if there is none yet. If all
// domains share a token, it is the first one that is set.
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
