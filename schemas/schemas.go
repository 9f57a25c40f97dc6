// Package schemas holds the JSON schemas of what cpsync reads and writes.
package schemas

import (
	"embed"
	"strings"
)

// Files are the schemas, by the names of their files.
//
//go:embed *.schema.json
var Files embed.FS

// Named returns the file of each schema by the name that a person types, such as plan.
func Named() map[string]string {
	files := map[string]string{}
	entries, _ := Files.ReadDir(".") // what is embedded can be read
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		files[name] = e.Name()
	}
	return files
}
