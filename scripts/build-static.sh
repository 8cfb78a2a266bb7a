#!/usr/bin/env bash
# Builds kis-trade as one static file, which runs where there is nothing but a kernel and /etc/resolv.conf, and an archive of it
# with kis-rehearse and all else that comes with it, to unpack into /usr/local. Prints the paths of both. They are for the kind of
# processor that this runs on. Needs gcc and the C library's libc.a, which Debian has in libc6-dev.
#
# The C library is glibc, by the toolchain's own target: a musl target would first have to be added, and would make a program
# that no test has run.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/sim-lib.sh
source scripts/sim-lib.sh
# shellcheck source=scripts/dist/lib.sh
source scripts/dist/lib.sh

made=$(target_directory)/static/$PROFILE
program=$made/kis-trade
mkdir -p "$made"
cc -O2 -Wall -Werror -c scripts/dist/names.c -o "$made/names.o"
# The flags are for a program's last step alone: its libraries are those of any other build, and neither RUSTFLAGS nor what
# .cargo/config.toml says is replaced. Written to a place of its own, it leaves cargo's usual one as it is.
for name in kis-trade kis-rehearse; do
    cargo rustc --quiet --locked --profile "$PROFILE" --package kis-trade --bin "$name" -- \
        -C target-feature=+crt-static -C link-arg="$made/names.o" --emit link="$made/$name"
    # cargo does not look whether what it wrote elsewhere is still there.
    [[ -x $made/$name ]] || { echo "$made/$name was removed after it was built: touch src/main.rs and try again" >&2; exit 1; }
    [[ $(readelf --wide --program-headers "$made/$name") != *INTERP* ]] || { echo "$made/$name is not static" >&2; exit 1; }
done

name=kis-trade-$(package_version)-$(uname -m)-linux
rm -rf "${made:?}/$name"
install_files "$made/$name" "$made"
tar --create --gzip --file "$made/$name.tar.gz" --directory "$made" --sort=name --owner=root:0 --group=root:0 "$name"
rm -rf "${made:?}/$name"
printf '%s\n' "$program" "$made/$name.tar.gz"
