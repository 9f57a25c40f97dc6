//go:build race

package explore

// usual is how many schedules go test plays under the race detector, which takes ten
// times as long for each.
const usual = 150
