# SPDX-License-Identifier: GPL-2.0
#
# The targets that a project made by scripts/new-driver does not have, as it lacks the programs
# for them. See Makefile.

.PHONY: lesson check hint solution book test-all matrix fuzz conformance bench bench-docs bench-accept report

suites += test-all matrix
programs += fuzz bench bench-accept conformance
course := lesson check hint solution
ready += book test-all matrix $(programs) report check

lesson: ## Everyday: begin lesson N of the course in your folder; without N, list the lessons
	@lessons/run lesson $(N)

check: ## Everyday: judge your module of lesson N; KERNEL=debug looks closer
	@lessons/run check '$(N)'

hint: ## Everyday: show the next of three hints for lesson N
	@lessons/run hint '$(N)'

solution: ## Everyday: compare your module of lesson N with a solution
	@lessons/run solution '$(N)'

book: ## Everyday: make one site of the course, the docs and the API pages in build/book
	@scripts/book

test-all: ## Testing: run all tests, the slow ones of set-up and installation too
	@scripts/build --bench $(KERNEL)
	@tests/run --all

matrix: ## Testing: build and test on all of Debian's kernels, and on arm64's; one table
	@tests/matrix $(if $(or $(KERNEL_SRC),$(filter-out file,$(origin KERNEL))),$(KERNEL))

fuzz: ## Testing: call the device at random, guided by coverage; SECONDS=600, SEED=...
	@scripts/build debug
	@tests/fuzz/run $(if $(SECONDS),--seconds '$(SECONDS)')

conformance: ## Testing: run other projects' tests on private FIFOs; writes docs/conformance.md
	@scripts/build stock
	@tests/conformance/run --docs

bench: ## Testing: measure the device, pipe(2) and others; results go to build/bench
	@bench/run

bench-docs: ## Maintenance: put the last results of `make bench` into docs/performance.md
	@bench/docs

bench-accept: ## Maintenance: take today's speed as the one that `make test` compares with
	@bench/run --quick
	@scripts/toolchain run bench/gate --accept build/bench/quick.csv

report: ## Maintenance: compare Rust in the kernel today and in 2022; writes docs/report.md
	@scripts/report
