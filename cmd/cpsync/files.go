package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/cpsync/cpsync/internal/platform"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/report"
)

// outFile is one --out: a format and the file that gets it.
type outFile struct{ format, path string }

// parseOut reads FORMAT=FILE.
func parseOut(text string) (outFile, error) {
	format, path, ok := strings.Cut(text, "=")
	if !ok || path == "" || !slices.Contains(render.Names(), format) {
		return outFile{}, fmt.Errorf("--out %q: write it as FORMAT=FILE, with FORMAT one of %s", text, strings.Join(render.Names(), ", "))
	}
	return outFile{format, path}, nil
}

// write replaces the file with the report in one step, so that a reader never finds
// half of it.
func (f outFile) write(r report.Report) error {
	var b bytes.Buffer
	if err := render.Formats[f.format](&b, r, render.Style{}); err != nil {
		return fmt.Errorf("--out %s: %w", f.path, err)
	}
	if err := replaceFile(f.path, b.Bytes()); err != nil {
		return fmt.Errorf("--out %s: %w", f.path, err)
	}
	return nil
}

// replaceFile puts content in place of a file in one step, behind the links that lead to
// it. What is no regular file is written to as it is, such as /dev/stderr, and so is a
// file that is mounted by itself.
func replaceFile(path string, content []byte) error {
	if info, err := os.Stat(path); strings.HasPrefix(path, "/dev/") || err == nil && !info.Mode().IsRegular() {
		return withoutPath(writeThere(path, os.O_APPEND, content))
	}
	real, err := behindLinks(path, nil)
	if err != nil {
		return err
	}
	err = platform.ReplaceFile(real, content)
	if errors.Is(err, syscall.EBUSY) {
		err = writeThere(real, os.O_TRUNC, content)
	}
	return withoutPath(err)
}

// writeThere does not wait for somebody to read a pipe: nobody may come, and no signal
// ends such a wait.
func writeThere(path string, how int, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK|how, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// withoutPath leaves out the name of a temporary file that nobody asked for.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}
