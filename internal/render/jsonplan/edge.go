package jsonplan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/report"
)

// served is what --check-edge saw of a certificate.
type served struct {
	Finding    string  `json:"finding"`
	Everywhere bool    `json:"served"`
	Wrong      bool    `json:"wrong"`
	ComparedBy string  `json:"compared_by"`
	Actor      *string `json:"next_actor"` // null: nobody
	Action     *string `json:"action"`
	Looks      []look  `json:"handshakes"`
}

type look struct {
	Domain      *string `json:"domain"`
	At          string  `json:"at"`
	Host        *string `json:"hex_url"`
	Region      *string `json:"delivery_region"`
	Platform    *string `json:"platform"`
	Finding     string  `json:"finding"`
	Reason      *string `json:"reason"`
	Certificate *leaf   `json:"certificate"` // null: none came
}

type leaf struct {
	Expires    *time.Time `json:"expires_at"`
	Issuer     string     `json:"issuer"`
	Thumbprint string     `json:"thumbprint"`
	Earlier    bool       `json:"earlier"`
}

// servedOf is nil where nobody looked.
func servedOf(all report.Edges, s plan.Step) *served {
	v, looked := all[s.Want.ID]
	if !looked {
		return nil
	}
	j := &served{
		Finding: v.Worst.Finding.String(), Everywhere: v.There, Wrong: v.Wrong, ComparedBy: "expiry",
		Action: orNull(v.Do.String()), Looks: words.Each(v.Looks, lookOf),
	}
	if v.ByThumbprint {
		j.ComparedBy = "thumbprint"
	}
	if !v.Do.None() {
		j.Actor = orNull(v.Next.String())
	}
	return j
}

func lookOf(l cert.EdgeLook) look {
	j := look{
		Domain: orNull(l.Domain), At: "cdn", Host: orNull(l.At.Host), Region: orNull(l.At.Region), Platform: orNull(l.At.Platform),
		Finding: l.Finding.String(), Reason: orNull(l.Why),
	}
	if l.Visitor {
		j.At = "visitor"
	}
	if l.Leaf != nil {
		j.Certificate = &leaf{instant(l.Leaf.Expires), l.Leaf.Issuer, l.Leaf.Thumbprint, l.Leaf.Earlier}
	}
	return j
}
