package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/cpsync/cpsync/internal/render/words"
	"github.com/cpsync/cpsync/internal/run"
)

// List are the arguments of list.
type List struct {
	Common
	Manifests // those named, or the working directory
	run.Choice
	Edge
	Target
	Log
	Expiring   time.Duration // 0: whenever
	Unmanaged  bool
	Format     string
	ReadStatus string
	Named      bool // manifests were
}

func (l *List) declare(f *Flags) {
	f.group("What to list")
	f.texts(&l.Only, "only", "only the requests with this `NAME`, id, label, host or path of a manifest; repeatable", 0)
	f.texts(&l.Tags, "tag", "only the manifests with this tag, as `KEY=VALUE`; repeatable, all must hold", 0)
	f.time(&l.Expiring, "expiring", 0, "only certificates that expire within this `TIME`, such as 30d, or have expired", positive)
	f.flag(&l.Unmanaged, "unmanaged", "", "only requests without a manifest")
	l.Manifests.declare(f)
	f.group("What to read")
	f.choice(&l.ReadStatus, "read-status", "read the status of `WHICH` requests: needed (not if the list shows that the expiry is far away), all, or none", 0, readNeeded, readAll, readNone)
	l.Edge.declare(f)
	l.Target.declare(f)
	f.format(&l.Format, "text", "json", "csv")
	l.Log.declare(f)
	l.helpFlag(f)
}

// readNone is a value of --read-status that only a list takes: what needs the status is
// then shown as not read.
const readNone = "none"

func (l *List) take(*Flags) error {
	if l.Named = len(l.Manifests.Paths) > 0; !l.Named {
		l.Manifests.Paths = []string{"."}
	}
	return checkTags(l.Tags)
}

// checkTags refuses what is not KEY=VALUE.
func checkTags(all []string) error {
	for _, tag := range all {
		if key, _, ok := strings.Cut(tag, "="); !ok || key == "" {
			return fmt.Errorf("--tag %q: write it as KEY=VALUE", tag)
		}
	}
	return nil
}

// Reads is what --read-status says.
func (l *List) Reads() run.StatusReads {
	return map[string]run.StatusReads{readNeeded: run.StatusNeeded, readAll: run.StatusAll, readNone: run.StatusNone}[l.ReadStatus]
}

// Selection are the flags that choose, as they would be typed.
func (l *List) Selection() []string {
	all := l.Words()
	if l.Expiring > 0 {
		all = append(all, "--expiring "+words.Duration(l.Expiring))
	}
	if l.Unmanaged {
		all = append(all, "--unmanaged")
	}
	return all
}
