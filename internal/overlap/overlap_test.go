package overlap

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/seed"
)

var firstSeed = seed.Flag()

// wish is a manifest of a file with the name of its id: "a" is 1.yaml.
func wish(id int, label, names string, accepts ...cert.Code) cert.Spec {
	file := fmt.Sprintf("%c.yaml", 'a'+id)
	s := cert.Spec{ID: cert.ID(id + 1), Policy: cert.Policy{Accept: accepts}, At: map[string]cert.Pos{
		"": {File: file, Line: 1, Column: 1}, namesKey: {File: file, Line: 9, Column: 3}, labelKey: {File: file, Line: 7, Column: 3}}}
	if label != "" {
		s.Label = cert.Some(label)
	}
	if names != "" {
		all := strings.Fields(names)
		slices.Sort(all)
		s.Domains = cert.Some(cert.Domains{Common: all[0], Names: all})
	}
	return s
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		specs []cert.Spec
		want  []string
	}{
		"nothing in common": {[]cert.Spec{wish(0, "a", "a.example"), wish(1, "b", "b.example"), wish(2, "", "")}, nil},
		"one name": {[]cert.Spec{wish(0, "", "a.example x.example"), wish(1, "", "b.example x.example")}, []string{
			"1 shared-domain: x.example is wanted at a.yaml:9 and at b.yaml:9",
			"2 shared-domain: x.example is wanted at b.yaml:9 and at a.yaml:9"}},
		"many names with one other": {[]cert.Spec{wish(0, "", "a.x b.x c.x d.x e.x"), wish(1, "", "a.x b.x c.x d.x f.x")}, []string{
			"1 shared-domain: a.x, b.x, c.x and 1 more domain are wanted at a.yaml:9 and at b.yaml:9",
			"2 shared-domain: a.x, b.x, c.x and 1 more domain are wanted at b.yaml:9 and at a.yaml:9"}},
		"one name in three": {[]cert.Spec{wish(0, "", "a.x n.x"), wish(1, "", "b.x n.x"), wish(2, "", "c.x n.x")}, []string{
			"1 shared-domain: n.x is wanted at a.yaml:9 and at b.yaml:9, and in 1 more manifest",
			"2 shared-domain: n.x is wanted at b.yaml:9 and at a.yaml:9, and in 1 more manifest",
			"3 shared-domain: n.x is wanted at c.yaml:9 and at a.yaml:9, and in 1 more manifest"}},
		"two names in three": {[]cert.Spec{wish(0, "", "m.x n.x"), wish(1, "", "b.x m.x n.x"), wish(2, "", "c.x m.x"), wish(3, "", "d.x n.x")}, []string{
			"1 shared-domain: m.x and n.x are wanted at a.yaml:9 and at b.yaml:9, and in at least 1 more manifest",
			"2 shared-domain: m.x and n.x are wanted at b.yaml:9 and at a.yaml:9, and in at least 1 more manifest",
			"3 shared-domain: m.x is wanted at c.yaml:9 and at a.yaml:9, and in 1 more manifest",
			"4 shared-domain: n.x is wanted at d.yaml:9 and at a.yaml:9, and in 1 more manifest"}},
		"the same names": {[]cert.Spec{wish(0, "", "b.x a.x"), wish(1, "", "a.x b.x")}, []string{
			"1 same-domains: the same 2 domains are wanted at a.yaml:9 and at b.yaml:9",
			"2 same-domains: the same 2 domains are wanted at b.yaml:9 and at a.yaml:9"}},
		"the same names, and one of them elsewhere": {[]cert.Spec{wish(0, "", "a.x b.x"), wish(1, "", "a.x b.x"), wish(2, "", "a.x c.x")}, []string{
			"1 same-domains: the same 2 domains are wanted at a.yaml:9 and at b.yaml:9",
			"1 shared-domain: a.x is wanted at a.yaml:9 and at c.yaml:9",
			"2 same-domains: the same 2 domains are wanted at b.yaml:9 and at a.yaml:9",
			"2 shared-domain: a.x is wanted at b.yaml:9 and at c.yaml:9",
			"3 shared-domain: a.x is wanted at c.yaml:9 and at a.yaml:9, and in 1 more manifest"}},
		"a wildcard": {[]cert.Spec{wish(0, "", "a.shop.x shop.x b.a.shop.x"), wish(1, "", "*.shop.x")}, []string{
			"1 covered-domain: a.shop.x is wanted at a.yaml:9, and covered by *.shop.x at b.yaml:9",
			"2 covered-domain: *.shop.x is wanted at b.yaml:9, and covers a.shop.x at a.yaml:9"}},
		"a wildcard over many": {[]cert.Spec{wish(0, "", "a.x"), wish(1, "", "b.x"), wish(2, "", "*.x")}, []string{
			"1 covered-domain: a.x is wanted at a.yaml:9, and covered by *.x at c.yaml:9",
			"2 covered-domain: b.x is wanted at b.yaml:9, and covered by *.x at c.yaml:9",
			"3 covered-domain: *.x is wanted at c.yaml:9, and covers a.x at a.yaml:9, and domains of 1 more manifest"}},
		"two wildcards of one other": {[]cert.Spec{wish(0, "", "a.x a.y"), wish(1, "", "*.x *.y")}, []string{
			"1 covered-domain: a.x is wanted at a.yaml:9, and covered by *.x at b.yaml:9",
			"1 covered-domain: a.y is wanted at a.yaml:9, and covered by *.y at b.yaml:9",
			"2 covered-domain: *.x is wanted at b.yaml:9, and covers a.x at a.yaml:9",
			"2 covered-domain: *.y is wanted at b.yaml:9, and covers a.y at a.yaml:9"}},
		"a wildcard beside its own name": {[]cert.Spec{wish(0, "", "a.x *.x"), wish(1, "", "b.y")}, nil},
		"a wildcard that both have": {[]cert.Spec{wish(0, "", "a.x *.x"), wish(1, "", "*.x")}, []string{
			"1 shared-domain: *.x is wanted at a.yaml:9 and at b.yaml:9",
			"2 shared-domain: *.x is wanted at b.yaml:9 and at a.yaml:9"}},
		"labels that differ only in case": {[]cert.Spec{wish(0, "CDN", ""), wish(1, "cdn", "")}, []string{
			`1 same-label: the label "CDN" at a.yaml:7 and "cdn" at b.yaml:7 differ only in case`,
			`2 same-label: the label "cdn" at b.yaml:7 and "CDN" at a.yaml:7 differ only in case`}},
		"one label twice": {[]cert.Spec{wish(0, "cdn", ""), wish(1, "cdn", "")}, []string{
			`1 same-label: the label "cdn" is wanted at a.yaml:7 and at b.yaml:7`,
			`2 same-label: the label "cdn" is wanted at b.yaml:7 and at a.yaml:7`}},
		"one label in three": {[]cert.Spec{wish(0, "cdn", ""), wish(1, "cdn", ""), wish(2, "cdn", "")}, []string{
			`1 same-label: the label "cdn" is wanted at a.yaml:7 and at b.yaml:7, and in 1 more manifest`,
			`2 same-label: the label "cdn" is wanted at b.yaml:7 and at a.yaml:7, and in 1 more manifest`,
			`3 same-label: the label "cdn" is wanted at c.yaml:7 and at a.yaml:7, and in 1 more manifest`}},
		"accepted here is accepted there": {[]cert.Spec{wish(0, "", "a.x n.x"), wish(1, "", "b.x n.x", cert.SharedDomain)}, []string{
			"1 shared-domain, accepted: n.x is wanted at a.yaml:9 and at b.yaml:9",
			"2 shared-domain, accepted: n.x is wanted at b.yaml:9 and at a.yaml:9"}},
		"another code is not accepted": {[]cert.Spec{wish(0, "", "a.x n.x"), wish(1, "", "b.x n.x", cert.CoveredDomain)}, []string{
			"1 shared-domain: n.x is wanted at a.yaml:9 and at b.yaml:9",
			"2 shared-domain: n.x is wanted at b.yaml:9 and at a.yaml:9"}},
		"two that don't accept it are told of each other": {[]cert.Spec{wish(0, "", "a.x n.x", cert.SharedDomain), wish(1, "", "b.x n.x"), wish(2, "", "c.x n.x")}, []string{
			"1 shared-domain, accepted: n.x is wanted at a.yaml:9 and at b.yaml:9, and in 1 more manifest",
			"2 shared-domain: n.x is wanted at b.yaml:9 and at c.yaml:9, and in 1 more manifest",
			"3 shared-domain: n.x is wanted at c.yaml:9 and at b.yaml:9, and in 1 more manifest"}},
		"an accepted cover": {[]cert.Spec{wish(0, "", "a.x", cert.CoveredDomain), wish(1, "", "b.x"), wish(2, "", "*.x")}, []string{
			"1 covered-domain, accepted: a.x is wanted at a.yaml:9, and covered by *.x at c.yaml:9",
			"2 covered-domain: b.x is wanted at b.yaml:9, and covered by *.x at c.yaml:9",
			"3 covered-domain: *.x is wanted at c.yaml:9, and covers b.x at b.yaml:9, and domains of 1 more manifest"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, texts(c.specs)); d != "" {
				t.Error(d)
			}
			slices.Reverse(c.specs)
			backwards := texts(c.specs)
			slices.Sort(backwards)
			slices.Sort(c.want)
			if d := cmp.Diff(c.want, backwards); d != "" {
				t.Errorf("the other way round:\n%s", d)
			}
		})
	}
}

// texts returns the notes, those of each manifest behind its id.
func texts(specs []cert.Spec) []string {
	var all []string
	for i, notes := range Find(specs) {
		for _, w := range notes {
			accepted := ""
			if w.Accepted {
				accepted = ", accepted"
			}
			all = append(all, fmt.Sprintf("%d %s%s: %s", specs[i].ID, w.Code, accepted, w.Text))
		}
	}
	return all
}

// TestFindAgainstEveryPair compares with a look at every pair of manifests: whoever
// has something in common with another is told, and nobody else; what is told is true of
// the two places; and a note is accepted exactly when no other manifest that has the
// thing, and does not accept it, stands against one that does not either.
func TestFindAgainstEveryPair(t *testing.T) {
	t.Parallel()
	names := strings.Fields("a.x b.x *.x a.y *.y c.z x a.a.x")
	codes := []cert.Code{cert.SharedDomain, cert.CoveredDomain, cert.SameDomains, cert.SameLabel}
	seen := map[string]int{}
	for i := range uint64(3000) {
		start := firstSeed() + i
		r := rand.New(rand.NewPCG(start, 6))
		var specs []cert.Spec
		for i := range 2 + r.IntN(5) {
			chosen := slices.DeleteFunc(slices.Clone(names), func(string) bool { return r.IntN(3) > 0 })
			accepts := slices.DeleteFunc(slices.Clone(codes), func(cert.Code) bool { return r.IntN(3) > 0 })
			specs = append(specs, wish(i, []string{"", "l", "L", "m"}[r.IntN(4)], strings.Join(chosen, " "), accepts...))
		}
		for i, notes := range Find(specs) {
			for _, c := range codes {
				told := slices.ContainsFunc(notes, func(w Note) bool { return w.Code == c })
				open := slices.ContainsFunc(notes, func(w Note) bool { return w.Code == c && !w.Accepted })
				wantTold, wantOpen := false, false
				for j := range specs {
					if i != j && inCommon(specs[i], specs[j], c) {
						wantTold = true
						wantOpen = wantOpen || !specs[i].Policy.Accepts(c) && !specs[j].Policy.Accepts(c)
					}
				}
				if told != wantTold || open != wantOpen {
					t.Fatalf("seed %d, manifest %d, %s: told %v, want %v; open %v, want %v\n%v", start, i+1, c, told, wantTold, open, wantOpen, specs)
				}
				seen[fmt.Sprint(c, told, open)]++
			}
			for _, w := range notes {
				other := slices.IndexFunc(specs, func(s cert.Spec) bool { return s.At[""].File == w.Also.File })
				if w.At.File != specs[i].At[""].File || other == i || !inCommon(specs[i], specs[other], w.Code) ||
					w.Accepted != (specs[i].Policy.Accepts(w.Code) || specs[other].Policy.Accepts(w.Code)) {
					t.Fatalf("seed %d, manifest %d: %+v is not true", start, i+1, w)
				}
			}
		}
	}
	if len(seen) != 3*len(codes) {
		t.Errorf("the generator is one-sided: %v", seen)
	}
}

// inCommon is the meaning of a code, for two manifests.
func inCommon(a, b cert.Spec, c cert.Code) bool {
	x, y := a.Names(), b.Names()
	covers := func(x, y []string) bool {
		return slices.ContainsFunc(x, func(n string) bool {
			first, rest, _ := strings.Cut(n, ".")
			return first != "*" && slices.Contains(y, "*."+rest) && !slices.Contains(x, "*."+rest)
		})
	}
	switch c {
	case cert.SameDomains:
		return len(x) > 0 && slices.Equal(x, y)
	case cert.SharedDomain:
		return !slices.Equal(x, y) && slices.ContainsFunc(x, func(n string) bool { return slices.Contains(y, n) })
	case cert.CoveredDomain:
		return covers(x, y) || covers(y, x)
	default:
		return a.Label.IsSet() && b.Label.IsSet() && strings.EqualFold(a.Label.Or(""), b.Label.Or(""))
	}
}

// BenchmarkFind10000 is a fleet of 10,000 manifests with 10 names, of which one stands
// in all of them, one below a wildcard that one of them has, and one in the next manifest.
func BenchmarkFind10000(b *testing.B) {
	specs := make([]cert.Spec, 10000)
	for i := range specs {
		names := fmt.Sprintf("everywhere.example pair-%d.example site-%d.wild.example", i/2, i)
		for n := range 7 {
			names += fmt.Sprintf(" www%d.site-%d.example", n, i)
		}
		if i == 0 {
			names += " *.wild.example"
		}
		specs[i] = wish(i%20, fmt.Sprintf("site-%d", i/2), names)
		specs[i].ID = cert.ID(i + 1)
	}
	for b.Loop() {
		if notes := Find(specs); len(notes[9999]) == 0 {
			b.Fatal("nothing told")
		}
	}
}

// TestNotesGrowLinearly: a thing that thousands have in common makes no more notes than
// there are manifests.
func TestNotesGrowLinearly(t *testing.T) {
	t.Parallel()
	const many = 3000
	var specs []cert.Spec
	for i := range many {
		s := wish(i%20, "label", fmt.Sprintf("everywhere.example s%d.wild.example", i))
		s.ID = cert.ID(i + 1)
		specs = append(specs, s)
	}
	specs = append(specs, wish(0, "", "*.wild.example"))
	total, length := 0, 0
	for _, notes := range Find(specs) {
		for _, w := range notes {
			total, length = total+1, max(length, len(w.Text))
		}
	}
	if total != 3*many+1 || length > 250 {
		t.Errorf("%d notes on %d manifests, the longest of %d bytes", total, many, length)
	}
}
