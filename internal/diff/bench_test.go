package diff_test

import (
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/diff"
)

// BenchmarkFields compares a certificate of 100 names with a manifest it is in step with.
func BenchmarkFields(b *testing.B) {
	names := make([]string, 100)
	for i := range names {
		names[i] = "name" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + ".example.com"
	}
	l := have()
	l.Common = names[0]
	l.SetDomains(live(names...))
	want := cert.Spec{Patch: cert.Patch{Label: cert.Some("cdn"), Description: cert.Some("Storefront"), Domains: domains(names[0], names...)}}
	b.ReportAllocs()
	for b.Loop() {
		if c := diff.Fields(want.Patch, l); len(c) > 0 {
			b.Fatal(c)
		}
	}
}
