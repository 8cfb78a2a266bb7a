//! The lines of `crontab.example` with this machine's paths.

use crate::language::Language;
use crate::setup::files::Place;
use crate::setup::words;

const EXAMPLE: &str = include_str!("../../crontab.example");
/// What the example has in their place.
const PROGRAM: &str = "/usr/local/bin/kis-trade";
const CONFIG: &str = "/opt/kis-trade/config.toml";
const LOG: &str = "/opt/kis-trade/kis-trade.log";

/// The crontab of a place. All output goes to its log, failures too: whether this machine can send mail is not known.
pub fn text(program: &str, place: &Place, language: Language) -> String {
    let is_shown = |line: &&str| line.starts_with("PATH=") || line.starts_with(|c: char| c.is_ascii_digit());
    // Each path is replaced once: a path of this machine may hold one of the example.
    let line = |line: &str| {
        let Some((start, rest)) = line.split_once(PROGRAM) else { return format!("{line}\n") };
        let (options, rest) = rest.split_once(CONFIG).unwrap_or((rest, ""));
        let job = rest.split_once(LOG).map_or(rest, |(job, _)| job);
        let paths = [program.to_owned(), place.path("config.toml"), place.path("kis-trade.log")];
        let [program, config, log] = paths.map(|path| quoted(&path).replace('%', "\\%"));
        format!("{start}{program}{options}{config}{job}{log} 2>&1\n")
    };
    let head = words::crontab_head();
    let lines: String = EXAMPLE.lines().filter(is_shown).map(line).collect();
    format!("{}{lines}", head.in_language(language))
}

/// A word as the shell takes it, in quotes only where it needs them.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ',' | ':' | '@');
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;
    use crate::config::Environment;

    #[test]
    fn every_line_of_the_example_gets_the_paths_of_this_machine() {
        let folder = TempDir::new().unwrap();
        let named = folder.path().join("kim's 100%/opt/kis-trade");
        std::fs::create_dir_all(named.parent().unwrap()).unwrap();
        let place = Place::find(Some(Path::new(&named)), &Environment::default()).unwrap_or_else(|why| panic!("{why}"));
        let text = text("/home/kim/.cargo/bin/kis-trade", &place, Language::English);
        let jobs: Vec<&str> = text.lines().filter(|line| line.contains(" timeout ")).collect();
        assert_eq!(jobs.len(), 5, "{text}");
        let config = format!("'{}/kim'\\''s 100\\%/opt/kis-trade/config.toml'", folder.path().display());
        let log = config.replace("config.toml", "kis-trade.log");
        for (line, job) in jobs.iter().zip(["token-check", "cleanup", "status", "sell", "buy"]) {
            let start = format!("timeout -k 10 900 /home/kim/.cargo/bin/kis-trade -q --config {config} {job} ");
            assert!(line.contains(&start) && line.ends_with(&format!(" >> {log} 2>&1")), "{line}");
        }
        assert!(text.contains("\nPATH=/usr/local/bin:/usr/bin:/bin\n") && !text.contains("MAILTO="), "{text}");
        assert!(text.lines().all(|line| line.starts_with('#') || !line.contains("example")), "{text}");
    }

    #[test]
    fn only_what_needs_quotes_has_them() {
        for (word, said) in
            [("/home/김/kis", "/home/김/kis"), ("/a b", "'/a b'"), ("/a'b", "'/a'\\''b'"), ("/$x", "'/$x'")]
        {
            assert_eq!(quoted(word), said);
        }
    }
}
