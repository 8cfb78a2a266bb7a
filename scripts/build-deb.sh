#!/usr/bin/env bash
# Builds the Debian package and says where it is: the program, man pages, completions for bash, zsh and fish, systemd's units,
# examples of configuration, crontab and log rotation. Needs cargo-deb, which is installed into target/tools when it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/sim-lib.sh
source scripts/sim-lib.sh

target=$(target_directory)
if command -v cargo-deb > /dev/null; then
    cargo_deb=cargo-deb
else
    cargo_deb=$target/tools/bin/cargo-deb
    if [[ ! -x $cargo_deb ]]; then
        echo "cargo-deb is missing; it is installed into $target/tools" >&2
        # Unoptimized: it builds in half the time and runs once.
        cargo install --quiet --locked --profile dev --root "$target/tools" --target-dir "$target/tools/build" cargo-deb
    fi
fi
cargo build --quiet --locked --release --package kis-trade --bin kis-trade
# Unoptimized, for it runs once.
cargo build --quiet --locked --package kis-trade --example manual
rm -rf "$target/dist"
"$target/debug/examples/manual" "$target/dist"
mkdir "$target/dist/systemd"
for unit in dist/systemd/*; do sed 's#/usr/local/bin/#/usr/bin/#' "$unit" > "$target/dist/systemd/${unit##*/}"; done
"$cargo_deb" deb --quiet --locked --no-build --no-strip --output "$target/debian/" > /dev/null
ls "$target"/debian/kis-trade_*.deb
