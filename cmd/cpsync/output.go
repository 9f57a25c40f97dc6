package main

import (
	"io"

	"golang.org/x/term"

	"github.com/cpsync/cpsync/internal/render"
)

// rememberer is a writer whose first error is kept and never returned: a closed
// pipe must not end an apply, only show in the exit code.
type rememberer struct {
	w   io.Writer
	err error
}

func (r *rememberer) Write(p []byte) (int, error) {
	if r.err == nil {
		_, r.err = r.w.Write(p)
	}
	return len(p), nil
}

// fder is what a terminal can be recognized by.
type fder interface{ Fd() uintptr }

// terminalWidth says whether w is a terminal, and how wide; 0 when that is not known.
func terminalWidth(w io.Writer) (width int, ok bool) {
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

// styleOf decides colour and width of a stream, once. An explicit flag wins, then
// NO_COLOR, then what forces colour, then whether it is a terminal.
func styleOf(w io.Writer, color string, verbose bool, getenv func(string) string) render.Style {
	s := render.Style{Verbose: verbose, Width: 80}
	width, terminal := terminalWidth(w)
	if width >= 40 {
		s.Width = min(width, 100)
	}
	forced := getenv("CLICOLOR_FORCE") != "" && getenv("CLICOLOR_FORCE") != "0" || getenv("FORCE_COLOR") != "" && getenv("FORCE_COLOR") != "0"
	switch {
	case color == "always":
		s.Color = true
	case color == "never", getenv("NO_COLOR") != "":
	case forced:
		s.Color = true
	default:
		s.Color = terminal && getenv("TERM") != "dumb"
	}
	return s
}
