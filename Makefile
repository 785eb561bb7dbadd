# Everything that is done with this repository, from a fresh clone.
#
#   make demo      build it, watch a sample clip, read its events (under a minute after the build)
#   make test      format lint, release build, all tests
#   make test-models  the tests of models: detectors beside ONNX Runtime, and a real llama-server; fetches the first two
#                  and builds the third once, into ~/.cache/saccade; test-models-language for the llama-server alone
#   make check     format lint and a build in which warnings are errors
#   make bench     the benchmarks, with their rivals beside them
#   make sanitize  all tests under ThreadSanitizer, then under AddressSanitizer (takes its time)
#   make kill      kills the journal's writer hundreds of times; KILL_ROUNDS=n for more
#   make soak      an hour of the daemon with faults at random, and whether anything was lost or leaked; HOURS=n for longer
#   make fuzz      ten minutes of libFuzzer each on texts from outside, the socket and video files; FUZZ_SECONDS=n for longer
#   make install   to PREFIX (default /usr/local); DESTDIR is honoured; after `make build`
#   make deb       a Debian package in .build-deb/, which needs no Swift where it is installed
#   make deb-check installs, runs and removes it in a fresh Debian; as root, with debootstrap
#   make build     the release binary: .build/release/saccade

SHELL := /bin/sh
PREFIX ?= /usr/local
SWIFT ?= swift
BINARY := .build/release/saccade
UNITS = $(DESTDIR)$(PREFIX)/lib/systemd/system
# What reads DICOM and TIFF; loaded only where a CT sweep is read.
LIBRARY := .build/release/libSaccadeSlices.so

# What the build links, and what the tests, the demo and the clients in samples/ run.
BUILD_PACKAGES := libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libavdevice-dev libdcmtk-dev libtiff-dev libsqlite3-dev pkg-config
TOOL_PACKAGES := ffmpeg socat jq python3
# Besides, for the tests and the soak: an RTSP server that the tests harm, a clock that lies, a network that loses packets.
FAULT_PACKAGES := python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly faketime nftables iproute2

SWIFT_FILES = $(shell git ls-files '*.swift' 2>/dev/null || find Package.swift Sources Tests -name '*.swift')

.PHONY: build demo test test-models test-models-language check lint bench sanitize kill soak fuzz deb deb-check install uninstall clean build-packages packages fault-packages

build: build-packages
	$(SWIFT) build -c release --product saccade
	$(SWIFT) build -c release --product SaccadeSlices

demo: packages
	$(SWIFT) build -c release --product saccade
	@sh pipelines/demo.sh $(BINARY)

# One configuration, so that nothing is built twice. So many at once that those that wait for a camera take no time of
# others, and few enough that none waits behind all others for its thread.
TESTS_AT_ONCE ?= 8
test: packages fault-packages lint
	$(SWIFT) build -c release --build-tests
	$(SWIFT) test -c release --skip-build --parallel --experimental-maximum-parallelization-width $(TESTS_AT_ONCE)

# Like `test`, these are release builds: nothing is built twice. Without the engines they fail, they don't pass.
MODEL_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/saccade/test-models
test-models: packages
	@sh .ci/packages python3-pip
	$(SWIFT) build -c release --build-tests
	@sh Tests/Models/install $(BINARY) "$(MODEL_CACHE)"
	SACCADE_MODEL_TESTS="$(MODEL_CACHE)" $(SWIFT) test -c release --skip-build --parallel --filter '^ModelTests\.'
	@$(MAKE) -s test-models-language

test-models-language: packages
	@sh .ci/packages python3-venv g++
	$(SWIFT) build -c release --build-tests
	@sh Tests/Models/language.sh $(BINARY) "$(MODEL_CACHE)/language" $(SWIFT)

check: build-packages lint
	$(SWIFT) build -c release

lint:
	@$(SWIFT) format lint --strict --configuration .swift-format $(SWIFT_FILES)

bench: packages
	$(SWIFT) build -c release --product saccade
	@sh bench/run.sh $(BINARY)

# Release builds: in a debug build the compiler takes longer for the embedded models than for all else.
# SANITIZED=FramesTests for one target alone. A thread that lasts as long as its process is not joined, and no leak.
SANITIZED ?= .
sanitize: packages fault-packages
	$(MAKE) -s sanitize-thread sanitize-address

sanitize-%:
	$(SWIFT) build -c release --build-tests --sanitize=$* --scratch-path .build-$*
	TSAN_OPTIONS="report_thread_leaks=0 suppressions=$(CURDIR)/Tests/Sanitizers/thread.txt" ASAN_OPTIONS=detect_leaks=0 \
	  SACCADE_TEST_PATIENCE=10 $(SWIFT) test -c release --sanitize=$* --scratch-path .build-$* --skip-build --parallel \
	  --experimental-maximum-parallelization-width 4 --filter '$(SANITIZED)'

KILL_ROUNDS ?= 500
kill: packages
	KILL_ROUNDS=$(KILL_ROUNDS) $(SWIFT) test -c release --filter KillTests

HOURS ?= 1
soak: packages fault-packages
	@bash bench/soak.sh --hours $(HOURS)

# Each target begins with what earlier runs found; what makes it fall stays in .build-fuzz/. FUZZ=socket for one alone.
FUZZ ?= texts socket media
FUZZ_SECONDS ?= 600
LONGEST_texts := 1000
LONGEST_socket := 2000
LONGEST_media := 8192
fuzz: packages
	$(SWIFT) build -c release --sanitize fuzzer --product saccade-fuzz --scratch-path .build-fuzz -Xswiftc -DFUZZING
	@$(foreach target,$(FUZZ),$(MAKE) -s fuzz-$(target) &&) true

fuzz-%:
	@mkdir -p .build-fuzz/$*
	@cp Tests/Fuzz/$*/* .build-fuzz/$*/
	@n=0; test ! -e Tests/Fuzz/$*.txt || while read -r line; do n=$$((n + 1)); \
	  echo "$$line" | base64 -d >.build-fuzz/$*/found-$$n; done <Tests/Fuzz/$*.txt
	SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$* .build-fuzz/release/saccade-fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=$(LONGEST_$*) -timeout=10 \
	  -rss_limit_mb=4096 -artifact_prefix=.build-fuzz/$*- .build-fuzz/$*

# Doesn't build what is there, so that `sudo make install` leaves no files of root's in .build.
install: $(BINARY) $(LIBRARY)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/saccade $(DESTDIR)$(PREFIX)/share/saccade/pipelines
	install -m 0755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/saccade
	install -m 0644 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib/saccade/libSaccadeSlices.so
	install -m 0644 pipelines/*.yaml $(DESTDIR)$(PREFIX)/share/saccade/pipelines/
	install -d $(DESTDIR)$(PREFIX)/share/saccade/samples
	install -m 0644 samples/*.mp4 samples/*.tif $(DESTDIR)$(PREFIX)/share/saccade/samples/
	install -d $(UNITS) $(DESTDIR)$(PREFIX)/lib/sysusers.d $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
	for unit in saccade.service saccade@.service saccade.socket; do \
	  sed 's|/usr/bin/saccade|$(PREFIX)/bin/saccade|' "systemd/$$unit" >"$(UNITS)/$$unit" && \
	  chmod 0644 "$(UNITS)/$$unit" || exit 1; done
	install -m 0644 systemd/saccade.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/saccade.conf
	install -m 0644 systemd/saccade.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/saccade.conf

# With Swift's own libraries inside.
deb: build-packages
	@sh .ci/packages dpkg-dev
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path .build-deb --product saccade
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path .build-deb --product SaccadeSlices
	@sh systemd/debian/build "$$($(SWIFT) build -c release --scratch-path .build-deb --show-bin-path)" .build-deb

deb-check: deb
	@sh .ci/packages debootstrap
	@sh systemd/debian/check .build-deb/saccade_*.deb

$(BINARY) $(LIBRARY):
	$(MAKE) build

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/saccade
	rm -f $(UNITS)/saccade.service $(UNITS)/saccade@.service $(UNITS)/saccade.socket
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/saccade.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/saccade.conf
	rm -rf $(DESTDIR)$(PREFIX)/share/saccade $(DESTDIR)$(PREFIX)/lib/saccade

clean:
	$(SWIFT) package clean

build-packages:
	@sh .ci/packages $(BUILD_PACKAGES)

packages:
	@sh .ci/packages $(BUILD_PACKAGES) $(TOOL_PACKAGES)

fault-packages:
	@sh .ci/packages $(FAULT_PACKAGES)
