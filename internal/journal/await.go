package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lookAgain is how long AwaitFree pauses before it tries again.
const lookAgain = time.Second

// AwaitFree waits until no run has the journal, for most at the longest. Without a name,
// and where nobody ever opened the file, there is nothing to wait for.
func AwaitFree(ctx context.Context, path string, most time.Duration, wait func(context.Context, time.Duration) error) error {
	if path == "" {
		return nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		_, err = os.Stat(real + ".lock")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for passed := time.Duration(0); err == nil; passed += lookAgain {
		lock := flock.New(real + ".lock")
		free, locked := lock.TryLock()
		switch {
		case free:
			return lock.Unlock()
		case locked != nil:
			err = locked
		case passed >= most:
			err = fmt.Errorf("another run still has it after %s", most)
		default:
			err = wait(ctx, lookAgain)
		}
	}
	return fmt.Errorf("journal %s: %w", path, err)
}
