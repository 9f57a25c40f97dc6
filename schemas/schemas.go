// Package schemas holds the JSON schemas of what cpsync reads and writes.
package schemas

import "embed"

// Files are the schemas, by the names of their files.
//
//go:embed *.schema.json
var Files embed.FS
