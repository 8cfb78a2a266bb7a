#!/usr/bin/env bash
# Builds kis-trade and the bare program with the tests' signer as the only root, and prints where they are. The program has no
# setting that changes whom it trusts, and speaks https to nobody but KIS: a copy of the tree is built with another crate of roots,
# and in one line of its own with https to loopback.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/sim-lib.sh
place=$(target_directory)/trusting
rm -rf "$place/tree"
mkdir -p "$place/tree"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -p -t "$place/tree"
printf '\n[patch.crates-io]\nwebpki-roots = { path = "scripts/bench/roots" }\n' >> "$place/tree/Cargo.toml"
cd "$place/tree"
# Of the version that the lock file asks for: another one would not be taken.
version=$(grep -A 1 '^name = "webpki-roots"$' Cargo.lock | sed -n 's/^version = "\(.*\)"/\1/p')
sed -i "s/^version = .*/version = \"$version\"/" scripts/bench/roots/Cargo.toml
sed -i 's#url: format!("http://{}", #url: format!("https://{}", #' src/config/base_url.rs
grep -q 'url: format!("https://{}", ' src/config/base_url.rs || { echo "base_url.rs is not what it was" >&2; exit 1; }
CARGO_TARGET_DIR=$place cargo build --quiet --release --package kis-trade --bin kis-trade --example bare_ureq
echo "$place/release"
