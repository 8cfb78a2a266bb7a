# shellcheck shell=bash disable=SC2034 # what is set here is read by who sources it
# Sourced by the scripts that play against kis-sim: builds, starts and steers it. Needs bash and the Rust toolchain only.

# Where cargo builds.
target_directory() {
    cargo metadata --format-version 1 --no-deps --locked | sed -E 's/.*"target_directory":"([^"]*)".*/\1/'
}

# The profile that the scripts build with. check.sh says `dev`: the tests have built that already.
PROFILE=${KIS_TRADE_PROFILE:-release}

# Where cargo puts the programs of that profile.
program_directory() {
    local name=$PROFILE
    [[ $name != dev ]] || name=debug
    echo "$(target_directory)/$name"
}

# Builds both programs once and says where they are. On a terminal cargo shows how far it is.
build_programs() {
    local targets=(--bins)
    [[ -t 2 ]] || targets+=(--quiet)
    # The examples need what the tests need: without them cargo would choose other features, and build everything again.
    [[ $PROFILE != dev ]] || targets+=(--examples)
    cargo build --locked --profile "$PROFILE" --workspace "${targets[@]}"
    local programs
    programs=$(program_directory)
    KIS_TRADE=$programs/kis-trade
    KIS_SIM=$programs/kis-sim
}

# start_sim DIR ARGUMENT...: starts kis-sim; sets GATEWAY and CONTROL, and SIM_PID to kill it by.
start_sim() {
    local dir=$1 line
    shift
    rm -f "$dir/sim.out"; mkfifo "$dir/sim.out"
    "$KIS_SIM" "$@" > "$dir/sim.out" 2> "$dir/sim.err" &
    SIM_PID=$!
    exec 8< "$dir/sim.out"
    read -r -t 20 line <&8 || { echo "kis-sim did not start: $(cat "$dir/sim.err")" >&2; return 1; }
    GATEWAY=$(sed -E 's/.*"gateway":"([^"]*)".*/\1/' <<< "$line")
    CONTROL=$(sed -E 's/.*"control":"([^"]*)".*/\1/' <<< "$line")
}

# http METHOD URL [BODY [HEADER...]]: one request over bash's own TCP; prints the answer's body.
http() {
    local method=$1 url=$2 body=${3:-} host path header LC_ALL=C
    shift 2; [[ $# -gt 0 ]] && shift
    host=${url#http://}; path=/${host#*/}; host=${host%%/*}
    [[ $path == "/$host" ]] && path=/
    exec 7<> "/dev/tcp/${host%:*}/${host##*:}"
    {
        printf '%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n' "$method" "$path" "$host"
        printf 'Content-Type: application/json\r\nContent-Length: %d\r\n' "${#body}"
        for header in "$@"; do printf '%s\r\n' "$header"; done
        printf '\r\n%s' "$body"
    } >&7
    sed '1,/^\r$/d' <&7
    exec 7>&-
}

# control METHOD PATH [BODY]: one request to kis-sim's control port.
control() { http "$1" "$CONTROL$2" "${3:-}"; }

# value KEY: the first value of that key in JSON on standard input, without quotes.
value() { grep -oE "\"$1\":(\"[^\"]*\"|[^,}]*)" | head -n 1 | sed -E "s/^\"$1\"://; s/^\"//; s/\"\$//"; }

# sim_secret NAME: the app secret of kis-sim's paper or real key pair: 180 characters, the last a =.
sim_secret() {
    local piece="sim$1Secret" text=
    [[ $1 == Paper ]] && piece="simPaperSecret/+" || piece="simRealSecretX/+"
    while (( ${#text} < 179 )); do text+=$piece; done
    printf '%s=' "${text:0:179}"
}

# use_paper_account: exports the credentials of kis-sim's paper account.
use_paper_account() {
    KIS_APP_KEY=PSVTKISSIMPAPERKEY000000000000000001
    KIS_APP_SECRET=$(sim_secret Paper)
    KIS_ACCOUNT_NO=50000001-01
    export KIS_APP_KEY KIS_APP_SECRET KIS_ACCOUNT_NO
}

# request_count: how many requests kis-sim has received since they were last forgotten.
request_count() { control GET /requests | { grep -o '"n":' || true; } | wc -l; }

# read_crontab: sets jobs[MINUTE] to the command that crontab.example starts at that minute of the hour.
read_crontab() {
    local minute command
    jobs=()
    while read -r minute command; do jobs[minute]=$command; done < <(awk '
        /^[0-9*]/ {
            for (i = 6; i <= NF; i++) if ($i ~ /^(token-check|cleanup|status|sell|buy)$/) command = $i
            parts = split($1, part, ",")
            for (p = 1; p <= parts; p++) {
                step = split(part[p], rest, "/") == 2 ? rest[2] : 1
                last = split(rest[1], range, "-") == 2 ? range[2] : range[1]
                for (minute = range[1] + 0; minute <= last + 0; minute += step) print minute, command
            }
        }' crontab.example)
    (( ${#jobs[@]} > 20 )) || { echo "crontab.example was not understood" >&2; return 1; }
}

# need PACKAGE COMMAND...: installs the Debian package when the command fails.
need() {
    if "${@:2}" > /dev/null 2>&1; then return; fi
    echo "installing the Debian package $1"
    { apt-get install -y -q "$1" || { apt-get update -q && apt-get install -y -q "$1"; }; } > /dev/null
}
