package jsonplan

import (
	"time"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/report"
)

// The structs below are the published form, member by member in the order they are
// written. schemas/plan.v1.schema.json describes them; a test holds the two together.
// Nothing is renamed or taken out within version 1.

type jsonReport struct {
	FormatVersion string            `json:"format_version"`
	Tool          jsonTool          `json:"tool"`
	Mode          string            `json:"mode"`
	Finished      bool              `json:"finished"`
	Now           *time.Time        `json:"now"`
	API           string            `json:"api"`
	Source        jsonSource        `json:"source"`
	Run           map[string]string `json:"run"`  // never null
	Base          *jsonBase         `json:"base"` // null: no base was given
	Digest        string            `json:"digest"`
	Summary       jsonSummary       `json:"summary"`
	Limits        jsonLimits        `json:"limits"`
	Steps         []jsonStep        `json:"steps"`
	Expiring      []jsonExpiring    `json:"expiring"`
	EndsWithin    *jsonEndsWithin   `json:"ends_within"` // null: nobody asked
	Unmanaged     []jsonUnmanaged   `json:"unmanaged"`
	Warnings      []jsonError       `json:"warnings"`
	Errors        []jsonError       `json:"errors"`
	Requests      jsonRequests      `json:"requests"`
}

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

type jsonSource struct {
	Paths  []string `json:"paths"`
	Commit *string  `json:"commit"`
}

type jsonBase struct {
	Revision string     `json:"revision"`
	Gone     []jsonGone `json:"gone"`
}

type jsonGone struct {
	ID        cert.ID    `json:"id"`
	Name      string     `json:"name"`
	Label     string     `json:"label"`
	AutoRenew *bool      `json:"auto_renew"` // null: the request was not read
	Expires   *time.Time `json:"expires"`
	Unrenewed bool       `json:"nothing_renews"`
}

type jsonSummary struct {
	Managed   int  `json:"managed"`
	NeedsYou  int  `json:"needs_you"`
	Orders    int  `json:"orders"`
	Edits     int  `json:"edits"`
	Changing  int  `json:"changing"`
	Waiting   int  `json:"waiting"`
	Protected int  `json:"protected"`
	Unchanged int  `json:"unchanged"`
	Unmanaged *int `json:"unmanaged"`
	Errors    int  `json:"errors"`
	Revoked   int  `json:"revoked"`
	Expired   int  `json:"expired"`
	EndsSoon  int  `json:"ends_soon"`
}

type jsonLimits struct {
	Edits    jsonLimit `json:"edits"`
	Orders   jsonLimit `json:"orders"`
	Renewals jsonLimit `json:"renewals"`
}

type jsonLimit struct {
	Count    int  `json:"count"`
	Limit    int  `json:"limit"`
	Exceeded bool `json:"exceeded"`
}

type jsonStep struct {
	Name          string            `json:"name"`
	ID            cert.ID           `json:"id"`
	Label         string            `json:"label"`
	CommonName    string            `json:"common_name"`
	Tags          map[string]string `json:"tags"` // never null
	Phase         string            `json:"phase"`
	PhaseFrom     jsonPhaseFrom     `json:"phase_from"`
	StatusRead    bool              `json:"status_read"`
	Expires       *time.Time        `json:"expires"`
	Source        *jsonPos          `json:"source"`
	Digest        string            `json:"digest"`
	ChangedByBase *bool             `json:"changed_by_base"` // null: no base was given
	Operations    []jsonOperation   `json:"operations"`
	Blocked       []jsonBlocked     `json:"blocked"`
	Warnings      []jsonWarning     `json:"warnings"`
	Control       []jsonProof       `json:"domain_control"` // null when it was not asked for, or could not be read
	ControlError  string            `json:"domain_control_error"`
	Wait          *jsonWait         `json:"wait,omitempty"` // of what was followed with --wait only
}

type jsonPhaseFrom struct {
	Status  string       `json:"status"`
	Order   string       `json:"order"`
	Domains []jsonDomain `json:"domains"`
}

type jsonDomain struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

type jsonPos struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type jsonOperation struct {
	Kind         string       `json:"kind"`
	Digest       string       `json:"digest"`
	Changes      []jsonChange `json:"changes"`
	Body         *cert.Patch  `json:"body"`
	Effect       string       `json:"effect"`
	Reason       string       `json:"reason"`
	*jsonOutcome              // after an apply only
}

type jsonOutcome struct {
	Outcome  *string `json:"outcome"` // null: the apply was at work
	By       *string `json:"by"`
	Attempts int     `json:"attempts"`
	Error    *string `json:"error"`

	KeptBy report.Keeper `json:"kept_by,omitempty"` // of an order that does not show only
}

// jsonChange is one of two shapes: of a value, or of the set of names.
type jsonChange struct {
	Field string `json:"field"`
	*jsonValues
	*jsonNames
}

type jsonValues struct {
	From any `json:"from"` // a string, or a boolean for auto_renew
	To   any `json:"to"`
}

type jsonNames struct {
	Add        []string  `json:"add"`
	Remove     []string  `json:"remove"`
	CommonName *jsonMove `json:"common_name"`
}

type jsonMove struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type jsonBlocked struct {
	jsonChange
	Verdict   string     `json:"verdict"`
	Rule      string     `json:"rule"`
	Because   string     `json:"because"`
	Until     string     `json:"until"`
	UntilAt   *time.Time `json:"until_at"`
	Do        string     `json:"do"`
	NextActor string     `json:"next_actor"`
}

type jsonWarning struct {
	Code     string `json:"code"`
	Report   string `json:"text"`
	Do       string `json:"do"`
	NeedsYou bool   `json:"needs_you"`
	Accepted bool   `json:"accepted"`
	*jsonPlaces
}

// jsonPlaces is of what two manifests have in common.
type jsonPlaces struct {
	Source *jsonPos `json:"source"`
	Also   *jsonPos `json:"also"`
	Names  []string `json:"names"`
}

type jsonProof struct {
	Names    []string     `json:"names"`
	Method   string       `json:"method"`
	Ready    bool         `json:"ready"`
	Records  []jsonRecord `json:"records"`
	Emails   []string     `json:"emails"`
	Inferred bool         `json:"inferred"`
}

type jsonRecord struct {
	Name  string  `json:"name"`
	Type  string  `json:"type"`
	Value *string `json:"value"` // null when it is not known
	Zone  string  `json:"zone"`

	Lookup *jsonLookup `json:"dns"` // null where nobody looked
}

type jsonLookup struct {
	Result  string           `json:"result"`
	Name    string           `json:"name"`
	Zone    *string          `json:"zone"` // null: a resolver was asked
	Why     string           `json:"why"`
	Servers []jsonNameserver `json:"servers"`
}

type jsonNameserver struct {
	Server string   `json:"server"`
	Result string   `json:"result"`
	Values []string `json:"values"`
	Via    []string `json:"via"`
	Error  string   `json:"error"`
}

type jsonExpiring struct {
	Name       string     `json:"name"`
	ID         cert.ID    `json:"id"`
	CommonName string     `json:"common_name"`
	Expires    *time.Time `json:"expires"`
	Days       int        `json:"days"`
	Code       string     `json:"code"`
	Because    string     `json:"because"`
	Do         string     `json:"do"`
	Accepted   bool       `json:"accepted"`
}

type jsonEndsWithin struct {
	Seconds      int64        `json:"seconds"`
	Certificates []jsonEnding `json:"certificates"`
}

type jsonEnding struct {
	Name       string     `json:"name"`
	ID         cert.ID    `json:"id"`
	CommonName string     `json:"common_name"`
	Expires    *time.Time `json:"expires"`
	Days       int        `json:"days"`
}

type jsonUnmanaged struct {
	ID         cert.ID    `json:"id"`
	Label      string     `json:"label"`
	CommonName string     `json:"common_name"`
	Expires    *time.Time `json:"expires"`
}

type jsonError struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Hint    string   `json:"hint"`
	Name    string   `json:"name"`
	Source  *jsonPos `json:"source"`
}

type jsonRequests struct {
	Reads    int   `json:"reads"`
	Writes   int   `json:"writes"`
	Retries  int   `json:"retries"`
	WaitedMS int64 `json:"waited_ms"`
	Queries  int   `json:"dns_queries"`

	Expected jsonExpected `json:"expected"`
}

// jsonExpected has null for what is not known.
type jsonExpected struct {
	List    *int `json:"list"`
	Single  *int `json:"single"`
	Status  *int `json:"status"`
	Control *int `json:"dcv"`
}

func requests(r report.Requests) jsonRequests {
	return jsonRequests{r.Reads, r.Writes, r.Retries, r.Waited.Milliseconds(), r.Queries, jsonExpected(r.Expected)}
}
