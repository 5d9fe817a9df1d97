# Helpers of the scripts beside this file; source it, don't run it.
# shellcheck shell=bash

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# say TEXT...: what happens next, on standard error, so that a script's own output stays clean.
say() {
    if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then printf '\033[1m== %s\033[0m\n' "$*" >&2; else printf '== %s\n' "$*" >&2; fi
}

# fail TEXT...: says what is wrong and ends the script.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# need_packages PACKAGE...: installs the Debian packages that are missing. Asks first on a terminal; elsewhere (CI, a
# container) it just does it.
need_packages() {
    local package answer missing=() run=()
    command -v dpkg-query >/dev/null ||
        fail "this is no Debian or Ubuntu. Install what these packages hold, then run again: $*"
    for package; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "these Debian packages are missing and need root to install: ${missing[*]}"
        run=(sudo)
    fi
    if [ -t 0 ] && [ -t 2 ]; then
        read -r -p "Install the Debian packages ${missing[*]}? [Y/n] " answer
        case $answer in [nN]*) fail "these Debian packages are needed: ${missing[*]}" ;; esac
    fi
    say "installing ${missing[*]}"
    run+=(env DEBIAN_FRONTEND=noninteractive apt-get -q)
    "${run[@]}" install -y --no-install-recommends "${missing[@]}" >&2 ||
        { "${run[@]}" update >&2 && "${run[@]}" install -y --no-install-recommends "${missing[@]}" >&2; } ||
        fail "apt-get could not install: ${missing[*]}"
}

# need_build_tools: what `swift build` takes.
need_build_tools() {
    command -v swift >/dev/null || fail "swift is not on the PATH. Swift 6.3 for Linux: https://www.swift.org/install"
    need_packages libsimdjson-dev libnghttp2-dev libssl-dev libzstd-dev zlib1g-dev binutils
}

# need_emulator: what `scripts/check-kernels --emulate` takes.
need_emulator() { need_packages qemu-user; }

# The release build that ships: the Swift libraries linked statically, and no symbols, which are two thirds of the file.
# `swift build -c release` without them leaves a binary for profilers and debuggers.
release_build=(swift build -c release --static-swift-stdlib --product dense-serve -Xlinker -s)
