//! One line of a crontab: what the shell makes of it, and what kis-trade.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::cli::{self, Cli, Command};
use crate::domain::{Job, Task};
use crate::language::Sentence;
use crate::schedule::crontab::CronJob;
use crate::schedule::finding::{Finding, Flaw};
use crate::schedule::judge::Facts;
use crate::schedule::secret::is_secret;
use crate::schedule::shell::{Simple, Sink, split, without_percent};
use crate::schedule::times::Times;
use crate::schedule::words::{self, line as say};

const PROGRAM: &str = "kis-trade";

/// Programs that start the program named in their arguments.
const WRAPPERS: &str = "bash chronic chrt command cronic dash env eval exec flock ionice nice nohup runuser run-one setpriv \
    setsid sh stdbuf su sudo systemd-cat systemd-run time timeout";

pub struct Start {
    pub line: usize,
    pub job: Job,
    pub is_dry_run: bool,
    /// `None` for `@reboot`.
    pub times: Option<Times>,
    /// Its configuration, where the line names one.
    pub config: Option<String>,
}

/// Checks one line, and returns its starts of kis-trade.
pub fn check_line(facts: &Facts, job: &CronJob, findings: &mut Vec<Finding>) -> Vec<Start> {
    let (shell, is_cut) = without_percent(&job.command);
    let is_ours = job.command.contains(PROGRAM);
    let mut check = Check { facts, job, findings, has_secret: false, is_rooted: false, exported: Vec::new() };
    if is_secret(&job.command) {
        check.has_secret = true;
        check.find(Flaw::Secret, words::secret_in_line(), words::move_secrets());
    }
    if is_ours && is_cut {
        check.find(Flaw::Percent, say::percent(), say::escape_percent());
    }
    let commands = split(&shell);
    let mut starts = Vec::new();
    for command in commands.iter().flat_map(unwrap_shell) {
        starts.extend(check.check_simple(&command));
        match command.words[0].as_str() {
            "cd" => check.is_rooted = command.words.get(1).is_none_or(|folder| is_absolute(folder)),
            "export" => check.exported.extend(command.words.iter().skip(1).cloned()),
            _ => {}
        }
    }
    starts
}

/// Replaces `sh -c "…"` and `flock FILE -c "…"` by the commands in it; their output goes where the outer one's does.
fn unwrap_shell(command: &Simple) -> Vec<Simple> {
    let Some((at, script)) = find_script(&command.words) else { return vec![command.clone()] };
    let is_bash = command.words[..at].iter().any(|word| base_name(word) == "bash");
    let inherit = |mut inner: Simple| {
        inner.has_bash_redirect &= !is_bash;
        inner.inherit(command);
        inner
    };
    split(script).into_iter().map(inherit).flat_map(|inner| unwrap_shell(&inner)).collect()
}

/// The script that a `-c` gives to a shell, and its place. A shell's own `-c` comes before all that is no option.
fn find_script(words: &[String]) -> Option<(usize, &String)> {
    let is_shell = |word: &String| matches!(base_name(word), "sh" | "bash" | "dash");
    let is_starter = |word: &String| is_shell(word) || matches!(base_name(word), "flock" | "su" | "runuser");
    let from = words.iter().position(is_starter)?;
    let mut is_options_only = is_shell(&words[from]);
    for (at, word) in words.iter().enumerate().skip(from + 1) {
        let is_option = word.starts_with('-');
        if (is_option && !word.starts_with("--") && word.ends_with('c')) || word == "--command" {
            return Some((at + 1, words.get(at + 1)?));
        }
        if !is_option && is_options_only {
            return None;
        }
        is_options_only |= is_shell(word);
    }
    None
}

pub(super) struct Check<'a> {
    pub(super) facts: &'a Facts<'a>,
    job: &'a CronJob,
    findings: &'a mut Vec<Finding>,
    pub(super) has_secret: bool,
    /// True after `cd` to an absolute folder: relative paths are safe then.
    is_rooted: bool,
    /// `NAME=value` of each `export` so far.
    pub(super) exported: Vec<String>,
}

impl Check<'_> {
    pub(super) fn find(&mut self, flaw: Flaw, detail: Sentence, next: Sentence) {
        self.findings.push(Finding::new(self.job.line, flaw, detail, next));
    }

    fn check_simple(&mut self, command: &Simple) -> Option<Start> {
        let at = self.find_program(command)?;
        let words: Vec<&String> = command.words[..=at].iter().collect();
        if is_user_field(&words) {
            self.find(Flaw::UserField, say::user_field(), say::remove_user());
        }
        let read = read_arguments(&command.words[at + 1..]);
        self.check_paths(command, at, read.as_ref().ok());
        self.check_there(command, at, read.as_ref().ok());
        // A wrong command line may still be quiet.
        let says_quiet = || command.words.iter().any(|word| word == "-q" || word == "--quiet");
        self.check_output(command, read.as_ref().map_or_else(|_| says_quiet(), |cli| cli.quiet));
        match read {
            Ok(cli) => {
                let Task { job, is_dry_run, .. } = cli.command.task();
                let config = self.config_of(command, at, Some(&cli));
                Some(Start { line: self.job.line, job, is_dry_run, times: self.job.times, config })
            }
            Err(why) => {
                // The parser's words quote the line.
                let detail =
                    if self.has_secret { say::arguments_refused_untold() } else { say::arguments_refused(&why) };
                self.find(Flaw::UnknownCommand, detail, say::try_by_hand());
                None
            }
        }
    }

    /// The place of kis-trade in a command; `None` when the command does something else.
    fn find_program(&self, command: &Simple) -> Option<usize> {
        let words = &command.words;
        let is_program = |word: &String| base_name(word) == PROGRAM;
        let is_followed = |at: usize| words.get(at + 1).is_some_and(is_program);
        let at = (0..words.len()).find(|at| is_program(&words[*at]) && !is_followed(*at))?;
        let is_start = || is_wrapper(base_name(&words[0])) || read_arguments(&words[at + 1..]).is_ok();
        (at == 0 || is_start()).then_some(at)
    }

    fn check_paths(&mut self, command: &Simple, at: usize, cli: Option<&Cli>) {
        let value = |name: &str| self.value_of(name, &command.words[..at]);
        let (has_path, has_config) = (value("PATH").is_some(), value("KIS_TRADE_CONFIG").is_some());
        let loose_setting = ["KIS_TRADE_CONFIG", "KIS_TRADE_STATE_DIR"]
            .into_iter()
            .find(|name| value(name).is_some_and(|is_absolute| !is_absolute));
        if !has_path {
            self.find(Flaw::NoPath, say::no_path(), say::set_path());
        }
        if self.is_rooted {
            return;
        }
        let program = &command.words[at];
        let is_loose = |path: &String| !is_absolute(path);
        let is_given_loose = |path: Option<&PathBuf>| path.is_some_and(|path| !is_absolute(&path.to_string_lossy()));
        let needs_config = !has_config && cli.is_some_and(|cli| cli.config.is_none());
        let page = cli.and_then(|cli| match &cli.command {
            Command::Status { html, .. } => html.as_ref(),
            _ => None,
        });
        let loose = [
            (program.contains('/') && is_loose(program), say::the_program()),
            (is_given_loose(cli.and_then(|cli| cli.config.as_ref())), Sentence::verbatim("--config")),
            (needs_config, say::the_configuration()),
            (is_given_loose(cli.and_then(|cli| cli.state_dir.as_ref())), Sentence::verbatim("--state-dir")),
            (is_given_loose(page), say::the_page()),
            (command.files.iter().any(is_loose), say::the_output()),
        ];
        let loose = loose.into_iter().filter_map(|(is_loose, what)| is_loose.then_some(what));
        for what in loose.chain(loose_setting.map(Sentence::verbatim)) {
            self.find(Flaw::RelativePath, say::looked_for_at_home(&what), say::write_from_root());
        }
    }

    /// Reports whether a variable is an absolute path, if it is set: before the program, by an earlier `export` in the line, or
    /// above the line, where no shell expands anything.
    fn value_of(&self, name: &str, before: &[String]) -> Option<bool> {
        let assigned = |word: &String| word.strip_prefix(name)?.strip_prefix('=').map(is_absolute);
        let in_line = before.iter().chain(&self.exported).rev().find_map(assigned);
        in_line.or_else(|| self.setting(name).map(|value| value.starts_with('/')))
    }

    pub(super) fn setting(&self, name: &str) -> Option<String> {
        self.facts.crontab.setting(name, self.job.line).map(|setting| setting.value.clone())
    }

    fn check_output(&mut self, command: &Simple, is_quiet: bool) {
        let (mail_to, shell) = (self.setting("MAILTO"), self.setting("SHELL"));
        let is_mailed = mail_to.as_deref() != Some("");
        if command.has_bash_redirect && !shell.is_some_and(|shell| shell.ends_with("bash")) {
            self.find(Flaw::BashRedirect, say::bash_redirect(), say::write_posix_redirect());
            return;
        }
        if command.stdout == Sink::Mail && is_mailed && !is_quiet {
            self.find(Flaw::Noisy, say::noisy(), say::be_quiet());
        }
        if command.stderr == Sink::Null || (command.stderr == Sink::Mail && !is_mailed) {
            self.find(Flaw::Unheard, say::unheard(), say::keep_errors());
        } else if command.stderr == Sink::Mail && mail_to.is_none() {
            self.find(Flaw::NoMailto, say::no_mailto(), say::set_mailto());
        }
    }
}

/// Parses kis-trade's arguments; the error is one line.
fn read_arguments(arguments: &[String]) -> Result<Cli, Sentence> {
    let words: Vec<OsString> =
        [PROGRAM].into_iter().chain(arguments.iter().map(String::as_str)).map(OsString::from).collect();
    Cli::from_arguments(&words).map_err(|error| cli::refusal(&error))
}

/// Reports whether a bare word that is no wrapper precedes the command.
fn is_user_field(words: &[&String]) -> bool {
    let is_bare =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let [first, second, ..] = words else { return false };
    // `docker exec` is no user.
    let is_command =
        |word: &str| word.contains('/') || base_name(word) == PROGRAM || (is_wrapper(word) && word != "exec");
    is_bare(first) && first.as_str() != PROGRAM && !is_wrapper(first) && is_command(second)
}

pub(super) fn is_wrapper(word: &str) -> bool {
    WRAPPERS.split(' ').any(|wrapper| wrapper == word)
}

pub(super) fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The shell turns a `~` at the beginning of a word, and `$HOME`, into an absolute path.
fn is_absolute(path: &str) -> bool {
    ["/", "~", "$HOME/", "${HOME}/"].iter().any(|start| path.starts_with(start))
}
