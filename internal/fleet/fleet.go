// Package fleet makes manifests, and the state of a sandbox to go with them, in any number:
// for benchmarks, and for whoever wants to see cpsync with ten thousand certificates. It writes text and imports nothing of cpsync.
package fleet

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// firstID is the id of certificate 0.
const firstID = 10001

// A Fleet is a number of certificates, each with the same number of domains.
type Fleet struct {
	Certificates, Names int
	Now                 time.Time
	Mix                 Mix
}

// Mix is what happens in a fleet.
type Mix string

// The mixes.
const (
	Nothing Mix = ""        // all are active for 160 days more, and as their manifests say
	Quarter Mix = "quarter" // of eight, one waits for DCV, and one was modified yesterday
	Due     Mix = "due"     // each is to be renewed by its policy
)

// Reads says what a plan reads of certificate i beside the list: its status, its DCV.
func (f Fleet) Reads(i int) (status, dcv bool) {
	return f.Mix == Due || f.Mix == Quarter && i%4 == 0, f.Mix == Quarter && i%8 == 0
}

// ID is the id of certificate i.
func ID(i int) int { return firstID + i }

// File is the name of the file that holds the manifest of certificate i.
func (f Fleet) File(i int) string { return fmt.Sprintf("c%05d.yaml", i) }

// Manifest is the manifest of certificate i. It has a name, so that manifests may also
// stand in one file, each after a line of "---".
func (f Fleet) Manifest(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: cpsync/v1\nkind: Certificate\nmetadata:\n  id: %d\n  name: c%05d\n  tags: {team: web}\n", ID(i), i)
	fmt.Fprintf(&b, "spec:\n  certificate_label: %s\n  description: Storefront\n  auto_renew: %t\n", host(i), f.Mix != Due)
	fmt.Fprintf(&b, "  dcv_method: DnsTxtToken\n  common_name: %s\n  domains:\n", host(i))
	for j := range f.Names {
		fmt.Fprintf(&b, "    - %s\n", name(i, j))
	}
	b.WriteString("expect:\n  validation_type: DV\n")
	if f.Mix == Due {
		b.WriteString("policy:\n  renew_before: 30d\n")
	}
	return b.String()
}

// State is the state of the sandbox.
func (f Fleet) State() ([]byte, error) {
	certificates := make([]map[string]any, f.Certificates)
	for i := range certificates {
		certificates[i] = f.certificate(i)
	}
	return json.Marshal(map[string]any{"clock": f.Now.UTC().Format(time.RFC3339), "certificates": certificates})
}

func (f Fleet) certificate(i int) map[string]any {
	status, days, modified := "Active", 160, 30
	switch reads, pending := f.Reads(i); {
	case pending:
		status, modified = "AwaitingCertificateAuthority", 2
	case f.Mix == Due:
		days = 20
	case reads:
		modified = 1
	}
	var domains []map[string]any
	for j := range f.Names {
		domains = append(domains, map[string]any{"name": name(i, j), "is_common_name": j == 0, "status": status})
	}
	all := map[string]any{
		"id": ID(i), "certificate_label": host(i), "description": "Storefront", "auto_renew": f.Mix != Due,
		"dcv_method": "DnsTxtToken", "validation_type": "DV", "domains": domains,
		"last_modified": f.Now.AddDate(0, 0, -modified).UTC().Format(time.RFC3339),
	}
	if status != "Active" {
		all["status"] = map[string]any{"status": "DomainControlValidation", "order_validation": map[string]any{"status": "Pending"}}
	} else {
		all["expiration_date"] = f.Now.AddDate(0, 0, days).UTC().Format(time.RFC3339)
		all["thumbprint"] = fmt.Sprintf("%040X", i)
	}
	return all
}

func host(i int) string { return fmt.Sprintf("host%05d.example.com", i) }

// name is the name j of certificate i; the first is its common name.
func name(i, j int) string {
	if j == 0 {
		return host(i)
	}
	return fmt.Sprintf("n%d.%s", j, host(i))
}
