#!/usr/bin/env bash
# What a run costs over https, against a bare program that makes as many requests to the same local TLS server.
#
#   scripts/bench/https.sh [RUNS]      (default 40 runs of each)
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/sim-lib.sh
. scripts/bench/lib.sh
runs=${1:-40}
need time /usr/bin/time true
need strace strace -V
need stunnel4 stunnel4 -version
build_programs
trusting=$(scripts/bench/trusting.sh)

work=$(mktemp -d)
trap 'kill "${SIM_PID:-0}" "${TLS_PID:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT
start_sim "$work" --start 2023-05-24T14:30:00Z
control POST /limits '{"gateway_per_second":null,"ledger_per_second":null,"token_per_minute":false}' > /dev/null
kis_at 0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > "$work/tls.conf" << CONF
foreground = yes
pid =
[gateway]
accept = 127.0.0.1:$port
connect = ${GATEWAY#http://}
cert = tests/fixtures/tls/good.pem
key = tests/fixtures/tls/server.key.pem
TIMEOUTclose = 0
CONF
stunnel4 "$work/tls.conf" 2> "$work/tls.err" & TLS_PID=$!
for _ in {1..1000}; do (exec 6<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; done

GATEWAY=http://127.0.0.1:$port
printf 'a run against a bare program over https: medians of %d runs in turn\n' "$runs"
cost_table bare
read -rd '' program bare < <(installed "$trusting/kis-trade" "$trusting/examples/bare_ureq") || true
against_bare "$program" "$bare" "https://127.0.0.1:$port"
the_ratios
