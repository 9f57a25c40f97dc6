package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// reasons collects refusals, so that one answer tells all of them.
type reasons struct{ refusals []*refusal }

func (r *reasons) add(err error) {
	var one *refusal
	if errors.As(err, &one) {
		r.refusals = append(r.refusals, one)
	}
}

func (r *reasons) any() bool { return len(r.refusals) > 0 }

// refusal returns all reasons as one error, nil when there is none.
func (r *reasons) refusal() error {
	if !r.any() {
		return nil
	}
	all := &refusal{status: r.refusals[0].status}
	for _, one := range r.refusals {
		all.details = append(all.details, one.details...)
	}
	return all
}

// oneOf refuses a word that is not in a list.
func oneOf(pointer, word string, words []string) error {
	if in(word, words) {
		return nil
	}
	return invalid(pointer, "This must be one of %s.", strings.Join(words, ", "))
}

// checkLabel refuses a label that cannot be given to the certificate with this
// id (cps-api, section 7.1): it is unique in any case, deleted ones included.
func (w *World) checkLabel(label string, id int64) error {
	const pointer = "/certificate_label"
	if strings.TrimSpace(label) == "" {
		return invalid(pointer, "A label is needed.")
	}
	for _, r := range label {
		if r > 127 || !strings.ContainsRune(labelAlphabet, r) {
			return invalid(pointer, "A label has letters, digits, dashes, underscores, dots and spaces, not %q.", r)
		}
	}
	taken := &refusal{http.StatusBadRequest, []detail{{pointer, "This label is already in use."}}}
	for _, c := range w.Certificates {
		if c.ID != id && strings.EqualFold(c.Label, label) {
			return taken
		}
	}
	for _, burnt := range w.BurntLabels {
		if strings.EqualFold(burnt, label) {
			return taken
		}
	}
	return nil
}

// labelAlphabet is what the documents allow, with the dot and the space that
// their own samples use.
const labelAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. "

// needed refuses members that a body must have.
func (r reading) needed(prefix string, names ...string) error {
	var missing reasons
	for _, name := range names {
		if !r.sent(prefix + "/" + name) {
			missing.add(invalid(fmt.Sprintf("%s/%s", prefix, name), "This member is needed."))
		}
	}
	return missing.refusal()
}
