#!/usr/bin/env bash
# Installs the Debian package in a root of its own, runs it there, upgrades it over itself, removes and purges it, and sees
# that what it wrote is left. Needs Debian's dpkg and root, or fakeroot-like rights to chown: says so else.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/dist/lib.sh
source scripts/dist/lib.sh

command -v dpkg > /dev/null || { echo "dpkg is missing: this is no Debian" >&2; exit 1; }
mapfile -t packages < <(./scripts/build-deb.sh)
package=${packages[0]}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/var/lib/dpkg"/{info,updates,triggers}
touch "$root/var/lib/dpkg"/{status,available}
# The library it needs is the machine's: only its name is missing in the new root.
on_root() { dpkg --root="$root" --force-depends --force-not-root --force-bad-path --log="$work/log" "$@" > "$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }; }
must() { test "$@" || { echo "not so: $*" >&2; exit 1; }; }

# What the program was linked with here, it needs elsewhere too.
[[ $(dpkg --field "$package" Depends) == *"libc6 (>= "* ]] || { echo "the package does not say which libc6 it needs" >&2; exit 1; }
on_root --install "${packages[@]}"
[[ $("$root/usr/bin/kis-sim" --version) == kis-sim* && -s $root/usr/share/doc/kis-sim/README.md ]] || { echo "kis-sim is not whole" >&2; exit 1; }
on_root --purge kis-sim
mapfile -t files < <(dpkg --root="$root" --listfiles kis-trade)
program=$root/usr/bin/kis-trade
version=$("$program" --version)
for file in usr/share/man/man1/kis-trade.1.gz usr/share/man/man1/kis-trade-token-check.1.gz usr/share/man/ko/man1/kis-trade.1.gz \
    usr/share/man/ko/man1/kis-trade-token-check.1.gz usr/share/man/man1/kis-rehearse.1.gz usr/share/man/ko/man1/kis-rehearse.1.gz \
    usr/share/bash-completion/completions/kis-trade \
    usr/share/zsh/vendor-completions/_kis-trade usr/share/fish/vendor_completions.d/kis-trade.fish usr/share/doc/kis-trade/copyright \
    usr/lib/systemd/system/kis-trade@.service usr/lib/systemd/system/kis-trade-sell.timer \
    usr/bin/kis-trade-by-hand usr/share/doc/kis-trade/docs/setup.md usr/share/doc/kis-trade/docs/status.png usr/share/doc/kis-trade/examples/config.example.toml usr/share/doc/kis-trade/examples/logrotate; do
    must -s "$root/$file"
done
dead=$(dead_links "$root/usr/share/doc/kis-trade")
[[ -z $dead ]] || { printf 'links that lead nowhere:\n%s\n' "$dead" >&2; exit 1; }
grep -q '^ExecStart=/usr/bin/kis-trade ' "$root/usr/lib/systemd/system/kis-trade@.service" || { echo "the unit starts another program" >&2; exit 1; }
bash -n "$root/usr/share/bash-completion/completions/kis-trade"
# What each start would pay for: the world's time zones, and in a release a library that only unwinding needs.
! grep -q Africa/Abidjan "$program" || { echo "the program carries every time zone: .cargo/config.toml was not read" >&2; exit 1; }
[[ ${KIS_TRADE_PROFILE:-release} == dev ]] || ! ldd "$program" | grep -q libgcc_s || { echo "the program loads libgcc_s" >&2; exit 1; }

rehearsal=$("$root/usr/bin/kis-rehearse" --config "$root/usr/share/doc/kis-trade/docs/examples/rehearsal.toml" --json \
    --bars tests/kis-sim/market-data --to 2025-01-31 2> "$work/rehearsal") || { cat "$work/rehearsal" >&2; exit 1; }
[[ $rehearsal == *'"end_usd"'* ]] || { echo "kis-rehearse did not say how it ended: $rehearsal" >&2; exit 1; }

# A user's files, as a run makes them.
mkdir -p "$root/etc/kis-trade"
cp config.example.toml "$root/etc/kis-trade/config.toml"
state=$root/var/lib/kis-trade
mkdir -m 700 -p "$state"
code=0
KIS_APP_KEY=PSxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx KIS_APP_SECRET=$(printf 'x%.0s' {1..180}) KIS_ACCOUNT_NO=12345678-01 KIS_TRADE_STATE_DIR=$state \
    "$program" --config "$root/etc/kis-trade/config.toml" token-check --offline > "$work/run" 2>&1 || code=$?
[[ $code == 77 ]] || { cat "$work/run" >&2; echo "token-check --offline ended with $code, not with 77 for want of a token" >&2; exit 1; }
touch "$state/orders-2027-03.jsonl"
mapfile -t before < <(find "$state" "$root/etc/kis-trade" -type f | sort)

on_root --install "$package"
on_root --remove kis-trade
must ! -e "$program"
on_root --purge kis-trade
mapfile -t after < <(find "$state" "$root/etc/kis-trade" -type f | sort)
[[ "${before[*]}" == "${after[*]}" ]] || { echo "a purge changed the user's files: ${before[*]} became ${after[*]}" >&2; exit 1; }
left=$(find "$root/usr" -type f -o -type l 2> /dev/null || true)
must -z "$left"
echo "$(basename "$package"): $version installed (${#files[@]} paths), upgraded, removed and purged; ${#after[@]} files of the user's are as they were"
