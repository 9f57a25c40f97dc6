package main

import (
	"cmp"
	"context"
	"runtime/debug"

	"github.com/cpsync/cpsync/internal/report"
)

// What the linker is told where the Go toolchain can't record it: the files of a downloaded
// action are no repository.
var builtVersion, builtCommit string

// version says which build this is, as far as it was recorded.
func version() report.Version {
	v := report.Version{Name: "cpsync", Version: cmp.Or(builtVersion, "devel"), Commit: builtCommit}
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

// userAgent names the build to the servers it speaks to: "cpsync/v1.2.3 (0f1c…)".
func userAgent() string {
	v := version()
	agent := v.Name + "/" + v.Version
	if v.Commit != "" {
		agent += " (" + v.Commit + ")"
	}
	return agent
}

func runVersion(_ context.Context, w world, _ options) int {
	v := version()
	line := v.Name + " " + v.Version
	if v.Commit != "" {
		line += " " + v.Commit
	}
	return print(w, line+"\n")
}
