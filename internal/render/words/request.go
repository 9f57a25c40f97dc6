package words

import (
	"cmp"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Modified says when a request was last modified, and by whom where the API says so.
func Modified(have cert.Live) string {
	text := have.Modified.UTC().Format(plan.Minute)
	if have.ModifiedBy != "" {
		return text + " by " + have.ModifiedBy
	}
	return text + "; the API does not say by whom"
}

// EdgeHost is where the CDN serves a certificate: the host first, which is what a CNAME
// points to.
func EdgeHost(d cert.EdgeHost) string {
	return cmp.Or(d.Host, "no host yet") + " (" + d.Region + ", " + d.Platform + ")"
}
