package cps

// Kind is what a request is for.
type Kind uint8

// The kinds of requests.
const (
	KindToken   Kind = iota // an access token
	KindList                // a page of the list
	KindSingle              // one request by itself
	KindStatus              // its status
	KindControl             // what proves control of its names
	KindWrite
	NumKinds = iota
)

// Kinds returns how many attempts of each kind were sent so far.
func (c *Client) Kinds() [NumKinds]int {
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	return c.meter.kinds
}
