#!/usr/bin/env bash
# Measures kis-trade beside what people would use instead: mojito2, python-kis and KIS's own samples. Prints the figures of
# one run; asserts nothing.
#
#   scripts/bench/peers.sh [RUNS]      (default 10 rounds; 200 at most)
#
# Each client is a whole process with its token saved, reading from the same kis-sim what `kis-trade status` reads of a paper
# account: the day's orders, balance and quote on each of the three exchanges, buying power. A round runs each client once.
# CPU is user + system time, the median of the rounds. `requests` and `reads` are what kis-sim received of one run: mojito2
# cannot read everything. What each client leaves out or does otherwise stands in its driver, scripts/bench/peers/*.py.
#
# The clients are kept under target/bench/peers. OFFICIAL_SAMPLES is where git finds KIS's samples when it is not GitHub;
# PYTHON is the interpreter. Exit 1: a client could not be installed or run; the table has the others.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/sim-lib.sh
runs=${1:-10}
drivers=$PWD/scripts/bench/peers
# Debian's own Python is built for speed; one that a version manager built rarely is.
PYTHON=${PYTHON:-/usr/bin/python3}

need time /usr/bin/time true
need git git version
need python3-venv "$PYTHON" -c "import ensurepip"

missing=()
# leave_out CLIENT WHY...: goes on without it.
leave_out() { echo "$1 is left out: ${*:2}" >&2; missing+=("$1"); }

build_programs
kept=$(target_directory)/bench/peers
venv=$kept/venv
export SAMPLES=$kept/open-trading-api
[[ -x $venv/bin/python ]] || "$PYTHON" -m venv "$venv"
# pip PACKAGE...: installs them, in the versions of constraints.txt.
pip() { "$venv/bin/python" -m pip install -q --disable-pip-version-check -c "$drivers/constraints.txt" "$@"; }

source=${OFFICIAL_SAMPLES:-https://github.com/koreainvestment/open-trading-api}
if [[ $(git -C "$SAMPLES" remote get-url origin 2> /dev/null) != "$source" ]]; then
    rm -rf "$SAMPLES"
    GIT_TERMINAL_PROMPT=0 timeout 300 git clone -q --depth 1 "$source" "$SAMPLES" || true
fi
# mojito2 says nothing of its need for pandas, python-kis nothing of typing_extensions.
declare -A requests reads memory needs=(
    [mojito2]="mojito2 pandas" [python-kis]="python-kis typing_extensions" [official]="pandas pycryptodome pyyaml requests websockets"
)
clients=(kis-trade)
for client in mojito2 python-kis official; do
    if [[ $client == official && ! -d $SAMPLES ]]; then leave_out official "git could not clone $source"
    elif pip ${needs[$client]}; then clients+=("$client")
    else leave_out "$client" "pip could not install ${needs[$client]}"; fi
done

work=$(mktemp -d)
trap 'kill "${SIM_PID:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT
start_sim "$work" --start 2023-05-24T14:30:00Z
control POST /limits '{"gateway_per_second":null,"ledger_per_second":null,"token_per_minute":false}' > /dev/null
# python-kis stumbles over the balance's blank row, and kis-trade warns of orders that name no medium.
control POST /quirks '{"balance_padding_rows":0,"medium_on_paper":"OpenAPI"}' > /dev/null
control POST /fills '{"mode":"at_once"}' > /dev/null
for order in '"AAPL","quantity":5,"limit_price":"171"' '"MSFT","quantity":3,"limit_price":"316"' '"TSLA","quantity":7,"limit_price":"181"'; do
    control POST /orders/foreign "{\"account\":\"paper\",\"side\":\"buy\",\"symbol\":$order}" > /dev/null
done
use_paper_account
export GATEWAY KIS_TRADE_NOW DAY=2023-05-24

mkdir -p "$work"/{kis-trade,mojito2,python-kis,official/KIS/config}
printf 'mode = "paper"\nstate_dir = "state"\n[gateway]\nbase_url = "%s"\nrequests_per_second = 10000\nledger_requests_per_second = 10000\n[lock]\nmin_interval_seconds = 0\n[buy]\nwatch = ["AAPL", "AMZN", "TSLA"]\n' "$GATEWAY" > "$work/kis-trade/config.toml"
printf 'my_agent: bench\nmy_htsid: bench\nmy_prod: "01"\nmy_paper_stock: "%s"\npaper_app: "%s"\npaper_sec: "%s"\nvps: "%s"\nvops: ""\n' \
    "${KIS_ACCOUNT_NO%-*}" "$KIS_APP_KEY" "$KIS_APP_SECRET" "$GATEWAY" > "$work/official/KIS/config/kis_devlp.yaml"

# run CLIENT [BEFORE...]: runs it once in a directory of its own, under the command BEFORE. kis-trade's clock goes on by a
# second: at the moment of its last run it would find all that it reads in its own copies. KIS's stands in the runs' midst,
# for kis-trade trusts no clock that is two minutes off.
second=1684938600
control POST /clock "{\"set\":\"$(date -u -d "@$((second + runs / 2))" +%FT%TZ)\",\"ticking\":false}" > /dev/null
run() {
    local command=("$venv/bin/python" "$drivers/$1.py")
    [[ $1 != kis-trade ]] || command=("$KIS_TRADE" --config config.toml status)
    [[ $1 != kis-trade ]] || TZ=UTC printf -v KIS_TRADE_NOW '%(%FT%TZ)T' $((++second))
    (cd "$work/$1" && HOME=$PWD "${@:2}" "${command[@]}")
}

measured=()
for client in "${clients[@]}"; do
    run "$client" > "$work/said" 2>&1 || { leave_out "$client" "$(tail -n 1 "$work/said")"; continue; }
    # The peers go by this machine's clock, which is years ahead of kis-sim's: to them the token just saved has long ended.
    find "$work/$client" \( -name 'token_virtual_*' -o -name 'KIS20*' \) -exec sed -i 's/2023-05-25/2099-12-31/' {} +
    control DELETE /requests > /dev/null
    # Not from cpu.py: what Python itself holds in memory would count as the child's.
    run "$client" /usr/bin/time -f %M -o "$work/memory" > "$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }
    memory[$client]=$(< "$work/memory")
    requests[$client]=$(request_count)
    reads[$client]=$(control GET /requests | grep -oE '"path":"[^"]*' | sed 's#.*/##; s/^inquire-//' | sort | uniq -c \
        | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }')
    measured+=("$client")
done
for ((round = 0; round < runs; round++)); do
    for client in "${measured[@]}"; do run "$client" "$PYTHON" "$drivers/cpu.py" >> "$work/$client.ms"; done
done

versions=$("$KIS_TRADE" --version | sed 's/ /==/'; git -C "$SAMPLES" log -1 --format=official==%cs 2> /dev/null || true; cat "$drivers/constraints.txt")
median() { sort -n "$work/$1.ms" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'; }
own=$(median kis-trade)
printf '%d rounds; %s\n' "$runs" "$("$venv/bin/python" --version)"
printf '%-11s %-11s %8s %9s %11s %9s %16s  %s\n' client version requests "cpu ms" "ms/request" "peak KiB" "times kis-trade" reads
for client in "${measured[@]}"; do
    median "$client" | awk -v own="$own" -v requests="${requests[$client]}" -v client="$client" -v memory="${memory[$client]}" \
        -v version="$(sed -n "s/^$client==//p" <<< "$versions")" -v reads="${reads[$client]}" \
        '{ printf "%-11s %-11s %8d %9.2f %11.2f %9d %16.1f  %s\n", client, version, requests, $1, $1 / requests, memory, $1 / own, reads }'
done
(( ${#missing[@]} == 0 ))
