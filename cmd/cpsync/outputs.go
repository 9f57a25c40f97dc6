package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/manifest"
)

// toStdout is the name of stdout where a file is asked for.
const toStdout = "-"

// takeStdout makes --out FORMAT=- the format of stdout.
func (o *options) takeStdout(f *pflag.FlagSet) error {
	kept := o.out[:0]
	for _, text := range o.out {
		format, path, _ := strings.Cut(text, "=")
		switch {
		case path != toStdout:
			kept = append(kept, text)
			continue
		case f.Changed("format"):
			return fmt.Errorf("--out %s: stdout has --format %s already; use one of the two", text, o.format)
		}
		if err := f.Set("format", format); err != nil {
			return err
		}
	}
	o.out = kept
	return nil
}

// use is a file of a run, and what the run has it for.
type use struct {
	flag, path string
	info       fs.FileInfo // nil: it is not there yet
}

// outputs are the files that a run replaces.
func (o options) outputs() []use {
	all := []use{{flag: "--html ", path: o.html}, {flag: "--out ", path: o.metrics}}
	for _, out := range o.outFiles {
		all = append(all, use{flag: "--out " + out.format + "=", path: out.path})
	}
	return all
}

// guardOutputs refuses to replace a file that the run has read, whatever its name, and to
// write through a link in the repository of the manifests: a pull request may have put it
// there, and would choose what is written over.
func (s *session) guardOutputs() error {
	if err := s.guardJournal(); err != nil {
		return err
	}
	taken := s.inputs()
	for _, out := range s.o.outputs() {
		if out.path == "" || out.path == toStdout {
			continue
		}
		name := out.flag + out.path
		real, err := behindLinks(out.path, s.disk)
		if err != nil {
			return usageError{fmt.Errorf("%s: %w", name, err), exitUsage}
		}
		if out.info, err = os.Stat(real); err != nil || !out.info.Mode().IsRegular() {
			continue
		}
		for _, other := range taken {
			if os.SameFile(out.info, other.info) {
				return usageError{fmt.Errorf("%s: the file is %s too", name, other.flag), exitUsage}
			}
		}
		taken = append(taken, use{flag: "another --out", info: out.info})
	}
	return nil
}

// guardJournal refuses to write a journal, or its lock, through a link in the repository.
func (s *session) guardJournal() error {
	if s.o.journal == "" || !s.o.apply {
		return nil
	}
	for _, path := range []string{s.o.journal, s.o.journal + ".lock"} {
		if _, err := behindLinks(path, s.disk); err != nil {
			return usageError{fmt.Errorf("--journal %s: %w", s.o.journal, err), exitUsage}
		}
	}
	return nil
}

// inputs are the files that a run reads.
func (s *session) inputs() []use {
	var all []use
	for _, in := range []use{{flag: "--plan", path: s.o.plan}, {flag: "--sandbox", path: s.o.sandbox},
		{flag: "--journal", path: s.o.journal}, {flag: envClientSecretFile, path: s.w.getenv(envClientSecretFile)}} {
		if info, err := os.Stat(in.path); err == nil {
			all = append(all, use{flag: in.flag, info: info})
		}
	}
	for _, info := range s.disk.Opened() {
		all = append(all, use{flag: "a manifest, or a file of defaults,", info: info})
	}
	return all
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
			return "", fmt.Errorf("%s is a link in the repository of the manifests, and nothing is written through one", fromHere(next))
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
