//! Links the unwinder into a release: it aborts at a panic, and loading libgcc_s for nothing is a twentieth of what a run costs.

#![allow(clippy::disallowed_macros, reason = "cargo reads what it prints")]

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|it| it == value);
    let wants = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("PROFILE", "release");
    // Every gcc has it; where another linker has not, the program loads libgcc_s as it would without this.
    if wants && linker_finds("libgcc_eh.a") {
        println!("cargo::rustc-link-lib=dylib=gcc_eh");
    }
}

fn linker_finds(library: &str) -> bool {
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let found = Command::new(linker).arg(format!("-print-file-name={library}")).output();
    // A library that is not found is printed as it was asked for.
    found.is_ok_and(|found| Path::new(String::from_utf8_lossy(&found.stdout).trim()).is_absolute())
}
