//go:build !race

package main

const watchedForRaces = false
