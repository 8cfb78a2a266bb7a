#!/usr/bin/env bash
# A daily sheet of infinite buying, told line by line: one day on a paper account, whose closing orders are emulated, and one on a
# real account, whose run is killed between two lines. Started by `scripts/demo.sh --sheet`. Needs bash, coreutils, sed, grep, awk
# and Rust.
#
# kis-sim plays KIS from TQQQ's bars of March 2025. What is told of a run is what kis-trade prints. Touches no account; everything
# happens in a directory of its own. At the end kis-sim's books are held against the sheet: exit 1 when they differ.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
. scripts/sim-lib.sh

day=2025-03-10
next=2025-03-11
failures=0

chapter() { printf '\n%s\n\n' "$1"; }

# at DATE HH:MM: both clocks stand there, in New York's summer time.
at() {
    now="$1T$(printf '%02d' $((10#${2%:*} + 4))):${2#*:}:00Z"
    control POST /clock "{\"set\":\"$now\",\"ticking\":false}" > /dev/null
}

# run ARGUMENT...: one run, and what it prints, without the date.
run() {
    local status=0
    KIS_TRADE_NOW=$now "$KIS_TRADE" --config "$work/config.toml" "$@" > "$work/out" 2> "$work/err" < /dev/null || status=$?
    (( status == 0 )) || { cat "$work/out" "$work/err" >&2; echo "exit code $status" >&2; exit 1; }
    sed -E '1s/^[0-9-]+ ([0-9]{2}:[0-9]{2}):[0-9]{2} [A-Z]+ /\1  /; 2,$s/^/     /' "$work/out"
}

# set_the_stage MODE: a fresh kis-sim and state, with 30 TQQQ that a strategy will take over.
set_the_stage() {
    clean_up_sim
    rm -rf "${work:?}/state"
    start_sim "$work" --start "${day}T12:00:00Z" --cash 30000
    control POST /limits '{"gateway_per_second":null,"ledger_per_second":null}' > /dev/null
    control POST /positions "{\"account\":\"$1\",\"symbol\":\"TQQQ\",\"quantity\":30,\"average_cost\":\"71.16\"}" > /dev/null
    cat > "$work/config.toml" << END
mode = "$1"
language = "en"
[gateway]
base_url = "$GATEWAY"
requests_per_second = 10000
ledger_requests_per_second = 10000
settle_seconds = [0, 0]
[lock]
min_interval_seconds = 0
[buy]
filter = []
[limits]
max_position_usd = 0
[[strategy]]
name = "tqqq"
kind = "infinite_v40"
symbol = "TQQQ"
principal_usd = 20000
splits = 20
END
    if [[ $1 == paper ]]; then
        use_paper_account
    else
        KIS_APP_KEY=PSKISSIMREALKEY000000000000000000001 KIS_APP_SECRET=$(sim_secret Real) KIS_ACCOUNT_NO=60000001-01
    fi
}

clean_up_sim() {
    if [[ -n ${SIM_PID:-} ]]; then
        kill "$SIM_PID" 2> /dev/null || true
        wait "$SIM_PID" 2> /dev/null || true
        SIM_PID=
    fi
}

# check WORDS LEFT RIGHT: ✓ when both are the same and not empty.
check() {
    if [[ -n $2 && $2 == "$3" ]]; then
        printf '✓ %s\n' "$1"
    else
        printf '✗ %s\n  %s\n  %s\n' "$1" "$2" "$3"
        failures=$(( failures + 1 ))
    fi
}

# What the sheet says: side, shares, limit and type of each order.
sheet_orders() {
    grep -F '"kind":"sheet"' "$work"/state/orders-*.jsonl | tail -n 1 | sed -E 's/.*"orders":\[//; s/"parts":\[[^]]*\]//g' |
        grep -oE '\{"symbol":[^{}]*\}' | awk -F'"' '{
            for (i = 2; i < NF; i += 2) if ($i == "side") side = $(i + 2); else if ($i == "kind") kind = $(i + 2); else if ($i == "limit_price") price = $(i + 2)
            match($0, /"quantity":[0-9]+/); quantity = substr($0, RSTART + 11, RLENGTH - 11)
            print side, quantity, price + 0, kind == "loc" ? "34" : kind == "moc" ? "33" : "00"
        }' | sort
}

# What reached kis-sim.
sim_orders() {
    control GET /ledger | grep -oE '\{[^{}]*"limit_price":[^{}]*\}' | grep -F '"original_id":null' | awk '
        function field(key,   text) {
            if (!match($0, "\"" key "\":(\"[^\"]*\"|[^,}]*)")) return ""
            text = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3); gsub(/"/, "", text); return text
        }
        { print field("side"), field("quantity"), field("limit_price") + 0, field("type") }' | sort
}

a_day_on_paper() {
    chapter "Monday 10 March 2025, on paper: the account holds 30 TQQQ at 71.16, and the strategy takes them over."
    set_the_stage paper
    at $day 09:32
    run cleanup --adopt tqqq --set t=4.17 --set cash=8633.53 --yes
    chapter "KIS's paper accounts take no closing order: only the target goes out in the morning."
    at $day 09:35; run sell -v
    at $day 09:40; run buy -v
    chapter "Twenty minutes before the close the lines that the last price reaches go as one limit order a side: emulated, not the closing price."
    at $day 15:35; run sell
    at $day 15:40; run buy -v
    chapter "After the close the list says what filled; the next morning it is booked, line by line."
    at $day 16:20; run cleanup
    at $next 09:35; run sell
    run status | sed -n '/Strategies/,/Open orders/p' | sed '$d'
}

a_day_for_real() {
    chapter "The same day on a real account, which takes closing orders."
    set_the_stage real
    at $day 09:32
    run cleanup --adopt tqqq --set t=4.17 --set cash=8633.53 --yes
    at $day 09:35; run sell
    chapter "The first buy is lost on its way back: the list shows it, and it is not sent twice. Then the program is killed, with a line still to send."
    control POST /faults '{"endpoint":"order","kind":"drop_after"}' > /dev/null
    control POST /faults '{"endpoint":"order","kind":"delay","seconds":30,"nth":2}' > /dev/null
    at $day 09:40
    KIS_TRADE_NOW=$now "$KIS_TRADE" --config "$work/config.toml" buy > /dev/null 2>&1 < /dev/null &
    local victim=$! tries=0
    until [[ $(sim_orders | grep -c buy) -ge 2 ]] || (( tries++ > 2000 )); do :; done
    kill -9 "$victim"; wait "$victim" 2> /dev/null || true
    control DELETE /faults '{}' > /dev/null
    printf '09:40  killed: %d of %d buys at KIS\n' "$(sim_orders | grep -c buy)" "$(sheet_orders | grep -c buy)"
    at $day 10:40; run buy -v
    chapter "At the close"
    at $day 16:20; run cleanup
    check "KIS has exactly the sheet: $(sheet_orders | wc -l) orders" "$(sheet_orders)" "$(sim_orders)"
    at $next 09:35; run sell
    run status | sed -n '/Strategies/,/Open orders/p' | sed '$d'
}

echo "Compiling kis-trade and kis-sim: usually 2 to 5 minutes on a fresh clone, seconds from then on."
build_programs
work=$(mktemp -d)
trap 'clean_up_sim; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
unset KIS_TRADE_CONFIG KIS_TRADE_STATE_DIR RUST_LOG
export KIS_APP_KEY KIS_APP_SECRET KIS_ACCOUNT_NO
a_day_on_paper
a_day_for_real
(( failures == 0 ))
