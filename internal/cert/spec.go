package cert

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Pos is a place in a manifest. Line and Column count from 1; Column counts characters.
type Pos struct {
	File         string
	Line, Column int
}

// Spec is what a manifest asks of one request. Values are normalized as in Live.
type Spec struct {
	ID   ID
	Name string // unique among the manifests; the file's name by default
	Tags map[string]string

	Patch
	Expect Expect
	Policy Policy

	// At gives the place of a key by its path, such as "spec.domains" or "metadata.id"; "" is the document
	// itself. The place of what the manifest inherits is in the file of the defaults.
	At map[string]Pos
}

// Find returns the specs that a word names: see IsNamed.
func Find(specs []Spec, word string) []Spec {
	return slices.DeleteFunc(slices.Clone(specs), func(s Spec) bool { return !s.IsNamed(word) })
}

// IsNamed reports whether a word is the name, id, label or one of the domains of s.
func (s Spec) IsNamed(word string) bool {
	return s.Name == word || matches(word, s.ID, s.Label.Or(""), s.Names())
}

// IsNamed reports whether a word is the id, label or one of the domains of l.
func (l Live) IsNamed(word string) bool { return matches(word, l.ID, l.Label, l.Names()) }

// matches reports whether a word is the id, the label or one of the domains. The case of a label does not matter,
// because two labels that differ in case alone can't exist.
func matches(word string, id ID, label string, domains []string) bool {
	if id != 0 && id.String() == word || word != "" && strings.EqualFold(label, word) {
		return true
	}
	domain, err := NormalizeName(word)
	return err == nil && slices.Contains(domains, domain)
}

// Place returns where the key of path is written, or the document's place when
// the manifest does not hold it.
func (s Spec) Place(path string) Pos {
	if p, ok := s.At[path]; ok {
		return p
	}
	return s.At[""]
}

// Inherited returns where the defaults give the value of path; false when the manifest
// gives it itself, or nobody does.
func (s Spec) Inherited(path string) (Pos, bool) {
	p, ok := s.At[path]
	return p, ok && p.File != s.At[""].File
}

// Protection returns where the edit is protected, by the manifest or its defaults; false when it is not.
func (s Spec) Protection(e Edit) (Pos, bool) {
	return s.Place("policy.protect[" + e.String() + "]"), s.Policy.Protects(e)
}

// Expect is what must be true of the live request before an order is changed. It is compared, never sent.
type Expect struct {
	ValidationType Opt[ValidationType] `json:"validation_type"`
	Authority      Opt[Authority]      `json:"certificate_authority"`
	Organization   Opt[string]         `json:"organization"`
}

// Policy is what cpsync may do, must not do, and does by itself.
type Policy struct {
	RenewBefore          Opt[time.Duration] // 1 to 60 days; acts only while auto_renew is off
	RenewIfExpiresBefore Opt[time.Time]     // 00:00 UTC of the day
	RenewIfThumbprint    []string           // renew once, now, while the live one is among them; normalized, sorted
	RetriggerUntil       Opt[time.Time]     // 00:00 UTC of the last day; holds until its end
	RemoveDomains        []string           // domains that may be removed, normalized, sorted
	Protect              []Edit             // shown, never sent; sorted
	AllowUndocumented    []Edit             // sent although undocumented; sorted
	Accept               []Code             // warnings that are fine here; sorted
	// DomainsWithin has a list for each file of defaults that has one, the nearest file
	// first. Each domain of the manifest must be in every list, or below one of its domains.
	DomainsWithin [][]string
}

// Renews reports whether the policy asks for renewals as time passes.
func (p Policy) Renews() bool { return p.RenewBefore.IsSet() || p.RenewIfExpiresBefore.IsSet() }

// Protects reports whether the edit is to be shown and never sent.
func (p Policy) Protects(e Edit) bool { return slices.Contains(p.Protect, e) }

// AllowsUndocumented reports whether the edit is to be sent although undocumented.
func (p Policy) AllowsUndocumented(e Edit) bool { return slices.Contains(p.AllowUndocumented, e) }

// Accepts reports whether the manifest accepts warnings of this code.
func (p Policy) Accepts(c Code) bool { return slices.Contains(p.Accept, c) }

// FormatDuration writes a duration as policies and flags do, in the largest unit that holds it: 14d, 36h, 90m.
func FormatDuration(d time.Duration) string {
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute} {
		if d%unit == 0 {
			return fmt.Sprintf("%d%c", d/unit, "dhm"[i])
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// A thumbprint is the SHA-1 or the SHA-256 of a certificate, in hexadecimal digits.
// Source: cps-api, section 4.2: 40 digits, which is inferred.
var thumbprint = regexp.MustCompile(`^(([0-9A-Fa-f]:?){40}|([0-9A-Fa-f]:?){64})$`)

// NormalizeThumbprint returns the form that thumbprints are compared in: upper case,
// without the colons that some tools write. ok is false when it is no thumbprint.
func NormalizeThumbprint(written string) (normal string, ok bool) {
	return strings.ToUpper(strings.ReplaceAll(written, ":", "")), thumbprint.MatchString(written)
}

// RenewsNow reports whether the policy asks for a renewal of the certificate with this
// thumbprint at once, whatever else is true of it.
func (p Policy) RenewsNow(live string) bool {
	normal, _ := NormalizeThumbprint(live)
	return slices.Contains(p.RenewIfThumbprint, normal)
}

// Code names a kind of warning, so that policy.accept can name it.
type Code string

// The codes.
const (
	Revoked            Code = "revoked"              // the CA revoked the certificate
	PastExpiry         Code = "expired"              // the certificate has expired
	Expiring           Code = "expiring"             // the certificate expires soon, and nothing renews it in time
	NothingRenews      Code = "nothing-renews"       // after this change nothing will renew it
	WorkflowError      Code = "workflow-error"       // the API has a message of its workflow
	AutoRenewStuck     Code = "auto-renew-stuck"     // auto-renew should have started long ago
	ActionRequired     Code = "action-required"      // somebody must act before the request moves on
	OtherDomains       Code = "other-domains"        // no label or name of the manifest is the request's
	RenewalIdle        Code = "renew-idle"           // a renew policy while auto-renew is on and not managed
	AutoRenewLate      Code = "auto-renew-late"      // auto-renew switched on when its start may have passed
	RenewBeforeWindow  Code = "renew-before-window"  // renew_before is longer than the renewal window
	LongLabel          Code = "long-label"           // over 64 characters
	LongDescription    Code = "long-description"     // over 255 characters
	ManyDomains        Code = "many-domains"         // over 100 domains
	CommonNameUnmarked Code = "common-name-unmarked" // the API marks no common name, or several
	SharedDomain       Code = "shared-domain"        // one domain in two manifests
	CoveredDomain      Code = "covered-domain"       // a wildcard of one manifest covers a domain of another
	SameDomains        Code = "same-domains"         // two manifests with the same set of domains
	SameLabel          Code = "same-label"           // two manifests with the same label, or one that differs in case alone
	ModifiedOutside    Code = "modified-outside-git" // somebody else changed the request last
	ProtectWins        Code = "protect-wins"         // an inherited protect leaves a policy of the manifest idle
	DCVByHand          Code = "dcv-by-hand"          // a person may have to do part of DCV, more often once certificates get shorter
	RenewalOverdue     Code = "renewal-overdue"      // its policy has been due for more than 48 hours
	RenewalInProgress  Code = "renewal-in-progress"  // what the policy asks for is happening
	ServedElsewhere    Code = "edge-elsewhere"       // visitors reach another certificate than the CDN host serves
	ServedNotCovered   Code = "edge-not-covered"     // what is served is not valid for a domain
)

// Codes lists every code, sorted by its word.
var Codes = []Code{
	ActionRequired, AutoRenewLate, AutoRenewStuck, CommonNameUnmarked, CoveredDomain, DCVByHand, ServedElsewhere, ServedNotCovered,
	PastExpiry, Expiring, LongDescription, LongLabel, ManyDomains, ModifiedOutside, NothingRenews, OtherDomains, ProtectWins,
	RenewBeforeWindow, RenewalIdle, RenewalInProgress, RenewalOverdue, Revoked, SameDomains, SameLabel,
	SharedDomain, WorkflowError,
}

// NeedsAction reports whether a person must act on a warning of this code. Of the others people take note.
func (c Code) NeedsAction() bool {
	return slices.Contains([]Code{Revoked, PastExpiry, Expiring, AutoRenewStuck, ActionRequired, WorkflowError, NothingRenews, RenewalOverdue}, c)
}

// Overlap reports whether a warning of this code is about what two manifests have in common.
func (c Code) Overlap() bool {
	return slices.Contains([]Code{SharedDomain, CoveredDomain, SameDomains, SameLabel}, c)
}
