package manifest

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/cpsync/cpsync/internal/fleet"
)

// sizes are the fleets that are measured: manifests of 10 names, a file for each or all
// in one.
var sizes = []struct {
	name     string
	n        int
	together bool
}{{"100", 100, false}, {"1000", 1000, false}, {"10000", 10000, false}, {"10000-in-one-file", 10000, true}}

func benchmarkEach(b *testing.B, run func(b *testing.B, n int, files fstest.MapFS)) {
	for _, size := range sizes {
		f := fleet.Fleet{Certificates: size.n, Names: 10, Now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
		files := fstest.MapFS{}
		var all strings.Builder
		for i := range size.n {
			if size.together {
				all.WriteString("---\n" + f.Manifest(i))
			} else {
				files["certs/"+f.File(i)] = &fstest.MapFile{Data: []byte(f.Manifest(i))}
			}
		}
		if size.together {
			files["certs/all.yaml"] = &fstest.MapFile{Data: []byte(all.String())}
		}
		b.Run(size.name, func(b *testing.B) {
			b.ReportAllocs()
			run(b, size.n, files)
		})
	}
}

// BenchmarkLoad loads and checks a fleet, in memory.
func BenchmarkLoad(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, n int, files fstest.MapFS) {
		for b.Loop() {
			if specs, problems := Load(memory{files}, []string{"certs"}); len(specs) != n {
				b.Fatal(problems)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/certificate")
	})
}

// BenchmarkBareDecode is what any reader of the same bytes has to pay.
func BenchmarkBareDecode(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, _ int, files fstest.MapFS) {
		for b.Loop() {
			for _, f := range files {
				for _, p := range split(f.Data) {
					var v values
					if err := yaml.UnmarshalStrict(p.text, &v); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
	})
}
