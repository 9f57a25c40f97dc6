package words

import (
	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/plan"
)

// Request is the call that an operation makes, its path below the API's address.
func Request(id cert.ID, o plan.Operation) (method, path string) {
	if o.Kind == plan.Patch {
		return cert.PatchCall(id)
	}
	return cert.OrderCall(id, o.Edit())
}

// BodyOf is what an operation sends, or nil when it sends none.
func BodyOf(o plan.Operation) *cert.Patch {
	if o.Kind != plan.Patch {
		return nil
	}
	return &o.Body
}
