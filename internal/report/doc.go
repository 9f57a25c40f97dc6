// Package report holds what a run has to say: plan, outcomes, problems, counts.
// It does nothing with them.
package report
