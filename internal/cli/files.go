package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/platform"
	"github.com/cpsync/cpsync/internal/run"
)

// Sizes, in bytes, of the largest files that are read whole. Those of other packages are
// beside what reads them; docs/reliability.md lists all.
const (
	MaxPlan   = 32 << 20 // one with an edit of each of 10,000 certificates takes two thirds
	MaxPage   = 32 << 20
	MaxEvent  = 32 << 20
	MaxSecret = 64 << 10
)

// ReadFile reads a file of at most so many bytes, until ctx ends: nobody may write to a pipe.
func ReadFile(ctx context.Context, name string, most int64) ([]byte, error) {
	data, err := run.Until(ctx, func() ([]byte, error) {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, most+1))
	})
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return nil, fmt.Errorf("%s: %w", name, path.Err)
	case int64(len(data)) > most:
		return nil, fmt.Errorf("%s is larger than %s", name, Size(most))
	}
	return data, err
}

// Size writes a number of bytes in the largest unit.
func Size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// ReplaceFile puts content in place of a file in one step, behind the links that lead to it. What is no regular
// file is written to as it is, such as /dev/stderr, and so is a file that is mounted by itself.
func ReplaceFile(path string, content []byte) error {
	if info, err := os.Stat(path); strings.HasPrefix(path, "/dev/") || err == nil && !info.Mode().IsRegular() {
		return WithoutPath(writeThere(path, os.O_APPEND, content))
	}
	real, err := behindLinks(path, nil)
	if err != nil {
		return err
	}
	err = platform.ReplaceFile(real, content)
	if errors.Is(err, syscall.EBUSY) {
		err = writeThere(real, os.O_TRUNC, content)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no directory %s", filepath.Dir(path))
	}
	return WithoutPath(err)
}

// writeThere does not wait for somebody to read a pipe: nobody may come, and no signal ends such a wait.
func writeThere(path string, how int, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK|how, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// WithoutPath leaves out the name of a temporary file that nobody asked for.
func WithoutPath(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}

// Write appends the outputs to the file of --github-output, if there is one.
//
// Source: GitHub, "Workflow commands for GitHub Actions", setting an output parameter,
// read 2026-11-22.
//
// approval and renewals tell changes apart: those that manifests ask for, and those that policies do.
func (s Step) Write(code int, p plan.Plan, outs []File) error {
	switch ext := filepath.Ext(s.Output); {
	case s.Output == "":
		return nil
	case ext == ".yaml" || ext == ".yml": // wrong usage is told before the manifests are known
		return fmt.Errorf("--github-output %s: outputs are not added to what may be a manifest", s.Output)
	}
	manifests, policies := p.Sources()
	text := fmt.Sprintf("exit-code=%d\nchanges=%t\napproval=%t\nrenewals=%t\n", code, p.HasOps(), manifests, policies)
	for _, format := range []string{"json", "markdown"} {
		if i := slices.IndexFunc(outs, func(o File) bool { return o.Format == format }); i >= 0 {
			text += format + "=" + outs[i].Path + "\n"
		}
	}
	if err := AppendFile(s.Output, text, math.MaxInt64); err != nil {
		return fmt.Errorf("--github-output %s: %w", s.Output, err)
	}
	return nil
}

// AppendFile adds a text to a file, which may hold at most as many bytes then.
func AppendFile(path, text string, most int64) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return WithoutPath(err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() > most-int64(len(text)) {
		err = fmt.Errorf("it would be larger than %s", Size(most))
	}
	if err == nil {
		_, err = f.WriteString(text)
	}
	return WithoutPath(errors.Join(err, f.Close()))
}

// WriteTo puts what write writes in place of the file that a flag names, in one step, so that
// a reader never finds half of it; "" and - are stdout.
func (w World) WriteTo(flag, path string, write func(io.Writer) error) error {
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return fmt.Errorf("%s %s: %w", flag, path, err)
	}
	if path == "" || path == ToStdout {
		_, err := w.Stdout.Write(content.Bytes())
		return err
	}
	if err := ReplaceFile(path, content.Bytes()); err != nil {
		return fmt.Errorf("%s %s: %w", flag, path, err)
	}
	return nil
}

// ToStdout is the name of stdout where a file is asked for.
const ToStdout = "-"

// File is one that a run reads or replaces, and the flag that names it. Format is that of an --out.
type File struct{ Flag, Path, Format string }

// eachOnce refuses to write a file that the run reads or writes for something else.
func eachOnce(paths []string, reads, writes []File) error {
	uses := map[string]string{}
	for _, r := range reads {
		if r.Path != "" {
			uses[filepath.Clean(r.Path)] = r.Flag
		}
	}
	for _, p := range paths {
		uses[filepath.Clean(p)] = "a manifest"
	}
	for _, w := range writes {
		path := filepath.Clean(w.Path)
		if other, taken := uses[path]; taken && w.Path != "" {
			return fmt.Errorf("%s%s: the file is %s too", w.Flag, w.Path, other)
		}
		if strings.HasPrefix(w.Flag, "--out ") && !strings.HasPrefix(path, "/dev/") {
			uses[path] = "another --out"
		}
	}
	return nil
}

// Guard refuses to replace a file that the run has read, whatever its name, and to write through a link in the
// repository of the manifests: a pull request may have put it there, and would choose what is written over.
func (w World) Guard(disk *manifest.Disk, p *Plan) error {
	if p.Journal != "" && p.Apply {
		for _, path := range []string{p.Journal, p.Journal + ".lock"} {
			if _, err := behindLinks(path, disk); err != nil {
				return run.UsageError{Err: fmt.Errorf("--journal %s: %w", p.Journal, err)}
			}
		}
	}
	type known struct {
		is   string
		info fs.FileInfo
	}
	var taken []known
	for _, r := range append(p.reads(), File{Flag: envClientSecretFile, Path: w.Getenv(envClientSecretFile)}) {
		if info, err := os.Stat(r.Path); err == nil {
			taken = append(taken, known{r.Flag, info})
		}
	}
	for _, info := range disk.Opened() {
		taken = append(taken, known{"a manifest, or a file of defaults,", info})
	}
	for _, out := range p.Writes {
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
		if i := slices.IndexFunc(taken, func(k known) bool { return os.SameFile(info, k.info) }); i >= 0 {
			return run.UsageError{Err: fmt.Errorf("%s%s: the file is %s too", out.Flag, out.Path, taken[i].is)}
		}
		taken = append(taken, known{"another --out", info})
	}
	return nil
}

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

// Top says which directory was taken for the top, where no repository says so.
func (c *Common) Top(d *manifest.Disk) string {
	why := " (no git repository)"
	if c.Root != "" {
		why = " (--root)"
	}
	tops := d.Tops()
	for i, top := range tops {
		tops[i] = "top directory " + fromHere(top) + why
	}
	return strings.Join(tops, ", ")
}

// fromHere names a directory from the working directory, where it is in there.
func fromHere(dir string) string {
	here, err := os.Getwd()
	if err == nil {
		here, err = filepath.EvalSymlinks(here)
	}
	if rel, relErr := filepath.Rel(here, dir); err == nil && relErr == nil && filepath.IsLocal(rel) {
		return rel
	}
	return dir
}
