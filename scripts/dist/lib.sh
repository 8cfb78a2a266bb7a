# shellcheck shell=bash
# Sourced after scripts/sim-lib.sh by build-deb.sh, build-static.sh and their checks: the one list of what comes with the program.

# The version that Cargo.toml says.
package_version() { sed -n '/^\[package\]/,/^\[/ s/^version = "\(.*\)"/\1/p' Cargo.toml; }

# install_files PREFIX FOLDER: installs kis-trade and kis-rehearse, which are in that folder, and what comes with them below one that
# stands for /usr or /usr/local.
install_files() {
    local prefix=$1 programs=$2 manual doc=share/doc/kis-trade
    cargo build --quiet --locked --package kis-trade --example manual
    manual=$(mktemp -d)
    "$(target_directory)/debug/examples/manual" "$manual"
    put 755 bin/ "$programs"/kis-{trade,rehearse} dist/kis-trade-by-hand
    strip --strip-debug "$prefix"/bin/kis-{trade,rehearse}
    put 644 share/man/man1/ "$manual"/*.1
    put 644 share/man/ko/man1/ "$manual"/ko/*.1
    put 644 share/bash-completion/completions/kis-trade "$manual/kis-trade.bash"
    put 644 share/zsh/site-functions/ "$manual/_kis-trade"
    put 644 share/fish/vendor_completions.d/ "$manual/kis-trade.fish"
    put 644 lib/systemd/system/ dist/systemd/*
    put 644 "$doc/" README.md README.ko.md SECURITY.md SECURITY.ko.md CONTRIBUTING.md CONTRIBUTING.ko.md CHANGELOG.md LICENSE
    put 644 "$doc/examples/" config.example.toml crontab.example dist/Containerfile
    put 644 "$doc/examples/logrotate" dist/logrotate/kis-trade
    put 644 "$doc/docs/" docs/*.*
    put 644 "$doc/docs/examples/" docs/examples/*.*
    put 755 "$doc/docs/examples/rules/" docs/examples/rules/*
    # What the pages link to outside their folder is elsewhere here; what is for developers alone is not here at all.
    sed --in-place --regexp-extended \
        -e 's#\]\(\.\./((config|crontab)\.example(\.toml)?)\)#](../examples/\1)#g' \
        -e 's#\]\(\.\./dist/Containerfile\)#](../examples/Containerfile)#g' \
        -e 's#\]\(\.\./dist/logrotate/kis-trade\)#](../examples/logrotate)#g' \
        -e 's#\]\(\.\./dist/systemd\)#](../../../../lib/systemd/system)#g' \
        -e 's#\[([^]]*)\]\(\.\./tests/[^)]*\)#\1#g' \
        "$prefix/$doc"/docs/*.md
    rm -rf "$manual"
}

# install_simulator PREFIX FOLDER: installs kis-sim, which is in that folder, with its page and its examples.
install_simulator() {
    local prefix=$1 programs=$2 doc=share/doc/kis-sim
    put 755 bin/ "$programs/kis-sim"
    strip --strip-debug "$prefix/bin/kis-sim"
    put 644 "$doc/" tests/kis-sim/README.md LICENSE
    put 755 "$doc/examples/" tests/kis-sim/examples/*
}

# dead_links FOLDER: the links of the pages below a folder that lead to no file.
dead_links() {
    local page target
    find "$1" -name '*.md' | sort | while read -r page; do
        { grep -oP '\]\(\K[^)#]+' "$page" || true; } | sort -u | while read -r target; do
            [[ $target == *://* || -e $(dirname "$page")/$target ]] || echo "${page#"$1"/}: $target"
        done
    done
}

# put MODE DESTINATION FILE...: installs files into a folder below install_files' prefix, which ends with a slash, or as that file.
put() {
    local mode=$1 destination=("$prefix/$2")
    [[ $2 != */ ]] || destination=(--target-directory "$prefix/$2")
    shift 2
    install -D --mode "$mode" "$@" "${destination[@]}"
}
