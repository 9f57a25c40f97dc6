package main

import (
	"os"
	"path/filepath"
	"testing"
)

func place(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func textOf(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// exampleAccount is a copy of the example's account: a sandbox has its file to itself.
func exampleAccount(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	place(t, dir, "sandbox.json", textOf(t, "../../examples", "sandbox.json"))
	return filepath.Join(dir, "sandbox.json")
}
