package cps

import "net/http"

// row says what a request may start, and with that how often it may be sent.
type row uint8

const (
	read  row = iota // GET, and fetching a token
	plain            // PATCH of label, description, auto_renew
	order            // PATCH of domains or dcv_method, renew, retrigger
	numRows
)

// trouble is what went wrong with one attempt.
type trouble uint8

const (
	unsent  trouble = iota // nothing reached the server
	denied                 // 401
	limited                // 429
	busy                   // 503
	lost                   // another 5xx, no answer, or one that cannot be read
	strayed                // a redirect
	numTroubles

	refused = numTroubles     // any other 4xx, or stopped on our side: in no column, never repeated
	nothing = numTroubles + 1 // it went well
)

// action is what is done about a trouble.
type action uint8

const (
	stop action = iota // never send it again; of a write only a reading can tell what became of it
	redo               // wait as long as the server asks, or back off; then send it again
	anew               // fetch one new token and send it again, once a call
	hand               // hand it back: the caller reads the request, and may then send it once more
)

// repeats is the one table of what is sent again. Nothing else repeats anything.
//
// Sources: product.md, section 6; cps-api, sections 1.2 and 2.5.
var repeats = [numRows][numTroubles]action{
	//     none  401   429   503   lost  3xx
	read:  {redo, anew, redo, redo, redo, stop},
	plain: {redo, anew, redo, redo, stop, stop},
	order: {redo, hand, hand, stop, stop, stop},
}

// on looks a trouble up.
func (r row) on(t trouble) action {
	if t >= numTroubles {
		return stop
	}
	return repeats[r][t]
}

// troubleOf sorts a status into its column.
func troubleOf(status int) trouble {
	switch {
	case status >= 200 && status <= 299:
		return nothing
	case status >= 300 && status <= 399:
		return strayed
	case status == http.StatusUnauthorized:
		return denied
	case status == http.StatusTooManyRequests:
		return limited
	case status == http.StatusServiceUnavailable:
		return busy
	case status >= 400 && status <= 499:
		return refused
	default:
		return lost
	}
}
