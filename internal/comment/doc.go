// Package comment keeps the page of a plan on a pull request: one comment, found
// again, updated in place, and never older than what stands there. It reads what a
// run saved, and decides nothing about certificates.
package comment
