//! Writes the man pages and the completions for bash, zsh and fish into the folder that it is given. For
//! `scripts/build-deb.sh`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::{Shell, generate_to};
use kis_trade::cli::Cli;

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("give a folder")?.into();
    fs::create_dir_all(&folder)?;
    write_pages(&folder).context("the man pages")?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut Cli::command(), "kis-trade", &folder).context("the completions")?;
    }
    Ok(())
}

/// One page for the program and one a command, as `kis-trade-buy.1`.
fn write_pages(folder: &Path) -> anyhow::Result<()> {
    clap_mangen::generate_to(Cli::command(), folder)?;
    Ok(())
}
