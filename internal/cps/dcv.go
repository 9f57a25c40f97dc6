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

// wireDCV is the DCV metadata of one domain.
//
// Source: cps-api, section 4.7.
type wireDCV struct {
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

// DomainValidations reads how to validate the domains of have that the CA has not validated yet. A
// proof without records or emails is not ready: in the first 20 minutes of an order there
// may be no token yet.
func (c *Client) DomainValidations(ctx context.Context, have cert.Live) ([]cert.DomainValidation, error) {
	groups := groupsOf(have)
	var items []wireDCV
	for _, domains := range callsOf(have, groups) {
		more, err := c.dcv(ctx, have.ID, domains)
		if err != nil {
			return nil, fmt.Errorf("reading the DCV of request %d: %w", have.ID, err)
		}
		items = append(items, more...)
	}
	proofs := make([]cert.DomainValidation, len(groups))
	for i, g := range groups {
		proofs[i] = g.validation(have, g.answer(have, items))
	}
	return proofs, nil
}

// dcv reads the DCV metadata of domains. A 404 means that there is none.
func (c *Client) dcv(ctx context.Context, id cert.ID, domains []cert.Domain) ([]wireDCV, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	path := "/v2.0/dcv/certificates/" + id.String()
	if list := joined(domains); list != "" {
		path += "?domain_ids=" + list
	}
	raw, err := c.get(ctx, KindDCV, path)
	if errors.Is(err, cert.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var w struct {
		Items []wireDCV `json:"items"`
	}
	if err := decode(raw, &w); err != nil {
		return nil, &objectError{"the answer about DCV", err}
	}
	return w.Items, nil
}

// joined returns the known ids of domains, separated by commas.
func joined(domains []cert.Domain) string {
	var ids []string
	for _, d := range domains {
		if d.ID > 0 {
			ids = append(ids, strconv.FormatInt(d.ID, 10))
		}
	}
	return strings.Join(slices.Compact(ids), ",")
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
	names := have.Unvalidated()
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

// callsOf returns the domains of each call, as the vendor's own client makes them. On DV, one
// call has all domains. On OV and EV, each parent with subdomains has its own call, and all
// other domains share one.
//
// Source: cps-api, section 4.7. Why one call is not enough is unknown.
func callsOf(have cert.Live, groups []group) [][]cert.Domain {
	if len(groups) == 0 {
		return nil
	}
	if shared(have) {
		return [][]cert.Domain{groups[0].members[:min(len(groups[0].members), maxIDs)]}
	}
	var calls [][]cert.Domain
	var alone []cert.Domain
	for _, g := range groups {
		if len(g.members) > 1 {
			calls = append(calls, g.members[:1])
		} else {
			alone = append(alone, g.parent)
		}
	}
	return slices.AppendSeq(calls, slices.Chunk(alone, maxIDs))
}

// answer returns the server's metadata of the group, or zero if there is none yet. If all
// domains share a token, it is the first one that is set.
func (g group) answer(have cert.Live, items []wireDCV) wireDCV {
	for _, it := range items {
		if (shared(have) || it.DomainID == g.parent.ID) && (it.Token != "" || len(it.Emails) > 0) {
			return it
		}
	}
	return wireDCV{}
}

func (g group) validation(have cert.Live, it wireDCV) cert.DomainValidation {
	p := cert.DomainValidation{Method: word(cmp.Or(it.Method, string(have.DCVMethod)), cert.DCVMethods)}
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
	if it.Token == "" || !p.Method.InDNS() {
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
