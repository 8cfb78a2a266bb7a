#!/usr/bin/env bash
# Builds the static program and its archive, and runs the program in a root that has nothing but a configuration, credentials,
# a state directory and /etc/resolv.conf. There it asks a name server, which this script starts, for KIS's host, and finds that
# its connection is refused. Does the same in the container image if buildah is there; KIS_TRADE_CONTAINER=yes installs it.
#
# The root and the name server need root's rights and a network namespace of their own: without them it says what was not tried.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/sim-lib.sh
source scripts/sim-lib.sh
# shellcheck source=scripts/dist/lib.sh
source scripts/dist/lib.sh

fail() { printf 'FAILED: %s\n' "$1" >&2; exit 1; }
must() { test "$@" || fail "not so: $*"; }
host=openapivts.koreainvestment.com

# check_names WHERE COMMAND...: the program, which COMMAND starts, asks the name server for KIS's host, and ends as it does when
# nobody answers there.
check_names() {
    local where=$1 code=0
    shift
    : > "$work/asked"
    # One token a minute is asked for, by what the state directory says.
    rm -rf "$root/state"
    mkdir -m 700 "$root/state"
    "$@" token-check > "$work/said" 2>&1 || code=$?
    grep -qx "$host" "$work/asked" || fail "$where: nobody asked for $host, and it ended with $code: $(cat "$work/said")"
    [[ $code == 69 ]] || fail "$where: token-check ended with $code, not with 69: $(cat "$work/said")"
    grep -q refused "$work/said" || fail "$where: the connection was not refused: $(cat "$work/said")"
    echo "$where: asked for $host, $(sed -n 's/.*\(connection[^:;,]*refused\).*/\1/Ip' "$work/said" | head -n 1), exit $code"
}

# check_container FOLDER: makes an image of the program in that folder, and runs it with the configuration of the root.
check_container() {
    local store=(buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run") container
    "${store[@]}" build --isolation chroot --file dist/Containerfile --tag kis-trade "$1" > "$work/image" 2>&1 || fail "the container image: $(cat "$work/image")"
    container=$("${store[@]}" from --dns 127.0.0.1 kis-trade)
    check_names "the container image" "${store[@]}" run --isolation chroot --volume "$root:/opt/kis-trade" "$container" -- \
        "$("${store[@]}" inspect --format '{{index .OCIv1.Config.Entrypoint 0}}' "$container")"
    "${store[@]}" rm --all > /dev/null
}

# The part that runs in the network namespace, where nothing but loopback is.
if [[ ${1:-} == --inside ]]; then
    work=$2 root=$2/root
    ip link set lo up
    mkfifo "$work/ready"
    python3 scripts/dist/name_server.py "$work/asked" > "$work/ready" &
    server=$!
    trap 'kill "$server"' EXIT
    read -r -t 20 _ < "$work/ready" || fail "the name server did not start"

    PATH=$PATH:/usr/sbin
    check_names "an empty root" chroot "$root" /kis-trade
    # Names that only this machine's plug-ins could find are not looked for: DNS is asked all the same.
    echo 'hosts: plugin [!SUCCESS=return]' > "$root/etc/nsswitch.conf"
    check_names "a root whose nsswitch.conf names a plug-in" chroot "$root" /kis-trade
    if [[ $3 == yes ]]; then check_container "$4"; fi
    exit 0
fi

began=$SECONDS
mapfile -t built < <(./scripts/build-static.sh)
program=${built[0]} archive=${built[1]}
must -s "$archive"
echo "built in $((SECONDS - began)) s: $(stat -c %s "$program") bytes, the archive $(stat -c %s "$archive")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ $(LC_ALL=C ldd "$program" 2>&1) =~ 'statically linked'|'not a dynamic executable' ]] || fail "ldd finds libraries in $program"
kind=$(file --brief "$program")
[[ $kind =~ (static-pie|statically)' linked' ]] || fail "$program is $kind"
echo "${BASH_REMATCH[0]}, for $(sed -E 's/^ELF 64-bit LSB [^,]*, ([^,]*),.*/\1/' <<< "$kind")"

# What is handed out is what is tried.
mkdir "$work/local"
tar -xzf "$archive" -C "$work/local" --strip-components 1 --no-same-owner
for path in bin/kis-trade-by-hand share/man/man1/kis-rehearse.1 share/man/man1/kis-trade-buy.1 share/man/ko/man1/kis-trade.1 share/man/ko/man1/kis-trade-buy.1 share/bash-completion/completions/kis-trade \
    share/zsh/site-functions/_kis-trade share/fish/vendor_completions.d/kis-trade.fish lib/systemd/system/kis-trade-sell.timer \
    share/doc/kis-trade/{README.md,README.ko.md,SECURITY.md,LICENSE,CHANGELOG.md,docs/setup.md,docs/faults.md} \
    share/doc/kis-trade/examples/{config.example.toml,crontab.example,logrotate,Containerfile}; do
    must -s "$work/local/$path"
done
dead=$(dead_links "$work/local/share/doc/kis-trade")
must -z "$dead"
grep -q '^ExecStart=/usr/local/bin/kis-trade ' "$work/local/lib/systemd/system/kis-trade@.service" || fail "the unit starts another program"
echo "$(basename "$archive"): $(find "$work/local" -type f | wc -l) files, $("$work/local/bin/kis-trade" --version), $("$work/local/bin/kis-rehearse" --version)"

root=$work/root
mkdir -p "$root/etc"
cp "$work/local/bin/kis-trade" "$root/kis-trade"
# One try: the next would be a minute later.
sed -e 's/^language = .*/language = "en"/' -e 's/^attempts = .*/attempts = 1/' "$work/local/share/doc/kis-trade/examples/config.example.toml" > "$root/config.toml"
install -m 600 /dev/null "$root/credentials.toml"
printf 'app_key = "%s"\napp_secret = "%s"\naccount_no = "12345678-01"\n' \
    PSxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx "$(printf 'x%.0s' {1..180})" > "$root/credentials.toml"
printf 'nameserver 127.0.0.1\noptions timeout:2 attempts:2\n' > "$root/etc/resolv.conf"

# Large for what it does here, so that only who asks for it gets it.
container=yes
[[ ${KIS_TRADE_CONTAINER:-} != yes ]] || need buildah buildah --version
if [[ $EUID != 0 ]]; then
    container="this is not root"
elif ! command -v buildah > /dev/null; then
    container="buildah is missing, and KIS_TRADE_CONTAINER=yes installs it"
fi
[[ $container == yes ]] || echo "the container image was not tried: $container"

# A user may have namespaces of their own, in which they are root.
spaces=(--net)
[[ $EUID == 0 ]] || spaces+=(--map-root-user)
if unshare "${spaces[@]}" true 2> /dev/null; then
    unshare "${spaces[@]}" "$PWD/scripts/check-static.sh" --inside "$work" "$container" "$(dirname "$program")"
else
    printf '\n*** SKIPPED: this machine gives no network namespace: neither an empty root nor a container image was tried ***\n\n'
fi
