#!/usr/bin/env bash
# A KIS account to play with: starts kis-sim with today's date and the prices of a past day, says what to point a client at, and
# stays until Ctrl-C. Nothing in it is real, and nothing reaches KIS.
#
#   scripts/playground.sh [DATE]      the past day whose prices are replayed, such as 2023-05-24 (the default)
set -euo pipefail
if [[ $# -gt 1 || ${1:-} == -* ]]; then
    echo "usage: scripts/playground.sh [DATE]" >&2
    exit 2
fi
day=${1:-2023-05-24}
cd "$(dirname "$0")/.."
. scripts/sim-lib.sh
if [[ -z ${KIS_SIM:-} ]]; then build_programs; fi

work=$(mktemp -d)
trap '[[ -z ${SIM_PID:-} ]] || kill "$SIM_PID" 2> /dev/null || true; rm -rf "$work"' EXIT
# At night and at the weekend nothing would trade: the clock starts half an hour into today's session in New York, or Monday's.
weekend=(0 0 0 0 0 0 2 1)
days=${weekend[$(TZ=America/New_York date +%u)]}
start=$(date --utc --date="TZ=\"America/New_York\" 10:00 $days days" +%FT%TZ)
start_sim "$work" --start "$start" --replay "$day"
cat << END
gateway  $GATEWAY      point your KIS client here
control  $CONTROL      move the clock, script faults, read the books

           app key                               account
  paper    PSVTKISSIMPAPERKEY000000000000000001  50000001-01   secret: $(sim_secret Paper | cut -c 1-24)…
  real     PSKISSIMREALKEY000000000000000000001  60000001-01   secret: $(sim_secret Real | cut -c 1-24)…
$KIS_SIM --help prints the whole secrets.

It is $start, and the clock runs. There are the prices of $day and the sessions around it:
$(sed -n '/^kis-sim: prices of / { s///; s/^/  /; s/), /)\n  /g; p; }' "$work/sim.err")

Move the clock an hour ahead:  curl -d '{"advance_seconds":3600}' $CONTROL/clock
See what the accounts hold:    curl $CONTROL/ledger

Ctrl-C ends it.
END
wait "$SIM_PID"
