package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/run"
)

// ToStdout is the name of stdout where a file is asked for.
const ToStdout = "-"

// Guard refuses to replace a file that the run has read, whatever its name, and to write
// through a link in the repository of the manifests: a pull request may have put it there,
// and would choose what is written over. journal is the file that is written to; "": none.
func Guard(disk *manifest.Disk, reads, writes []File, journal string) error {
	if journal != "" {
		for _, path := range []string{journal, journal + ".lock"} {
			if _, err := behindLinks(path, disk); err != nil {
				return run.UsageError{Err: fmt.Errorf("--journal %s: %w", journal, err)}
			}
		}
	}
	type known struct {
		is   string
		info fs.FileInfo
	}
	var taken []known
	for _, r := range reads {
		if info, err := os.Stat(r.Path); err == nil {
			taken = append(taken, known{r.Flag, info})
		}
	}
	for _, info := range disk.Opened() {
		taken = append(taken, known{"a manifest, or a file of defaults,", info})
	}
	for _, out := range writes {
		if out.Path == "" || out.Path == ToStdout {
			continue
		}
		real, err := behindLinks(out.Path, disk)
		if err != nil {
			return run.UsageError{Err: fmt.Errorf("%s%s: %w", out.Flag, out.Path, err)}
		}
		info, err := os.Stat(real)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		for _, other := range taken {
			if os.SameFile(info, other.info) {
				return run.UsageError{Err: fmt.Errorf("%s%s: the file is %s too", out.Flag, out.Path, other.is)}
			}
		}
		taken = append(taken, known{"another --out", info})
	}
	return nil
}

// maxLinks is how many links one path may lead through.
const maxLinks = 40

// behindLinks returns where a path leads. What is not there yet has the name that it would
// get. With a disk, a link in the repository of its files is refused.
func behindLinks(path string, disk *manifest.Disk) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	volume := filepath.VolumeName(full)
	const slash = string(filepath.Separator)
	real, rest := volume+slash, strings.Split(full[len(volume):], slash)
	for links := 0; len(rest) > 0; {
		next := filepath.Join(real, rest[0])
		rest = rest[1:]
		target, err := os.Readlink(next)
		if err != nil { // no link, or not there
			real = next
			continue
		}
		if disk != nil && disk.Holds(real) {
			return "", fmt.Errorf("%s is a link in the repository of the manifests, and nothing is written through one", FromHere(next))
		}
		if links++; links > maxLinks {
			return "", errors.New("links lead in a circle")
		}
		if filepath.IsAbs(target) {
			volume = filepath.VolumeName(target)
			real, target = volume+slash, target[len(volume):]
		}
		rest = append(strings.Split(target, slash), rest...)
	}
	return real, nil
}

// Top says which directory was taken for the top, where no repository says so.
func (m Manifests) Top(d *manifest.Disk) string {
	text, why := "", " (no git repository)"
	if m.Root != "" {
		why = " (--root)"
	}
	for _, top := range d.Tops() {
		if text != "" {
			text += ", "
		}
		text += "top directory " + FromHere(top) + why
	}
	return text
}

// FromHere names a directory from the working directory, where it is in there.
func FromHere(dir string) string {
	here, err := os.Getwd()
	if err == nil {
		here, err = filepath.EvalSymlinks(here)
	}
	if rel, relErr := filepath.Rel(here, dir); err == nil && relErr == nil && filepath.IsLocal(rel) {
		return rel
	}
	return dir
}
