//go:build !unix || solaris || aix

package sandbox

import "os"

// tryLock does nothing where the system has no flock: there, a second process
// on the same file is not noticed.
func tryLock(*os.File) error { return nil }

// takeName gives next the name of old, neither of which may be open meanwhile.
func takeName(next, old *os.File, path string) (*os.File, error) {
	next.Close()
	old.Close()
	if err := os.Rename(next.Name(), path); err != nil {
		return nil, err
	}
	return os.Open(path)
}
