//! What the shell makes of a crontab line, as far as it matters here: simple commands, and where their output goes.

/// One simple command of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simple {
    /// Program and arguments, without quotes.
    pub words: Vec<String>,
    /// Files that output is sent to, `/dev/null` among them.
    pub files: Vec<String>,
    /// Where standard output ends.
    pub stdout: Sink,
    /// Where standard error ends.
    pub stderr: Sink,
    /// True for `&>` and `&>>`, which only bash knows.
    pub has_bash_redirect: bool,
}

/// Where output ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sink {
    /// Cron collects and mails it.
    #[default]
    Mail,
    /// In a file, or in another program.
    Kept,
    /// Nowhere.
    Null,
}

/// The part of a command that the shell gets, `\%` as `%`, and whether cron cuts it at a bare `%`.
pub fn without_percent(command: &str) -> (String, bool) {
    let mut shell = String::new();
    let mut characters = command.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' if characters.peek() == Some(&'%') => shell.extend(characters.next()),
            '%' => return (shell, true),
            c => shell.push(c),
        }
    }
    (shell, false)
}

/// Splits a line into its simple commands.
pub fn split(line: &str) -> Vec<Simple> {
    let mut commands = Vec::new();
    let mut current = Simple::default();
    let mut tokens = tokens(line).into_iter();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) => current.words.push(word),
            Token::End { is_pipe } => {
                if is_pipe && current.stdout == Sink::Mail {
                    current.stdout = Sink::Kept;
                    // `2>&1 |` sends both into the pipe.
                    if current.stderr == Sink::Mail && current.files.iter().any(|file| file == "&1") {
                        current.stderr = Sink::Kept;
                    }
                }
                commands.push(std::mem::take(&mut current));
            }
            Token::Redirect { from, is_bash } => {
                current.has_bash_redirect |= is_bash;
                if let Some(Token::Word(target)) = tokens.next() {
                    current.send(from, &target);
                }
            }
        }
    }
    commands.push(current);
    commands.retain(|command| !command.words.is_empty());
    commands.iter_mut().for_each(|command| command.files.retain(|file| !file.starts_with('&')));
    commands
}

impl Simple {
    fn send(&mut self, from: From, target: &str) {
        let sink = match target {
            "/dev/null" => Sink::Null,
            "&1" => self.stdout,
            "&2" => self.stderr,
            _ => Sink::Kept,
        };
        match from {
            From::Input => {}
            From::Stdout => self.stdout = sink,
            From::Stderr => self.stderr = sink,
            From::Both => (self.stdout, self.stderr) = (sink, sink),
        }
        self.files.push(target.to_owned());
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Input,
    Stdout,
    Stderr,
    Both,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    End { is_pipe: bool },
    Redirect { from: From, is_bash: bool },
}

fn tokens(line: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
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
            '&' if characters.peek() == Some(&'>') => {
                tokens.extend(word.take().map(Token::Word));
                characters.next();
                characters.next_if_eq(&'>');
                tokens.push(Token::Redirect { from: From::Both, is_bash: true });
            }
            '>' | '<' => {
                let from = match word.as_deref() {
                    Some("2") => From::Stderr,
                    Some("1") | None => {
                        if c == '<' {
                            From::Input
                        } else {
                            From::Stdout
                        }
                    }
                    Some(_) => {
                        tokens.extend(word.take().map(Token::Word));
                        if c == '<' { From::Input } else { From::Stdout }
                    }
                };
                word = None;
                while characters.next_if(|next| matches!(next, '>' | '<' | '|')).is_some() {}
                tokens.push(Token::Redirect { from, is_bash: false });
                if characters.next_if_eq(&'&').is_some() {
                    word = Some("&".to_owned());
                }
            }
            ';' | '|' | '&' | '(' | ')' => {
                tokens.extend(word.take().map(Token::Word));
                let is_pipe = c == '|' && characters.peek() != Some(&'|');
                characters.next_if_eq(&c);
                tokens.push(Token::End { is_pipe });
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    tokens.extend(word.take().map(Token::Word));
    tokens
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
        for line in ["\\", "'", "\"\\", ">", "2>", "&>", ">&", "|", "&&&", "$(a", "é>ß", "<<<"] {
            let _ = split(line);
        }
    }
}
