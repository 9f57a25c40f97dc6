// Package dns asks DNS for records, and says what each server answers: the zone's own
// servers where they can be found, else a resolver. It decides nothing about
// certificates and believes no answer further than it goes. It starts no goroutine; it
// may be used by several.
package dns
