#!/usr/bin/env bash
# Gets a symbol's daily bars from KIS, for `kis-rehearse`: by the configuration's account, with kis-trade's token and request limits.
#
#   scripts/fetch-bars.sh SYMBOL FROM [DIR]      (FROM such as 2022-01-03; DIR: ./bars)
#
# KIS_TRADE_CONFIG names the configuration (default ./config.toml), KIS_REHEARSE the program (default: beside kis-trade on the PATH, else
# what cargo builds). The file is written anew each time: a split changes every price before it.
set -euo pipefail
[[ $# -ge 2 ]] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
symbol=$1 from=$2 dir=${3:-bars}
if [[ -z ${KIS_REHEARSE:-} ]]; then
    KIS_REHEARSE=$(command -v kis-rehearse || true)
fi
if [[ -z $KIS_REHEARSE ]]; then
    . "$(dirname "$0")/sim-lib.sh"
    cargo build --quiet --locked --profile "$PROFILE" --bin kis-rehearse
    KIS_REHEARSE=$(program_directory)/kis-rehearse
fi
exec "$KIS_REHEARSE" --fetch "$symbol" --from "$from" --bars "$dir"
