package manifest

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/yaml"
)

// thousand returns 1,000 manifests of 10 names, as files of a directory.
func thousand() fstest.MapFS {
	files := fstest.MapFS{}
	for i := range 1000 {
		host := fmt.Sprintf("site-%d.example.com", i)
		var b strings.Builder
		fmt.Fprintf(&b, "apiVersion: cpsync/v1\nkind: Certificate\nmetadata:\n  id: %d\n  tags: {team: web}\n", 11000+i)
		fmt.Fprintf(&b, "spec:\n  certificate_label: %s\n  description: Storefront\n  auto_renew: false\n", host)
		fmt.Fprintf(&b, "  dcv_method: DnsTxtToken\n  common_name: %s\n  domains:\n    - %s\n", host, host)
		for n := range 9 {
			fmt.Fprintf(&b, "    - www%d.%s\n", n, host)
		}
		b.WriteString("expect:\n  validation_type: OV\npolicy:\n  renew_before: 30d\n")
		files[fmt.Sprintf("certs/site-%d.yaml", i)] = &fstest.MapFile{Data: []byte(b.String())}
	}
	return files
}

func BenchmarkLoad1000(b *testing.B) {
	fsys := memory{thousand()}
	for b.Loop() {
		if specs, problems := Load(fsys, []string{"certs"}); len(specs) != 1000 {
			b.Fatal(problems)
		}
	}
}

// BenchmarkBareDecode1000 is what any reader of the same bytes has to pay.
func BenchmarkBareDecode1000(b *testing.B) {
	files := thousand()
	for b.Loop() {
		for _, f := range files {
			var v values
			if err := yaml.UnmarshalStrict(f.Data, &v); err != nil {
				b.Fatal(err)
			}
		}
	}
}
