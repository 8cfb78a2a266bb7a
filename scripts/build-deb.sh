#!/usr/bin/env bash
# Builds the Debian packages and prints their paths: kis-trade, with kis-rehearse, man pages, completions for bash, zsh and fish,
# systemd's units, examples of configuration, crontab and log rotation; and kis-sim, the simulated gateway. Needs Debian's dpkg-dev. DEBFULLNAME and DEBEMAIL name its maintainer.
#
# They have no maintainer scripts: a package starts nothing, creates no user, and a purge leaves alone what runs wrote.
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
# description FILE: what a Cargo.toml says of its package.
description() { sed -n 's/^description = "\(.*\)"/\1/p' "$1" | head -n 1; }
install_files "$root/usr" "$(program_directory)"
# Debian's own places and names.
sed -i 's#/usr/local/bin/#/usr/bin/#' "$root"/usr/lib/systemd/system/*
mv "$root"/usr/share/zsh/{site-functions,vendor-completions}
mv "$doc/LICENSE" "$doc/copyright"
gzip -9 --no-name "$root"/usr/share/man/{,ko/}man1/*.1 "$doc/CHANGELOG.md"
sed -i -e 's#](LICENSE)#](copyright)#g' -e 's#](CHANGELOG.md)#](CHANGELOG.md.gz)#g' "$doc"/*.md

# pack PACKAGE ROOT SUGGESTS DESCRIPTION: makes a package of a root and prints its path. DESCRIPTION is the short one and, on further
# lines, the long one.
pack() {
    local package=$1 root=$2 programs=() depends file
    # What the programs were linked with here, they need elsewhere too. dpkg-shlibdeps reads the source's control file, of which a
    # package built by cargo has none.
    mkdir -p "$made/debian" "$root/DEBIAN" "$target/debian"
    touch "$made/debian/control"
    for file in "$root"/usr/bin/*; do
        [[ $(head -c 4 "$file") != *ELF ]] || programs+=("$file")
    done
    depends=$(cd "$made" && dpkg-shlibdeps -O "${programs[@]}" 2> /dev/null | sed -n 's/^shlibs:Depends=//p')
    cat > "$root/DEBIAN/control" << CONTROL
Package: $package
Version: $version
Architecture: $architecture
Maintainer: ${DEBFULLNAME:-kis-trade maintainers} <${DEBEMAIL:-root@localhost}>
Installed-Size: $(du --summarize --block-size=1K --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends
Suggests: $3
Section: misc
Priority: optional
Description: $4
CONTROL
    (cd "$root" && find usr -type f -exec md5sum {} + | sort -k 2 > DEBIAN/md5sums)
    file=$target/debian/${package}_${version}_$architecture.deb
    dpkg-deb --root-owner-group --build "$root" "$file" > /dev/null
    echo "$file"
}

pack kis-trade "$root" "cron, jq, kis-sim" "$(description Cargo.toml)
 Each run does one job and ends: sell, buy, cleanup, status or token-check.
 cron or systemd timers start them; what lasts between runs are JSON files.
 Set it up as /usr/share/doc/kis-trade/docs/setup.md says."

simulator=$made/simulator
install_simulator "$simulator/usr" "$(program_directory)"
mv "$simulator/usr/share/doc/kis-sim/LICENSE" "$simulator/usr/share/doc/kis-sim/copyright"
pack kis-sim "$simulator" "kis-trade" "$(description tests/kis-sim/Cargo.toml)
 For tests of any program that trades US stocks through that API: accounts,
 matching, token rules, request limits and faults, on loopback alone.
 Begin with /usr/share/doc/kis-sim/README.md."
