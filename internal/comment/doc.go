// Package comment keeps the page of a saved plan on a pull request: one comment, updated in
// place, and never replaced by an older page. It also keeps one issue with the certificates that
// need action. It reads what a run saved, and decides nothing about certificates.
package comment
