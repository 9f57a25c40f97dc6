package jsonplan

import (
	"slices"
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/render/words"
)

// details are what the API says of a request, whatever a manifest wants.
type details struct {
	Domains        []domain     `json:"domains"`
	DCVMethod      string       `json:"dcv_method"`
	ValidationType string       `json:"validation_type"`
	Authority      string       `json:"certificate_authority"`
	Organization   *string      `json:"organization"` // null: none
	Thumbprint     *string      `json:"thumbprint"`   // null until issued
	Created        *time.Time   `json:"created"`
	Modified       *time.Time   `json:"last_modified"`
	ModifiedBy     *string      `json:"modified_by"` // null: the API does not say
	Deployments    []deployment `json:"deployments"`
}

type deployment struct {
	Region   string  `json:"delivery_region"`
	Platform string  `json:"platform"`
	Host     *string `json:"hex_url"` // null until there is one
}

func detailsOf(have cert.Live) details {
	return details{
		Domains:   words.Each(slices.Concat(have.Domains, have.Leaving), domainOf),
		DCVMethod: string(have.DCVMethod), ValidationType: string(have.ValidationType), Authority: string(have.Authority),
		Organization: orNull(have.Organization), Thumbprint: orNull(have.Thumbprint),
		Created: instant(have.Created), Modified: instant(have.Modified), ModifiedBy: orNull(have.ModifiedBy),
		Deployments: words.Each(have.Deployments, func(d cert.EdgeHost) deployment {
			return deployment{d.Region, d.Platform, orNull(d.Host)}
		}),
	}
}
