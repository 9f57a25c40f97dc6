// Package github speaks to the GitHub API about pull requests and their comments. It
// repeats what may be repeated, and knows nothing of plans.
package github
