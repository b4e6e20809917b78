# SPDX-License-Identifier: GPL-2.0
#
# The targets that `make help` lists. Kbuild reads Kbuild instead of this file.

.DEFAULT_GOAL := all

# The folder of another module. Only the command line gives it, as for Kbuild, and a make below
# this one must not take it for its own.
export RUST_SAMPLE_M := $(if $(filter command,$(firstword $(origin M))),$(M))
MAKEOVERRIDES := $(filter-out M=%,$(MAKEOVERRIDES))

# The scripts see a setting as the caller gave it, in the environment or as VAR=value. KERNEL_SRC
# alone selects the kernel built from that tree. Another module is tested on the debug kernel, too,
# which is for amd64 alone.
debug := $(and $(RUST_SAMPLE_M),$(filter test,$(MAKECMDGOALS)),$(if $(ARCH),,$(filter x86_64,$(shell uname -m))))
export KERNEL ?= $(if $(KERNEL_SRC),src,stock$(if $(debug), debug))

# Some archives lose the modes of files, and some disks are mounted with noexec.
ifneq ($(shell test -x scripts/build || echo no),)
$(error scripts/build cannot be executed: run `chmod +x $$(grep -rlI --exclude-dir={build,.git} '^#!/' .)`; if that does not help, move the project to a disk that is not mounted with noexec)
endif

.PHONY: all run test shell setup menuconfig bundle unbundle update lint fmt doc rust-analyzer gdb sign modules_install install uninstall dkms metadata-deb doctor clean cache-clean help

# Groups of targets: those that make the toolchain and a kernel ready, those that run suites, those
# that run other programs in VMs, and those of the course. A project made by scripts/new-driver lacks
# more-targets.mk.
ready := all run test shell gdb setup menuconfig bundle update lint fmt doc rust-analyzer metadata-deb
suites := test
programs :=
course :=
-include scripts/more-targets.mk

# The settings, and the targets that take them.
takes_KERNEL := all $(suites) $(filter check,$(course)) shell setup bundle sign modules_install install doctor
takes_KERNEL_SRC := all $(suites) shell setup menuconfig sign modules_install install doctor
takes_KDIR := all sign install doctor
takes_ARCH := all run $(suites) shell setup update sign modules_install install doctor
takes_M := all test shell modules_install lint doc rust-analyzer gdb clean
takes_V := all run $(suites) shell gdb $(programs) $(filter check,$(course))
takes_SUITE := $(suites)
takes_TEST := $(suites)
takes_SEED := $(suites) $(filter fuzz,$(programs))
takes_STRESS := $(suites)
takes_TRACE := $(suites)
takes_RELEASE := metadata-deb
takes_SECONDS := $(filter fuzz,$(programs))
takes_N := $(course)
takes_LESSONS := $(course)
takes_MODULE_KEY := sign
takes_MODULE_CERT := sign
takes_INSTALL_MOD_PATH := modules_install install uninstall
takes_INSTALL_MOD_DIR := modules_install install uninstall
takes_BUNDLE := $(ready)
takes_MIRROR := $(ready)
takes_RUST_SAMPLE_CACHE := $(ready) sign modules_install install doctor cache-clean
takes_RUST_SAMPLE_TOOLCHAIN := $(takes_RUST_SAMPLE_CACHE)

# A setting on the command line that none of the given targets takes is an error: it would have no
# effect. The environment may hold it for other programs, so there only a kernel is an error, and
# only for targets that build for another one. With KDIR or M, Kbuild has settings of its own.
goals := $(or $(MAKECMDGOALS),all)
origin_is = $(filter $1,$(firstword $(origin $2)))
kbuild := $(strip $(if $(KDIR),$(filter all install doctor,$(goals)),\
	$(if $(RUST_SAMPLE_M),$(filter all test shell gdb lint doc,$(goals)))))
given := $(filter-out HOME PATH TMPDIR XDG_% %_proxy %_PROXY,\
	$(foreach v,$(.VARIABLES),$(if $(call origin_is,command,$v),$v))) \
	$(if $(filter $(takes_V),$(goals)),$(foreach v,KERNEL KERNEL_SRC,$(if $(call origin_is,environment,$v),$v)))
unused := $(strip $(foreach v,$(given),\
	$(if $(or $(filter $(takes_$v),$(goals)),$(if $(takes_$v),,$(kbuild))),,$v)) \
	$(if $(and $(KDIR),$(filter $(takes_KDIR),$(goals))),$(filter KERNEL KERNEL_SRC M,$(given))))
refuse_empty = $(if $(and $(call origin_is,command,$1),$(if $(strip $($1)),,empty)),\
	$(error $1 is empty: name $2, or leave it out))
$(call refuse_empty,KDIR,the build folder of a kernel)
$(call refuse_empty,M,the folder of a module)
$(call refuse_empty,KERNEL,a kernel)
ifneq ($(and $(filter shell,$(goals)),$(word 2,$(KERNEL))),)
$(error 'make shell' takes one kernel, and KERNEL names several: name one)
endif
ifneq ($(unused),)
$(error 'make $(goals)' does not take $(firstword $(unused))$(if $(and $(KDIR),$(kbuild)), together with KDIR): \
	$(if $(call origin_is,environment,$(firstword $(unused))),unset it,leave it out) (see 'make help'))
endif

# Words without spaces, as the scripts separate them there.
ifneq ($(RUST_SAMPLE_M),)
export RUST_SAMPLE_KBUILD := $(foreach v,$(given),$(if $(takes_$v),,$(if $(word 2,$($v)),\
	$(error a space in the value of $v cannot be passed to Kbuild: set it in the Kbuild of $(M)),$v=$($v))))
endif

# In the comment after a target: its group in `make help`, and what it does.

ifneq ($(KDIR),)
all: ## Everyday: build the module for KERNEL, or for KDIR with the host's own toolchain
	@ARCH=amd64 scripts/toolchain in-place
	@echo "Building for the kernel in $(KDIR), with the host's own toolchain"
	scripts/hold built $(MAKE) -C '$(KDIR)' M='$(CURDIR)'
else
all:
	@scripts/build $(KERNEL)
endif

run: ## Everyday: show the module at work in a VM
	@scripts/build stock
	@scripts/run

test: ## Testing: run the test suites in VMs; SUITE="..." and KERNEL="stock debug" choose
	@scripts/build --bench $(KERNEL)
	@tests/run

shell: ## Everyday: open a shell in a VM with the module loaded; `exit` ends the VM
	@scripts/build $(KERNEL)
	@scripts/vm --kernel $(KERNEL) --shell

gdb: ## Testing: debug the module in a VM with the debug kernel
	@scripts/build debug
	@scripts/gdb

sign: ## Real machine: sign the built module for Secure Boot
	@scripts/packaging/sign

modules_install: ## Real machine: as root, install the built module alone
	@scripts/packaging/install --modules

install: ## Real machine: as root, install the built module and its udev rule
	@scripts/packaging/install

uninstall: ## Real machine: as root, remove what `make install` installed
	@scripts/packaging/install --remove

dkms: ## Real machine: as root, let DKMS build the module for each kernel of this machine
	@scripts/packaging/install --dkms

metadata-deb: ## Real machine: pack the Rust metadata of the kernel RELEASE for DKMS and any module
	@scripts/packaging/metadata-deb $${RELEASE:+"$$RELEASE"}

setup: ## Kernels: make the toolchain and a kernel ready; other targets do so by themselves
	@scripts/toolchain setup
	@for kernel in $(KERNEL); do scripts/kernel $$kernel || exit; done

bundle: ## Kernels: pack toolchain and kernels into BUNDLE=FILE for a machine without a network
	@scripts/bundle make "$${BUNDLE:-build/bundle.tar.zst}" $(KERNEL)

ifneq ($(BUNDLE),)
$(filter-out bundle,$(filter $(takes_BUNDLE),$(goals))): unbundle

unbundle:
	@scripts/bundle use "$$BUNDLE"
endif

menuconfig: ## Kernels: change the options of the debug kernel
	@scripts/kernel $(if $(KERNEL_SRC),src,debug) --menuconfig

update: ## Kernels: replace toolchain and kernels if the archive has newer ones
	@scripts/toolchain update
	@scripts/kernel update
	@scripts/toolchain prune

lint: ## Testing: check the sources: format, warnings, rules
	@scripts/lint

fmt: ## Everyday: format the sources in Rust, C and shell
	@scripts/lint --fix

doc: ## Everyday: make HTML pages of the module's Rust and of the kernel crate
	@scripts/doc

rust-analyzer: ## Everyday: write rust-project.json for an editor's rust-analyzer
	@scripts/rust-analyzer

doctor: ## Maintenance: show what is missing on this machine, and how to get it
	@scripts/doctor

clean: ## Maintenance: remove what was built in this folder, or for M
ifneq ($(RUST_SAMPLE_M),)
	@scripts/build --clean
else
	scripts/hold all rm -rf build rust-project.json *.o .*.o *.ko *.mod *.mod.c .*.cmd modules.order Module.symvers \
		kernel_ext/*.o kernel_ext/.*.cmd
endif

cache-clean: ## Maintenance: remove the cache with the toolchain and all kernels
	@scripts/toolchain remove-cache

help: ## Maintenance: show this list
	@echo 'make [TARGET] [SETTING=VALUE...]'
	@for group in Everyday Testing Kernels 'Real machine' Maintenance; do \
		printf '\n%s:\n' "$$group"; \
		LC_ALL=C sed -n "s/^\([a-z_-]*\):.*## $$group: /\1\t/p" $(MAKEFILE_LIST) | expand -t 17 | sed 's/^/  /'; \
	done
	@echo
	@echo 'Settings, and the targets that take them:'
	@printf '  %s\n      %s\n' \
		'KERNEL=NAME: stock, full, rt, previous, debug, kobject, kcsan; test takes several' '$(takes_KERNEL)' \
		'KERNEL_SRC=DIR: build the kernel from this source tree' '$(takes_KERNEL_SRC)' \
		"KDIR=DIR: use this prepared kernel with the host's own toolchain; Kbuild's settings work" '$(takes_KDIR)' \
		"ARCH=arm64: build for another architecture than this machine's" '$(takes_ARCH)' \
		'M=DIR: build the modules in this folder instead; Kbuild'"'"'s settings work' '$(takes_M)' \
		'RELEASE=NAME: this kernel of Debian, instead of the running one' '$(takes_RELEASE)' \
		'V=1: show the commands of the build' '$(takes_V)' \
		'SUITE="NAME...": run only these suites' '$(takes_SUITE)' \
		'TEST="WORDS": run only the tests whose title holds these words' '$(takes_TEST)' \
		'SEED=N: use the same random numbers again' '$(takes_SEED)' \
		'STRESS=full: ten million operations; TRACE=1: trace the shell commands of failed tests' '$(takes_STRESS)' \
		$(if $(takes_SECONDS),'SECONDS=N: how long' '$(takes_SECONDS)') \
		$(if $(course),'N=1: the number of the lesson; LESSONS=DIR: your folder' '$(course)') \
		'MODULE_KEY=FILE, MODULE_CERT=FILE: sign with this key' '$(takes_MODULE_KEY)' \
		'INSTALL_MOD_PATH=DIR, INSTALL_MOD_DIR=DIR: use this root folder, and this one instead of updates' '$(takes_INSTALL_MOD_PATH)' \
		'BUNDLE=FILE: get toolchain and kernels from this bundle; MIRROR=URL: from this mirror' '$(ready)' \
		'RUST_SAMPLE_CACHE=DIR: keep them in this folder; RUST_SAMPLE_TOOLCHAIN=cache|system: choose the toolchain' \
		'the same, $(filter-out $(ready),$(takes_RUST_SAMPLE_CACHE))'
	@echo 'On the command line all other targets refuse a setting. A setting in the environment counts, too,'
	@echo 'and a target that does not take it ignores it, except KERNEL where it builds for another kernel.'
