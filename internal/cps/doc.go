// Package cps speaks to the Edgecast CPS REST API, version 2.0: an access token,
// the list, a handful of calls, typed errors. It never repeats what starts
// something at the certificate authority unless the server cannot have done it,
// and never takes an answer outside the documentation for truth. It knows nothing
// of plans or manifests.
//
// From the call to the wire:
//
//	do          the row of the table of repeats, waits, attempts   (do.go, repeats.go, pause.go)
//	  auth      one token for all, one new one after a 401         (auth.go, token.go)
//	    watch   a timeout for each attempt; what reached the wire  (watch.go)
//	      meter count and log                                      (meter.go)
//	        readOnly    refuses what writes, unless writes are allowed
//	          Config.Transport
//
// "Source: cps-api" names the project's sheet of API facts and the section a fact
// was taken from.
package cps
