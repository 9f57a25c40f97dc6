package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cpsync/cpsync/internal/sandbox/world"
)

// Parse reads a state file. Its error has one line per problem, each beginning
// with the name of the file and line:column, sorted by place.
func Parse(name string, data []byte) (world.World, error) {
	var w world.World
	problems := decode(data, &w)
	if len(problems) == 0 {
		problems = checked(&w, data)
	}
	if len(problems) == 0 {
		markCommonNames(&w, data)
		return w, nil
	}
	slices.SortStableFunc(problems, func(a, b problem) int { return cmp.Compare(a.offset, b.offset) })
	var lines []string
	for _, p := range problems {
		line := name + ":" + place(data, p.offset) + ": "
		if p.text == unknownMember { // its name may be secret: the file may be another
			p.pointer = p.pointer[:max(0, strings.LastIndexByte(p.pointer, '/'))]
		}
		if p.pointer != "" {
			line += p.pointer + ": "
		}
		lines = append(lines, line+p.text)
	}
	return world.World{}, errors.New(strings.Join(lines, "\n"))
}

// place returns "line:column" of an offset in bytes, both counted from 1.
func place(data []byte, offset int) string {
	before := data[:min(offset, len(data))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("%d:%d", line, column)
}

// markCommonNames makes the first domain the common name of every certificate
// whose text has no is_common_name.
func markCommonNames(w *world.World, data []byte) {
	type domain struct {
		IsCommonName *bool `json:"is_common_name"`
	}
	var written struct{ Certificates []struct{ Domains []domain } }
	must(json.Unmarshal(data, &written)) // it was read before
	for i, c := range w.Certificates {
		said := slices.ContainsFunc(written.Certificates[i].Domains, func(d domain) bool { return d.IsCommonName != nil })
		if !said && len(c.Domains) > 0 {
			c.Domains[0].IsCommonName = true
		}
	}
}

// A checker collects what is wrong in a world whose JSON has the right types.
type checker struct{ problems []problem }

func (c *checker) wrong(is bool, pointer, text string) {
	if is && len(c.problems) < maxProblems {
		c.problems = append(c.problems, problem{pointer: pointer, text: text})
	}
}

func (c *checker) check(pointer string, err error) {
	if err != nil {
		c.wrong(true, pointer, err.Error())
	}
}

// word checks that a status word is known; empty is the default.
func (c *checker) word(pointer, word string, words []string) {
	if word != "" && !slices.Contains(words, word) {
		c.wrong(true, pointer, fmt.Sprintf("%q is not one of %s", word, strings.Join(words, ", ")))
	}
}

// checked returns what is wrong in a world, at the place of the member, or of what it is
// missing from.
func checked(w *world.World, data []byte) []problem {
	var c checker
	c.wrong(w.Clock.IsZero(), "/clock", "must be given, such as \"2026-11-22T09:00:00Z\"")
	c.time("/clock", w.Clock)
	for _, sw := range world.SwitchTable {
		c.check("/switches/"+sw.Name, sw.Check(w.Switches))
	}
	for i, f := range w.Faults {
		c.check(fmt.Sprintf("/faults/%d", i), checkFault(f))
	}
	ids, labels := map[int64]bool{}, map[string]bool{}
	for i := range w.Certificates {
		c.checkCertificate(fmt.Sprintf("/certificates/%d", i), &w.Certificates[i], ids, labels)
	}
	if len(c.problems) == 0 {
		return nil
	}
	walk(data, func(v located) {
		for i, p := range c.problems {
			if p.pointer == v.pointer || strings.HasPrefix(p.pointer, v.pointer+"/") {
				c.problems[i].offset = v.offset
			}
		}
	})
	return c.problems
}

// time checks that a time can be counted from and written again.
func (c *checker) time(pointer string, t time.Time) {
	c.wrong(!t.IsZero() && (t.Year() < 1970 || t.Year() > 9000), pointer, "must be "+aTime)
}

func (c *checker) checkCertificate(at string, have *world.Certificate, ids map[int64]bool, labels map[string]bool) {
	label := strings.ToLower(have.Label)
	c.wrong(have.ID != 0 && ids[have.ID], at+"/id", "another certificate has this id")
	c.wrong(have.ID < 0, at+"/id", "must be positive")
	c.wrong(label == "", at+"/certificate_label", "must be given")
	c.wrong(labels[label], at+"/certificate_label", "another certificate has this label")
	ids[have.ID], labels[label] = true, true
	c.word(at+"/certificate_authority", have.Authority, world.CertificateAuthorities)
	c.word(at+"/validation_type", have.ValidationType, world.ValidationTypes)
	c.word(at+"/dcv_method", have.DCVMethod, world.DCVMethods)
	for i, d := range have.Domains {
		at := fmt.Sprintf("%s/domains/%d", at, i)
		c.word(at+"/status", d.Status, world.DomainStatuses)
		c.wrong(d.Name == "", at+"/name", "must be given")
	}
	for i, d := range have.Deployments {
		at := fmt.Sprintf("%s/deployments/%d", at, i)
		c.word(at+"/delivery_region", d.DeliveryRegion, world.DeliveryRegions)
		c.word(at+"/platform", d.Platform, world.Platforms)
	}
	c.wrong(text(have.Thumbprint) == world.ThumbprintMade && have.Expires.IsZero(), at+"/thumbprint",
		"is made for a certificate that was issued: give its expiration_date")
	for i, n := range have.Notifications {
		c.word(fmt.Sprintf("%s/notifications/%d/notification_type", at, i), n.Type, world.NotificationTypes)
	}
	for i, m := range have.Made {
		at := fmt.Sprintf("%s/made/%d", at, i)
		c.time(at+"/not_before", m.NotBefore)
		c.time(at+"/not_after", m.NotAfter)
		c.wrong(m.Regions < 0, at+"/regions", "must not be negative")
	}
	c.time(at+"/expiration_date", have.Expires)
	c.time(at+"/created", have.Created)
	c.time(at+"/last_modified", have.LastModified)
	c.order(at, have)
}

// order checks the status, and what the API hides.
func (c *checker) order(at string, have *world.Certificate) {
	if s := have.Status; s != nil {
		c.word(at+"/status/status", s.Status, world.RequestStatuses)
		if s.OrderValidation != nil {
			c.word(at+"/status/order_validation/status", s.OrderValidation.Status, world.OrderStatuses)
		}
	}
	c.check(at+"/validates_after", have.ValidatesAfter.Check("never", "check"))
	c.check(at+"/vetted_after", have.VettedAfter.Check("never"))
	if wf := have.Workflow; wf != nil {
		c.word(at+"/workflow/kind", string(wf.Kind), world.Kinds)
		c.word(at+"/workflow/stage", string(wf.Stage), world.Stages)
		c.time(at+"/workflow/started", wf.Started)
		c.time(at+"/workflow/since", wf.Since)
	}
}
