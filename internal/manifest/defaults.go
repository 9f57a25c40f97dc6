package manifest

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
	"github.com/cpsync/cpsync/internal/shell"
)

// DefaultsFile is the name of a file with defaults for its directory and all below.
const DefaultsFile = "_defaults.yaml"

func kindIn(file string) string {
	if filepath.Base(file) == DefaultsFile {
		return "Defaults"
	}
	return "Certificate"
}

// isDefaults reports whether a file is one of defaults, also by a misspelled name. If such a file
// were skipped silently, its protections would be lost.
func isDefaults(path string) bool {
	return slices.Contains([]string{DefaultsFile, "_defaults.yml", "_defaults.json"}, strings.ToLower(filepath.Base(path)))
}

// defaultsTree reads the defaults that manifests inherit, each file once.
type defaultsTree struct {
	fsys     FS
	named    map[string]bool        // directories of the caller's paths
	levels   map[string][]*manifest // by directory, nearest first
	files    map[string]*manifest   // by directory; nil without readable defaults
	read     int                    // number of files
	nested   map[string]bool        // repositories reported by refuseNested
	problems []report.Problem
}

func newDefaultsTree(fsys FS, paths []string) *defaultsTree {
	h := &defaultsTree{fsys: fsys, named: map[string]bool{}, levels: map[string][]*manifest{}, files: map[string]*manifest{}, nested: map[string]bool{}}
	for _, p := range paths {
		dir := filepath.Clean(p)
		if info, err := fsys.Stat(dir); err != nil || !info.IsDir() {
			dir = filepath.Dir(dir)
		}
		h.named[dir] = true
	}
	return h
}

// chainFor returns the defaults for dir, nearest first.
func (h *defaultsTree) chainFor(dir string) []*manifest {
	if levels, known := h.levels[dir]; known {
		return levels
	}
	var levels []*manifest
	for _, d := range h.directoriesFor(dir) {
		m, known := h.files[d]
		if !known {
			m = h.defaultsIn(d)
			h.files[d] = m
		}
		if m != nil {
			levels = append(levels, m)
		}
	}
	h.levels[dir] = levels
	return levels
}

// directoriesFor returns the directories whose defaults are for dir. Without a repository it
// does not look above the caller's paths, because others may own what is there.
func (h *defaultsTree) directoriesFor(dir string) []string {
	dirs, err := h.fsys.Above(dir)
	if err != nil {
		h.fault(dir, fault{"can't be placed in its repository: " + unreadable(err).message,
			"Make the directories above it readable: they may hold " + DefaultsFile + "."})
	}
	if len(dirs) > 0 {
		h.refuseNested(dirs)
	}
	if err != nil || len(dirs) > 0 {
		return dirs
	}
	highest := 0
	for at := dir; ; at = filepath.Dir(at) {
		dirs = append(dirs, at)
		if h.named[at] {
			highest = len(dirs)
		}
		if at == filepath.Dir(at) {
			return dirs[:highest]
		}
	}
}

// refuseNested reports a repository within that of a path, such as a submodule: its manifests
// would silently lose the defaults of the outer one. A caller who means that names the inner
// one as a path too.
func (h *defaultsTree) refuseNested(dirs []string) {
	top := dirs[len(dirs)-1]
	if h.nested[top] || slices.ContainsFunc(dirs, func(dir string) bool { return h.named[dir] }) {
		return
	}
	for at := top; at != filepath.Dir(at); {
		at = filepath.Dir(at)
		if above, _ := h.fsys.Above(at); h.named[at] && len(above) > 0 {
			h.nested[top] = true
			h.fault(top, fault{"is a repository within another one, so that no defaults above it are for what it holds",
				"Take it out, or name it as a PATH of its own."})
			return
		}
	}
}

// defaultsIn reads the defaults that a directory itself holds. It returns nil without readable
// ones. Defaults that are missing, or skipped silently, would lose their protections.
func (h *defaultsTree) defaultsIn(dir string) *manifest {
	entries, _ := h.fsys.ReadDir(dir) // find reports a directory that cannot be read
	for _, e := range entries {
		if isDefaults(e.Name()) && e.Name() != DefaultsFile {
			h.fault(filepath.ToSlash(filepath.Join(dir, e.Name())), fault{"is not read: defaults stand in " + DefaultsFile, "Rename it to " + DefaultsFile + "."})
		}
	}
	path := filepath.ToSlash(filepath.Join(dir, DefaultsFile))
	var data []byte
	var wrong fault
	git := "git -C " + shell.Word(dir) + " " // wherever cpsync was started
	info, err := h.fsys.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		missing, skipped := h.fsys.Missing(path)
		if !missing {
			return nil
		}
		wrong = fault{"is in the repository, and was deleted here: what it protects would not be protected",
			"Bring it back: " + git + "checkout -- " + DefaultsFile + "; to be without it: " + git + "rm " + DefaultsFile}
		if skipped {
			wrong = fault{"is in the repository, and this sparse checkout lacks it: what it protects would not be protected",
				"Check it out too, as " + git + "sparse-checkout disable does for all files; to be without it: " + git + "rm --sparse " + DefaultsFile}
		}
	case err != nil:
		wrong = unreadable(err)
	case info.Mode()&fs.ModeSymlink != 0:
		wrong = fault{"is a link, and defaults are not read through links",
			"Put the defaults into the file itself, so that the owner of the directory decides about them."}
	case !info.Mode().IsRegular():
		wrong = fault{"is not a regular file", "Make it a file with kind: Defaults, or delete it."}
	default:
		data, wrong = read(h.fsys, path)
	}
	if !wrong.none() {
		h.fault(path, wrong)
		return nil
	}
	return h.document(path, data)
}

// document reads the one document of a file of defaults.
func (h *defaultsTree) document(path string, data []byte) *manifest {
	c := readText(path, data, nil)
	h.problems = append(h.problems, c.problems...)
	if len(c.manifests) == 0 {
		if len(c.problems) == 0 {
			h.fault(path, fault{"holds no defaults", "Write apiVersion: " + apiVersion + " and kind: Defaults, or delete the file."})
		}
		return nil
	}
	if len(c.manifests) > 1 {
		h.problems = append(h.problems, report.Problem{At: c.manifests[1].at[""], Rule: "defaults", Message: "a second document in " + DefaultsFile + ", which holds one",
			Hint: "Make the two one."})
	}
	h.read++
	h.problems = append(h.problems, c.manifests[0].problems.all()...)
	return c.manifests[0]
}

func (h *defaultsTree) fault(path string, f fault) {
	h.problems = append(h.problems, problemOf(path, "defaults", f))
}

// inherit gives m the values that it leaves out, from its defaults, nearest first. Protections
// and limits of domains add up. An organization is not inherited by a DV certificate, which has
// none.
func (m *manifest) inherit(levels []*manifest) {
	have := &m.want
	for _, d := range levels {
		m.inheritTags(d)
		give := &d.want
		nearest(m, d, "expect.validation_type", &have.Expect.ValidationType, give.Expect.ValidationType)
		nearest(m, d, "expect.certificate_authority", &have.Expect.Authority, give.Expect.Authority)
		nearest(m, d, "expect.organization", &have.Expect.Organization, give.Expect.Organization)
		nearest(m, d, "policy.renew_before", &have.Policy.RenewBefore, give.Policy.RenewBefore)
		nearest(m, d, "policy.renew_if_expires_before", &have.Policy.RenewIfExpiresBefore, give.Policy.RenewIfExpiresBefore)
		nearest(m, d, "policy.retrigger_until", &have.Policy.RetriggerUntil, give.Policy.RetriggerUntil)
		nearest(m, d, "policy.accept", &have.Policy.Accept, give.Policy.Accept)
		m.inheritProtect(d)
		if give.Policy.DomainsWithin.IsSet() && d.readable("policy.domains_within") {
			m.bounds = append(m.bounds, d)
		}
	}
	if m.inherits("expect.organization") && have.Expect.ValidationType.Or("") == cert.DV {
		have.Expect.Organization = cert.Opt[string]{}
		delete(m.at, "expect.organization")
	}
}

// nearest takes a value and its place from d if m has none.
func nearest[T any](m, d *manifest, path string, have *cert.Opt[T], give cert.Opt[T]) {
	if !have.IsSet() && give.IsSet() {
		*have, m.at[path] = give, d.at[path]
	}
}

// inheritTags adds the tags whose keys m does not have.
func (m *manifest) inheritTags(d *manifest) {
	tags := map[string]string{}
	maps.Copy(tags, m.want.Metadata.Tags.Or(nil))
	for k, v := range d.want.Tags.Or(nil) {
		if _, has := tags[k]; !has {
			tags[k] = v
			m.at["metadata.tags."+k] = d.at["tags."+k]
		}
	}
	if len(tags) > 0 {
		m.want.Metadata.Tags = cert.Some(tags)
	}
}

// inheritProtect adds the protections of d that m does not have.
func (m *manifest) inheritProtect(d *manifest) {
	all := slices.Clone(m.want.Policy.Protect.Or(nil))
	for _, word := range d.want.Policy.Protect.Or(nil) {
		if slices.Contains(all, word) {
			continue
		}
		if !m.has("policy.protect") {
			m.at["policy.protect"] = d.at["policy.protect"]
		}
		m.at[entry("policy.protect", word)] = d.at[entry("policy.protect", word)]
		all = append(all, word)
	}
	if len(all) > 0 {
		m.want.Policy.Protect = cert.Some(all)
	}
}

// inherits reports whether the value of path comes from defaults.
func (m *manifest) inherits(path string) bool {
	at, ok := m.at[path]
	return ok && at.File != m.file
}
