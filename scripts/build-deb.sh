#!/usr/bin/env bash
# Builds the Debian package and prints its path: kis-trade, kis-rehearse, man pages, completions for bash, zsh and fish, systemd's units,
# examples of configuration, crontab and log rotation. Needs Debian's dpkg-dev. DEBFULLNAME and DEBEMAIL name its maintainer.
#
# The package has no maintainer scripts: it starts nothing, creates no user, and a purge leaves alone what runs wrote.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/sim-lib.sh
source scripts/sim-lib.sh
# shellcheck source=scripts/dist/lib.sh
source scripts/dist/lib.sh

build_programs
target=$(target_directory)
version=$(package_version)
architecture=$(dpkg --print-architecture)
made=$target/dist
root=$made/root
doc=$root/usr/share/doc/kis-trade
rm -rf "$made"
install_files "$root/usr" "$(program_directory)"
# Debian's own places and names.
sed -i 's#/usr/local/bin/#/usr/bin/#' "$root"/usr/lib/systemd/system/*
mv "$root"/usr/share/zsh/{site-functions,vendor-completions}
mv "$doc/LICENSE" "$doc/copyright"
gzip -9 --no-name "$root"/usr/share/man/{,ko/}man1/*.1 "$doc/CHANGELOG.md"
sed -i -e 's#](LICENSE)#](copyright)#g' -e 's#](CHANGELOG.md)#](CHANGELOG.md.gz)#g' "$doc"/*.md

# What the program was linked with here, it needs elsewhere too. dpkg-shlibdeps reads the source's control file, of which a
# package built by cargo has none.
mkdir "$made/debian" "$root/DEBIAN"
touch "$made/debian/control"
depends=$(cd "$made" && dpkg-shlibdeps -O "$root"/usr/bin/kis-{trade,rehearse} 2> /dev/null | sed -n 's/^shlibs:Depends=//p')
cat > "$root/DEBIAN/control" << CONTROL
Package: kis-trade
Version: $version
Architecture: $architecture
Maintainer: ${DEBFULLNAME:-kis-trade maintainers} <${DEBEMAIL:-root@localhost}>
Installed-Size: $(du --summarize --block-size=1K --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends
Suggests: cron, jq
Section: misc
Priority: optional
Description: $(sed -n 's/^description = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
 Each run does one job and ends: sell, buy, cleanup, status or token-check.
 cron or systemd timers start them; what lasts between runs are JSON files.
 Set it up as /usr/share/doc/kis-trade/docs/setup.md says.
CONTROL
(cd "$root" && find usr -type f -exec md5sum {} + | sort -k 2 > DEBIAN/md5sums)

mkdir -p "$target/debian"
package=$target/debian/kis-trade_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$package" > /dev/null
echo "$package"
