#!/usr/bin/env bash
# Rehearses what killed older programs after 24 hours, in eight steps against kis-sim: a token dies, KIS refuses it, it is
# renewed, and a fresh client works. Touches no account; everything happens in a directory of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/sim-lib.sh
build_programs

work=$(mktemp -d)
trap '[[ -z ${SIM_PID:-} ]] || kill "$SIM_PID" 2>/dev/null || true; rm -rf "$work"' EXIT
start_sim "$work" --start 2023-05-24T13:30:00Z
printf 'mode = "paper"\nlanguage = "en"\nstate_dir = "state"\n[gateway]\nbase_url = "%s"\nrequests_per_second = 1000\nledger_requests_per_second = 1000\n[buy]\nwatch = ["AAPL"]\n' "$GATEWAY" > "$work/config.toml"
control POST /limits '{"gateway_per_second":null,"ledger_per_second":null}' > /dev/null
use_paper_account
export KIS_TRADE_STATE_DIR=$work/state

at=2023-05-24T13:30:00Z
set_clock() { at=$1; control POST /clock "{\"set\":\"$at\",\"ticking\":false}" > /dev/null; }
trade() { KIS_TRADE_NOW=$at "$KIS_TRADE" --config "$work/config.toml" "$@"; }
step() { printf '\n%d. %s\n' "$1" "$2"; }
fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }

step 1 "show the token"
set_clock "$at"
trade token-check
old=$(value access_token < <(tr -d ' ' < "$work/state/api_token.json"))

step 2 "force its expiry: KIS declares it dead, the file says so too"
set_clock 2023-05-24T20:00:00Z
control POST /tokens/expire '{}' > /dev/null
KIS_TRADE_NOW=$at scripts/expire-token.sh 0

step 3 "run with the dead token, without any request"
if trade token-check --offline; then fail "a dead token counts as alive"; else echo "exit $? (77: no usable token)"; fi

step 4 "see the refusal: what a client that keeps its token gets"
refusal=$(http GET "$GATEWAY/uapi/overseas-price/v1/quotations/price?AUTH=&EXCD=NAS&SYMB=AAPL" "" \
    "authorization: Bearer $old" "appkey: $KIS_APP_KEY" "appsecret: $KIS_APP_SECRET" "tr_id: HHDFS00000300" "custtype: P")
printf '%s\n' "$refusal"
[[ $refusal == *EGW00123* ]] || fail "KIS did not refuse the dead token"

step 5 "renew"
trade token-check
new=$(value access_token < <(tr -d ' ' < "$work/state/api_token.json"))
[[ $new != "$old" ]] || fail "the file still holds the dead token"

step 6 "fresh client: the next command loads the new token from the file"
control DELETE /requests > /dev/null
trade status > "$work/status.txt" || fail "status failed"
sed -n 1,6p "$work/status.txt"

step 7 "see it work: every request carried the new token"
requests=$(control GET /requests)
[[ $requests == *"$new"* && $requests != *"$old"* ]] || fail "a request carried the dead token"
echo "$(request_count) requests with the new token, 0 with the old one"

step 8 "summary"
issues=$(control GET /tokens | value issues)
[[ $issues == 2 ]] || fail "KIS issued $issues tokens instead of 2"
echo "2 tokens issued, the dead one was replaced by one run, and no later run ever saw it"
