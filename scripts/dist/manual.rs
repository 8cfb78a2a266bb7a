//! Writes the man pages and the completions for bash, zsh and fish (the Korean ones below `ko`) into the folder that it is given. For
//! `scripts/build-deb.sh`. `dist/manual` holds those that the program prints itself (`--generate`); they are made anew by
//! `cargo run --example manual -- dist/manual --for-the-program`.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;

mod pages;

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("give a folder")?.into();
    let is_for_program = std::env::args_os().nth(2).is_some_and(|argument| argument == "--for-the-program");
    fs::create_dir_all(folder.join("ko"))?;
    for (name, text) in pages::all()? {
        if !is_for_program || !(name.contains("kis-trade-") || name.contains("kis-rehearse")) {
            let mut file = File::create(folder.join(&name)).with_context(|| name.clone())?;
            file.write_all(&text).with_context(|| name.clone())?;
        }
    }
    Ok(())
}
