#!/usr/bin/env bash
# Builds one static binary that needs no library of the machine's, for the first musl target that the toolchain has; says
# how to get one when it has none, and ends with 3.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/sim-lib.sh
source scripts/sim-lib.sh

name=$(uname -m)-unknown-linux-musl
if [[ ! -d $(rustc --print sysroot)/lib/rustlib/$name ]]; then
    echo "the toolchain has no $name; \`rustup target add $name\` gets it" >&2
    exit 3
fi
cargo build --quiet --locked --release --package kis-trade --bin kis-trade --target "$name"
program=$(target_directory)/$name/release/kis-trade
if file "$program" | grep -q 'dynamically linked'; then echo "$program is not static" >&2; exit 1; fi
echo "$program"
