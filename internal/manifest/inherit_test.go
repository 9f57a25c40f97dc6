package manifest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/seed"
)

// defaults is a file of defaults that says body.
func defaults(body string) string { return "apiVersion: cpsync/v1\nkind: Defaults\n" + body + "\n" }

func TestInheritance(t *testing.T) {
	t.Parallel()
	specs, problems := Load(onDisk(t, "testdata/inherit"), []string{"testdata/inherit"})
	if len(specs) != 2 {
		t.Fatal(print(problems))
	}
	shop, web := specs[0], specs[1]
	if d := gocmp.Diff(map[string]string{"team": "shop", "env": "prod", "tier": "gold"}, shop.Tags); d != "" {
		t.Errorf("tags merge key by key, the nearest wins:\n%s", d)
	}
	want := cert.Policy{
		RenewBefore:    cert.Some(20 * day),
		RetriggerUntil: cert.Some(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)),
		Protect:        []cert.Edit{cert.EditDescription, cert.EditDCVMethod, cert.EditLabel},
		DomainsWithin:  [][]string{{"shop.example.com"}, {"example.com", "example.net"}},
	}
	if d := gocmp.Diff(want, shop.Policy, opts); d != "" {
		t.Errorf("policy of shop:\n%s", d)
	}
	if o := shop.Expect.Organization.Or(""); o != "Example Shops" {
		t.Errorf("shop expects the organization %q", o)
	}
	for key, at := range map[string]string{
		"expect.organization": "shop/shop.yaml:10", "expect.certificate_authority": "_defaults.yaml:6",
		"policy.renew_before": "shop/_defaults.yaml:6", "policy.protect[description]": "shop/shop.yaml:12",
		"policy.protect[dcv_method]": "shop/_defaults.yaml:8", "policy.protect[certificate_label]": "_defaults.yaml:10",
		"policy.domains_within[0]": "shop/_defaults.yaml:9", "policy.domains_within[1]": "_defaults.yaml:11",
		"policy.accept": "shop/shop.yaml:13", "metadata.tags.env": "_defaults.yaml:4", "metadata.tags.team": "shop/_defaults.yaml:4",
	} {
		p := shop.At[key]
		if got := fmt.Sprintf("%s:%d", strings.TrimPrefix(p.File, "testdata/inherit/"), p.Line); got != at {
			t.Errorf("%s is at %s, want %s", key, got, at)
		}
	}
	if web.Expect.Organization.IsSet() || web.Policy.RenewBefore.Or(0) != 30*day || !slices.Equal(web.Policy.Accept, []cert.Code{cert.LongLabel}) {
		t.Errorf("web expects %v, policy %v: an organization is not expected of DV, an inherited renew_before is idle and no problem",
			web.Expect, web.Policy)
	}
}

// TestDefaultsThatAreWrong holds a tree of files against the one problem it has.
func TestDefaultsThatAreWrong(t *testing.T) {
	t.Parallel()
	domains := func(names string) string {
		return legal(1) + "spec: {common_name: a.shop.example.com, domains: [a.shop.example.com, " + names + "]}\n"
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"defaults in another file": {map[string]string{"a.yaml": defaults("")},
			`a.yaml:2:7: kind is "Defaults", which only a file called _defaults.yaml holds`},
		"a certificate in defaults": {map[string]string{"a.yaml": legal(1), "_defaults.yaml": legal(2)},
			`_defaults.yaml:2:7: kind is "Certificate", and _defaults.yaml holds defaults alone`},
		"another kind": {map[string]string{"a.yaml": legal(1), "_defaults.yaml": "apiVersion: cpsync/v1\nkind: Default\n"},
			`_defaults.yaml:2:7: kind is "Default", which cpsync does not read`},
		"two documents": {map[string]string{"a.yaml": legal(1), "_defaults.yaml": defaults("") + "---\n" + defaults("")},
			`_defaults.yaml:5:1: a second document in _defaults.yaml, which holds one`},
		"no YAML":      {map[string]string{"a.yaml": legal(1), "_defaults.yaml": "]\n"}, `_defaults.yaml:1:1: not YAML: did not find expected node content`},
		"empty":        {map[string]string{"a.yaml": legal(1), "_defaults.yaml": "# later\n"}, `_defaults.yaml:0:0: holds no defaults`},
		"another name": {map[string]string{"a.yaml": legal(1), "_defaults.yml": defaults("")}, `_defaults.yml:0:0: is not read: defaults stand in _defaults.yaml`},
		"a directory": {map[string]string{"a.yaml": legal(1), "_defaults.yaml/x": ""},
			`_defaults.yaml:0:0: is not a regular file`},
		"above what is named, with another name": {map[string]string{".git": "", "certs/a.yaml": legal(1), "_defaults.yml": ""},
			`_defaults.yml:0:0: is not read: defaults stand in _defaults.yaml`},
		"beside no manifest": {map[string]string{"certs/a.yaml": legal(1), "certs/empty/_defaults.yaml": defaults("spec: {}")},
			`_defaults.yaml:3:1: unknown key "spec"`},
		"bounds in a manifest": {map[string]string{"a.yaml": legal(1) + "policy: {domains_within: [a.example]}\n"},
			`a.yaml:4:10: unknown key "domains_within" in policy`},
		"out of bounds": {map[string]string{"certs/a.yaml": domains("b.example.com"), "certs/_defaults.yaml": defaults("policy: {domains_within: [Shop.Example.com.]}")},
			`a.yaml:4:71: "b.example.com" is not allowed here: policy.domains_within at certs/_defaults.yaml:3:10 allows shop.example.com and what is below`},
		"out of bounds by a suffix that is no label": {map[string]string{"a.yaml": domains("bshop.example.com"), "_defaults.yaml": defaults("policy: {domains_within: [shop.example.com]}")},
			`a.yaml:4:71: "bshop.example.com" is not allowed here: policy.domains_within at _defaults.yaml:3:10 allows shop.example.com and what is below`},
		"a wildcard out of bounds": {map[string]string{"a.yaml": domains(`"*.example.com"`), "_defaults.yaml": defaults("policy: {domains_within: [shop.example.com]}")},
			`a.yaml:4:71: "*.example.com" is not allowed here: policy.domains_within at _defaults.yaml:3:10 allows shop.example.com and what is below`},
		"an organization, where DV is expected above": {map[string]string{"a.yaml": legal(1) + "expect: {organization: X}\n", "_defaults.yaml": defaults("expect: {validation_type: DV}")},
			`a.yaml:4:10: expect.organization goes against validation_type: DV at _defaults.yaml:3:10, which vets no organization`},
		"a wildcard, where EV is expected above": {map[string]string{"a.yaml": domains(`"*.example.com"`), "_defaults.yaml": defaults("expect: {validation_type: EV}")},
			`a.yaml:4:71: "*.example.com" is a wildcard, and an EV certificate can't hold one; EV is expected at _defaults.yaml:3:10`},
		"renewals and their protection in one file": {map[string]string{"a.yaml": legal(1), "_defaults.yaml": defaults("policy: {renew_before: 30d, protect: [renew]}")},
			`_defaults.yaml:3:39: policy.protect holds renew, but the policy asks for renewals`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			paths := []string{"."}
			if _, deep := c.files[".git"]; deep {
				paths = []string{"certs"}
			}
			specs, problems := Load(files(c.files), paths)
			checkProblems(t, problems)
			got := strings.SplitN(print(problems), "\n", 2)[0]
			got = got[:max(strings.LastIndex(got, " ["), 0)] // without the rule
			if len(specs) > 0 || len(problems) != 1 || got != c.want {
				t.Errorf("%d specs and\n%s\nwant\n%s", len(specs), print(problems), c.want)
			}
		})
	}
}

// TestAKeyOfDefaultsThatHoldsNothing: nobody reads of it that it would be inherited, or not managed.
func TestAKeyOfDefaultsThatHoldsNothing(t *testing.T) {
	t.Parallel()
	_, problems := Load(files(map[string]string{"a.yaml": legal(1), "_defaults.yaml": defaults("policy: {domains_within: [], protect: }")}), []string{"."})
	for _, p := range problems {
		if p.Hint != "Write a value, or delete the key." {
			t.Errorf("%+v", p)
		}
	}
	if len(problems) != 2 {
		t.Error(print(problems))
	}
}

// TestHowFarUpDefaultsAreLookedFor: to the top of the repository whatever is named, and
// outside of one no further than what is named.
func TestHowFarUpDefaultsAreLookedFor(t *testing.T) {
	t.Parallel()
	tree := map[string]string{
		"_defaults.yaml": defaults("tags: {a: top}"), "r/_defaults.yaml": defaults("tags: {b: r}"),
		"r/certs/_defaults.yaml": defaults("tags: {c: certs}"), "r/certs/x/y.yaml": legal(1),
	}
	for name, c := range map[string]struct {
		git   string
		paths []string
		want  string
	}{
		"a repository":                       {"r/.git", []string{"r/certs/x/y.yaml"}, "map[b:r c:certs]"},
		"a repository, of which more":        {"r/.git", []string{"."}, "map[b:r c:certs]"},
		"a repository at the root":           {".git", []string{"r/certs/x"}, "map[a:top b:r c:certs]"},
		"a repository that is only below":    {"r/certs/x/.git", []string{"r"}, "map[]"},
		"no repository, a file":              {"", []string{"r/certs/x/y.yaml"}, "map[]"},
		"no repository, a directory":         {"", []string{"r/certs"}, "map[c:certs]"},
		"no repository, the directory above": {"", []string{"r"}, "map[b:r c:certs]"},
		"no repository, two, one first":      {"", []string{"r/certs/x", "r"}, "map[b:r c:certs]"},
		"no repository, two, other first":    {"", []string{"r", "r/certs/x"}, "map[b:r c:certs]"},
		"no repository, a file of defaults":  {"", []string{"r/certs/x", "r/_defaults.yaml"}, "map[b:r c:certs]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := files(tree)
			if c.git != "" {
				fsys.MapFS[c.git] = fsys.MapFS["r/certs/x/y.yaml"]
			}
			specs, problems := Load(fsys, c.paths)
			if len(specs) != 1 {
				t.Fatal(print(problems))
			}
			if got := fmt.Sprint(specs[0].Tags); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestARepositoryWithinAnother: a directory with an entry .git, such as a submodule, is no
// way out of what the owner of the folder decided.
func TestARepositoryWithinAnother(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		paths []string
		want  string
	}{
		{[]string{"certs"}, "sub:0:0: is a repository within another one, so that no defaults above it are for what it holds [defaults]\n\tTake it out, or name it as a PATH of its own.\n"},
		{[]string{"certs", "certs/sub"}, "a c b"},
		{[]string{"certs/sub/x"}, "b"},
		{[]string{"certs/a.yaml"}, "a"},
	} {
		fsys := files(map[string]string{
			".git": "", "certs/_defaults.yaml": defaults("policy: {domains_within: [example.com]}"), "certs/a.yaml": legal(1),
			"certs/sub/.git": "", "certs/sub/x/b.yaml": legal(2), "certs/sub/c.yaml": legal(3),
		})
		if d := gocmp.Diff(c.want, loaded(fsys, c.paths...)); d != "" {
			t.Errorf("%v (-want +got):\n%s", c.paths, d)
		}
	}
}

func TestDefaultsAloneAreNothingToPlan(t *testing.T) {
	t.Parallel()
	fsys := files(map[string]string{"certs/_defaults.yaml": defaults(""), "certs/a.yaml": legal(1)})
	if specs, problems := Load(fsys, []string{"certs/_defaults.yaml", "certs/a.yaml"}); len(specs) != 1 {
		t.Errorf("beside a manifest: %s", print(problems))
	}
	if _, problems := Load(fsys, []string{"certs/_defaults.yaml"}); len(problems) != 1 || problems[0].Message != "holds defaults and no manifest" {
		t.Errorf("alone: %s", print(problems))
	}
}

// opts compare what is loaded.
var opts = gocmp.Exporter(func(t reflect.Type) bool { return t.PkgPath() == reflect.TypeFor[cert.Spec]().PkgPath() })

// problemSet are problems without their order, which is that of the paths.
func problemSet(all []report.Problem) []string {
	var lines []string
	for _, p := range all {
		lines = append(lines, print([]report.Problem{p}))
	}
	slices.Sort(lines)
	return lines
}

// level is what a generated file of defaults says, and whether there is one.
type level struct {
	protect, within []string
	renewBefore     string
}

func (l level) text() string {
	text := "policy:\n"
	if len(l.protect) > 0 {
		text += "  protect: [" + strings.Join(l.protect, ", ") + "]\n"
	}
	if len(l.within) > 0 {
		text += "  domains_within: [" + strings.Join(l.within, ", ") + "]\n"
	}
	if l.renewBefore != "" {
		text += "  renew_before: " + l.renewBefore + "\n"
	}
	if text == "policy:\n" {
		text = ""
	}
	return defaults(text)
}

// TestNothingBelowLoosensWhatIsAbove generates trees of defaults. Whatever they say, a
// manifest never has less protection than any level gives, a name that any level does
// not allow is a problem, and the order of the paths makes no difference.
var firstSeed = seed.Flag()

func TestNothingBelowLoosensWhatIsAbove(t *testing.T) {
	t.Parallel()
	dirs := []string{".", "a", "a/b", "a/b/c", "d", "d/e"}
	domains := []string{"example.com", "shop.example.com", "x.shop.example.com", "example.net"}
	edits := EditWords()
	some := func(r *rand.Rand, all []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(string) bool { return r.IntN(3) > 0 })
	}
	refused, taken := 0, 0
	for i := range uint64(400) {
		seed := firstSeed() + i
		r := rand.New(rand.NewPCG(seed, 1))
		texts, levels := map[string]string{".git": ""}, map[string]level{}
		for _, d := range dirs {
			if r.IntN(2) == 0 {
				l := level{protect: slices.DeleteFunc(some(r, edits), func(e string) bool { return e == "renew" }), within: some(r, domains)}
				if r.IntN(2) == 0 {
					l.renewBefore = fmt.Sprintf("%dd", 1+r.IntN(60))
				}
				levels[d] = l
				texts[path.Join(d, DefaultsFile)] = l.text()
			}
		}
		dir := dirs[r.IntN(len(dirs))]
		own := some(r, edits)
		names := append(some(r, domains), "x.shop.example.com")
		slices.Sort(names)
		names = slices.Compact(names)
		texts[path.Join(dir, "m.yaml")] = legal(7) + fmt.Sprintf("spec: {common_name: x.shop.example.com, domains: [%s]}\npolicy: {protect: [%s]}\n",
			strings.Join(names, ", "), strings.Join(own, ", "))
		fsys := files(texts)
		paths := []string{dir, ".", path.Join(dir, "m.yaml")}
		first, problems := Load(fsys, paths)
		slices.Reverse(paths)
		again, others := Load(fsys, paths)
		if d := gocmp.Diff([]any{first, problemSet(problems)}, []any{again, problemSet(others)}, opts); d != "" {
			t.Fatalf("seed %d: the order of the paths matters:\n%s", seed, d)
		}
		protected, nearest, out := slices.Clone(own), "", false
		for at := dir; ; at = path.Dir(at) {
			l := levels[at]
			protected = append(protected, l.protect...)
			nearest = cmp.Or(nearest, l.renewBefore)
			for _, n := range names {
				out = out || len(l.within) > 0 && !slices.ContainsFunc(l.within, func(d string) bool { return n == d || strings.HasSuffix(n, "."+d) })
			}
			if at == "." {
				break
			}
		}
		if out != (len(problems) > 0) {
			t.Fatalf("seed %d: a name out of bounds is %v, and\n%s", seed, out, print(problems))
		}
		if out {
			refused++
			continue
		}
		taken++
		s := first[0]
		for _, word := range protected {
			if e, _ := cert.ParseEdit(word); !s.Policy.Protects(e) {
				t.Fatalf("seed %d: %s is protected on a level and not in %v", seed, word, s.Policy.Protect)
			}
		}
		if got := s.Policy.RenewBefore.Or(0); nearest == "" && got != 0 || nearest != "" && got != parsedDuration(nearest) {
			t.Fatalf("seed %d: renew_before is %v, the nearest says %q", seed, got, nearest)
		}
	}
	if refused < 50 || taken < 50 {
		t.Errorf("the generator is lopsided: %d refused, %d taken", refused, taken)
	}
}
