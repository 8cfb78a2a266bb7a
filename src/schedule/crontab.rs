//! A crontab as Debian's cron reads it: settings, and lines that start something. Pure.
//!
//! A line that cron refuses is kept as a fault, so that it hides none of the others. Lines count from 1.

use crate::language::Sentence;
use crate::schedule::times::Times;
use crate::schedule::words::line as words;

/// The longest command of a line that Debian's cron takes, in bytes.
const LONGEST_COMMAND: usize = 998;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `crontab -e`: five fields and the command.
    User,
    /// `/etc/crontab` and `/etc/cron.d/*`: five fields, the user, and the command.
    System,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crontab {
    /// In order; each holds for the lines below it.
    pub settings: Vec<Setting>,
    pub jobs: Vec<CronJob>,
    /// Lines that cron refuses, and why.
    pub faults: Vec<(usize, Sentence)>,
    pub comments: Vec<(usize, String)>,
    pub line_count: usize,
    /// False when the last line lacks its newline.
    pub is_ended: bool,
    /// The first line that ends like a Windows text.
    pub carriage_return: Option<usize>,
}

/// `NAME=value`, without the quotes around the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub line: usize,
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronJob {
    pub line: usize,
    /// `None` for `@reboot`.
    pub times: Option<Times>,
    /// Everything after the time, and the user if there is one.
    pub command: String,
}

impl Crontab {
    pub fn parse(text: &str, form: Form) -> Crontab {
        let mut crontab = Crontab { is_ended: text.is_empty() || text.ends_with('\n'), ..Crontab::default() };
        for (index, line) in text.lines().enumerate() {
            crontab.line_count = index + 1;
            crontab.add(index + 1, line, form);
        }
        crontab.carriage_return = text.split('\n').position(|line| line.ends_with('\r')).map(|index| index + 1);
        crontab
    }

    /// The setting of a variable for a line; `None` when it is not set above it.
    pub fn setting(&self, name: &str, line: usize) -> Option<&Setting> {
        self.settings.iter().rfind(|setting| setting.name == name && setting.line < line)
    }

    fn add(&mut self, line: usize, text: &str, form: Form) {
        let text = text.trim_start_matches([' ', '\t']);
        if text.starts_with('#') {
            self.comments.push((line, text.to_owned()));
        } else if let Some((name, value)) = read_setting(text) {
            self.settings.push(Setting { line, name, value });
        } else if !text.is_empty() {
            match read_job(text, form) {
                Ok((times, command)) => self.jobs.push(CronJob { line, times, command }),
                Err(problem) => self.faults.push((line, problem)),
            }
        }
    }
}

/// `name = value`, each perhaps in quotes; `None` when it is something else.
fn read_setting(text: &str) -> Option<(String, String)> {
    let (name, rest) = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => text[1..].split_once(quote)?,
        _ => text.split_at(text.find(['=', ' ', '\t'])?),
    };
    let value = rest.trim_start_matches([' ', '\t']).strip_prefix('=')?.trim();
    let bare = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    (!name.is_empty()).then(|| (name.to_owned(), bare.unwrap_or(value).to_owned()))
}

fn read_job(text: &str, form: Form) -> Result<(Option<Times>, String), Sentence> {
    let (mut word, mut rest) = take_field(text);
    let times = if word.starts_with('@') {
        Times::of_nickname(word)?
    } else {
        let mut fields = [word, "", "", "", ""];
        for field in &mut fields[1..] {
            (word, rest) = take_field(rest);
            *field = word;
        }
        Some(Times::of_fields(fields)?)
    };
    if form == Form::System {
        rest = take_field(rest).1;
    }
    if rest.is_empty() {
        return Err(words::no_command());
    }
    if rest.len() > LONGEST_COMMAND {
        return Err(words::command_too_long(rest.len(), LONGEST_COMMAND));
    }
    Ok((times, rest.to_owned()))
}

/// The next field, and what follows the blanks after it.
fn take_field(text: &str) -> (&str, &str) {
    let (field, rest) = text.split_at(text.find([' ', '\t']).unwrap_or(text.len()));
    (field, rest.trim_start_matches([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(text: &str, form: Form) -> Vec<(usize, String)> {
        Crontab::parse(text, form).jobs.into_iter().map(|job| (job.line, job.command)).collect()
    }

    #[test]
    fn lines_settings_and_comments_are_told_apart() {
        let text =
            "# a comment\n\n  PATH = /usr/bin:/bin \nMAILTO=\"\"\n'A B'= 'x y'\n*/5 * * * *\tA=b cmd # not a comment\n";
        let crontab = Crontab::parse(text, Form::User);
        let settings: Vec<(usize, &str, &str)> =
            crontab.settings.iter().map(|setting| (setting.line, &setting.name[..], &setting.value[..])).collect();
        assert_eq!(settings, [(3, "PATH", "/usr/bin:/bin"), (4, "MAILTO", ""), (5, "A B", "x y")]);
        assert_eq!(jobs(text, Form::User), [(6, "A=b cmd # not a comment".to_owned())]);
        assert!(crontab.faults.is_empty() && crontab.is_ended && crontab.line_count == 6, "{crontab:?}");
    }

    #[test]
    fn a_setting_holds_for_the_lines_below_it() {
        let crontab = Crontab::parse("A=1\n* * * * * x\nA=2\n* * * * * y\n", Form::User);
        let value = |line| crontab.setting("A", line).map(|setting| setting.value.as_str());
        assert_eq!((value(1), value(2), value(4)), (None, Some("1"), Some("2")));
    }

    #[test]
    fn a_system_crontab_names_the_user() {
        assert_eq!(jobs("1 2 * * * root cmd a\n", Form::System), [(1, "cmd a".to_owned())]);
        assert_eq!(jobs("@daily root cmd\n", Form::System), [(1, "cmd".to_owned())]);
        assert_eq!(jobs("1 2 * * * root cmd a\n", Form::User), [(1, "root cmd a".to_owned())]);
    }

    #[test]
    fn a_bad_line_hides_no_other() {
        let crontab = Crontab::parse("61 * * * * x\n* * * * *\n@sometimes x\nhello\n* * * * * y\n", Form::User);
        let lines: Vec<usize> = crontab.faults.iter().map(|(line, _)| *line).collect();
        assert_eq!((lines, crontab.jobs.len()), (vec![1, 2, 3, 4], 1));
    }

    #[test]
    fn a_command_may_be_so_long_and_no_longer() {
        // As `crontab -n` of Debian's cron 3.0pl1-162 said.
        let faults = |length: usize| Crontab::parse(&format!("* * * * * {}\n", "x".repeat(length)), Form::User).faults;
        assert_eq!(faults(998), []);
        assert_eq!(faults(999)[0].1, "its command has 999 bytes, and cron takes 998 at most");
    }

    #[test]
    fn the_ends_of_lines_are_noticed() {
        assert!(!Crontab::parse("* * * * * x", Form::User).is_ended);
        assert!(Crontab::parse("", Form::User).is_ended);
        assert_eq!(Crontab::parse("a=b\n* * * * * x\r\n", Form::User).carriage_return, Some(2));
        assert_eq!(Crontab::parse("a=b\n* * * * * x\n", Form::User).carriage_return, None);
    }

    #[test]
    fn nothing_makes_it_panic() {
        for text in ["\"", "'", "=", "\"\"=", "@", "@ ", "* * * * * ", "é é é é é é", "@reboot", "* *", "\u{0}"] {
            for form in [Form::User, Form::System] {
                let _ = Crontab::parse(text, form);
            }
        }
    }
}
