// Package cert holds the nouns of cpsync: the server's words, the phases of a
// certificate request, what a manifest wants and what the server has. It does no
// I/O and imports nothing else of cpsync.
//
// "Source: cps-api" in a comment names the project's sheet of API facts, and the
// section of it that a rule was taken from.
package cert
