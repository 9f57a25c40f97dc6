package cps

import "testing"

// TestShortSecretsAreNotHidden: a secret of a few letters would hide a part of every word.
func TestShortSecretsAreNotHidden(t *testing.T) {
	t.Parallel()
	a := &auth{vault: &vault{secrets: []string{"", "t", "seven77", "eight888"}}}
	const want = "the letter of seven77 and (secret)"
	if got := a.hide("the letter of seven77 and eight888"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
