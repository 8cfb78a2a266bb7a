#!/usr/bin/env bash
# Measures whole processes: kis-trade's CPU time and peak memory against a bare ureq program that makes the same number of
# requests to the same gateway. Prints figures and ratios of one run; asserts nothing.
#
#   scripts/bench.sh [RUNS]      (default 40 runs of each)
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/sim-lib.sh
runs=${1:-40}
[[ -x /usr/bin/time ]] || { echo "installing the Debian package time, which measures peak memory"; apt-get install -y -q time > /dev/null; }
build_programs
cargo build --quiet --locked --release --package kis-trade --example bare_ureq
BARE=$(dirname "$KIS_TRADE")/examples/bare_ureq

work=$(mktemp -d)
trap 'kill "${SIM_PID:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT
start_sim "$work" --start 2023-05-24T14:30:00Z
control POST /limits '{"gateway_per_second":null,"ledger_per_second":null}' > /dev/null
control POST /clock '{"set":"2023-05-24T14:30:00Z","ticking":false}' > /dev/null
export KIS_TRADE_NOW=2023-05-24T14:30:00Z

# configure NAME MODE: a configuration and a state directory of their own.
configure() {
    mkdir -p "$work/$1"
    printf 'mode = "%s"\nstate_dir = "state"\n[gateway]\nbase_url = "%s"\nrequests_per_second = 10000\nledger_requests_per_second = 10000\n[lock]\nmin_interval_seconds = 0\n[buy]\nfilter = ["MSFT"]\nwatch = ["AAPL", "AMZN", "TSLA"]\n[sell]\nfallback_take_profit_percent = 0\n' "$2" "$GATEWAY" > "$work/$1/config.toml"
    if [[ $2 == paper ]]; then
        export KIS_APP_KEY=PSKISSIMPAPERKEY00000000000000000001 KIS_ACCOUNT_NO=50000001-01
        KIS_APP_SECRET=$(sim_secret Paper)
    else
        export KIS_APP_KEY=PSKISSIMREALKEY000000000000000000001 KIS_ACCOUNT_NO=60000001-01
        KIS_APP_SECRET=$(sim_secret Real)
    fi
    export KIS_APP_SECRET
}

# cpu COMMAND...: user + system milliseconds of one run, the mean of all runs.
cpu() {
    local TIMEFORMAT='%U %S' total
    total=$( { time for ((run = 0; run < runs; run++)); do "$@" > /dev/null 2>&1 || true; done; } 2>&1 )
    awk -v runs="$runs" '{ printf "%.2f", ($1 + $2) * 1000 / runs }' <<< "$total"
}

# memory COMMAND...: peak resident memory of one run in KiB.
memory() { /usr/bin/time -f '%M' -o "$work/memory" "$@" > /dev/null 2>&1 || true; tail -n 1 "$work/memory"; }

printf '%-22s %9s %12s %12s %7s %12s %12s\n' command requests "cpu ms" "bare cpu ms" ratio "peak KiB" "bare KiB"
for mode in paper real; do
    configure "$mode" "$mode"
    "$KIS_TRADE" --config "$work/$mode/config.toml" -q token-check
    for command in token-check status sell buy cleanup; do
        trade=("$KIS_TRADE" --config "$work/$mode/config.toml" "$command")
        # The first runs look for exchanges and spend the day's limit; the figures are those of every run after them.
        for _ in 1 2 3 4; do "${trade[@]}" > /dev/null 2>&1 || true; done
        control DELETE /requests > /dev/null
        "${trade[@]}" > /dev/null 2>&1 || true
        requests=$(request_count)
        own=$(cpu "${trade[@]}"); bare=$(cpu "$BARE" "$GATEWAY/uapi/overseas-price/v1/quotations/price" "$requests")
        ratio=$(awk -v a="$own" -v b="$bare" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }')
        printf '%-22s %9s %12s %12s %7s %12s %12s\n' "$command ($mode)" "$requests" "$own" "$bare" "$ratio" \
            "$(memory "${trade[@]}")" "$(memory "$BARE" "$GATEWAY/uapi/overseas-price/v1/quotations/price" "$requests")"
    done
done
