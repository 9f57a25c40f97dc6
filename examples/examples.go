// Package examples holds the fleet of the README, so that the program can write it.
package examples

import "embed"

// Files are sandbox.json and the manifests below certificates.
//
//go:embed sandbox.json all:certificates
var Files embed.FS
