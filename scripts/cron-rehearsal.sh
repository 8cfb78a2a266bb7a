#!/usr/bin/env bash
# Debian's own cron daemon runs the lines of crontab.example for some minutes, every job in every minute, against kis-sim.
#
#   scripts/cron-rehearsal.sh [MINUTES]      (3; two at least)
#
# Checks that each job really ran in each minute and ended well, that none was lost to a lock, that what cron gives a job as
# environment is enough, and that nothing was said: -q is silent on success. Needs root, cron and bash. Everything happens in
# namespaces and a directory of its own: neither your crontab nor the system's is read, run or touched.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }

# The part that runs in the namespaces: private folders over cron's own, then the daemon.
if [[ ${1:-} == --inside ]]; then
    work=$2
    mount -t tmpfs -o mode=1730,gid=crontab tmpfs /var/spool/cron/crontabs
    mount -t tmpfs -o mode=755 tmpfs /etc/cron.d
    mount -t tmpfs -o mode=755 tmpfs /run
    [[ ! -e /etc/crontab ]] || mount --bind "$work/empty" /etc/crontab
    crontab "$work/crontab"
    # Even if the script is killed outright, the daemon ends.
    exec timeout -k 5 900 cron -f
fi

minutes=${1:-3}
[[ $minutes =~ ^[0-9]+$ && $minutes -ge 2 ]] || fail "MINUTES is a number, 2 or more"
if [[ $EUID != 0 ]]; then
    [[ -z ${CI:-} ]] || fail "cron's daemon needs root, which this CI does not give"
    printf '\n*** SKIPPED: cron'\''s daemon needs root; run this script as root to rehearse the crontab ***\n\n' >&2
    exit 0
fi
command -v cron > /dev/null && command -v crontab > /dev/null || fail "cron is not installed (Debian's package cron)"

if ! unshare --mount --pid --fork --kill-child --mount-proc true 2> /dev/null; then
    printf '\n*** SKIPPED: this machine gives no namespaces, and without them your crontabs would be touched ***\n\n' >&2
    exit 0
fi

. scripts/sim-lib.sh
build_programs
# With this machine's paths in place of the example's.
sed -e "s|/usr/local/bin/kis-trade|$KIS_TRADE|; s|/opt/kis-trade/config.toml|$PWD/config.example.toml|; s|>> /opt/kis-trade/|>> /tmp/|" \
    -e 's/you@example.com/me@example.com/' crontab.example \
    | "$KIS_TRADE" status --check-schedule - || fail "crontab.example has findings"

work=$(mktemp -d)
shell_pid=
clean_up() {
    # The first process of the namespaces takes all others of them along.
    [[ -z $shell_pid ]] || kill -KILL "$shell_pid" 2> /dev/null || true
    [[ -z ${SIM_PID:-} ]] || kill "$SIM_PID" 2> /dev/null || true
    wait 2> /dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# Mid-session on a day that the market data knows; kis-sim's clock stands still there, and each run starts there.
at=2023-05-24T14:10:00Z
start_sim "$work" --start "$at"
control POST /clock "{\"set\":\"$at\",\"ticking\":false}" > /dev/null
use_paper_account
mkdir -m 700 "$work/bin"
: > "$work/empty"; : > "$work/runs"; : > "$work/errors"; : > "$work/kis-trade.log"
printf 'mode = "paper"\nlanguage = "en"\nstate_dir = "state"\n[account]\ncredentials_file = "credentials.toml"\n[gateway]\nbase_url = "%s"\n[lock]\nmin_interval_seconds = 0\n[buy]\nfilter = []\nwatch = ["TSLA", "GOOGL"]\n' "$GATEWAY" > "$work/config.toml"
(umask 077; printf 'app_key = "%s"\napp_secret = "%s"\naccount_no = "%s"\n' "$KIS_APP_KEY" "$KIS_APP_SECRET" "$KIS_ACCOUNT_NO" > "$work/credentials.toml")
unset KIS_APP_KEY KIS_APP_SECRET KIS_ACCOUNT_NO

# In front of the real program: writes down which minute started which job, in which environment, and how it ended.
cat > "$work/bin/kis-trade" << RECORDER
#!/bin/sh
minute=\$(date +%H:%M)
for job; do :; done
env > "$work/env.\$job.\$minute"
"$KIS_TRADE" "\$@"
code=\$?
echo "\$minute \$job \$code" >> "$work/runs"
exit \$code
RECORDER
chmod 700 "$work/bin/kis-trade"

# The example's own lines with other paths, on every minute; what would be mailed ends in a file.
{
    echo "KIS_TRADE_NOW=$at"
    sed -E -e "s#^[0-9*][^[:space:]]*([[:space:]]+[^[:space:]]+){4}[[:space:]]+(.*)#* * * * * \2 2>> $work/errors#" \
        -e "s#/usr/local/bin/kis-trade#$work/bin/kis-trade#; s#/opt/kis-trade/#$work/#g" -e 's/^MAILTO=.*/MAILTO=""/' crontab.example
} > "$work/crontab"
mapfile -t jobs < <(sed -nE 's/^\* .*config\.toml ([a-z-]+) .*/\1/p' "$work/crontab")
(( ${#jobs[@]} == 5 )) || fail "crontab.example was not understood: ${jobs[*]}"

# Not in the last seconds of a minute: cron must be up when the next one begins.
while (( 10#$(date +%S) > 50 )); do sleep 1; done
started=$SECONDS
unshare --mount --pid --fork --kill-child --mount-proc "$0" --inside "$work" > "$work/cron.out" 2>&1 &
shell_pid=$!
disown
echo "cron runs ${jobs[*]}, each in each of $minutes minutes"

# seen: how many minutes have begun a run.
seen() { { find "$work" -name 'env.*' -printf '%f\n' || true; } | sed 's/.*\.//' | sort -u | wc -l; }
until (( $(seen) >= minutes )); do
    kill -0 "$shell_pid" 2> /dev/null || fail "cron ended: $(cat "$work/cron.out")"
    (( SECONDS - started < 60 * (minutes + 2) )) || fail "cron started nothing in $(( SECONDS - started )) s: $(cat "$work/cron.out")"
    sleep 2
done
# The last minute's runs wait for each other; two minutes at least belong to the daemon.
until (( $(wc -l < "$work/runs") >= minutes * ${#jobs[@]} && SECONDS - started >= 120 )); do
    (( SECONDS - started < 60 * (minutes + 3) )) || { cat "$work/runs" "$work/errors" >&2; fail "not every run ended"; }
    sleep 1
done

# Judged are the first minutes: another one may have begun meanwhile.
mapfile -t marks < <(find "$work" -name 'env.*' -printf '%f\n' | sed 's/.*\.//' | sort -u | head -n "$minutes")
for mark in "${marks[@]}"; do
    for job in "${jobs[@]}"; do
        runs=$(grep -c "^$mark $job " "$work/runs" || true)
        [[ $runs == 1 ]] || fail "at $mark $job ended $runs times instead of once: $(cat "$work/errors")"
        grep -qx "$mark $job 0" "$work/runs" || fail "at $mark: $(grep "^$mark $job " "$work/runs") (75: lost to a lock): $(cat "$work/errors")"
        # HOME, LOGNAME, PATH, SHELL and what the crontab sets: no secret, nothing of a login shell.
        names=$(sed -nE 's/^([A-Za-z_]+)=.*/\1/p' "$work/env.$job.$mark" | sort | tr '\n' ' ')
        [[ $names == "HOME KIS_TRADE_NOW LOGNAME MAILTO PATH PWD SHELL " || $names == "HOME KIS_TRADE_NOW LANG LOGNAME MAILTO PATH PWD SHELL " ]] \
            || fail "cron's environment is not what was expected: $names"
    done
done
[[ ! -s $work/errors ]] || fail "something was said on standard error: $(cat "$work/errors")"
[[ ! -s $work/kis-trade.log ]] || fail "-q was not silent: $(cat "$work/kis-trade.log")"
for job in "${jobs[@]}"; do [[ -s $work/state/last_run_${job//-/_}.json ]] || fail "$job wrote down no end"; done
issues=$(control GET /tokens | value issues)
[[ $issues == 1 ]] || fail "KIS issued $issues tokens instead of 1"
lists=$(control GET /requests | { grep -o '"tr_id":"VTTS3035R"' || true; } | wc -l)
(( lists >= minutes * 4 )) || fail "sell, buy, cleanup and status asked for the list of orders only $lists times"
orders=$(control GET /requests | { grep -o '"tr_id":"VTTT1002U"' || true; } | wc -l)
(( orders >= 1 )) || fail "buy ordered nothing"

printf 'cron ran for %d s: %d runs of %d jobs in %d minutes, all ended with 0, in silence; %d order(s), 1 token\n' \
    "$(( SECONDS - started ))" "$(( minutes * ${#jobs[@]} ))" "${#jobs[@]}" "$minutes" "$orders"
