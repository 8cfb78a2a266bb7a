#!/usr/bin/env bash
# Draws docs/status.png: the page of `status --html` after some weeks of a simulated account, as Chromium shows it.
#
#   scripts/draw-status-page.sh [FILE]
#
# The account is the one that the tests look at: kis-sim replays real market days of 2023. Needs Rust and chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
picture=${1:-docs/status.png}
cargo test --quiet --locked --package kis-trade --test cli -- a_browser_shows_it_well > /dev/null
cp "${CARGO_TARGET_DIR:-target}/status-page/readme.png" "$picture"
echo "$picture: $(stat -c %s "$picture") bytes"
