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

func (t *wireToken) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, (*string)(t)) == nil {
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
		proofs[i] = validation(have, g, items)
	}
	return proofs, nil
}

// dcv reads the DCV metadata of domains, by their ids as far as known. A 404 means that there is
// none.
func (c *Client) dcv(ctx context.Context, id cert.ID, domains []cert.Domain) ([]wireDCV, error) {
	path := "/v2.0/dcv/certificates/" + id.String()
	var ids []string
	for _, d := range domains {
		if d.ID > 0 {
			ids = append(ids, strconv.FormatInt(d.ID, 10))
		}
	}
	if len(ids) > 0 {
		path += "?domain_ids=" + strings.Join(slices.Compact(ids), ",")
	}
	raw, err := c.getOf(ctx, KindDCV, id, path)
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

// maxIDs is the most domain ids in one URL, which keeps it short. If all domains share a
// token, one answer is enough.
const maxIDs = 100

// shared reports whether all domains share one validation. On OV and EV a domain and its
// subdomains share one.
//
// Source: cps-api, section 4.7.
func shared(have cert.Live) bool { return have.ValidationType == cert.DV }

// groupsOf groups the domains that are not validated yet by validation, the parent first.
func groupsOf(have cert.Live) [][]cert.Domain {
	domains := have.Unvalidated()
	slices.SortStableFunc(domains, func(a, b cert.Domain) int {
		return cmp.Or(cmp.Compare(len(cert.Host(a.Name)), len(cert.Host(b.Name))),
			cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	var all [][]cert.Domain
	for _, d := range domains {
		host := cert.Host(d.Name)
		i := slices.IndexFunc(all, func(group []cert.Domain) bool {
			above := cert.Host(group[0].Name)
			return shared(have) || host == above || strings.HasSuffix(host, "."+above)
		})
		if i < 0 {
			i, all = len(all), append(all, nil)
		}
		all[i] = append(all[i], d)
	}
	return all
}

// callsOf returns the domains of each call, as the vendor's own client makes them. On DV, one
// call has all domains. On OV and EV, each parent with subdomains has its own call, and all
// other domains share one.
//
// Source: cps-api, section 4.7. Why one call is not enough is unknown.
func callsOf(have cert.Live, groups [][]cert.Domain) (calls [][]cert.Domain) {
	var alone []cert.Domain
	for _, g := range groups {
		switch {
		case shared(have):
			return [][]cert.Domain{g[:min(len(g), maxIDs)]}
		case len(g) > 1:
			calls = append(calls, g[:1])
		default:
			alone = append(alone, g[0])
		}
	}
	return slices.AppendSeq(calls, slices.Chunk(alone, maxIDs))
}

// validation returns how to validate the domains of a group, by the first metadata of it that
// has a token or addresses.
func validation(have cert.Live, group []cert.Domain, items []wireDCV) cert.DomainValidation {
	var it wireDCV
	for _, other := range items {
		if (shared(have) || other.DomainID == group[0].ID) && (other.Token != "" || len(other.Emails) > 0) {
			it = other
			break
		}
	}
	p := cert.DomainValidation{Method: word(cmp.Or(it.Method, string(have.DCVMethod)), cert.DCVMethods)}
	var hosts []string
	for _, d := range group {
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
