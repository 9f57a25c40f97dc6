//go:build race

package main

const watchedForRaces = true
