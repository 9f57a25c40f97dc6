package plan

import (
	"fmt"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
)

// BenchmarkBuild1000 plans 1,000 certificates with 10 names each, all in step.
func BenchmarkBuild1000(b *testing.B) {
	const size = 1000
	var pairs []Pair
	for i := range size {
		var list []string
		for j := range 10 {
			list = append(list, fmt.Sprintf("n%d-%02d.example.com", i, j))
		}
		want := asks(description("Storefront"), autoRenew(false), method(cert.DNSTxtToken), renewBefore(30*day), lists(list...))
		have := inService(serving(list...), unread)
		want.ID, have.ID, have.Label = cert.ID(i+1), cert.ID(i+1), fmt.Sprint("label-", i)
		pairs = append(pairs, Pair{Want: want, Have: have, Found: true})
	}
	if p := Build(Account{Pairs: pairs, Complete: true}, now, opts); p.Summary().Unchanged != size {
		b.Fatal("the fleet is not in step")
	}
	b.ReportAllocs()
	for b.Loop() {
		Build(Account{Pairs: pairs, Complete: true}, now, opts)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/size, "µs/certificate")
}
