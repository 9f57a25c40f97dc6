package main

import (
	"context"
	"runtime/debug"

	"github.com/cpsync/cpsync/internal/report"
)

// version says which build this is, as far as the Go toolchain recorded it.
func version() report.Version {
	v := report.Version{Name: "cpsync", Version: "devel"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Commit = s.Value
		}
	}
	return v
}

func userAgent() string { return "cpsync/" + version().Version }

func runVersion(_ context.Context, w world, _ options) int {
	v := version()
	line := v.Name + " " + v.Version
	if v.Commit != "" {
		line += " " + v.Commit
	}
	return print(w, line+"\n")
}
