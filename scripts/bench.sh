#!/usr/bin/env bash
# Measures whole processes. Prints figures and ratios of one run; asserts nothing.
#
#   scripts/bench.sh [RUNS]      (default 40 runs of each; 200 at most)
#
# 1. The token: requests with a live one, how long its lock is held, how soon a run goes on after a lock holder was killed.
# 2. The journal: what it costs to open one of 100, 10,000 and 100,000 lines, as a whole process and inside one.
# 3. What `status` costs on a state directory of a month and of years, against the first days of one.
# 4. What a run costs against a bare ureq program that makes as many requests to the same gateway (over https: scripts/bench/https.sh).
# 5. What `sell` costs on an account of ten years against a new one.
# 6. How long `kis-rehearse` takes for three years: infinite buying, and a program of the user's.
# 7. How soon kis-sim listens, how fast it answers, and whether its memory stays as it is over a simulated year.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/sim-lib.sh
. scripts/bench/lib.sh
runs=${1:-40}
need time /usr/bin/time true
need strace strace -V
build_programs
cargo build --quiet --locked --release --package kis-trade --example bare_ureq --example make_journal --example load_journal
BARE=$(dirname "$KIS_TRADE")/examples/bare_ureq
LOAD_JOURNAL=$(dirname "$KIS_TRADE")/examples/load_journal

work=$(mktemp -d)
trap 'kill "${SIM_PID:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT
start_sim "$work" --start 2023-05-24T14:30:00Z
control POST /limits '{"gateway_per_second":null,"ledger_per_second":null,"token_per_minute":false}' > /dev/null
kis_at 0

# cpu COMMAND...: user + system milliseconds of one run, the mean of all runs. They start a second apart: a run at the moment
# of the last one would find all that it reads in the copies of its own last reading. KIS's clock stands in their midst, for
# the program trusts no clock that is two minutes off.
seconds=0
cpu() {
    local TIMEFORMAT='%U %S' total
    kis_at $((seconds + runs / 2))
    total=$( { time for ((run = 0; run < runs; run++)); do run_at $((seconds + run)); "$@" > /dev/null 2>&1 || true; done; } 2>&1 )
    awk -v runs="$runs" '{ printf "%.2f", ($1 + $2) * 1000 / runs }' <<< "$total"
}

# memory COMMAND...: peak resident memory of one run in KiB.
memory() { /usr/bin/time -f '%M' -o "$work/memory" "$@" > /dev/null 2>&1 || true; tail -n 1 "$work/memory"; }

# statistics: minimum, median and maximum of the numbers on standard input, in milliseconds.
statistics() { sort -n | awk '{ v[NR] = $1 } END { printf "min %.2f  median %.2f  max %.2f ms  (%d runs)", v[1], v[int((NR + 1) / 2)], v[NR], NR }'; }

# token_lock_times: how long one run holds the token's lock: from each flock that got it to the one that let go.
token_lock_times() {
    strace -f -y -ttt -e trace=flock -o "$work/flock" "$@" > /dev/null 2>&1
    awk '/api_token.lock/ && / = 0$/ { t = $2; if ($0 ~ /LOCK_UN/) { if (from) print (t - from) * 1000; from = 0 } else from = t }' "$work/flock"
}

# since MICROSECONDS: milliseconds that have passed.
since() { local now=${EPOCHREALTIME/./}; awk -v us=$((now - $1)) 'BEGIN { print us / 1000 }'; }

# A holder of the token's lock that is killed while KIS keeps it waiting. `waiting` starts a second run before the kill,
# `next` after it. Prints the milliseconds from the kill to the end of the second run.
after_killed_holder() {
    local trade=("$KIS_TRADE" --config "$work/paper/config.toml" token-check) holder second from
    rm -f "$work/paper/state/token_attempt.json"
    KIS_TRADE_STATE_DIR=$work/paper/state scripts/expire-token.sh 3600 > /dev/null
    control POST /faults '{"endpoint":"tokenP","kind":"delay_before","seconds":5}' > /dev/null
    control DELETE /requests > /dev/null
    "${trade[@]}" > /dev/null 2>&1 & holder=$!
    for _ in {1..1000}; do [[ $(control GET /requests) == *tokenP* ]] && break; done
    if [[ $1 == waiting ]]; then
        "${trade[@]}" > /dev/null 2>&1 & second=$!
        for _ in {1..1000}; do ls -l "/proc/$second/fd" 2>/dev/null | grep -q api_token.lock && break; done
    fi
    from=${EPOCHREALTIME/./}
    kill -9 "$holder"
    if [[ $1 == waiting ]]; then wait "$second"; else "${trade[@]}" > /dev/null; fi
    since "$from"
    wait "$holder" 2> /dev/null || true
    control DELETE /faults > /dev/null
}

configure paper paper
"$KIS_TRADE" --config "$work/paper/config.toml" -q token-check
echo "a live token"
for command in token-check status sell buy cleanup; do
    trade=("$KIS_TRADE" --config "$work/paper/config.toml" "$command")
    "${trade[@]}" > /dev/null 2>&1
    control DELETE /requests > /dev/null
    "${trade[@]}" > /dev/null 2>&1
    requests=$(control GET /requests | { grep -o '"path":"/oauth2/' || true; } | wc -l)
    held=$(for ((run = 0; run < runs; run++)); do token_lock_times "${trade[@]}"; done | statistics)
    printf '  %-12s token requests %d   lock held (under strace) %s\n' "$command" "$requests" "$held"
done
echo "a killed holder of the token's lock: from the kill to the end of"
for second in next waiting; do
    printf '  %-28s %s\n' "the $second run" "$(for ((run = 0; run < runs / 4 + 1; run++)); do after_killed_holder "$second"; done 2> /dev/null | statistics)"
done
echo

# wall COMMAND...: wall milliseconds of each run, one a line.
wall() { for ((run = 0; run < runs; run++)); do local from=${EPOCHREALTIME/./}; "$@" > /dev/null 2>&1 || true; since "$from"; done; }

median() { sort -n | awk '{ v[NR] = $1 } END { printf "%.2f", v[int((NR + 1) / 2)] }'; }

# make_journal ORDERS DIR: a month of that many orders.
make_journal() { MAKE_JOURNAL=$(dirname "$KIS_TRADE")/examples/make_journal scripts/make-journal.sh "$@" > /dev/null; }

# A journal of about that many lines, three an order, beside a live token.
printf 'the journal: %d runs of `token-check --offline` and of the opening alone; medians, in ms\n' "$runs"
printf '%-10s %12s %12s %12s %12s %12s %12s %12s %12s\n' lines bytes "no journal" "with it" difference ratio "opening" "cpu ms" "peak KiB"
for orders in 33 3333 33333; do
    configure "journal-$orders" paper
    trade=("$KIS_TRADE" --config "$work/journal-$orders/config.toml" token-check --offline)
    cp -a "$work/paper/state" "$work/journal-$orders/"
    rm -f "$work/journal-$orders/state"/orders-*.jsonl
    without=$(wall "${trade[@]}" | median)
    make_journal "$orders" "$work/journal-$orders/state"
    journal=("$work/journal-$orders/state"/orders-*.jsonl)
    with=$(wall "${trade[@]}" | median)
    inside=$(for ((run = 0; run < runs; run++)); do "$LOAD_JOURNAL" "$work/journal-$orders/state"; done | median)
    printf '%-10s %12s %12s %12s %12s %12s %12s %12s %12s\n' "$(wc -l < "${journal[0]}")" "$(wc -c < "${journal[0]}")" "$without" "$with" \
        "$(awk -v a="$with" -v b="$without" 'BEGIN { printf "%.2f", a - b }')" \
        "$(awk -v a="$with" -v b="$without" 'BEGIN { printf "%.2f", a / b }')" "$inside" "$(cpu "${trade[@]}")" "$(memory "${trade[@]}")"
    seconds=$((seconds + runs))
done
echo

# status_times OPTION...: the medians of `status` on the new and the old directory, run in turn so that a busy machine slows
# both alike, and their ratio.
status_times() {
    local run dir from
    rm -f "$work"/{new,old}.ms
    kis_at $((seconds + runs / 2))
    for ((run = 0; run < runs; run++)); do
        run_at $((seconds + run))
        for dir in new old; do
            from=${EPOCHREALTIME/./}
            "$KIS_TRADE" --config "$work/$dir/config.toml" status "$@" > /dev/null 2>&1
            since "$from" >> "$work/$dir.ms"
        done
    done
    awk -v a="$(median < "$work/new.ms")" -v b="$(median < "$work/old.ms")" 'BEGIN { printf " %9.2f %9.2f %7.2f", a, b, b / a }'
}

# equity DIR DAYS: a total each day of the last year and each week before it, as `status` keeps them.
equity() {
    local day
    for ((day = $2; day > 0; day -= day > 365 ? 7 : 1)); do echo "2023-05-24 -$day days"; done | date -u -f - +%F \
        | awk '{ days = days (NR > 1 ? "," : "") "\"" $1 "\":\"" 10000 + NR % 700 ".50\"" } END { print "{\"version\":1,\"days\":{" days "}}" }' \
            > "$1/equity_days_status.json"
    chmod 600 "$1/equity_days_status.json"
}

printf 'status after a month and after years, against its first day: medians of %d runs in turn, in ms\n' "$runs"
printf '%-30s %10s %9s %9s %7s %9s %9s %7s\n' "" bytes first last ratio "html" last ratio
# Past months of the journal are files that no run reads again.
for age in "a month, 3 orders a day:30:63:0" "a month, 15 orders a day:30:315:0" "seven years, 3 orders a day:2555:63:83"; do
    IFS=: read -r name days orders months <<< "$age"
    for dir in new old; do
        rm -rf "${work:?}/$dir"
        configure "$dir" paper
        "$KIS_TRADE" --config "$work/$dir/config.toml" -q token-check
    done
    make_journal $((orders / 21)) "$work/new/state"
    make_journal "$orders" "$work/old/state"
    journal=("$work/old/state"/orders-*.jsonl)
    for ((month = 1; month <= months; month++)); do
        cp "${journal[0]}" "$work/old/state/orders-$(date -u -d "2023-04-01 -$month month" +%Y-%m).jsonl"
    done
    equity "$work/old/state" "$days"
    printf '%-30s %10s%s%s\n' "$name" "$(cat "$work/old/state"/* | wc -c)" "$(status_times)" "$(status_times --html "$work/page.html")"
    seconds=$((seconds + runs))
done
echo

# An account that the sections above have not traded on: their orders would be another program's.
kill "$SIM_PID"
start_sim "$work" --start 2023-05-24T14:30:00Z
control POST /limits '{"gateway_per_second":null,"ledger_per_second":null,"token_per_minute":false}' > /dev/null
read -rd '' program bare < <(installed "$KIS_TRADE" "$BARE") || true
printf 'a run against a bare program: medians of %d runs in turn\n' "$runs"
cost_table bare
against_bare "$program" "$bare" "$GATEWAY"
the_ratios

# Ten years: what was traded in 84 months that are over, and 7,500 rows of trades.csv.
for dir in new old; do
    rm -rf "${work:?}/$dir"
    configure "$dir" paper
    "$KIS_TRADE" --config "$work/$dir/config.toml" -q token-check
    make_journal 63 "$work/$dir/state"
    "$KIS_TRADE" --config "$work/$dir/config.toml" -q sell 2> /dev/null
done
for ((month = 1; month < 83; month++)); do
    cp "$work/old/state/orders-2023-04.jsonl" "$work/old/state/orders-$(date -u -d "2023-04-01 -$month month" +%Y-%m).jsonl"
done
rows=$work/old/state/trades.csv
{ head -n 1 "$rows"; for ((round = 0; round < 7500; round++)); do tail -n 1 "$rows"; done; } > "$work/rows"
cat "$work/rows" > "$rows"
printf 'sell on an account of ten years (%d rows of trades.csv, %d months of journal) against a new one\n' \
    $(($(wc -l < "$rows") - 1)) "$(ls "$work/old/state"/orders-*.jsonl | wc -l)"
cost_table new
cost "sell (paper)" 4 "$KIS_TRADE" --config "$work/old/config.toml" sell -- "$KIS_TRADE" --config "$work/new/config.toml" sell
echo

# three_years FILE: the bars of TQQQ again and again, each time from where the last ended, on the weekdays of 2022 to 2024.
three_years() {
    local day
    for ((day = 0; day < 1096; day++)); do echo "2022-01-03 +$day days"; done | date -u -f - '+%F %u' | awk '$2 < 6 { print $1 }' > "$work/weekdays"
    awk -F, -v OFS=, -v days="$work/weekdays" '
        NR == 1 { header = $0; next }
        { for (n = 2; n <= 5; n++) bar[NR - 1, n] = $n; count = NR - 1 }
        END {
            print header
            for (factor = 1; (getline day < days) > 0; at++) {
                if (at == count) { factor *= bar[count, 5] / bar[1, 2]; at = 0 }
                printf "%s", day
                for (n = 2; n <= 5; n++) printf ",%.4f", bar[at + 1, n] * factor
                print ",1000000"
            }
        }' tests/kis-sim/market-data/TQQQ.csv > "$1"
}

REHEARSE=$(dirname "$KIS_TRADE")/kis-rehearse
mkdir "$work/bars"
three_years "$work/bars/TQQQ.csv"
limits=$'language = "en"\n[limits]\nmax_order_usd = 20000\nmax_buy_usd_per_day = 20000\nmax_position_usd = 0\n[[strategy]]\nname = "tqqq"\nprincipal_usd = 20000'
printf '%s\nkind = "infinite_v40"\nsymbol = "TQQQ"\n' "$limits" > "$work/v40.toml"
printf '%s\nkind = "program"\ncommand = ["%s"]\nsymbols = ["TQQQ"]\nsettings = { symbol = "TQQQ" }\n' "$limits" "$PWD/docs/examples/rules/dip.py" > "$work/dip.toml"
printf 'a rehearsal of %d bars: wall milliseconds\n' "$(($(wc -l < "$work/bars/TQQQ.csv") - 1))"
printf '  %-28s %s\n' "infinite_v40" "$(runs=3 wall "$REHEARSE" --config "$work/v40.toml" --bars "$work/bars" | median)"
printf '  %-28s %s\n' "dip.py" "$(runs=1 wall "$REHEARSE" --config "$work/dip.toml" --bars "$work/bars" | median)"

KIS_SIM=$KIS_SIM scripts/bench/simulator.py
