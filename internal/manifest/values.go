package manifest

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	goyaml "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"github.com/cpsync/cpsync/internal/cert"
)

// values is what the decoder reads from a document. Every value is an Opt: it
// tells absent from empty, and it takes no number or boolean for a text, which
// the decoder would do for a plain string.
type values struct {
	APIVersion cert.Opt[string] `json:"apiVersion"`
	Kind       cert.Opt[string] `json:"kind"`
	Metadata   struct {
		ID   cert.Opt[cert.ID]           `json:"id"`
		Name cert.Opt[string]            `json:"name"`
		Tags cert.Opt[map[string]string] `json:"tags"`
	} `json:"metadata"`
	Tags cert.Opt[map[string]string] `json:"tags"` // of defaults
	Spec struct {
		cert.Patch
		CommonName cert.Opt[string]   `json:"common_name"`
		Domains    cert.Opt[[]string] `json:"domains"` // in place of that of Patch: as written
	} `json:"spec"`
	Expect struct {
		ValidationType cert.Opt[cert.ValidationType] `json:"validation_type"`
		Authority      cert.Opt[cert.Authority]      `json:"certificate_authority"`
		Organization   cert.Opt[string]              `json:"organization"`
	} `json:"expect"`
	Policy struct {
		RenewBefore       cert.Opt[string]      `json:"renew_before"`
		RenewIfEndsBefore cert.Opt[string]      `json:"renew_if_expires_before"`
		RenewIfThumbprint cert.Opt[[]string]    `json:"renew_if_thumbprint"`
		RetriggerUntil    cert.Opt[string]      `json:"retrigger_until"`
		RemoveDomains     cert.Opt[[]string]    `json:"remove_domains"`
		Protect           cert.Opt[[]string]    `json:"protect"`
		Try               cert.Opt[[]string]    `json:"allow_undocumented"`
		Accept            cert.Opt[[]cert.Code] `json:"accept"`
		DomainsWithin     cert.Opt[[]string]    `json:"domains_within"` // of defaults
	} `json:"policy"`
}

// decode reads the values of the document. Of one that the tree found fault with
// it reads what the tree left over.
func (m *manifest) decode(text []byte, root *goyaml.Node) {
	if m.problems.any() {
		rest, err := goyaml.Marshal(root)
		if err != nil {
			m.invalid[""] = true
			return
		}
		text = rest
	}
	if err := yaml.UnmarshalStrict(text, &m.want); err != nil {
		m.decoderRefused(err)
	}
	m.normalize()
}

// decoderRefused is for a document that only one of the two readers takes. It never
// becomes a Spec. It is not reported when the tree has a problem already.
func (m *manifest) decoderRefused(err error) {
	m.invalid[""] = true
	if m.problems.any() {
		return
	}
	at, what := m.at[""], "the manifest"
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		what = strings.Replace(strings.TrimPrefix(kind.Field, "."), "spec.Patch.", "spec.", 1)
		at = m.place(what)
	}
	m.report(at, "readers of YAML disagree about "+what,
		`Write it plainly, without "!" and other signs of YAML's own.`)
}

// normalize brings names to the form they are compared in, in the order written.
func (m *manifest) normalize() {
	v := &m.want
	v.Spec.Domains = convert(v.Spec.Domains, normalAll)
	v.Policy.RemoveDomains = convert(v.Policy.RemoveDomains, normalAll)
	v.Policy.DomainsWithin = convert(v.Policy.DomainsWithin, normalAll)
	v.Policy.RenewIfThumbprint = convert(v.Policy.RenewIfThumbprint, normalThumbprints)
	v.Spec.CommonName = convert(v.Spec.CommonName, normalName)
}

func normalAll(written []string) []string {
	out := make([]string, len(written))
	for i, w := range written {
		out[i] = normalName(w)
	}
	return out
}

func normalThumbprints(written []string) []string {
	out := make([]string, len(written))
	for i, w := range written {
		out[i], _ = cert.NormalizeThumbprint(w)
	}
	return out
}

// normalName is for names that the tree has accepted.
func normalName(written string) string {
	n, _ := cert.NormalizeName(written)
	return n
}

// Why ParseDuration refused a text.
var (
	ErrDuration     = errors.New("a duration is digits and one of s m h d w, such as 30d")
	ErrDurationLong = errors.New("the duration is longer than 290 years")
)

const day = 24 * time.Hour

var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': day, 'w': 7 * day,
}

// ParseDuration reads digits and one of s m h d w, such as 30d: no sign, no
// point, no blank, one unit. A day has 24 hours. Zero is a duration, with its
// unit. The errors are ErrDuration and ErrDurationLong.
func ParseDuration(s string) (time.Duration, error) {
	if s == "" {
		return 0, ErrDuration
	}
	digits, unit := s[:len(s)-1], units[s[len(s)-1]]
	if digits == "" || unit == 0 || strings.Trim(digits, "0123456789") != "" {
		return 0, ErrDuration
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) {
		return 0, ErrDurationLong
	}
	return time.Duration(n) * unit, nil
}
