# Everything a change has to pass, and everything a person runs by hand. Tools are
# pinned in internal/tools/tools.mod and built by Go, so nothing is installed but, where
# it can be, shellcheck.

GO     ?= go
TOOL    = $(GO) tool -modfile=internal/tools/tools.mod
FUZZFOR ?= 30s
N      ?= 3000
SEED   ?= random

.PHONY: all build test check lint race explore guards actions format vet platforms release-snapshot staticcheck exhaustive tidy workflows scripts golden bench performance profile fuzz pictures

all: build test lint

build:
	$(GO) build -o bin/cpsync ./cmd/cpsync

test:
	$(GO) test ./...
	cd internal/promtest && $(GO) test -count=1 ./...

# What CI runs after `go test ./...`. A commit is always judged by the same schedules.
check: SEED = commit
check: lint race explore

lint: format vet platforms staticcheck exhaustive tidy workflows scripts

race:
	$(GO) test -race -timeout 30m ./...

# N schedules of faults, kills and people from the seed SEED on: a number, "commit", or
# "random"; see internal/explore. It prints the number.
explore:
	$(GO) test -count=1 ./cmd/cpsync -whole
	$(GO) test -count=1 ./internal/plan -cases 4000
	$(GO) test -count=1 -run 'TestWhatIsSaidIsSo$$' ./internal/render -tries 60000
	GOGC=400 $(GO) test -count=1 -timeout 0 -v -run 'TestSchedules$$' ./internal/explore -schedules $(N) -seed $(SEED)

# Takes out what keeps an order from being sent twice, piece by piece, and writes into
# docs/developers/guards.md who noticed. Takes half an hour.
guards:
	GOGC=400 $(GO) test ./internal/guards -run '^TestTakenOut$$' -v -timeout 4h -count 1 -out

# Runs the workflows in a workflow engine, in the host: they write below $HOME/.cache/act.
# Building the engine takes some minutes, once.
actions:
	$(GO) build -modfile=internal/actions/act.mod -o bin/act github.com/nektos/act
	ACT=$(CURDIR)/bin/act $(GO) test -count=1 -timeout 20m ./internal/actions

format:
	@unformatted=$$(gofmt -l cmd internal); \
	if [ -n "$$unformatted" ]; then echo "gofmt -w these:"; echo "$$unformatted"; exit 1; fi

vet:
	$(GO) vet ./...

# All six platforms that docs/platforms.md names; vet reads the tests too.
platforms:
	@for system in linux darwin windows; do \
	  for processor in amd64 arm64; do \
	    CGO_ENABLED=0 GOOS=$$system GOARCH=$$processor $(GO) build -o /dev/null ./cmd/cpsync || exit 1; \
	  done; \
	  CGO_ENABLED=0 GOOS=$$system GOARCH=amd64 $(GO) vet ./... || exit 1; \
	done

staticcheck:
	$(TOOL) staticcheck ./...

# A switch over an enum names every case or has a default.
exhaustive:
	$(TOOL) exhaustive -default-signifies-exhaustive ./...

tidy:
	$(GO) mod tidy -diff
	cd internal/promtest && $(GO) mod tidy -diff

workflows:
	$(TOOL) actionlint

# shellcheck is the one tool that Go can't build: .ci/run installs it where it may.
scripts:
	@if command -v shellcheck >/dev/null; then shellcheck -x .github/scripts/*.sh docs/pictures/make.sh .ci/run; \
	else echo "shellcheck is not installed, so the scripts are not checked (Debian: apt-get install shellcheck)"; fi

# Rewrites the expected outputs; review the difference like code.
golden:
	$(GO) test ./internal/render ./internal/render/openmetrics ./internal/manifest ./cmd/cpsync -update

# Builds a release twice and looks into each archive; nothing is published.
VERSION ?= 0.0.0-snapshot
release-snapshot:
	.github/scripts/release.sh $(VERSION)
	$(GO) test -count 1 ./internal/release -dist $(CURDIR)/dist

# For benchstat: make bench > new.txt
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# Runs the benchmarks and writes the tables of docs/developers/performance.md. Takes ten to
# fifteen minutes, and wants a machine with nothing else to do.
performance:
	$(GO) test ./cmd/fleet -run '^TestPerformance$$' -update -count 1 -timeout 30m

# Writes bin/cpu.pprof and bin/mem.pprof of whole runs: go tool pprof -top bin/cpu.pprof
profile:
	mkdir -p bin
	$(GO) test ./cmd/cpsync -run '^$$' -bench '^BenchmarkWholeRun$$' -benchtime 10x -outputdir $(CURDIR)/bin \
	  -cpuprofile cpu.pprof -memprofile mem.pprof -o bin/profiled.test

# Makes the pictures of README; look at them. Wants chromium, cmark-gfm and pngquant.
pictures:
	docs/pictures/make.sh

# Each fuzz target for FUZZFOR.
fuzz:
	@$(GO) list ./... | while read -r package; do \
	  for target in $$($(GO) test -list '^Fuzz' "$$package" | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZFOR) "$$package" || exit 1; \
	  done; \
	done
