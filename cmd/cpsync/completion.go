package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/cpsync/cpsync/internal/cli"
	"github.com/cpsync/cpsync/internal/manifest"
	"github.com/cpsync/cpsync/schemas"
)

// runCompletion prints what a shell is to load.
func runCompletion(_ context.Context, w cli.World, a *cli.Word) int {
	text, err := cli.Completion(a.Word)
	if err != nil {
		return w.WrongUsage("completion", err)
	}
	return w.Print(text)
}

// runComplete prints the words that may stand in the place of the last one, a line each.
// Where a file may stand there too the last line is ":files".
func runComplete(ctx context.Context, w cli.World, a *cli.Raw) int {
	names := func(paths []string) []string {
		disk, err := w.Source(cli.Manifests{Paths: paths}).Open(ctx)
		if err != nil {
			return nil
		}
		var all []string
		specs, _ := manifest.Load(disk, paths)
		for _, s := range specs {
			all = append(all, s.Name)
		}
		return all
	}
	found, files := cli.Complete(commands(), a.Paths, names)
	if files {
		found = append(found, ":files")
	}
	if len(found) == 0 {
		return cli.OK
	}
	return w.Print(strings.Join(found, "\n") + "\n")
}

// runSchema prints a JSON schema.
func runSchema(_ context.Context, w cli.World, a *cli.Word) int {
	files := schemas.Named()
	if files[a.Word] == "" {
		return w.WrongUsage("schema", cli.NoSuch("schema", a.Word, files))
	}
	text, err := schemas.Files.ReadFile(files[a.Word])
	if err != nil {
		return w.Fail(fmt.Errorf("schema %s: %w", a.Word, err))
	}
	return w.Print(string(text))
}
