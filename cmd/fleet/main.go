// Command fleet writes a fleet of manifests and the state of a sandbox to go with them into a
// directory:
//
//	go run ./cmd/fleet -certificates 10000 -mix quarter fleet
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/fleet"
)

func main() {
	f := fleet.Fleet{Now: time.Now()}
	flag.IntVar(&f.Certificates, "certificates", 10000, "how many")
	flag.IntVar(&f.Names, "names", 10, "names of each")
	flag.StringVar((*string)(&f.Mix), "mix", "nothing", "nothing, quarter or due: how many certificates are on their way somewhere")
	together := flag.Bool("together", false, "all manifests in one file")
	flag.Parse()
	known := slices.Contains([]fleet.Mix{"nothing", fleet.Quarter, fleet.Due}, f.Mix)
	if flag.NArg() != 1 || f.Certificates < 1 || f.Names < 1 || !known {
		fmt.Fprintln(os.Stderr, "usage: fleet [-certificates N] [-names N] [-mix nothing|quarter|due] [-together] DIR")
		os.Exit(64)
	}
	dir := flag.Arg(0)
	if err := write(f, dir, *together); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
	fmt.Printf(`%[1]d certificates with %[2]d names each. In one terminal

  cpsync sandbox --fault slow:any:always:for=50ms %[3]s

and in another, after the lines with export that it prints,

  cpsync %[4]s
`, f.Certificates, f.Names, filepath.Join(dir, "state.json"), filepath.Join(dir, "certs"))
}

// write leaves the manifests in DIR/certs and the state in DIR/state.json.
func write(f fleet.Fleet, dir string, together bool) error {
	certs := filepath.Join(dir, "certs")
	if err := os.MkdirAll(certs, 0o755); err != nil {
		return err
	}
	state, err := f.State()
	if err = errors.Join(err, os.WriteFile(filepath.Join(dir, "state.json"), state, 0o644)); err != nil {
		return err
	}
	var all strings.Builder
	for i := range f.Certificates {
		if together {
			all.WriteString("---\n" + f.Manifest(i))
		} else if err := os.WriteFile(filepath.Join(certs, f.File(i)), []byte(f.Manifest(i)), 0o644); err != nil {
			return err
		}
	}
	if together {
		return os.WriteFile(filepath.Join(certs, "all.yaml"), []byte(all.String()), 0o644)
	}
	return nil
}
