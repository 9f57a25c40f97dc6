package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkRun1000 is a whole plan of 1,000 certificates with 10 names each, nothing
// to do: files, token, 50 pages and output, on a sandbox in the same process. The
// bytes are those of the manifests.
func BenchmarkRun1000(b *testing.B) {
	dir := b.TempDir()
	state := filepath.Join(dir, "sandbox.json")
	b.SetBytes(fleetFiles(b, dir, state, 1000, 10))
	for b.Loop() {
		out, code := inProcess(b, "--sandbox", state, filepath.Join(dir, "certs"))
		if code != exitOK {
			b.Fatal(out)
		}
	}
}

// fleetFiles writes n manifests and the state that they are in step with, and
// returns the size of the manifests.
func fleetFiles(tb testing.TB, dir, state string, n, names int) (size int64) {
	tb.Helper()
	var certificates []map[string]any
	for i := range n {
		host := fmt.Sprintf("host%05d.example.com", i)
		var domains []map[string]any
		var manifest bytes.Buffer
		fmt.Fprintf(&manifest, "apiVersion: cpsync/v1\nkind: Certificate\nmetadata:\n  id: %d\nspec:\n  certificate_label: %s\n  auto_renew: true\n  common_name: %s\n  domains:\n", 10001+i, host, host)
		for j := range names {
			name := fmt.Sprintf("n%d.%s", j, host)
			if j == 0 {
				name = host
			}
			fmt.Fprintf(&manifest, "    - %s\n", name)
			domains = append(domains, map[string]any{"name": name, "is_common_name": j == 0, "status": "Active"})
		}
		certificates = append(certificates, map[string]any{"id": 10001 + i, "certificate_label": host, "auto_renew": true,
			"domains": domains, "expiration_date": "2027-05-01T00:00:00Z", "last_modified": "2026-10-01T00:00:00Z",
			"thumbprint": fmt.Sprintf("%040X", i)})
		size += int64(manifest.Len())
		write(tb, filepath.Join(dir, "certs", fmt.Sprintf("c%05d.yaml", i)), manifest.Bytes())
	}
	data, err := json.Marshal(map[string]any{"clock": "2026-11-22T09:00:00Z", "certificates": certificates})
	if err != nil {
		tb.Fatal(err)
	}
	write(tb, state, data)
	return size
}

func write(tb testing.TB, file string, data []byte) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		tb.Fatal(err)
	}
}
