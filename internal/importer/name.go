package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/cpsync/cpsync/internal/cert"
)

// Names gives out names for files and their manifests. No two differ in case alone,
// because some file systems don't tell those apart.
type Names struct{ taken map[string]bool }

// Take sets names aside that are in use.
func (n *Names) Take(names ...string) {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	for _, name := range names {
		n.taken[strings.ToLower(name)] = true
	}
}

// For returns a name of its own for the manifest of l: what is left of its label, or
// of its common name when that would leave letters out; the id sets apart what is left
// alike.
func (n *Names) For(l cert.Live) string {
	name, whole := slug(l.Label)
	if common, all := slug(l.Common); name == "" || common != "" && strings.ContainsFunc(l.Label, isForeign) {
		name, whole = common, all
	}
	if name == "" {
		name = "request-" + l.ID.String()
	}
	if n.taken[name] || !whole {
		name += "-" + l.ID.String()
	}
	for first, i := name, 2; n.taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", first, i)
	}
	n.Take(name)
	return name
}

// isForeign is a letter that no safe name holds.
func isForeign(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) }

// longest is how many bytes of a label become part of a name.
const longest = 80

// slug makes a name of small letters, digits, and single dots, dashes and underscores
// between them. whole says that nothing was cut off; "" that nothing is left, or that
// it can't be the name of a file everywhere.
func slug(text string) (name string, whole bool) {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		safe := r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-'
		if !safe {
			r = '-'
		}
		if last := b.String(); strings.ContainsRune("._-", r) && (last == "" || strings.HasSuffix(last, string(r))) {
			continue
		}
		b.WriteRune(r)
	}
	name = strings.Trim(b.String(), "._-")
	whole = len(name) <= longest
	if !whole {
		name = strings.TrimRight(name[:longest], "._-")
	}
	if device, _, _ := strings.Cut(name, "."); slices.Contains(devices, device) {
		return "", true
	}
	return name, whole
}

// devices can't name files on Windows, whatever follows a dot.
var devices = []string{
	"con", "prn", "aux", "nul",
	"com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
}
