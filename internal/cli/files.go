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

	"github.com/cpsync/cpsync/internal/plan"
	"github.com/cpsync/cpsync/internal/platform"
	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/report"
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

// ReadFile reads a file of at most so many bytes, until ctx ends: nobody may write to a
// pipe.
func ReadFile(ctx context.Context, name string, most int64) ([]byte, error) {
	data, err := run.Until(ctx, func() ([]byte, error) { return readAtMost(name, most) })
	if short := WithoutPath(err); short != err { //nolint:errorlint // the very one
		err = fmt.Errorf("%s: %w", name, short)
	}
	return data, err
}

func readAtMost(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	tooLarge := fmt.Errorf("%s is larger than %s", name, Size(most))
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, tooLarge
	}
	var data bytes.Buffer
	data.Grow(int(info.Size()) + bytes.MinRead) // in one piece, where the size is known
	n, err := data.ReadFrom(io.LimitReader(f, most+1))
	if err == nil && n > most {
		err = tooLarge
	}
	return data.Bytes(), err
}

// Size writes a number of bytes in the largest unit.
func Size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// Out is one --out: a format and the file that gets it.
type Out struct{ Format, Path string }

// Write replaces the file with the report in one step, so that a reader never finds
// half of it.
func (f Out) Write(r report.Report) error {
	var b bytes.Buffer
	if err := render.Formats[f.Format](&b, r, render.Style{}); err != nil {
		return fmt.Errorf("--out %s: %w", f.Path, err)
	}
	if err := ReplaceFile(f.Path, b.Bytes()); err != nil {
		return fmt.Errorf("--out %s: %w", f.Path, err)
	}
	return nil
}

// ReplaceFile puts content in place of a file in one step, behind the links that lead to
// it. What is no regular file is written to as it is, such as /dev/stderr, and so is a
// file that is mounted by itself.
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

// WithoutPath leaves out the name of a temporary file that nobody asked for.
func WithoutPath(err error) error {
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

// Write appends the outputs to the file of --github-output, if there is one.
//
// Source: GitHub, "Workflow commands for GitHub Actions", setting an output parameter,
// read 2026-11-22.
//
// approval and renewals tell changes apart: those that manifests ask for, and those that
// policies do.
func (s Step) Write(code int, p plan.Plan, outs []Out) error {
	if s.Output == "" {
		return nil
	}
	manifests, policies := p.Sources()
	text := fmt.Sprintf("exit-code=%d\nchanges=%t\napproval=%t\nrenewals=%t\n", code, p.HasOps(), manifests, policies)
	for _, format := range []string{"json", "markdown"} {
		if i := slices.IndexFunc(outs, func(o Out) bool { return o.Format == format }); i >= 0 {
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

// WriteTo puts content in place of the file that a flag names; "" and - are stdout.
func (w World) WriteTo(path, flag string, content []byte) error {
	if path == "" || path == ToStdout {
		_, err := w.Stdout.Write(content)
		return err
	}
	if err := ReplaceFile(path, content); err != nil {
		return fmt.Errorf("%s %s: %w", flag, path, err)
	}
	return nil
}
