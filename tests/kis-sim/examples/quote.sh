#!/usr/bin/env bash
# Asks kis-sim for a token and a price with curl, as one would ask KIS. Needs curl, and kis-sim on the PATH or where KIS_SIM says.
set -euo pipefail
coproc SIM { exec "${KIS_SIM:-kis-sim}" --start 2023-05-24T14:30:00Z; }
sim=$SIM_PID
trap 'kill "$sim" 2> /dev/null || true' EXIT
read -r line <&"${SIM[0]}" || { echo "kis-sim did not start" >&2; exit 1; }
gateway=$(sed -E 's/.*"gateway":"([^"]*)".*/\1/' <<< "$line")
key=PSKISSIMREALKEY000000000000000000001
# 180 characters: a piece repeated, cut at 179, and a sign.
secret=$(printf 'simRealSecretX/+%.0s' {1..12}) secret=${secret:0:179}=

token=$(curl -s "$gateway/oauth2/tokenP" -H 'content-type: application/json' \
    -d "{\"grant_type\":\"client_credentials\",\"appkey\":\"$key\",\"appsecret\":\"$secret\"}" | sed -E 's/.*"access_token":"([^"]*)".*/\1/')
curl -s "$gateway/uapi/overseas-price/v1/quotations/price?AUTH=&EXCD=NAS&SYMB=AAPL" \
    -H "authorization: Bearer $token" -H "appkey: $key" -H "appsecret: $secret" -H "tr_id: HHDFS00000300"
echo
