#!/usr/bin/env bash
# Rehearses an expiry: rewrites `expires_at` in api_token.json, so that the token seems to live SECONDS_LEFT more seconds
# (default 0: dead now). Nothing else is touched; the next kis-trade run sees it and renews.
#
#   scripts/expire-token.sh [SECONDS_LEFT]
#
# The state directory is $KIS_TRADE_STATE_DIR, else ./state. With KIS_TRADE_NOW set, "now" is that instant.
set -euo pipefail

seconds_left=${1:-0}
[[ $seconds_left =~ ^-?[0-9]+$ ]] || { echo "usage: expire-token.sh [SECONDS_LEFT]" >&2; exit 2; }
state_dir=${KIS_TRADE_STATE_DIR:-state}
token_file=$state_dir/api_token.json
[[ -f $token_file ]] || { echo "there is no $token_file: run kis-trade token-check first" >&2; exit 1; }

now=$(date -u -d "${KIS_TRADE_NOW:-now}" +%s)
expires_at=$((now + seconds_left))

# The program's own lock, so that no running job is in the middle of it.
exec 9>>"$state_dir/api_token.lock"
if command -v flock >/dev/null; then flock -w 15 9 || { echo "the token is locked by a running job" >&2; exit 75; }; fi

umask 077
copy=$(mktemp "$state_dir/.expire-token.XXXXXX")
trap 'rm -f "$copy"' EXIT
sed -E "s/(\"expires_at\"[[:space:]]*:[[:space:]]*)-?[0-9.eE+]+/\1$expires_at/" "$token_file" > "$copy"
grep -q "\"expires_at\"[[:space:]]*:[[:space:]]*$expires_at" "$copy" || { echo "no expires_at in $token_file" >&2; exit 65; }
mv "$copy" "$token_file"
trap - EXIT
echo "$token_file now says: $seconds_left s left, until $(date -u -d "@$expires_at" +%Y-%m-%dT%H:%M:%SZ)"
