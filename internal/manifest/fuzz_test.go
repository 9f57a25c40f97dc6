package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/cpsync/cpsync/internal/cert"
)

// FuzzLoad holds three promises for every input: nothing panics, every problem
// has a place, and what is accepted reads as the nodes hold it.
func FuzzLoad(f *testing.F) {
	paths, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil || len(paths) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(check)
}

// FuzzText does the same for what stands after a colon, where YAML readers differ.
func FuzzText(f *testing.F) {
	for _, text := range []string{"no", "0123", "1e3", "2027-03-01", "~", strings.Repeat("x", 2*maxQuote) + "\x07",
		"'it''s'", `"\u00e9\x41"`, "|-\n    a\n\n    b", ">\n    a\n    b",
		"! x", "&a x", "a # b", "1:30", "0o17", "1_000", ".5", "+.inf", "<<", "=", "a: b", "[a]", "x\n   y", "\u00a0x\u00a0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		check(t, []byte(legal(1)+"expect:\n  organization: "+text+"\nspec:\n  description: "+text+"\n"))
	})
}

func check(t *testing.T, data []byte) {
	specs, problems := Load(files(map[string]string{"f.yaml": string(data)}), []string{"f.yaml"})
	if (len(specs) == 0) != (len(problems) > 0) {
		t.Fatalf("%d specs and %d problems", len(specs), len(problems))
	}
	checkProblems(t, problems)
	last := bytes.Count(data, []byte("\n")) + 1
	for _, p := range problems {
		if p.At.Line > last {
			t.Errorf("line %d of %d: %s", p.At.Line, last, p.Message)
		}
	}
	if len(specs) > 0 {
		checkValues(t, specs, independent(t, data))
		checkShortWay(t, data)
	}
}

// checkShortWay: what is read without the second reader of YAML is what that reads.
func checkShortWay(t *testing.T, data []byte) (plain int) {
	t.Helper()
	text, _ := clean("f.yaml", data)
	for _, p := range split(text) {
		root, _ := parseDocument("f.yaml", p)
		if root == nil {
			continue
		}
		short, ok := plainJSON(nil, root)
		if !ok || bytes.ContainsRune(p.text, '!') {
			continue
		}
		plain++
		var got, want values
		if err := errors.Join(json.Unmarshal(short, &got), yaml.UnmarshalStrict(p.text, &want)); err != nil {
			t.Errorf("%v in\n%s", err, p.text)
		}
		if d := cmp.Diff(fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got)); d != "" {
			t.Errorf("the short way reads (-second reader +tree)\n%s of\n%s", d, p.text)
		}
	}
	return plain
}

// TestPlainDocumentsAreReadOnce, and others twice.
func TestPlainDocumentsAreReadOnce(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"spec: {description: Storefront}":                       1,
		"spec: {description: 'it''s: \"a\" \\'}":                1,
		"spec: {domains: [\"*.example.com\"]}":                  1,
		"spec: {auto_renew: true}":                              1,
		"spec: {description: \"true\"}":                         0,
		"spec: {description: ä}":                                0,
		"spec: {description: no}":                               0,
		"spec: {description: a!}":                               0,
		"spec:\n  description: |\n    a\n    b":                 0,
		"spec: {description: &a x}\nexpect: {organization: *a}": 0,
	} {
		if got := checkShortWay(t, []byte(legal(7)+text+"\n")); got != want {
			t.Errorf("%d of %s, want %d", got, text, want)
		}
	}
}

func checkValues(t *testing.T, specs []cert.Spec, docs []map[string]any) {
	t.Helper()
	if len(specs) != len(docs) {
		t.Fatalf("%d specs of %d documents", len(specs), len(docs))
	}
	for i, s := range specs {
		want := docs[i]
		meta := section(want, "metadata")
		if meta["name"] == nil {
			meta["name"] = "f"
		}
		normalizeWant(want)
		if d := cmp.Diff(want, written(s, want)); d != "" {
			t.Errorf("document %d (-nodes +spec):\n%s", i, d)
		}
	}
}

func section(doc map[string]any, name string) map[string]any {
	m, _ := doc[name].(map[string]any)
	return m
}

// normalizeWant does to the values of the nodes what the pages promise.
func normalizeWant(doc map[string]any) {
	spec, policy := section(doc, "spec"), section(doc, "policy")
	if d, ok := spec["description"].(string); ok {
		spec["description"] = trim(d)
	}
	if c, ok := spec["common_name"].(string); ok {
		spec["common_name"] = cert.LooseName(c)
	}
	for section, names := range map[string]map[string]any{"domains": spec, "remove_domains": policy} {
		if list, ok := names[section].([]any); ok {
			for i := range list {
				list[i] = cert.LooseName(list[i].(string))
			}
		}
	}
	if l, ok := policy["renew_if_thumbprint"].([]any); ok {
		for i := range l {
			l[i] = strings.ToUpper(strings.ReplaceAll(l[i].(string), ":", ""))
		}
	}
	for _, list := range []any{spec["domains"], policy["renew_if_thumbprint"], policy["remove_domains"], policy["protect"], policy["allow_undocumented"], policy["accept"]} {
		if l, ok := list.([]any); ok {
			slices.SortFunc(l, func(a, b any) int { return bytes.Compare([]byte(a.(string)), []byte(b.(string))) })
		}
	}
	if d, ok := policy["renew_before"].(string); ok {
		policy["renew_before"], _ = ParseDuration(d)
	}
}

// written turns a Spec back into the document it came from, with the sections
// that the document has.
func written(s cert.Spec, like map[string]any) map[string]any {
	doc := map[string]any{"apiVersion": "cpsync/v1", "kind": "Certificate"}
	meta := map[string]any{"id": json.Number(s.ID.String()), "name": s.Name}
	if s.Tags != nil {
		tags := map[string]any{}
		for k, v := range s.Tags {
			tags[k] = v
		}
		meta["tags"] = tags
	}
	doc["metadata"] = meta
	sections := map[string]map[string]any{"spec": writtenSpec(s), "expect": writtenExpect(s.Expect),
		"policy": writtenPolicy(s.Policy, section(like, "policy"))}
	for name, values := range sections {
		if like[name] != nil || len(values) > 0 {
			doc[name] = values
		}
	}
	return doc
}

func put[T any](m map[string]any, name string, o cert.Opt[T], text func(T) any) {
	if v, ok := o.Get(); ok {
		m[name] = text(v)
	}
}

func writtenSpec(s cert.Spec) map[string]any {
	m := map[string]any{}
	asIs := func(s string) any { return s }
	put(m, "certificate_label", s.Label, asIs)
	put(m, "description", s.Description, asIs)
	put(m, "auto_renew", s.AutoRenew, func(b bool) any { return b })
	put(m, "dcv_method", s.DCVMethod, func(d cert.DCVMethod) any { return string(d) })
	put(m, "common_name", s.Domains, func(d cert.Domains) any { return d.Common })
	put(m, "domains", s.Domains, func(d cert.Domains) any { return anyList(d.Names) })
	return m
}

func writtenExpect(e cert.Expect) map[string]any {
	m := map[string]any{}
	put(m, "validation_type", e.ValidationType, func(v cert.ValidationType) any { return string(v) })
	put(m, "certificate_authority", e.Authority, func(a cert.Authority) any { return string(a) })
	put(m, "organization", e.Organization, func(s string) any { return s })
	return m
}

func writtenPolicy(p cert.Policy, like map[string]any) map[string]any {
	m := map[string]any{}
	date := func(t time.Time) any { return t.Format(time.DateOnly) }
	put(m, "renew_before", p.RenewBefore, func(d time.Duration) any { return d })
	put(m, "renew_if_expires_before", p.RenewIfExpiresBefore, date)
	put(m, "retrigger_until", p.RetriggerUntil, date)
	for name, list := range map[string][]any{"remove_domains": anyList(p.RemoveDomains), "protect": anyList(names(p.Protect)),
		"renew_if_thumbprint": anyList(p.RenewIfThumbprint), "allow_undocumented": anyList(names(p.AllowUndocumented)), "accept": anyList(p.Accept)} {
		if like[name] != nil || len(list) > 0 {
			m[name] = list
		}
	}
	return m
}

func names(edits []cert.Edit) []string {
	var all []string
	for _, e := range edits {
		all = append(all, e.String())
	}
	slices.Sort(all)
	return all
}

func anyList[T ~string](texts []T) []any {
	list := []any{}
	for _, t := range texts {
		list = append(list, string(t))
	}
	return list
}
