// Package promtest has the parsers of Prometheus read the metrics that the golden files of
// internal/render hold. It has tests and nothing else, and is a module of its own, so that
// what it brings is no dependency of the program.
package promtest
