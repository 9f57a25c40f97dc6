package main

import (
	"fmt"
	"os"
)

// mostSummary is how many bytes the summary of a step may have. GitHub drops the whole
// of a longer one.
const mostSummary = 1 << 20

// addToSummary appends a page to the job's summary.
func addToSummary(getenv func(string) string, page string) error {
	name := getenv(githubSummary)
	if name == "" {
		return fmt.Errorf("%s is not set", githubSummary)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", githubSummary, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", githubSummary, err)
	}
	if size := info.Size() + int64(len(page)) + 1; size >= mostSummary {
		return fmt.Errorf("the summary would take %d bytes, and GitHub drops one that is not under %d", size, mostSummary)
	}
	if _, err := f.WriteString(page + "\n"); err != nil {
		return fmt.Errorf("%s: %w", githubSummary, err)
	}
	return f.Close()
}
