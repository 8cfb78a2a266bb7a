#!/usr/bin/env bash
# Builds the Debian package and prints its path: the program, man pages, completions for bash, zsh and fish, systemd's units,
# examples of configuration, crontab and log rotation. Needs Debian's dpkg-dev.
#
# The package has no maintainer scripts: it starts nothing, creates no user, and a purge leaves alone what runs wrote.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/sim-lib.sh
source scripts/sim-lib.sh

build_programs
cargo build --quiet --locked --package kis-trade --example manual
target=$(target_directory)
version=$(sed -n '/^\[package\]/,/^\[/ s/^version = "\(.*\)"/\1/p' Cargo.toml)
architecture=$(dpkg --print-architecture)
made=$target/dist
root=$made/root
doc=$root/usr/share/doc/kis-trade
rm -rf "$made"
"$target/debug/examples/manual" "$made/manual"

# put MODE DESTINATION FILE...: installs files into a directory of the package, which ends with a slash, or as that file.
put() {
    local mode=$1 destination=$root/$2
    shift 2
    install -D --mode "$mode" "$@" $([[ $destination == */ ]] && echo --target-directory) "$destination"
}
put 755 usr/bin/ "$KIS_TRADE" dist/kis-trade-by-hand
strip --strip-debug "$root/usr/bin/kis-trade"
put 644 usr/share/man/man1/ "$made"/manual/kis-trade*.1
put 644 usr/share/bash-completion/completions/kis-trade "$made/manual/kis-trade.bash"
put 644 usr/share/zsh/vendor-completions/ "$made/manual/_kis-trade"
put 644 usr/share/fish/vendor_completions.d/ "$made/manual/kis-trade.fish"
put 644 usr/lib/systemd/system/ dist/systemd/*
sed -i 's#/usr/local/bin/#/usr/bin/#' "$root"/usr/lib/systemd/system/*
put 644 usr/share/doc/kis-trade/ README.md README.ko.md CHANGELOG.md
put 644 usr/share/doc/kis-trade/copyright LICENSE
put 644 usr/share/doc/kis-trade/examples/ config.example.toml crontab.example
put 644 usr/share/doc/kis-trade/examples/logrotate dist/logrotate/kis-trade
put 644 usr/share/doc/kis-trade/docs/ docs/*
gzip -9 --no-name "$root"/usr/share/man/man1/*.1 "$doc/CHANGELOG.md"

# What the program was linked with here, it needs elsewhere too. dpkg-shlibdeps reads the source's control file, of which a
# package built by cargo has none.
mkdir "$made/debian" "$root/DEBIAN"
touch "$made/debian/control"
depends=$(cd "$made" && dpkg-shlibdeps -O "$KIS_TRADE" 2> /dev/null | sed -n 's/^shlibs:Depends=//p')
cat > "$root/DEBIAN/control" << CONTROL
Package: kis-trade
Version: $version
Architecture: $architecture
Maintainer: kis-trade maintainers <maintainers@kis-trade.invalid>
Installed-Size: $(du --summarize --block-size=1K --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends
Suggests: cron, jq
Section: misc
Priority: optional
Description: $(sed -n 's/^description = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
 Each run does one job and ends: sell, buy, cleanup, status or token-check.
 cron or systemd timers start them; what lasts between runs are JSON files.
 Set it up as /usr/share/doc/kis-trade/README.md says.
CONTROL
(cd "$root" && find usr -type f -exec md5sum {} + | sort -k 2 > DEBIAN/md5sums)

mkdir -p "$target/debian"
package=$target/debian/kis-trade_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$package" > /dev/null
echo "$package"
