package render

import (
	"os"
	"testing"
)

func TestSee(t *testing.T) {
	Plan(os.Stdout, example(), Style{})
}
