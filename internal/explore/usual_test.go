//go:build !race

package explore

// usual is how many schedules go test plays.
const usual = 200
