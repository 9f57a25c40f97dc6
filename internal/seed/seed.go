// Package seed says where tests begin that make their cases up. By themselves they begin
// at a number that follows from the commit, so that a commit is always judged alike and
// each commit looks at cases that were not seen before. It is for tests.
package seed

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fallback is the seed where git can't tell the commit: in an archive of the source, say.
const fallback = 20261122

// Flag defines the flag -seed of a test, and returns what gives its value. It is for a
// variable of a package's tests.
func Flag() func() uint64 {
	word := flag.String("seed", "commit", `first seed of the cases that are made up: a number, "commit" or "random"`)
	return sync.OnceValue(func() uint64 { return of(*word) })
}

func of(word string) uint64 {
	switch word {
	case "commit":
		return ofCommit()
	case "random":
		return uint64(rand.Uint32())
	}
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		panic(fmt.Sprintf(`-seed %q: use a number, "commit" or "random"`, word))
	}
	return n
}

// ofCommit is the first 32 bits of the commit's hash, where the commit is one of this
// module and not of a repository around it.
func ofCommit() uint64 {
	noteHead()
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	git := exec.CommandContext(ctx, "git", "rev-parse", "HEAD", "HEAD:internal/seed/seed.go")
	git.WaitDelay = time.Second
	out, err := git.Output()
	if err != nil {
		return fallback
	}
	return ofHash(string(out))
}

func ofHash(hash string) uint64 {
	n, err := strconv.ParseUint(hash[:min(8, len(hash))], 16, 32)
	if err != nil {
		return fallback
	}
	return n
}

// noteHead looks at the file that git writes at each commit and checkout, so that go test
// runs a test again whose result it keeps from another commit.
func noteHead() {
	for up := range 4 {
		_, err := os.Stat(filepath.Join(strings.Repeat("../", up), ".git", "logs", "HEAD"))
		if err == nil {
			return
		}
	}
}
