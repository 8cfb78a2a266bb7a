#!/usr/bin/env bash
# Runs every US-stock call of public KIS clients against kis-sim and prints, for each client, what works and what does not.
#
#   scripts/clients.sh [--samples DIR] [CLIENT...]
#
#   CLIENT: mojito2, python-kis, official (Python; default: those that can run), cluefin-openapi (TypeScript), kis-sdk (Rust)
#
# mojito2 and python-kis come from PyPI into a virtualenv that is thrown away, cluefin-openapi from npm (Node.js 20 or later)
# and kis-sdk from crates.io into a folder beside it; KIS_CLIENTS_VENV names one to keep and use again. DIR (or
# OFFICIAL_SAMPLES) is a checkout of https://github.com/koreainvestment/open-trading-api; without it those samples are left
# out. PYTHON is the interpreter (3.11 or later), which every client needs, KIS_SIM a kis-sim that is built already.
#
# Each client meets a fresh kis-sim: limits lifted, the clock in the regular session of 2023-05-24, shares, cash and an open
# order in both accounts. How a client is pointed at kis-sim, its calls and the failures that are not kis-sim's stand in
# tests/kis-sim/clients/*_calls.py. A client in TypeScript or Rust has a driver there, a small program that points it at kis-sim
# and makes the calls that its *_calls.py asks for.
#
# Exit 1: a call failed for a reason that nobody has put down as the client's or KIS's own. VERBOSE=1 shows what failed calls
# printed. Exit 3: the clients could not be installed.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/sim-lib.sh

samples=${OFFICIAL_SAMPLES:-}
clients=()
while (( $# > 0 )); do
    case $1 in
        --samples) samples=${2:?--samples needs a folder}; shift ;;
        mojito2 | python-kis | official | cluefin-openapi | kis-sdk) clients+=("$1") ;;
        *)
            echo "usage: scripts/clients.sh [--samples DIR] [mojito2] [python-kis] [official] [cluefin-openapi] [kis-sdk]" >&2
            exit 2
            ;;
    esac
    shift
done
# Relative to where the script was called.
[[ -z $samples || $samples == /* ]] || samples=$OLDPWD/$samples
if (( ${#clients[@]} == 0 )); then
    clients=(mojito2 python-kis)
    if [[ -n $samples ]]; then clients+=(official); else echo "official is left out: no --samples DIR" >&2; fi
fi
if [[ " ${clients[*]} " == *" official "* && ! -d $samples/examples_user ]]; then
    echo "no official samples in '$samples'" >&2
    exit 2
fi

if [[ -z ${KIS_SIM:-} ]]; then build_programs; fi
work=$(mktemp -d)
trap '[[ -z ${SIM_PID:-} ]] || kill "$SIM_PID" 2>/dev/null || true; rm -rf "$work"' EXIT

# is_wanted CLIENT: whether that client is to run.
is_wanted() { [[ " ${clients[*]} " == *" $1 "* ]]; }

# not_installed REGISTRY: ends the script.
not_installed() { echo "the clients could not be installed from $1" >&2; exit 3; }

sources=$PWD/tests/kis-sim/clients
kept=$(realpath -m "${KIS_CLIENTS_VENV:-$work/venv}")
python=${PYTHON:-python3}
if is_wanted mojito2 || is_wanted python-kis || is_wanted official; then
    # mojito2 says nothing of its need for pandas, python-kis nothing of typing_extensions; the last three are the samples'.
    [[ -x $kept/bin/python ]] || "$python" -m venv "$kept"
    python=$kept/bin/python
    "$python" -m pip install -q --disable-pip-version-check -c scripts/bench/peers/constraints.txt \
        mojito2 python-kis pandas typing_extensions pycryptodome pyyaml requests websockets || not_installed PyPI
fi
declare -A drivers
if is_wanted cluefin-openapi; then
    mkdir -p "$kept/cluefin-openapi"
    cp "$sources"/cluefin-openapi/*.{json,ts} "$kept/cluefin-openapi"
    npm ci --silent --no-audit --no-fund --prefix "$kept/cluefin-openapi" || not_installed npm
    # The compiler holds the driver against the client's types.
    npm run --silent --prefix "$kept/cluefin-openapi" build
    drivers[cluefin-openapi]=$(printf 'node %q' "$kept/cluefin-openapi/driver.js")
fi
if is_wanted kis-sdk; then
    manifest=$sources/kis-sdk/Cargo.toml
    cargo fetch --quiet --locked --manifest-path "$manifest" || not_installed crates.io
    cargo build --quiet --locked --manifest-path "$manifest" --target-dir "$kept/kis-sdk"
    drivers[kis-sdk]=$(printf %q "$kept/kis-sdk/debug/kis-sdk-calls")
fi

# The credentials that kis-sim names: key, secret and account of paper, then of real.
mapfile -t credentials < <("$KIS_SIM" --help | awk '/app key|app secret|account / && NF <= 4 { print $NF }')
export PAPER="${credentials[*]:0:3}" REAL="${credentials[*]:3:3}" GATEWAY CONTROL
PYTHONPATH=$sources PYTHONDONTWRITEBYTECODE=1 SAMPLES=$samples
export PYTHONPATH PYTHONDONTWRITEBYTECODE SAMPLES

status=0
for client in "${clients[@]}"; do
    mkdir -p "$work/$client"
    start_sim "$work" --start 2023-05-24T14:30:00Z
    # In a home of its own: python-kis and the samples keep tokens there.
    (cd "$work/$client" && HOME=$PWD DRIVER=${drivers[$client]:-} "$python" "$PYTHONPATH/${client//-/_}_calls.py") || status=1
    kill "$SIM_PID"
    wait "$SIM_PID" 2>/dev/null || true
    SIM_PID=
    echo
done
exit "$status"
