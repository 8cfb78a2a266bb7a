#!/usr/bin/env bash
# Writes a valid order journal of N filled orders, for benchmarks: three lines an order and one a date, spread over the trading
# dates of one month, and the snapshots that a month of that size has. The lines are made by the program's own code.
#
#   scripts/make-journal.sh N STATE_DIR
#
# The month is the one before now; with KIS_TRADE_NOW set, "now" is that instant. The directory is marked (account.json) as
# that of the paper account $KIS_ACCOUNT_NO, else of kis-sim's. One that already holds a journal is refused.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

[[ $# -eq 2 && $1 =~ ^[0-9]+$ && -n $2 ]] || { echo "usage: make-journal.sh N STATE_DIR" >&2; exit 2; }
orders=$1 state_dir=$2
if compgen -G "$state_dir/orders-*.jsonl" > /dev/null; then
    echo "$state_dir already holds a journal; choose another directory" >&2
    exit 1
fi
now=$(date -u -d "${KIS_TRADE_NOW:-now}" +%Y-%m-%dT%H:%M:%SZ)
MAKE_JOURNAL=${MAKE_JOURNAL:-}
if [[ -z $MAKE_JOURNAL ]]; then
    (cd "$here" && cargo build --quiet --locked --release --package kis-trade --example make_journal)
    target=$(cd "$here" && cargo metadata --format-version 1 --no-deps --locked | sed -E 's/.*"target_directory":"([^"]*)".*/\1/')
    MAKE_JOURNAL=$target/release/examples/make_journal
fi

# Each line is synced as it is written: in memory that costs nothing, on a disk it would take minutes.
umask 077
memory=/dev/shm
[[ -d $memory && -w $memory ]] || memory=${TMPDIR:-/tmp}
work=$(mktemp -d "$memory/make-journal.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$MAKE_JOURNAL" "$orders" "$work/state" "${KIS_ACCOUNT_NO:-50000001-01}" "$now"

mkdir -p "$state_dir"
[[ -e $state_dir/account.json ]] || cp "$work/state/account.json" "$state_dir/"
for month in "$work"/state/orders-*.jsonl; do
    [[ -e $month ]] || { echo "no orders, no journal"; exit 0; }
    cp "$month" "$state_dir/"
    echo "$state_dir/${month##*/}: $orders orders, $(wc -l < "$month") lines, $(wc -c < "$month") bytes"
done
