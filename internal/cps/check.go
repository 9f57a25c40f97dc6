package cps

import (
	"context"
	"time"
)

// Access is what the credentials are good for. It holds nothing secret.
type Access struct {
	Ready    bool          // the token was given, not fetched: lifetime and scope are not known
	Lifetime time.Duration // of a token; zero when the token service did not say
	Scope    string        // as granted; "" when the token service did not say
	Total    int           // requests in the account; -1 when the list does not tell
	Skew     time.Duration // how far the server's clock is ahead of ours, to the second
}

// Check fetches a token unless there is one, and reads the first page of the list.
// Its errors match cert.ErrUnauthorized when the credentials are not accepted.
func (c *Client) Check(ctx context.Context) (Access, error) {
	t, err := c.auth.token(ctx)
	if err != nil {
		return Access{}, err
	}
	first, err := c.page(ctx, "", 1)
	if err != nil {
		return Access{}, err
	}
	return Access{
		Ready: c.auth.fetch == nil, Lifetime: t.lifetime, Scope: c.auth.hide(t.scope),
		Total: first.total, Skew: c.Skew(),
	}, nil
}
