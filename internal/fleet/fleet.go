// Package fleet makes manifests, and the state of a sandbox that they are in step with,
// in any number: for benchmarks, and for whoever wants to see cpsync with ten thousand
// certificates. It writes text and imports nothing of cpsync.
package fleet

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// firstID is the id of certificate 0.
const firstID = 10001

// A Fleet is a number of certificates in service, each with the same number of names, of
// which a plan says that nothing is to be done.
type Fleet struct {
	Certificates, Names int
	Now                 time.Time // each ends 160 days later
}

// File is the name of the file that holds the manifest of certificate i.
func (f Fleet) File(i int) string { return fmt.Sprintf("c%05d.yaml", i) }

// Manifest is the manifest of certificate i. It has a name, so that manifests may also
// stand in one file, each after a line of "---".
func (f Fleet) Manifest(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: cpsync/v1\nkind: Certificate\nmetadata:\n  id: %d\n  name: c%05d\n  tags: {team: web}\n", firstID+i, i)
	fmt.Fprintf(&b, "spec:\n  certificate_label: %s\n  description: Storefront\n  auto_renew: true\n", host(i))
	fmt.Fprintf(&b, "  dcv_method: DnsTxtToken\n  common_name: %s\n  domains:\n", host(i))
	for j := range f.Names {
		fmt.Fprintf(&b, "    - %s\n", name(i, j))
	}
	b.WriteString("expect:\n  validation_type: DV\n")
	return b.String()
}

// State writes the state of the sandbox.
func (f Fleet) State(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "{\"clock\": %q, \"certificates\": [", f.Now.UTC().Format(time.RFC3339))
	separator := "\n"
	for i := range f.Certificates {
		text, err := json.Marshal(f.certificate(i))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s%s", separator, text)
		separator = ",\n"
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}

func (f Fleet) certificate(i int) map[string]any {
	var domains []map[string]any
	for j := range f.Names {
		domains = append(domains, map[string]any{"name": name(i, j), "is_common_name": j == 0, "status": "Active"})
	}
	return map[string]any{
		"id": firstID + i, "certificate_label": host(i), "description": "Storefront", "auto_renew": true,
		"dcv_method": "DnsTxtToken", "validation_type": "DV", "domains": domains,
		"expiration_date": f.Now.AddDate(0, 0, 160).UTC().Format(time.RFC3339),
		"last_modified":   f.Now.AddDate(0, 0, -30).UTC().Format(time.RFC3339),
		"thumbprint":      fmt.Sprintf("%040X", i),
	}
}

func host(i int) string { return fmt.Sprintf("host%05d.example.com", i) }

// name is the name j of certificate i; the first is its common name.
func name(i, j int) string {
	if j == 0 {
		return host(i)
	}
	return fmt.Sprintf("n%d.%s", j, host(i))
}
