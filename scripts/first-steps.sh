#!/usr/bin/env bash
# The way from a fresh clone to a checked crontab, as a newcomer goes it: clone, install, `--setup` on a terminal, status, a dry
# run, the crontab. kis-sim plays KIS, with KIS's own request limits. Says how long each step took; all that follows the build
# must stay under 60 s. Needs git and `script` (Debian: bsdutils), which gives setup its terminal. Touches no account.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
. scripts/sim-lib.sh
most_seconds=60

fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }
tenths() { local now=$EPOCHREALTIME; echo $(( ${now%.*} * 10 + 10#${now#*.} / 100000 )); }
# step TEXT: begins a step, and says how long the one before it took.
step_began=
step() {
    [[ -z $step_began ]] || took $(( $(tenths) - step_began ))
    step_began=$(tenths)
    [[ -z ${1:-} ]] || printf '\n%s\n' "$1"
}
took() { printf -- '-- %d.%d s\n' $(( $1 / 10 )) $(( $1 % 10 )); }

build_programs
# A place that stays the same: cargo finds what it built of it the last time.
built=$(target_directory)
clone=$built/first-steps/clone
work=$(mktemp -d)
trap '[[ -z ${SIM_PID:-} ]] || kill "$SIM_PID" 2>/dev/null || true; rm -rf "$work" "$clone"' EXIT

step "1. clone and install"
rm -rf "$clone"
git clone --quiet . "$clone"
# Packages that are built already are not built again. In a check the program itself is built only to run these few commands.
quickly=()
[[ $PROFILE != dev ]] || quickly=(--config 'profile.dev.package.kis-trade.opt-level=0')
(cd "$clone" && CARGO_TARGET_DIR=$built cargo install --quiet --locked --path . --root "$work/usr" --profile "$PROFILE" "${quickly[@]}")
trade=$work/usr/bin/kis-trade
"$trade" --version
step
began=$(tenths)

# As on an evening in Korea: New York's market is open, and the simulated clock goes on with the real one.
export KIS_TRADE_NOW=2023-05-24T14:05:00Z
start_sim "$work" --start "$KIS_TRADE_NOW"

# answer QUESTION TEXT: reads on until the question stands on the terminal, and types the answer.
screen=
answer() {
    local letter
    until [[ $screen == *"$1" ]]; do
        read -r -t 60 -N 1 -u "${terminal[0]}" letter || fail "setup did not ask \"$1\": $screen"
        screen+=$letter
    done
    printf '%s\n' "$2" >&"${terminal[1]}"
}

step "2. kis-trade --setup, answered on a terminal"
home=$work/kis-trade
printf -v command '%q --setup %q' "$trade" "$home"
coproc terminal { SHELL=/bin/sh exec script --quiet --return --flush --command "exec $command" /dev/null; }
setup=$terminal_PID
answer "Mode, paper or real [paper]: " "$GATEWAY"
answer "App key (hidden): " PSVTKISSIMPAPERKEY000000000000000001
answer "App secret (hidden): " "$(sim_secret Paper)"
answer "Account number: " 50000001-01
answer "Tickers, separated by spaces: " "AAPL GOOGL META TSLA"
exec 9<&"${terminal[0]}"
screen+=$(cat <&9 2> /dev/null) || true
wait "$setup" || fail "setup ended with $?: $screen"
[[ $screen != *KISSIM* && $screen != *simPaperSecret* ]] || fail "a secret stood on the screen"
[[ $screen == *"The first contact succeeded"* ]] || fail "no first contact: $screen"
printf '%s\n' "$screen" | tr -d '\r' | sed -n '/^First contact/,/^The first contact/p'

step "3. kis-trade status, as cron will run it"
(cd / && "$trade" --config "$home/config.toml" status > "$work/status.txt") || fail "status ended with $?"
sed -n 1,4p "$work/status.txt"

step "4. kis-trade buy --dry-run"
"$trade" --config "$home/config.toml" buy --dry-run || fail "the dry run ended with $?"

step "5. the crontab"
"$trade" status --check-schedule "$home/crontab"
! command -v crontab > /dev/null || crontab -n "$home/crontab" || fail "cron refuses the crontab"

step
issued=$(control GET /tokens | value issues)
[[ $issued == 1 ]] || fail "KIS issued $issued tokens; it issues one a minute"
spent=$(( $(tenths) - began ))
printf '\nfrom the first question to the checked crontab: %d.%d s, one token\n' $(( spent / 10 )) $(( spent % 10 ))
(( spent < most_seconds * 10 )) || fail "that must be less than $most_seconds s"
