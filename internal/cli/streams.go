package cli

import (
	"io"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/cpsync/cpsync/internal/render"
	"github.com/cpsync/cpsync/internal/render/layout"
)

// Stdout is a writer whose first error is kept and never returned: a closed
// pipe must not end an apply, only show in the exit code.
type Stdout struct {
	W   io.Writer
	Err error
}

func (r *Stdout) Write(p []byte) (int, error) {
	if r.Err == nil {
		_, r.Err = r.W.Write(p)
	}
	return len(p), nil
}

// fder is what a terminal can be recognized by.
type fder interface{ Fd() uintptr }

// TerminalWidth says whether w is a terminal, and how wide; 0 when that is not known.
func TerminalWidth(w io.Writer) (width int, ok bool) {
	f, isFile := w.(fder)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return width, true
}

// Style decides colour and width of stdout, once. An explicit flag wins, then
// NO_COLOR, then what forces colour, then whether it is a terminal.
func (w World) Style(l Log) render.Style {
	s := render.Style{Verbose: l.Verbose, Width: 80}
	width, terminal := TerminalWidth(w.Stdout)
	if width >= 40 {
		s.Width = min(width, 100)
	}
	is := func(variable string) bool { v := w.Getenv(variable); return v != "" && v != "0" }
	switch {
	case l.Color == "always":
		s.Color = true
	case l.Color == "never", w.Getenv("NO_COLOR") != "":
	case is("CLICOLOR_FORCE"), is("FORCE_COLOR"):
		s.Color = true
	default:
		s.Color = terminal && w.Getenv("TERM") != "dumb"
	}
	return s
}

// screen is a terminal with a line at its end that changes, beside what is written to
// it in whole lines.
type screen struct {
	w io.Writer

	mu   sync.Mutex
	last string // what stands at the end; "" when nothing does
}

// Wipe goes to the start of the line and empties it.
const Wipe = "\r\x1b[K"

// Write writes whole lines above the changing one.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == "" {
		return s.w.Write(b)
	}
	_, err := io.WriteString(s.w, Wipe+string(b)+s.last)
	return len(b), err
}

// show replaces the changing line, cut to fit in width; "" takes it away.
func (s *screen) show(line string, width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if width < 2 {
		line = ""
	}
	line = strings.TrimRight(layout.Cut(line, width-1), " ") // a full line would wrap
	if line != s.last {
		_, _ = io.WriteString(s.w, Wipe+line)
		s.last = line
	}
}

// WrapStderr returns the world with stderr in lines that fit its terminal. Elsewhere a
// line stays whole, so that it can be searched and matched.
func (w World) WrapStderr() World {
	if w.Terminal != nil {
		if _, ok := w.Terminal(); ok {
			w.Stderr = fitting{w.Stderr, w.Terminal}
		}
	}
	return w
}

// fitting breaks the lines that are written to it at the width of a terminal.
type fitting struct {
	w    io.Writer
	size func() (width int, ok bool)
}

func (f fitting) Write(b []byte) (int, error) {
	width, _ := f.size()
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		text := strings.TrimSuffix(line, "\n")
		forProgram := strings.HasPrefix(text, "::") || strings.HasPrefix(text, "{") // a command to GitHub, or JSON
		if width < layout.LeastWidth || layout.Columns(text) <= width || forProgram {
			out.WriteString(line)
			continue
		}
		out.WriteString(layout.Broken(text, width))
	}
	_, err := io.WriteString(f.w, out.String())
	return len(b), err
}
