//! A crontab line as the shell reads it: simple commands, and where their output goes.

use std::iter::Peekable;
use std::str::Chars;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simple {
    /// Program and arguments, without quotes.
    pub words: Vec<String>,
    /// Targets of redirections.
    pub files: Vec<String>,
    pub stdout: Sink,
    pub stderr: Sink,
    /// True for `&>`, `&>>`, `>& FILE` and `|&`, which only bash knows.
    pub has_bash_redirect: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sink {
    #[default]
    Mail,
    /// In a file, or in another program.
    Kept,
    Null,
}

/// The part of a command that the shell gets, `\%` as `%`, and whether cron cuts it at a bare `%`.
pub fn without_percent(command: &str) -> (String, bool) {
    let mut shell = String::new();
    for part in command.split_inclusive('%') {
        match (part.strip_suffix("\\%"), part.strip_suffix('%')) {
            (Some(start), _) => shell.extend([start, "%"]),
            (None, Some(start)) => return (shell + start, true),
            (None, None) => shell.push_str(part),
        }
    }
    (shell, false)
}

/// The shell's own words, which precede a command or end a group of them.
const SHELL_WORDS: [&str; 13] =
    ["!", "do", "done", "elif", "else", "esac", "fi", "if", "then", "until", "while", "{", "}"];

/// Splits a line into its simple commands; those in `$(…)` come last.
pub fn split(line: &str) -> Vec<Simple> {
    let mut commands = split_raw(line);
    commands.retain(|command| !command.words.is_empty());
    commands.iter_mut().for_each(|command| command.files.retain(|file| !file.starts_with('&')));
    commands
}

/// Keeps commands without words, and `&1` among the files.
fn split_raw(line: &str) -> Vec<Simple> {
    let mut commands = Vec::new();
    let mut current = Simple::default();
    let (tokens, substitutions) = tokens(line);
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) => current.words.push(word),
            Token::End { is_pipe } => {
                if is_pipe {
                    current.keep_output();
                }
                commands.push(std::mem::take(&mut current));
            }
            Token::Redirect(redirect) => {
                current.has_bash_redirect |= redirect.is_bash;
                if let Some(Token::Word(target)) = tokens.next() {
                    current.send(redirect, target);
                }
            }
        }
    }
    commands.push(current);
    for command in &mut commands {
        let is_command = |word: &String| !SHELL_WORDS.contains(&word.as_str());
        command.words.drain(..command.words.iter().position(is_command).unwrap_or(command.words.len()));
    }
    share_redirects(&mut commands);
    for mut inner in substitutions.iter().flat_map(|text| split_raw(text)) {
        inner.keep_output();
        commands.push(inner);
    }
    commands
}

/// Redirections after the end of a group, `(a; b) >> FILE`, hold for the commands in it.
fn share_redirects(commands: &mut [Simple]) {
    for index in 0..commands.len() {
        let (before, rest) = commands.split_at_mut(index);
        let Some(group) = rest.first().filter(|command| command.words.is_empty()) else { continue };
        before.iter_mut().for_each(|command| command.inherit(group));
    }
}

impl Simple {
    /// Output that is not redirected goes where the outer command's does.
    pub fn inherit(&mut self, outer: &Simple) {
        for (own, outer) in [(&mut self.stdout, outer.stdout), (&mut self.stderr, outer.stderr)] {
            if *own == Sink::Mail {
                *own = outer;
            }
        }
        self.has_bash_redirect |= outer.has_bash_redirect;
        self.files.extend(outer.files.iter().cloned());
    }

    /// Another program reads standard output, and with `2>&1` standard error too.
    fn keep_output(&mut self) {
        if self.stdout != Sink::Mail {
            return;
        }
        self.stdout = Sink::Kept;
        if self.stderr == Sink::Mail && self.files.iter().any(|file| file == "&1") {
            self.stderr = Sink::Kept;
        }
    }

    fn send(&mut self, redirect: Redirect, target: String) {
        let sink = match target.as_str() {
            "/dev/null" => Sink::Null,
            "&1" => self.stdout,
            "&2" => self.stderr,
            _ => Sink::Kept,
        };
        let is_copy = |rest: &str| rest == "-" || (!rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
        self.has_bash_redirect |= target.strip_prefix('&').is_some_and(|rest| !is_copy(rest));
        if redirect.stdout {
            self.stdout = sink;
        }
        if redirect.stderr {
            self.stderr = sink;
        }
        self.files.push(target);
    }
}

/// Which streams it sends elsewhere; none when it is for input.
struct Redirect {
    stdout: bool,
    stderr: bool,
    is_bash: bool,
}

enum Token {
    Word(String),
    End { is_pipe: bool },
    Redirect(Redirect),
}

/// The tokens of a line, and the contents of its `$(…)` and backquotes.
fn tokens(line: &str) -> (Vec<Token>, Vec<String>) {
    let (mut tokens, mut substitutions) = (Vec::new(), Vec::new());
    let mut word: Option<String> = None;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' => tokens.extend(word.take().map(Token::Word)),
            '\'' | '"' => {
                let quoted = word.get_or_insert_default();
                while let Some(inner) = characters.next().filter(|inner| *inner != c) {
                    // In double quotes a backslash keeps the next character as it is.
                    let is_kept = inner == '\\' && c == '"';
                    quoted.extend(if is_kept { characters.next() } else { Some(inner) });
                }
            }
            '\\' => word.get_or_insert_default().extend(characters.next()),
            '#' if word.is_none() => break,
            '$' | '`' if c == '`' || characters.peek() == Some(&'(') => {
                let inner = take_substitution(&mut characters, c == '`');
                word.get_or_insert_default().extend(["$(", &inner, ")"]);
                substitutions.push(inner);
            }
            '&' if characters.peek() == Some(&'>') => {
                tokens.extend(word.take().map(Token::Word));
                characters.next();
                characters.next_if_eq(&'>');
                tokens.push(Token::Redirect(Redirect { stdout: true, stderr: true, is_bash: true }));
            }
            '>' | '<' => {
                // A number right before it is the stream.
                let stderr = word.as_deref() == Some("2");
                let redirect = Redirect { stdout: c == '>' && !stderr, stderr, is_bash: false };
                tokens.extend(word.take().filter(|word| word != "1" && word != "2").map(Token::Word));
                while characters.next_if(|next| matches!(next, '>' | '<' | '|')).is_some() {}
                tokens.push(Token::Redirect(redirect));
                if characters.next_if_eq(&'&').is_some() {
                    word = Some("&".to_owned());
                    while characters.next_if_eq(&' ').is_some() {}
                }
            }
            ';' | '|' | '&' | '(' | ')' => {
                tokens.extend(word.take().map(Token::Word));
                let is_pipe = c == '|' && characters.peek() != Some(&'|');
                if is_pipe && characters.next_if_eq(&'&').is_some() {
                    tokens.push(Token::Redirect(Redirect { stdout: false, stderr: true, is_bash: true }));
                    tokens.push(Token::Word("&1".to_owned()));
                }
                characters.next_if_eq(&c);
                tokens.push(Token::End { is_pipe });
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    tokens.extend(word.take().map(Token::Word));
    (tokens, substitutions)
}

/// The contents of `$(…)` or of backquotes, which have just begun.
fn take_substitution(characters: &mut Peekable<Chars>, is_backquoted: bool) -> String {
    if is_backquoted {
        return characters.take_while(|c| *c != '`').collect();
    }
    characters.next();
    let mut depth = 1;
    let is_inner = |c: &char| {
        depth += i32::from(*c == '(') - i32::from(*c == ')');
        depth > 0
    };
    characters.take_while(is_inner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Simple {
        let mut commands = split(line);
        assert_eq!(commands.len(), 1, "{commands:?}");
        commands.remove(0)
    }

    #[test]
    fn words_lose_their_quotes() {
        for (line, words) in [
            ("a  b\tc", &["a", "b", "c"][..]),
            (r#"a 'b c' "d \" e" f\ g"#, &["a", "b c", "d \" e", "f g"]),
            ("a '' b", &["a", "", "b"]),
            ("a # b", &["a"]),
            ("a b#c", &["a", "b#c"]),
            ("a 'b", &["a", "b"]),
        ] {
            assert_eq!(one(line).words, words, "{line}");
        }
    }

    #[test]
    fn simple_commands_end_where_the_shell_ends_them() {
        let words = |line: &str| split(line).into_iter().map(|command| command.words.join(" ")).collect::<Vec<_>>();
        assert_eq!(words("cd /x && a b; c | d || (e) & f"), ["cd /x", "a b", "c", "d", "e", "f"]);
        assert_eq!(words("if [ -e /x ]; then a; else ! b; fi; { c; }"), ["[ -e /x ]", "a", "b", "c"]);
        assert_eq!(words("a $(b (c)) `d e`f; g"), ["a $(b (c)) $(d e)f", "g", "b", "c", "d e"]);
        assert_eq!(words(""), Vec::<String>::new());
    }

    #[test]
    fn output_ends_where_it_is_sent() {
        use Sink::{Kept, Mail, Null};
        for (line, stdout, stderr) in [
            ("a", Mail, Mail),
            ("a >> /log", Kept, Mail),
            ("a >>/log 2>&1", Kept, Kept),
            ("a 2>&1 >> /log", Kept, Mail),
            ("a > /dev/null", Null, Mail),
            ("a > /dev/null 2>&1", Null, Null),
            ("a 2>/dev/null", Mail, Null),
            ("a 1>/log 2>/err", Kept, Kept),
            ("a &>> /log", Kept, Kept),
            ("a >&2", Mail, Mail),
            ("a < /in", Mail, Mail),
            ("a x2 >| /log", Kept, Mail),
        ] {
            let command = one(line);
            assert_eq!((command.stdout, command.stderr), (stdout, stderr), "{line}");
        }
        assert_eq!(one("a 2>> /err > /log x").files, ["/err", "/log"]);
        assert_eq!(one("a 2>> /err > /log x").words, ["a", "x"]);
        assert!(one("a &> /log").has_bash_redirect && !one("a > /log").has_bash_redirect);
        for line in ["(a; b) >> /log 2>&1", "{ a; b; } >> /log 2>&1", "a >> /log-$(date) 2>&1; b"] {
            assert_eq!((split(line)[0].stdout, split(line)[0].stderr), (Kept, Kept), "{line}");
            assert!(split(line)[0].files[0].starts_with("/log"), "{line}");
        }
        let inner = split("x=$(a 2>&1)").remove(1);
        assert_eq!((inner.stdout, inner.stderr), (Kept, Kept));
        assert_eq!((split("a |& b")[0].stdout, split("a |& b")[0].stderr), (Kept, Kept));
        assert!(split("a |& b")[0].has_bash_redirect && split("a >& /log")[0].has_bash_redirect);
        assert!(!split("a 2>&1 2>&- | b")[0].has_bash_redirect);
        assert_eq!(split("a 2>&1 | logger")[0].stderr, Kept);
        assert_eq!(split("a | logger")[0].stderr, Mail);
    }

    #[test]
    fn a_bare_percent_cuts_the_command() {
        assert_eq!(without_percent(r"date +\%F x"), ("date +%F x".to_owned(), false));
        assert_eq!(without_percent("date +%F x"), ("date +".to_owned(), true));
        assert_eq!(without_percent(r"a \\ b"), (r"a \\ b".to_owned(), false));
    }

    #[test]
    fn nothing_makes_it_panic() {
        for line in ["\\", "'", "\"\\", ">", "2>", "&>", ">&", "|", "|&", "&&&", "$(a", "$((", "`", "é>ß", "<<<"] {
            let _ = split(line);
        }
    }
}
