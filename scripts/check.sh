#!/usr/bin/env bash
# Everything CI runs, in the order in which it is cheapest to fail. Needs the Rust toolchain; what else a step needs is
# installed when it is missing, and said so.
#
# --quick: format, lints, and those unit and CLI tests that need the Rust toolchain alone. Installs nothing.
set -euo pipefail
case $* in
    '' | --quick) mode=${1:-} ;;
    *) echo "usage: scripts/check.sh [--quick]" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto}
# The scripts run what the tests have built, and build nothing of their own.
export KIS_TRADE_PROFILE=dev

# step NAME: begins a step, and says how long the one before it took.
step_name= step_began=0
step() {
    end_step
    step_name=$1 step_began=$SECONDS
    printf '\n== %s\n' "$1"
}
end_step() { [[ -z $step_name ]] || printf -- '-- %d s\n' $((SECONDS - step_began)); }

# need COMMAND [PACKAGE]: installs the Debian package (of that name) when the command is missing.
need() {
    if command -v "$1" > /dev/null || [[ -x /usr/sbin/$1 ]]; then return; fi
    install_package "${2:-$1}"
}

# install_package PACKAGE: installs a Debian package, and says so.
install_package() {
    echo "$1 is missing; it is installed with apt-get"
    local as_root=()
    [[ $EUID == 0 ]] || as_root=(sudo)
    { "${as_root[@]}" apt-get update -q && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -qy --no-install-recommends "$1"; } > /dev/null \
        || { echo "$1 could not be installed: install it yourself" >&2; exit 1; }
}

# Tests that run more than the Rust toolchain and Debian's essential programs, by parts of their names: strace, python3, jq, a
# browser, systemd's or cron's tools. tests/tidy.rs compares the list with what the tests start.
NEEDS_A_TOOL=(
    commands::status::a_terminal_gets_the_trend_and_a_pipe_does_not
    faults::full_disk::under_strace_
    orders::crowd::a_sell_reserves_all_its_slots_and_a_buy_those_of_its_orders
    orders::crowd::a_slot_is_read_and_taken_under_the_lock_of_the_pacing_file
    orders::failures::
    orders::kills::
    strategy::kills::
    surface::first_run::a_machine_without_dns_is_told_in_a_sentence
    surface::readme::
    surface::status_page::browser::
    surface::targets::a_buy_killed_anywhere_
    surface::targets::a_cleanup_killed_anywhere_
    surface::targets::a_record_that_cannot_be_written_
    token::edits::
    token::failures::a_failing_call_
    token::kills::
)

check_quickly() {
    step "format"
    cargo fmt --all --check
    step "lints"
    cargo clippy --workspace --all-targets --locked -- -D warnings
    step "unit and CLI tests that need no tool: ${#NEEDS_A_TOOL[@]} groups of others are left out"
    if cargo nextest --version > /dev/null 2>&1; then
        local filter
        filter=$(printf ' and not test(%s)' "${NEEDS_A_TOOL[@]}")
        cargo nextest run --package kis-trade --lib --test cli --test tidy --locked --no-fail-fast \
            --test-threads $((2 * $(nproc))) -E "all()$filter"
    else
        echo "cargo-nextest is not installed; cargo test runs the same tests"
        local skips=() name
        for name in "${NEEDS_A_TOOL[@]}"; do skips+=(--skip "$name"); done
        cargo test --package kis-trade --lib --test cli --test tidy --locked --no-fail-fast -- "${skips[@]}"
    fi
    end_step
    printf '\nthe quick checks passed in %d s; scripts/check.sh runs all\n' "$SECONDS"
}

if [[ $mode == --quick ]]; then
    check_quickly
    exit
fi

step "tools of the tests: python3, jq and bwrap, run as users do, and strace, under which the program is killed"
need python3
need jq
need bwrap bubblewrap
need strace
strace -V | sed -n 1p

step "a browser and Korean letters, to look at the page of status"
need chromium
{ command -v fc-list > /dev/null && fc-list :lang=ko | grep -q .; } || install_package fonts-nanum

step "tools of the schedules: Debian's cron, systemd's own tools, logrotate; none of them is left running"
need cron
need systemd-analyze systemd
need logrotate
systemd-analyze --version | sed -n 1p

step "format"
cargo fmt --all --check

step "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings

step "layers: neither program needs the other outside tests"
if cargo tree --locked --package kis-sim --edges normal,build | grep -q '^.*kis-trade '; then echo "kis-sim needs kis-trade" >&2; exit 1; fi
if cargo tree --locked --package kis-trade --edges normal,build | grep -q '^.*kis-sim '; then echo "kis-trade needs kis-sim" >&2; exit 1; fi
echo "kis-trade and kis-sim stand alone"

step "build"
has_nextest=
! cargo nextest --version > /dev/null 2>&1 || has_nextest=yes
if [[ $has_nextest ]]; then
    cargo nextest run --workspace --locked --no-run
else
    echo "cargo-nextest is not installed; cargo test runs the same tests"
    cargo test --workspace --locked --no-run
fi

step "the crontab: Debian's own syntax check; its daemon runs the jobs for three minutes, while the next steps go on"
crontab -n crontab.example
cron_said=$(mktemp)
./scripts/cron-rehearsal.sh > "$cron_said" 2>&1 &
cron=$!
trap '! kill -0 "$cron" 2> /dev/null || { kill "$cron"; wait "$cron"; } || true; rm -f "$cron_said"' EXIT

step "tests"
if [[ $has_nextest ]]; then
    # Many of them wait for a clock or for strace: so many at a time keep the processor busy.
    cargo nextest run --workspace --locked --no-fail-fast --test-threads $((2 * $(nproc)))
else
    cargo test --workspace --locked --no-fail-fast
fi
pictures=${CARGO_TARGET_DIR:-target}/status-page
echo "the page of status, as a browser showed it: $(realpath "$pictures")"
ls "$pictures"/*.png

step "tests that time zones could bend"
for zone in Asia/Seoul America/New_York; do
    TZ=$zone cargo test --quiet --locked --package kis-trade --lib -- market_session nyse_calendar decide > /dev/null
    echo "$zone: as in UTC"
done

step "a million bent inputs"
FUZZ_INPUTS=1000000 cargo test --quiet --locked --package kis-trade --lib --test fuzz -- fuzz

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --locked

step "the eight steps of a renewal"
rehearsal=$(./scripts/rehearse-renewal.sh 2>&1) || { printf '%s\n' "$rehearsal" >&2; exit 1; }
printf '%s\n' "$rehearsal" | tail -n 1

step "the systemd units"
./scripts/check-units.sh

step "the log's rotation"
rotation=$(mktemp -d)
sed -e "s#/opt/kis-trade#$rotation#" -e "s#trader trader#$(id -un) $(id -gn)#" dist/logrotate/kis-trade > "$rotation/conf"
echo "one line" > "$rotation/kis-trade.log"
PATH=$PATH:/usr/sbin logrotate --force --state "$rotation/state" "$rotation/conf"
[[ -s $rotation/kis-trade.log.1 && ! -s $rotation/kis-trade.log ]] || { echo "the log was not rotated" >&2; exit 1; }
echo "$(stat -c '%a' "$rotation/kis-trade.log") kis-trade.log, and the old one beside it"
rm -rf "$rotation"

step "the Debian package, in a root of its own"
./scripts/check-deb.sh

step "the static program, in a root with nothing else, and its archive"
need file
need ip iproute2
./scripts/check-static.sh

step "the picture of the token's day is what this program draws"
picture=$(mktemp)
./scripts/draw-token-day.sh "$picture"
cmp "$picture" docs/token-day.svg || { echo "run scripts/draw-token-day.sh and look at what changed" >&2; exit 1; }
rm -f "$picture"

step "a simulated trading day"
./scripts/demo.sh | tail -n 12

step "a daily sheet, on paper and for real, with a run killed half-way"
./scripts/demo.sh --sheet | tail -n 12

step "kis-sim's examples and its playground"
need curl
KIS_SIM=$(cargo metadata --format-version 1 --no-deps --locked | jq -r .target_directory)/debug/kis-sim
export KIS_SIM
tests/kis-sim/examples/quote.sh | jq -re '"AAPL at " + .output.last'
python3 tests/kis-sim/examples/kis_sim.py | jq -re '"\(.[0].quantity) shares of " + .[0].symbol'
# It goes on until it is stopped.
exec 6< <(exec scripts/playground.sh)
playground=$!
read -r -t 60 first_line <&6
kill "$playground"
exec 6<&-
echo "$first_line"

# It needs PyPI, which a user's check does without.
if [[ ${KIS_TRADE_CLIENTS:-} == yes ]]; then
    step "public clients against kis-sim: mojito2 and python-kis from PyPI"
    need pip3 python3-venv
    code=0
    ./scripts/clients.sh mojito2 python-kis || code=$?
    case $code in
        0) ;;
        3) printf '\n*** SKIPPED: PyPI cannot be reached from here: no client was tried ***\n\n' ;;
        *) exit "$code" ;;
    esac
fi

# Late, because its clone is for cargo another state of this package: whatever is built after it is built anew.
step "the first steps of a newcomer: clone, install, setup on a terminal, a dry run, the crontab"
need script bsdutils
./scripts/first-steps.sh | tail -n 12

step "the daemon's three minutes"
wait "$cron" || { cat "$cron_said" >&2; exit 1; }
cat "$cron_said"

end_step
printf '\nall checks passed in %d s\n' "$SECONDS"
