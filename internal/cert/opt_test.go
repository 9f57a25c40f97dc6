package cert_test

import (
	"encoding/json"
	"testing"

	"github.com/cpsync/cpsync/internal/cert"
)

// body is a body as the client writes it.
type body struct {
	Description cert.Opt[string] `json:"description,omitzero"`
	AutoRenew   cert.Opt[bool]   `json:"auto_renew,omitzero"`
}

// TestAbsentIsNotSent: and false and "" are.
func TestAbsentIsNotSent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   body
		want string
	}{
		"nothing is set":           {body{}, `{}`},
		"false is sent":            {body{AutoRenew: cert.Some(false)}, `{"auto_renew":false}`},
		"the empty string is sent": {body{Description: cert.Some("")}, `{"description":""}`},
		"both":                     {body{cert.Some("a"), cert.Some(true)}, `{"description":"a","auto_renew":true}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(tt.in)
			if err != nil || string(data) != tt.want {
				t.Errorf("got %s, %v; want %s", data, err, tt.want)
			}
			var back body
			if err := json.Unmarshal(data, &back); err != nil || back != tt.in {
				t.Errorf("read back: %+v, %v", back, err)
			}
		})
	}
}

func TestOpt(t *testing.T) {
	t.Parallel()
	var absent cert.Opt[bool]
	if _, ok := absent.Get(); ok || absent.IsSet() || !absent.IsZero() || !absent.Or(true) {
		t.Error("the zero value is not absent")
	}
	no := cert.Some(false)
	if v, ok := no.Get(); v || !ok || !no.IsSet() || no.IsZero() || no.Or(true) {
		t.Error("false is not present")
	}
	if absent == no {
		t.Error("absent equals false")
	}
	if err := json.Unmarshal([]byte(`"yes"`), &absent); err == nil || absent.IsSet() {
		t.Errorf("a value of the wrong type was read: %v, %v", absent, err)
	}
}
