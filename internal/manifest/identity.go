package manifest

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
)

// call gives a certificate's manifest without a name the name of its file, when the file holds
// no other. Beside a broken document, which may be a manifest or a slip of the
// pen, it says nothing.
func (m *manifest) call(inFile, broken int) {
	if m.kind == "Defaults" || m.has("metadata.name") || !m.readable("metadata.name") {
		return
	}
	name := strings.TrimSuffix(filepath.Base(m.file), filepath.Ext(m.file))
	switch {
	case inFile > 1:
		m.nameless(fmt.Sprintf("metadata.name is missing, and the file holds %d manifests", inFile),
			"Add a name to each of them.")
	case broken > 0:
	case !judgeName(name).none():
		m.nameless("metadata.name is missing, and the name of the file can't be one: "+quote(name),
			"Add metadata.name, or rename the file. "+nameHint)
	default:
		m.want.Metadata.Name = cert.Some(name)
	}
}

func (m *manifest) nameless(message, hint string) {
	at := m.at[""]
	if p, ok := m.at["metadata"]; ok {
		at = p
	}
	m.bad["metadata.name"] = true
	m.report(at, message, hint)
}

// distinguish reports manifests that share an id or a name with an earlier one.
func distinguish(all []*manifest) {
	ids, names := map[cert.ID]*manifest{}, map[string]*manifest{}
	for _, m := range all {
		if id, ok := m.want.Metadata.ID.Get(); ok && m.readable("metadata.id") {
			if first := remember(ids, id, m); first != m {
				m.taken(first, "metadata.id", fmt.Sprintf("the id %d", id),
					"Give each request one manifest: correct the id, or make the two one.")
			}
		}
		if name, ok := m.want.Metadata.Name.Get(); ok && m.readable("metadata.name") {
			if first := remember(names, name, m); first != m {
				m.taken(first, "metadata.name", "the name "+quote(name), "Add another metadata.name to one of them.")
			}
		}
	}
}

// remember returns the first manifest with key.
func remember[K comparable](seen map[K]*manifest, key K, m *manifest) *manifest {
	if first, ok := seen[key]; ok {
		return first
	}
	seen[key] = m
	return m
}

func (m *manifest) taken(first *manifest, path, what, hint string) {
	at, there := m.place(path), first.place(path)
	m.report(at, what+" is taken by the manifest at "+placed(at, there), hint)
}

// place is that of path, or of the document when path is not written there.
func (m *manifest) place(path string) cert.Pos {
	if p, ok := m.at[path]; ok {
		return p
	}
	return m.at[""]
}
