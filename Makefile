# Everything a developer types. "make run" needs Go; "make test" installs what it
# needs on Debian by itself.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run build test check race lint fix generate generated fuzz chaos bench microbench sbom reproduce backup setup go-test go-watched go-pure go-large households app-test e2e

GO ?= go
PKG ?= ./...
FUZZTIME ?= 30s
CHAOSTIME ?= 10m
# The race detector watches everything but SQLite itself, which is C turned into Go,
# has its own locks, and is several times slower when it is watched.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false
BACKUP ?= data/backup-$(shell date +%Y%m%d-%H%M%S)

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start the demo on http://127.0.0.1:8080
	@$(GO) run ./cmd/lotse demo

build: ## build the static binary ./lotse
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o lotse ./cmd/lotse

test: setup ## install what is missing and run everything: lint, Go, scripts, browser
	@$(GO) run ./internal/testenv/with $(MAKE) -k check

check: lint generated go-test app-test e2e

race: ## run the Go tests of PKG (default: all) with the race detector
	$(GO) test $(RACE) -shuffle=on $(PKG)

# Packages that start no goroutine and share nothing are not watched for races; nor
# are the real data (files with the tag !race), nor what chat thins while watched.
# What is watched waits for servers half of the time: three packages for two cores.
PURE := /(configs|finder|directory/(duplicate|hours|hsds|intake|lexicon)|internal/(roster/civil|seal|shipped)|web/build)(/|$$)

go-test: go-watched go-pure go-large

go-watched:
	$(GO) test $(RACE) -p 3 -shuffle=on -timeout 15m $$($(GO) list ./... | grep -vE '$(PURE)')

go-pure:
	$(GO) test -shuffle=on -timeout 15m $$($(GO) list ./... | grep -E '$(PURE)')

go-large:
	$(GO) test -timeout 10m -run 'TestOneOf64AcceptorsWins|TestRandomWalksAgreeWithTheModel' ./chat
	$(GO) test -timeout 10m -run 'Real|TestImportEverything' ./directory ./cmd/lotse

lint: ## gofmt, vet, modernizers, staticcheck
	@unformatted=$$(find . -name '*.go' -not -path '*/node_modules/*' -exec gofmt -l {} +); [ -z "$$unformatted" ] || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) fix -diff ./...
	$(GO) tool staticcheck ./...

fix: ## format, modernize, generate
	find . -name '*.go' -not -path '*/node_modules/*' -exec gofmt -w {} +
	$(GO) fix ./...
	@$(MAKE) generate

generate: ## build scripts and styles into web/static
	$(GO) generate ./...

generated: ## check that generating changes nothing
	@before=$$(mktemp -d); trap 'rm -rf "$$before"' EXIT; cp -a web/static "$$before"; \
	$(GO) generate ./...; \
	diff -qr "$$before/static" web/static || { echo "generated files were not up to date: commit what make generate wrote"; exit 1; }

households: ## compare the finder's two interpreters on 100,000 random households (a quarter of an hour)
	LOTSE_FINDER_HOUSEHOLDS=100000 $(GO) test -timeout 60m -run 'TestPageAndServerFindTheSame$$' -v ./finder

app-test: ## check types of the scripts and run their tests in Node
	cd web/build && npm test

e2e: ## run the browser tests
	cd web/e2e && npm test

fuzz: ## run each fuzz target for FUZZTIME
	@for pkg in $$($(GO) list ./...); do \
	  targets=$$($(GO) test -list '^Fuzz' "$$pkg"); \
	  for target in $$(sed -n '/^Fuzz/p' <<<"$$targets"); do \
	    echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$pkg"; \
	  done; \
	done

chaos: ## break servers for CHAOSTIME and prove that no word is lost; SEED=… repeats a run
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; $(GO) build -o "$$dir/loadgen" ./cmd/loadgen; \
	"$$dir/loadgen" chaos -for $(CHAOSTIME) $(if $(SEED),-seed $(SEED))

bench: ## measure the figures beside a peer and write docs/figures.md; needs two cores and a quiet machine
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; $(GO) build -o "$$dir/loadgen" ./cmd/loadgen; \
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o "$$dir/lotse" ./cmd/lotse; \
	(cd bench/peer && CGO_ENABLED=0 $(GO) build -o "$$dir/peer" .); \
	taskset -c 1 "$$dir/loadgen" bench -program "$$dir/lotse" -peer "$$dir/peer" -out docs/figures.md -notes docs/figures-notes.md

microbench: ## run the benchmarks of the packages
	$(GO) test -run '^$$' -bench . -benchmem ./...

sbom: build ## write the bill of materials and all licences of ./lotse into dist
	$(GO) run ./internal/shipped lotse dist

reproduce: ## build the last commit twice, in different places and from nothing, and compare
	@places=$$(mktemp -d); trap 'rm -rf "$$places"' EXIT; \
	for place in one another/place; do \
	  git clone -q . "$$places/$$place/lotse"; \
	  GOCACHE="$$places/$$place/cache" $(MAKE) -C "$$places/$$place/lotse" build; \
	done; \
	sha256sum "$$places"/one/lotse/lotse "$$places"/another/place/lotse/lotse | sed "s|$$places/||"; \
	cmp "$$places"/one/lotse/lotse "$$places"/another/place/lotse/lotse && echo "the same, byte for byte"

backup: ## back up the database of ./data into BACKUP
	@$(GO) run ./cmd/lotse backup $(BACKUP)

setup: ## install what the tests need (Debian packages, npm packages)
	@.ci/setup
