package plan_test

import (
	"fmt"
	. "github.com/cpsync/cpsync/internal/plan"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan/view"
)

// BenchmarkBuild plans certificates with 10 names each, all in step.
func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		var pairs []Pair
		for i := range n {
			var list []string
			for j := range 10 {
				list = append(list, fmt.Sprintf("n%d-%02d.example.com", i, j))
			}
			want := asks(description("Storefront"), autoRenew(false), method(cert.DNSTxtToken), renewBefore(30*day), lists(list...))
			have := inService(serving(list...), unread)
			want.ID, have.ID, have.Label = cert.ID(i+1), cert.ID(i+1), fmt.Sprint("label-", i)
			pairs = append(pairs, Pair{Want: want, Have: have, Found: true})
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if p := Build(Account{Pairs: pairs, Complete: true}, now, opts); view.Summarize(p).UpToDate != n {
				b.Fatal("the fleet is not in step")
			}
			b.ReportAllocs()
			for b.Loop() {
				Build(Account{Pairs: pairs, Complete: true}, now, opts)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(b.N)/float64(n), "µs/certificate")
		})
	}
}
