//! Finds the credentials and checks their form. No message ever holds a value, only its length.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::config::document::{Document, Problem};
use crate::config::file::{FileKind, NoText, read_text};
use crate::config::words::{self, credentials as say};
use crate::config::{Environment, Settings, first_steps, invalid, keys, list_problems, show_path};
use crate::domain::AccountNumber;
use crate::exit::Failure;
use crate::language::Sentence;

/// Characters of a KIS app key.
pub const APP_KEY_LENGTH: usize = 36;
/// Characters of a KIS app secret.
pub const APP_SECRET_LENGTH: usize = 180;

/// What KIS knows the user by. Neither secret is ever shown.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// KIS app key.
    pub app_key: SecretString,
    /// KIS app secret.
    pub app_secret: SecretString,
    /// The account the key belongs to.
    pub account: AccountNumber,
}

/// The three names, in the environment and in `$CREDENTIALS_DIRECTORY`; same order as `keys::CREDENTIALS`.
pub(super) const NAMES: [&str; 3] = ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO"];

/// What templates hold where a value is to be filled in.
const PLACEHOLDERS: [&str; 6] = ["<", ">", "YOUR_", "CHANGEME", "CHANGE_ME", "PLACEHOLDER"];

/// Three texts from one source, in the order of `NAMES`, with the names they have there.
struct Source {
    place: Sentence,
    values: [(String, String); 3],
}

/// Loads the credentials from the first source that exists: all three variables, the file that the configuration
/// names, `$CREDENTIALS_DIRECTORY`.
///
/// # Errors
/// No source, a source with a part missing, a file that others can reach, or a value of the wrong form.
pub fn load_credentials(settings: &Settings, env: &Environment) -> Result<Credentials, Failure> {
    let file = settings.credentials_file.as_deref();
    let mut source = from_variables(env)?;
    if let (None, Some(path)) = (&source, file) {
        source = from_file(path)?;
    }
    if source.is_none() {
        source = from_directory(env)?;
    }
    let Some(source) = source else { return Err(no_source(file.map(show_path).as_deref())) };
    check(&source)
}

fn no_source(file: Option<&str>) -> Failure {
    let failure = match file {
        Some(path) => invalid(say::no_file(path)).because(say::only_the_file_is_named()),
        None => invalid(say::none_set()).because(say::no_source()),
    };
    failure.next(first_steps::from_credentials(file))
}

fn from_variables(env: &Environment) -> Result<Option<Source>, Failure> {
    let missing = NAMES.into_iter().filter(|name| !env.is_set(name)).collect::<Vec<_>>();
    if missing.len() == NAMES.len() {
        return Ok(None);
    }
    if !missing.is_empty() {
        return Err(incomplete(&say::the_environment(), &missing));
    }
    let value = |name: &str| Ok::<_, Failure>((name.to_owned(), env.text(name)?.unwrap_or_default().to_owned()));
    let [key, secret, account] = NAMES;
    let values = [value(key)?, value(secret)?, value(account)?];
    Ok(Some(Source { place: say::the_environment(), values }))
}

/// Reads the credentials file; `None` when there is none.
fn from_file(path: &Path) -> Result<Option<Source>, Failure> {
    let text = match read_text(path, FileKind::OwnerOnlySecret) {
        Ok(text) => text,
        Err(NoText::Missing) => return Ok(None),
        Err(NoText::Refused(why)) => return Err(refused_file(path, why)),
    };
    let document = Document::parse(&text);
    let mut problems = document.syntax.clone();
    if problems.is_empty() {
        problems = keys::unknown_keys(&document, keys::CREDENTIALS);
    }
    let mut value = |name: &'static str| {
        let found = document.find(name).ok_or(name)?;
        if found.value.as_str().is_none() {
            problems.push(Problem { line: Some(found.line), text: say::must_be_text(name) });
        }
        Ok((name.to_owned(), found.value.as_str().unwrap_or_default().to_owned()))
    };
    let found = [value("app_key"), value("app_secret"), value("account_no")];
    if !problems.is_empty() {
        problems.sort();
        return Err(list_problems(path, &problems).next(say::correct_file()));
    }
    let place = Sentence::verbatim(show_path(path));
    match found {
        [Ok(key), Ok(secret), Ok(account)] => Ok(Some(Source { place, values: [key, secret, account] })),
        found => Err(incomplete(&place, &found.into_iter().filter_map(Result::err).collect::<Vec<_>>())),
    }
}

/// Reads systemd's credentials; `None` when the variable is not set or its directory has none of the three.
fn from_directory(env: &Environment) -> Result<Option<Source>, Failure> {
    let Some(directory) = env.text("CREDENTIALS_DIRECTORY")? else { return Ok(None) };
    let directory = PathBuf::from(directory);
    let mut values = Vec::new();
    let mut missing = Vec::new();
    for name in NAMES {
        let path = directory.join(name);
        match read_text(&path, FileKind::GuardedSecret) {
            Ok(text) => values.push((name.to_owned(), text.trim_end().to_owned())),
            Err(NoText::Missing) => missing.push(name),
            Err(NoText::Refused(why)) => return Err(refused_file(&path, why)),
        }
    }
    let place = Sentence::verbatim(show_path(&directory));
    match <[_; 3]>::try_from(values) {
        Ok(values) => Ok(Some(Source { place, values })),
        Err(values) if values.is_empty() => Ok(None),
        Err(_) => Err(incomplete(&place, &missing)),
    }
}

fn check(source: &Source) -> Result<Credentials, Failure> {
    let [key, secret, account] = &source.values;
    let number = AccountNumber::parse(&account.1);
    let has_length = |text: &str, length| text.chars().count() == length && stray_character(text).is_none();
    let problems = [
        problem(key, has_length(&key.1, APP_KEY_LENGTH), say::form_of_key(APP_KEY_LENGTH)),
        problem(secret, has_length(&secret.1, APP_SECRET_LENGTH), say::form_of_secret(APP_SECRET_LENGTH)),
        problem(account, number.is_some(), say::form_of_account()),
    ];
    match number {
        Some(account) if problems.iter().all(Option::is_none) => Ok(Credentials {
            app_key: SecretString::from(key.1.as_str()),
            app_secret: SecretString::from(secret.1.as_str()),
            account,
        }),
        _ => Err(invalid(say::cannot_be_right(&source.place))
            .because(Sentence::joined(&problems.into_iter().flatten().collect::<Vec<_>>(), "\n"))
            .next(advice(&key.1, &secret.1, &account.1))),
    }
}

/// What to do about values of the wrong form. An account number is often there and only lacks its hyphen.
fn advice(key: &str, secret: &str, account: &str) -> Sentence {
    let is_digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = key.chars().count() == APP_KEY_LENGTH && secret.chars().count() == APP_SECRET_LENGTH;
    match account {
        _ if !is_whole => say::copy_anew(),
        _ if is_digits(account, 10) => say::add_hyphen(),
        _ if is_digits(account, 8) => say::add_product(),
        _ => say::correct_them(),
    }
}

/// What is wrong with a value, without the value; `form` says what would be right.
fn problem((name, value): &(String, String), has_form: bool, form: Sentence) -> Option<Sentence> {
    let length = words::characters(value);
    Some(match stray_character(value) {
        _ if value.is_empty() => say::is_empty(name),
        _ if is_placeholder(value) => say::is_placeholder(name, length, &form),
        _ if has_form => return None,
        Some(stray) => say::contains(name, &stray, length, &form),
        None => say::has_length(name, length, &form),
    })
}

fn is_placeholder(value: &str) -> bool {
    let upper = value.to_ascii_uppercase();
    PLACEHOLDERS.iter().any(|placeholder| upper.contains(placeholder))
}

/// Names the first character that neither a key nor an account number can hold.
fn stray_character(value: &str) -> Option<Sentence> {
    value.chars().find_map(|c| match c {
        '\n' | '\r' => Some(say::line_break()),
        c if c.is_whitespace() => Some(say::space()),
        '"' | '\'' | '`' => Some(say::quote()),
        c if c.is_control() => Some(say::control_character()),
        c if !c.is_ascii() => Some(say::not_ascii()),
        _ => None,
    })
}

fn incomplete(place: &Sentence, missing: &[&str]) -> Failure {
    invalid(say::incomplete(place)).because(say::missing(&missing.join(", "))).next(say::set_all_or_none())
}

fn refused_file(path: &Path, why: Sentence) -> Failure {
    invalid(say::file_refused(&show_path(path))).because(why).next(say::protect_file())
}

#[cfg(test)]
mod tests;
