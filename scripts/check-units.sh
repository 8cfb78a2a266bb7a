#!/usr/bin/env bash
# Has systemd's own tools read the units of dist/systemd: they are well formed, start when New York trades on both sides of
# daylight saving, are walled in, and the walls leave kis-trade all system calls that it makes. Needs systemd (its tools, not
# its daemon) and strace. Starts nothing but kis-trade and kis-sim; installs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/sim-lib.sh
build_programs

fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }
work=$(mktemp -d)
trap '[[ -z ${SIM_PID:-} ]] || kill "$SIM_PID" 2> /dev/null || true; rm -rf "$work"' EXIT

# The program may not be installed here: any other one that exists stands for it.
mkdir "$work/units"
for unit in dist/systemd/*; do sed 's#/usr/local/bin/kis-trade#/usr/bin/true#' "$unit" > "$work/units/${unit##*/}"; done
said=$(systemd-analyze verify "$work"/units/*.timer "$work/units/kis-trade@sell.service" 2>&1) || fail "systemd-analyze verify: $said"
[[ -z $said ]] || fail "systemd-analyze verify: $said"
echo "systemd-analyze verify: the units are well formed"

# The first start on or after a New York morning, by New York's clock: the same in winter and in summer.
first_start() {
    TZ=America/New_York systemd-analyze calendar --base-time="$2 09:00" "$1" | sed -nE 's/.*Next elapse: //p'
}
for unit in dist/systemd/*.timer; do
    calendar=$(sed -n 's/^OnCalendar=//p' "$unit")
    systemd-analyze calendar "$calendar" > /dev/null || fail "$unit: $calendar"
    winter=$(first_start "$calendar" 2027-01-06) summer=$(first_start "$calendar" 2027-07-07)
    [[ $winter == "Wed 2027-01-06 09:"*EST && $summer == "Wed 2027-07-07 09:"*EDT ]] || fail "$unit starts at $winter and $summer"
    [[ ${winter:15:6} == "${summer:15:6}" ]] || fail "$unit starts at $winter, but at $summer"
    echo "${unit##*/}: $winter, $summer"
done

systemd-analyze security --offline=true --no-pager --threshold=20 "$work/units/kis-trade@.service" > "$work/security" \
    || fail "too little is walled in: $(tail -n 1 "$work/security")"
echo "systemd-analyze security: $(tail -n 1 "$work/security" | sed -E 's/.*: ([0-9.]+).*/exposure \1 of 10/')"

# SystemCallFilter: every call of every job must be allowed. systemd lists the calls of a set, and sets within it.
calls_of() {
    local word
    systemd-analyze syscall-filter --no-pager "$1" < /dev/null | sed -nE 's/^ +([@a-z0-9_-]+)$/\1/p' | while read -r word; do
        if [[ $word == @* ]]; then calls_of "$word"; else echo "$word"; fi
    done
}
calls_of @system-service | sort -u > "$work/with"
{ calls_of @privileged; calls_of @resources; } | sort -u > "$work/without"
comm -23 "$work/with" "$work/without" > "$work/allowed"
# systemd itself starts the program.
echo execve >> "$work/allowed"
at=2023-05-24T14:10:00Z
start_sim "$work" --start "$at"
control POST /limits '{"gateway_per_second":null,"ledger_per_second":null}' > /dev/null
use_paper_account
printf 'mode = "paper"\nlanguage = "en"\nstate_dir = "state"\n[gateway]\nbase_url = "%s"\nrequests_per_second = 1000\nledger_requests_per_second = 1000\n[buy]\nfilter = []\nwatch = ["TSLA"]\n' "$GATEWAY" > "$work/config.toml"
for job in token-check buy sell cleanup status; do
    KIS_TRADE_NOW=$at strace -f -qq -o "$work/calls.$job" "$KIS_TRADE" -q --config "$work/config.toml" "$job" || fail "$job"
done
# Lines of signals and of the exit name no call.
cat "$work"/calls.* | sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' | sort -u > "$work/made"
denied=$(comm -23 "$work/made" <(sort -u "$work/allowed") | tr '\n' ' ')
echo "system calls: $(wc -l < "$work/made") made, not among those allowed: ${denied:-none}"
[[ -z $denied ]] || fail "SystemCallFilter would deny: $denied"

# Under a running systemd the walls are really put up.
if [[ -d /run/systemd/system && $EUID == 0 ]]; then
    mapfile -t walls < <(sed -nE '/^(UMask|LimitCORE|CapabilityBoundingSet|KeyringMode|Lock|Memory|NoNew|PrivateDevices|ProtectC|ProtectHostname|ProtectK|ProtectProc|ProtectSystem|Restrict|SystemCall)[A-Za-z]*=/s/^/--property=/p' 'dist/systemd/kis-trade@.service')
    sed -e "s|/usr/local/bin/kis-trade|$KIS_TRADE|; s|/opt/kis-trade/config.toml|$PWD/config.example.toml|; s|>> /opt/kis-trade/|>> /tmp/|" \
        -e 's/you@example.com/me@example.com/' crontab.example > "$work/crontab"
    systemd-run --quiet --wait --pipe --collect --working-directory="$PWD" "${walls[@]}" "$KIS_TRADE" status --check-schedule "$work/crontab" \
        || fail "kis-trade does not run behind the walls of the unit"
    echo "systemd-run: it runs behind the walls of the unit"
else
    echo "systemd-run: not tried, systemd does not run here (or this is not root); verified, but not started"
fi
