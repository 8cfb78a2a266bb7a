//! Whether what a line names is there: the program, its configuration, the folder of its log.

use std::path::Path;

use crate::cli::Cli;
use crate::schedule::finding::Flaw;
use crate::schedule::line::{Check, base_name, is_wrapper};
use crate::schedule::shell::Simple;
use crate::schedule::words::line as words;

/// Where `crontab.example` looks for the configuration.
const EXAMPLE_FOLDER: &str = "/opt/kis-trade/";

impl Check<'_> {
    /// What the line names must be there, as far as this user can see. Only paths that no shell changes are looked for, and
    /// only where the program starts here and not in a container.
    pub(super) fn check_there(&mut self, command: &Simple, at: usize, cli: Option<&Cli>) {
        if self.has_secret || (at > 0 && !is_wrapper(base_name(&command.words[0])) && !command.words[0].contains('=')) {
            return;
        }
        let program = &command.words[at];
        let folders = self.setting("PATH").filter(|_| !self.assigns(&command.words[..at], "PATH")).unwrap_or_default();
        let is_missing = if program.contains('/') {
            self.is_missing(program)
        } else {
            !folders.is_empty() && folders.split(':').all(|folder| self.is_missing(&format!("{folder}/{program}")))
        };
        if is_missing {
            let next = words::write_program(self.facts.program);
            self.find(Flaw::MissingProgram, words::no_program(program), next);
        }
        if let Some(config) = self.config_of(command, at, cli).filter(|path| self.is_missing(path)) {
            let (flaw, detail) = if config.starts_with(EXAMPLE_FOLDER) {
                (Flaw::Placeholder, words::example_config(&config))
            } else {
                (Flaw::MissingConfig, words::no_config(&config))
            };
            self.find(flaw, detail, words::write_config());
        }
        let folder_of = |file: &String| file.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let folders = command.files.iter().filter_map(folder_of).filter(|folder| self.is_missing(folder));
        for folder in folders.collect::<Vec<_>>() {
            self.find(Flaw::MissingFolder, words::no_folder(&folder), words::make_folder());
        }
    }

    /// The configuration that the line names itself, or that a setting above it names.
    pub(super) fn config_of(&self, command: &Simple, at: usize, cli: Option<&Cli>) -> Option<String> {
        let config = cli.and_then(|cli| cli.config.as_ref()).map(|path| path.to_string_lossy().into_owned());
        let by_setting =
            || self.setting("KIS_TRADE_CONFIG").filter(|_| !self.assigns(&command.words[..at], "KIS_TRADE_CONFIG"));
        config.or_else(by_setting)
    }

    /// Reports whether nothing is at a path from the root that no shell changes.
    fn is_missing(&self, path: &str) -> bool {
        let is_plain = path.starts_with('/') && !path.contains(['$', '`', '*', '?', '[', '\\']);
        is_plain && (self.facts.exists)(Path::new(path)) == Some(false)
    }

    /// Reports whether the line itself sets a variable.
    fn assigns(&self, before: &[String], name: &str) -> bool {
        let is_set = |word: &String| word.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
        before.iter().chain(&self.exported).any(is_set)
    }
}
