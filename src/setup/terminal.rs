//! Questions on a terminal: an answer in a line, or one that does not show. Bounded: after some wrong answers it ends.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::{ExposeSecret, SecretString};

use crate::exit::{Failure, Reason};
use crate::language::{Language, Sentence};
use crate::setup::words;

/// How often a question is asked.
const MOST_TRIES: usize = 5;
/// A terminal gives lines of 4095 bytes at most.
const LONGEST_LINE: u64 = 4096;

/// The terminal of the person who is asked.
pub struct Terminal {
    language: Language,
}

impl Terminal {
    /// The terminal behind standard input and output.
    ///
    /// # Errors
    /// One of them is no terminal.
    pub fn open(language: Language) -> Result<Terminal, Failure> {
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            return Ok(Terminal { language });
        }
        Err(Failure::new(Reason::Usage, words::not_a_terminal()).next(words::use_a_terminal()))
    }

    /// Prints a text as it is.
    pub fn say(&self, text: &Sentence) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = out.write_all(text.in_language(self.language).as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| broken(&error))
    }

    /// Asks until `read` takes the answer, which shows while it is typed.
    ///
    /// # Errors
    /// The input ended, or no answer could be used.
    pub fn ask<T>(&self, question: &Sentence, read: impl Fn(&str) -> Result<T, Sentence>) -> Result<T, Failure> {
        self.ask_often(|| {
            self.say(question)?;
            Ok(read(&read_line()?))
        })
    }

    /// The same for an answer that must not show.
    ///
    /// # Errors
    /// As for [`Terminal::ask`].
    pub fn ask_hidden<T>(&self, question: &Sentence, read: impl Fn(&str) -> Result<T, Sentence>) -> Result<T, Failure> {
        self.ask_often(|| {
            // Before the question: what is typed ahead of it would show.
            let hidden = Hidden::begin().map_err(|error| broken(&error))?;
            self.say(question)?;
            let answer = hidden.read_line()?;
            drop(hidden);
            let answer = answer.expose_secret().trim();
            if !answer.is_empty() {
                self.say(&words::was_read(answer.chars().count()))?;
            }
            Ok(read(answer))
        })
    }

    fn ask_often<T>(&self, mut ask: impl FnMut() -> Result<Result<T, Sentence>, Failure>) -> Result<T, Failure> {
        for _ in 0..MOST_TRIES {
            match ask()? {
                Ok(answer) => return Ok(answer),
                Err(wrong) => self.say(&words::wrong(&wrong))?,
            }
        }
        Err(Failure::new(Reason::Usage, words::no_usable_answer(MOST_TRIES)).next(words::start_again()))
    }
}

fn read_line() -> Result<String, Failure> {
    let mut line = Vec::new();
    let count = io::stdin().lock().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|error| broken(&error))?;
    if count == 0 { Err(ended()) } else { Ok(String::from_utf8_lossy(&line).trim().to_owned()) }
}

/// While it lives, the terminal neither shows what is typed nor makes signals of it.
struct Hidden {
    before: Termios,
}

impl Hidden {
    fn begin() -> io::Result<Hidden> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        tcsetattr(io::stdin(), OptionalActions::Now, &hidden)?;
        Ok(Hidden { before })
    }

    fn read_line(&self) -> Result<SecretString, Failure> {
        let end = EndOfInput { before: self.before.clone() };
        let config = rpassword::ConfigBuilder::new().output_writer(end).build();
        match rpassword::read_password_with_config(config) {
            Ok(answer) => Ok(SecretString::from(answer)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(ended()),
            Err(error) => Err(broken(&error)),
        }
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Receives the line's end, the only thing that rpassword writes. After a Ctrl-C rpassword ends the process by its signal before
/// anything is dropped, which would leave a terminal that shows nothing: so the terminal is put right here.
struct EndOfInput {
    before: Termios,
}

impl Write for EndOfInput {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        tcsetattr(io::stdin(), OptionalActions::Now, &self.before)?;
        io::stdout().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

fn ended() -> Failure {
    Failure::new(Reason::Usage, words::input_ended()).next(words::start_again())
}

fn broken(error: &io::Error) -> Failure {
    Failure::new(Reason::Unexpected, words::terminal_broken()).because(error).next(words::start_again())
}
