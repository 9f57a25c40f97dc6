package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/cpsync/cpsync/internal/cert"
	"github.com/cpsync/cpsync/internal/cps"
)

// importOptions are the flags of import alone.
type importOptions struct {
	query string
	words []string
	ids   []cert.ID // parsed from words
	all   bool
}

var importFlags = flagGroup{"What to import", func(f *pflag.FlagSet, o *options) {
	f.StringVar(&o.imports.query, "query", "", "only what the API's own search finds, as `FIELD:VALUE`; FIELD is "+
		strings.Join(cps.SearchFields, ", ")+", and * in VALUE stands for anything")
	f.StringArrayVar(&o.imports.words, "id", nil, "only the request with this id `N`; repeatable")
	f.BoolVar(&o.imports.all, "all", false, "also requests that were rejected, or ended more than 30 days ago")
}}

// check refuses what import can't ask for.
func (o *importOptions) check() error {
	field, value, ok := strings.Cut(o.query, ":")
	switch {
	case o.query != "" && len(o.words) > 0:
		return errors.New("--query and --id choose in two ways: use one")
	case o.query != "" && (!ok || value == "" || !slices.Contains(cps.SearchFields, field)):
		return fmt.Errorf("--query %q: write it as FIELD:VALUE, with FIELD one of %s", o.query, strings.Join(cps.SearchFields, ", "))
	}
	for _, word := range o.words {
		id, err := cert.ParseID(word)
		if err != nil {
			return fmt.Errorf("--id %q: %w", word, err)
		}
		o.ids = append(o.ids, id)
	}
	return nil
}
