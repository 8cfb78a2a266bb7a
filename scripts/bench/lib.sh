# shellcheck shell=bash disable=SC2154 # what is not set here is set by who sources it
# Sourced by bench.sh and bench/https.sh: the configurations, the two clocks, and rows that compare two commands. They set `work`,
# `runs` and what sim-lib.sh sets.

export KIS_TRADE_NOW
# run_at SECONDS: the program's clock, so long after the beginning.
run_at() { TZ=UTC printf -v KIS_TRADE_NOW '%(%FT%TZ)T' $((1684938600 + $1)); }
# kis_at SECONDS: both clocks.
kis_at() { run_at "$1"; control POST /clock "{\"set\":\"$KIS_TRADE_NOW\",\"ticking\":false}" > /dev/null; }

# configure NAME MODE: a configuration and a state directory of their own.
configure() {
    kis_at "$seconds"
    mkdir -p "$work/$1"
    printf 'mode = "%s"\nstate_dir = "state"\n[gateway]\nbase_url = "%s"\nrequests_per_second = 10000\nledger_requests_per_second = 10000\n[lock]\nmin_interval_seconds = 0\n[buy]\nfilter = ["MSFT"]\nwatch = ["AAPL", "AMZN", "TSLA"]\n[sell]\nfallback_take_profit_percent = 0\n' "$2" "$GATEWAY" > "$work/$1/config.toml"
    if [[ $2 == paper ]]; then
        use_paper_account
    else
        KIS_APP_KEY=PSKISSIMREALKEY000000000000000000001 KIS_ACCOUNT_NO=60000001-01 KIS_APP_SECRET=$(sim_secret Real)
    fi
}

# Where in the program's seconds the next row begins.
seconds=0
# cost NAME FIRST... -- SECOND...: one row about both.
cost_columns='%-22s %8s   %7s %7s %6s   %6s %6s   %6s %6s   %6s %6s\n'
cost() {
    local name=$1 requests=$2 cells
    shift 2
    kis_at $((seconds + runs / 2))
    read -ra cells < <(python3 scripts/bench/pairs.py "$runs" $((1684938600 + seconds)) "$@")
    printf "$cost_columns" "$name" "$requests" "${cells[0]}" "${cells[4]}" "${cells[8]}" "${cells[1]}" "${cells[5]}" "${cells[2]}" "${cells[6]}" "${cells[3]}" "${cells[7]}"
    ratios+=("${cells[8]}")
    seconds=$((seconds + runs)); run_at "$seconds"
}
# cost_table: the head of such rows.
cost_table() {
    printf "$cost_columns" "" "" "cpu ms" "$1" ratio faults "$1" calls "$1" "KiB" "$1"
    ratios=()
}
# the_ratios: their mean and the highest.
the_ratios() {
    printf '%s\n' "${ratios[@]}" | awk '{ sum += $1; if ($1 > most) most = $1 } END { printf "ratio: mean %.2f, highest %.2f\n\n", sum / NR, most }'
}

# installed PROGRAM...: copies them to $work, as an installation would, and says where each is. The pages of a file that the linker
# has just written lie in memory in smaller pieces, and cost more faults.
installed() { cp "$@" "$work/" && for program in "$@"; do echo "$work/${program##*/}"; done; }

# against_bare PROGRAM BARE ORIGIN: both modes' commands against the bare program with as many requests to the same gateway.
against_bare() {
    local program=$1 bare=$2 origin=$3 mode command requests trade
    for mode in paper real; do
        rm -rf "${work:?}/$mode"
        configure "$mode" "$mode"
        "$program" --config "$work/$mode/config.toml" -q token-check
        for command in token-check status sell buy cleanup; do
            trade=("$program" --config "$work/$mode/config.toml" "$command")
            # The first runs look for exchanges and spend the day's limit; the figures are those of every run after them.
            for _ in 1 2 3 4; do "${trade[@]}" > /dev/null 2>&1 || true; done
            control DELETE /requests > /dev/null
            "${trade[@]}" > /dev/null 2>&1 || true
            requests=$(request_count)
            cost "$command ($mode)" "$requests" "${trade[@]}" -- "$bare" "$origin/uapi/overseas-price/v1/quotations/price" "$requests"
        done
    done
}

