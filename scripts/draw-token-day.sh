#!/usr/bin/env bash
# Draws docs/token-day.svg: what happened to the token in 36 simulated hours of the full crontab against kis-sim.
#
#   scripts/draw-token-day.sh [FILE]
#
# Every point is a run of the real program. Two things go wrong on purpose: when the token is due KIS gives none for 50
# minutes, and six hours later KIS refuses the new token before its time. The same program draws the same picture.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
. scripts/sim-lib.sh
picture=$(realpath -m "${1:-docs/token-day.svg}")
start=$(date -u -d 2023-05-23T13:00:00Z +%s)
minutes=$((36 * 60))

set_the_stage() {
    start_sim "$work" --start 2023-05-23T13:00:00Z
    control POST /limits '{"gateway_per_second":null,"ledger_per_second":null}' > /dev/null
    printf 'language = "en"\n[gateway]\nbase_url = "%s"\nrequests_per_second = 10000\nledger_requests_per_second = 10000\n[token]\nretry_delay_seconds = 0\nattempts = 1\n[buy]\nwatch = ["AAPL", "TSLA"]\n' "$GATEWAY" > "$work/config.toml"
    unset KIS_TRADE_CONFIG KIS_TRADE_STATE_DIR RUST_LOG
    use_paper_account
}

# What goes wrong, by the minute.
scene_at() {
    case $1 in
        $((19 * 60 + 58))) control POST /faults '{"endpoint":"tokenP","kind":"drop_before","times":1000}' ;;
        $((20 * 60 + 50))) control DELETE /faults ;;
        $((26 * 60))) control POST /tokens/expire '{}' ;;
    esac > /dev/null
}

# run_job MINUTE COMMAND: one run; prints what it showed, a line each: KIND MINUTE [COMMAND MINUTES_LEFT].
run_job() {
    local at token left requests
    at=$(date -u -d "@$((start + $1 * 60))" +%Y-%m-%dT%H:%M:%SZ)
    control POST /clock "{\"set\":\"$at\",\"ticking\":false}" > /dev/null
    control DELETE /requests > /dev/null
    token=$(KIS_TRADE_NOW=$at "$KIS_TRADE" --config "$work/config.toml" --json "$2" 2> /dev/null | grep -o '"token":{[^}]*}') ||
        { echo "$2 at $at failed" >&2; return 1; }
    left=$(value seconds_left <<< "$token")
    echo "run $1 $2 $(((left + 30) / 60))"
    requests=$(control GET /requests)
    [[ $requests != *EGW00123* ]] || echo "refused $1"
    if [[ $token == *'"renewed":true'* ]]; then echo "issued $1"; elif [[ $requests == */oauth2/tokenP* ]]; then echo "failed $1"; fi
}

run_all() {
    local minute job
    for ((minute = 0; minute < minutes; minute++)); do
        scene_at "$minute"
        job=${jobs[minute % 60]:-}
        [[ -z $job ]] || run_job "$minute" "$job"
    done
}

build_programs
work=$(mktemp -d)
trap 'kill "${SIM_PID:-0}" 2> /dev/null || true; rm -rf "$work"' EXIT
set_the_stage
read_crontab
run_all > "$work/day"
mkdir -p "$(dirname "$picture")"
awk -f scripts/token-day.awk -v minutes="$minutes" "$work/day" > "$work/picture"
mv "$work/picture" "$picture"
echo "$picture: $(grep -c ^run "$work/day") runs, $(grep -c ^issued "$work/day") tokens issued, $(grep -c ^failed "$work/day") requests without a token, $(grep -c ^refused "$work/day") refusal"
