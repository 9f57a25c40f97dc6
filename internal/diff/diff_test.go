package diff_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
	"github.com/cpsync/cpsync/internal/seed"
)

// have is a request that serves a, b and c.
func have() cert.Live {
	l := cert.Live{
		Label: "cdn", Description: "Storefront", AutoRenew: true, DCVMethod: cert.DNSTxtToken, Common: "a",
		ValidationType: cert.OV, Authority: cert.DigiCert, Organization: "Example Corp", OrganizationRead: true,
	}
	l.SetDomains(live("c", "a", "b"))
	return l
}

func live(names ...string) []cert.Domain {
	var all []cert.Domain
	for _, n := range names {
		all = append(all, cert.Domain{Name: n, Status: cert.DomainActive})
	}
	return all
}

func domains(common string, names ...string) cert.Opt[cert.Domains] {
	return cert.Some(cert.Domains{Common: common, Names: names})
}

func TestFields(t *testing.T) {
	t.Parallel()
	before := []string{"a", "b", "c"}
	tests := map[string]struct {
		want cert.Spec
		have func(*cert.Live)
		diff []diff.Change
	}{
		"what is not managed is not compared": {want: cert.Spec{}},
		"what is equal is no difference": {want: cert.Spec{Patch: cert.Patch{Label: cert.Some("cdn"), Description: cert.Some("Storefront"), AutoRenew: cert.Some(true),
			DCVMethod: cert.Some(cert.DNSTxtToken), Domains: domains("a", "a", "b", "c")}}},
		"a description":          {want: cert.Spec{Patch: cert.Patch{Description: cert.Some("new")}}, diff: []diff.Change{{Edit: cert.EditDescription, From: "Storefront", To: "new"}}},
		"a description to clear": {want: cert.Spec{Patch: cert.Patch{Description: cert.Some("")}}, diff: []diff.Change{{Edit: cert.EditDescription, From: "Storefront"}}},
		"an accent written in another way": {want: cert.Spec{Patch: cert.Patch{Description: cert.Some("Cafe\u0301"), Label: cert.Some("caf\u00e9")}},
			have: func(l *cert.Live) { l.Description, l.Label = "Caf\u00e9", "cafe\u0301" }},
		"another accent": {want: cert.Spec{Patch: cert.Patch{Label: cert.Some("cafe\u0300")}}, have: func(l *cert.Live) { l.Label = "caf\u00e9" },
			diff: []diff.Change{{Edit: cert.EditLabel, From: "caf\u00e9", To: "cafe\u0300"}}},
		"auto_renew to switch off": {want: cert.Spec{Patch: cert.Patch{AutoRenew: cert.Some(false)}}, diff: []diff.Change{{Edit: cert.EditAutoRenew, From: "true", To: "false"}}},
		"a DCV method":             {want: cert.Spec{Patch: cert.Patch{DCVMethod: cert.Some(cert.Email)}}, diff: []diff.Change{{Edit: cert.EditDCVMethod, From: "DnsTxtToken", To: "Email"}}},
		"a label, case and all":    {want: cert.Spec{Patch: cert.Patch{Label: cert.Some("CDN")}}, diff: []diff.Change{{Edit: cert.EditLabel, From: "cdn", To: "CDN"}}},
		"a name more":              {want: cert.Spec{Patch: cert.Patch{Domains: domains("a", "a", "b", "c", "d")}}, diff: []diff.Change{{Edit: cert.EditDomains, Before: before, Add: []string{"d"}}}},
		"a name less":              {want: cert.Spec{Patch: cert.Patch{Domains: domains("a", "a", "c")}}, diff: []diff.Change{{Edit: cert.EditDomains, Before: before, Remove: []string{"b"}}}},
		"another common name":      {want: cert.Spec{Patch: cert.Patch{Domains: domains("b", "a", "b", "c")}}, diff: []diff.Change{{Edit: cert.EditDomains, Before: before, CommonFrom: "a", CommonTo: "b"}}},
		"all at once": {want: cert.Spec{Patch: cert.Patch{Domains: domains("d", "b", "d", "e")}},
			diff: []diff.Change{{Edit: cert.EditDomains, Before: before, Add: []string{"d", "e"}, Remove: []string{"a", "c"}, CommonFrom: "a", CommonTo: "d"}}},
		"no common name is marked: not compared on it": {want: cert.Spec{Patch: cert.Patch{Domains: domains("b", "a", "b", "c")}}, have: func(l *cert.Live) { l.Common = "" }},
		"no common name is marked, and a name more": {want: cert.Spec{Patch: cert.Patch{Domains: domains("d", "a", "b", "c", "d")}}, have: func(l *cert.Live) { l.Common = "" },
			diff: []diff.Change{{Edit: cert.EditDomains, Before: before, Add: []string{"d"}}}},
		"a name being deleted is not live": {want: cert.Spec{Patch: cert.Patch{Domains: domains("a", "a", "b", "c")}},
			have: func(l *cert.Live) {
				l.SetDomains(append(live("a", "b", "c"), cert.Domain{Name: "x", Status: cert.DomainPendingDelete}))
			}},
		"in the order of the edits": {want: cert.Spec{Patch: cert.Patch{Label: cert.Some("x"), Domains: domains("a", "a"), DCVMethod: cert.Some(cert.Email), AutoRenew: cert.Some(false), Description: cert.Some("x")}},
			diff: []diff.Change{{Edit: cert.EditDescription, From: "Storefront", To: "x"}, {Edit: cert.EditAutoRenew, From: "true", To: "false"},
				{Edit: cert.EditDCVMethod, From: "DnsTxtToken", To: "Email"}, {Edit: cert.EditDomains, Before: before, Remove: []string{"b", "c"}}, {Edit: cert.EditLabel, From: "cdn", To: "x"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := have()
			if tt.have != nil {
				tt.have(&l)
			}
			if d := cmp.Diff(tt.diff, diff.Fields(tt.want.Patch, l)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestExpectations(t *testing.T) {
	t.Parallel()
	ov, digicert, example := cert.Some(cert.OV), cert.Some(cert.DigiCert), cert.Some("Example Corp")
	tests := map[string]struct {
		want cert.Expect
		read bool
		diff []diff.Change
	}{
		"nothing is expected": {cert.Expect{}, true, nil},
		"all is as expected":  {cert.Expect{ValidationType: ov, Authority: digicert, Organization: example}, true, nil},
		"nothing is as expected": {cert.Expect{ValidationType: cert.Some(cert.EV), Authority: cert.Some(cert.LetsEncrypt), Organization: cert.Some("Other")}, true,
			[]diff.Change{{Edit: cert.ExpectValidationType, From: "OV", To: "EV"}, {Edit: cert.ExpectAuthority, From: "DigiCert", To: "LetsEncrypt"}, {Edit: cert.ExpectOrganization, From: "Example Corp", To: "Other"}}},
		"an organization that was not read": {cert.Expect{Organization: cert.Some("Other")}, false, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := have()
			l.OrganizationRead = tt.read
			if d := cmp.Diff(tt.diff, diff.Expectations(tt.want, l)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

var firstSeed = seed.Flag()

// TestAChangeOfNamesLeadsFromTheLiveSetToTheWanted, over generated sets; the order in
// which the server lists the names is nothing; nothing is changed on the way.
func TestAChangeOfNamesLeadsFromTheLiveSetToTheWanted(t *testing.T) {
	t.Parallel()
	seed := firstSeed()
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range 5000 {
		is, wanted := set(r), set(r)
		var l cert.Live
		l.SetDomains(live(is...))
		l.Common = is[r.IntN(len(is))]
		common := wanted[r.IntN(len(wanted))]
		keptIs, keptWanted := slices.Sorted(slices.Values(is)), slices.Clone(slices.Sorted(slices.Values(wanted)))
		slices.Sort(wanted)
		changes := diff.Fields(cert.Patch{Domains: domains(common, wanted...)}, l)
		var c diff.Change
		if len(changes) > 0 {
			c = changes[0]
		} else {
			c = diff.Change{Before: l.Names()}
		}
		if got := c.After(); !slices.Equal(got, wanted) {
			t.Errorf("seed %d, case %d: from %v to %v, the change leads to %v", seed, i, is, wanted, got)
		}
		if (len(changes) == 0) != (slices.Equal(keptIs, wanted) && common == l.Common) {
			t.Errorf("seed %d, case %d: from %v to %v there are %d changes", seed, i, is, wanted, len(changes))
		}
		for _, n := range c.Add {
			if slices.Contains(is, n) || !slices.Contains(wanted, n) {
				t.Errorf("seed %d, case %d: %s is no name to add", seed, i, n)
			}
		}
		for _, n := range c.Remove {
			if !slices.Contains(is, n) || slices.Contains(wanted, n) {
				t.Errorf("seed %d, case %d: %s is no name to remove", seed, i, n)
			}
		}
		if !slices.Equal(l.Names(), keptIs) || !slices.Equal(wanted, keptWanted) {
			t.Errorf("seed %d, case %d: an argument was changed", seed, i)
		}
	}
}

// set returns one to six names in any order.
func set(r *rand.Rand) []string {
	all := []string{"a", "b", "c", "d", "e", "f"}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+r.IntN(len(all))]
}
