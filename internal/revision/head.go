package revision

import (
	"context"
	"strings"
)

// Head returns the commit that is checked out where the first path is; "" when that is
// no repository, or git can't tell.
func Head(ctx context.Context, environ []string, paths []string) string {
	g := git{environ: environ}
	in, _, err := g.roots(ctx, paths[:1])
	if err != nil {
		return ""
	}
	g.dir = in.top
	commit, err := g.commit(ctx, "HEAD")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(commit)
}
