package main

import (
	"context"
	"errors"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// failures give an error that stops a run its code and what to do about it. The
// first that matches wins.
var failures = []struct {
	is         error
	code, hint string
}{
	{errTimeout, "timeout", "Raise --timeout, or find out what is slow with -v."},
	{errStopped, "interrupted", ""},
	{errSecondSignal, "interrupted", ""},
	{context.Canceled, "interrupted", ""},
	{errOtherAccount, "other-account", "Check CPSYNC_CLIENT_ID, and the ids in the manifests."},
	{cert.ErrUnauthorized, "unauthorized", "Check the credentials and their scope: cpsync auth."},
	{cert.ErrNotSent, "not-sent", "Nothing was sent. Run again."},
}

// failureOf turns an error that stopped the run into what the report says of it.
func failureOf(err error) *report.Failure {
	f := &report.Failure{Code: "error", Message: err.Error()}
	var missing missingCredentials
	if errors.As(err, &missing) {
		f.Code, f.Hint = "no-credentials", missing.hint()
		return f
	}
	for _, known := range failures {
		if errors.Is(err, known.is) {
			f.Code, f.Hint = known.code, known.hint
			return f
		}
	}
	return f
}
