//! Finds the credentials and checks their form. No message ever holds a value, only its length.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::config::document::{Document, Problem};
use crate::config::file::{Purpose, Unreadable, read_text};
use crate::config::{Credentials, Environment, Settings, first_steps, invalid, keys, list_problems, show_path};
use crate::domain::account::AccountNumber;
use crate::exit::Failure;

/// The three names, in the environment and in `$CREDENTIALS_DIRECTORY`; same order as `keys::CREDENTIALS`.
pub(super) const NAMES: [&str; 3] = ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO"];

/// Texts that stand in templates where a value is to be filled in.
const PLACEHOLDERS: [&str; 6] = ["<", ">", "YOUR_", "CHANGEME", "CHANGE_ME", "PLACEHOLDER"];

/// Three texts from one source, in the order of `NAMES`, with the names they have there.
struct Source {
    place: String,
    values: [(String, String); 3],
}

/// Loads the credentials from the first source that exists: all three variables, the file that the configuration
/// names, `$CREDENTIALS_DIRECTORY`.
///
/// # Errors
///
/// No source, a source with a part missing, a file that others can reach, or a value of the wrong form.
pub fn load_credentials(settings: &Settings, env: &Environment) -> Result<Credentials, Failure> {
    if let Some(source) = from_variables(env)? {
        return check(&source);
    }
    if let Some(path) = &settings.credentials_file {
        if let Some(source) = from_file(path)? {
            return check(&source);
        }
        return match from_directory(env)? {
            Some(source) => check(&source),
            None => Err(invalid(format!("there is no credentials file {}", show_path(path)))
                .because("[account] credentials_file names it, and no other source of credentials is set")
                .next(first_steps::from_credentials(Some(&show_path(path))))),
        };
    }
    match from_directory(env)? {
        Some(source) => check(&source),
        None => Err(invalid("no credentials are set")
            .because(
                "neither the variables, nor [account] credentials_file, nor $CREDENTIALS_DIRECTORY gives them; \
                a credentials.toml counts only when [account] credentials_file names it",
            )
            .next(first_steps::from_credentials(None))),
    }
}

fn from_variables(env: &Environment) -> Result<Option<Source>, Failure> {
    let missing = NAMES.into_iter().filter(|name| !env.is_set(name)).collect::<Vec<_>>();
    if missing.len() == NAMES.len() {
        return Ok(None);
    }
    if !missing.is_empty() {
        return Err(half_set("the environment", &missing));
    }
    let value = |name: &str| Ok::<_, Failure>((name.to_owned(), env.text(name)?.unwrap_or_default().to_owned()));
    let [key, secret, account] = NAMES;
    let values = [value(key)?, value(secret)?, value(account)?];
    Ok(Some(Source { place: "the environment".to_owned(), values }))
}

/// Reads the credentials file; `None` when there is none.
fn from_file(path: &Path) -> Result<Option<Source>, Failure> {
    let text = match read_text(path, Purpose::OwnerOnlySecret) {
        Ok(text) => text,
        Err(Unreadable::Missing) => return Ok(None),
        Err(Unreadable::Refused(why)) => return Err(refused_file(path, why)),
    };
    let document = Document::parse(&text);
    let mut problems = document.syntax.clone();
    if problems.is_empty() {
        problems = keys::unknown_keys(&document, keys::CREDENTIALS);
    }
    let mut value = |name: &'static str| match document.find(name) {
        None => Err(name),
        Some(found) => {
            if found.value.as_str().is_none() {
                problems.push(Problem {
                    line: Some(found.line),
                    text: format!("{name} must be a text in quotes (value not shown)"),
                });
            }
            Ok((name.to_owned(), found.value.as_str().unwrap_or_default().to_owned()))
        }
    };
    let found = [value("app_key"), value("app_secret"), value("account_no")];
    if !problems.is_empty() {
        problems.sort();
        return Err(list_problems(path, &problems)
            .next("correct the file: it holds app_key, app_secret and account_no, each in quotes"));
    }
    match found {
        [Ok(key), Ok(secret), Ok(account)] => {
            Ok(Some(Source { place: show_path(path), values: [key, secret, account] }))
        }
        found => Err(half_set(&show_path(path), &found.into_iter().filter_map(Result::err).collect::<Vec<_>>())),
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
        match read_text(&path, Purpose::GuardedSecret) {
            Ok(text) => values.push((name.to_owned(), text.trim_end().to_owned())),
            Err(Unreadable::Missing) => missing.push(name),
            Err(Unreadable::Refused(why)) => return Err(refused_file(&path, why)),
        }
    }
    match <[_; 3]>::try_from(values) {
        Ok(values) => Ok(Some(Source { place: show_path(&directory), values })),
        Err(values) if values.is_empty() => Ok(None),
        Err(_) => Err(half_set(&show_path(&directory), &missing)),
    }
}

fn check(source: &Source) -> Result<Credentials, Failure> {
    let [(key_name, key), (secret_name, secret), (account_name, account)] = &source.values;
    let problems = [
        secret_problem(key, "a KIS app key", 36).map(|problem| format!("{key_name} {problem}")),
        secret_problem(secret, "a KIS app secret", 180).map(|problem| format!("{secret_name} {problem}")),
        account_problem(account).map(|problem| format!("{account_name} {problem}")),
    ];
    match AccountNumber::parse(account) {
        Some(account) if problems.iter().all(Option::is_none) => Ok(Credentials {
            app_key: SecretString::from(key.as_str()),
            app_secret: SecretString::from(secret.as_str()),
            account,
        }),
        _ => Err(invalid(format!("the credentials in {} can't be right", source.place))
            .because(problems.into_iter().flatten().collect::<Vec<_>>().join("\n"))
            .next("copy them anew from KIS Developers; nothing was sent")),
    }
}

/// What is wrong with a key or secret; the end of a sentence, without the value.
fn secret_problem(value: &str, what: &str, length: usize) -> Option<String> {
    let characters = value.chars().count();
    if value.is_empty() {
        return Some("is empty".to_owned());
    }
    if is_placeholder(value) {
        return Some(format!("looks like placeholder text ({characters} characters); {what} has {length}"));
    }
    if let Some(stray) = stray_character(value) {
        return Some(format!(
            "contains {stray} ({characters} characters); {what} has {length} letters, digits and signs"
        ));
    }
    (characters != length).then(|| format!("has {characters} characters; {what} has {length}"))
}

fn account_problem(value: &str) -> Option<String> {
    if AccountNumber::parse(value).is_some() {
        return None;
    }
    let form = "an account number is 8 digits, a hyphen and 2 digits, such as 12345678-01";
    let characters = value.chars().count();
    Some(match stray_character(value) {
        _ if value.is_empty() => "is empty".to_owned(),
        _ if is_placeholder(value) => format!("looks like placeholder text ({characters} characters); {form}"),
        Some(stray) => format!("contains {stray} ({characters} characters); {form}"),
        None => format!("has {characters} characters; {form}"),
    })
}

fn is_placeholder(value: &str) -> bool {
    let upper = value.to_ascii_uppercase();
    PLACEHOLDERS.iter().any(|placeholder| upper.contains(placeholder))
}

/// Names the first character that neither a key nor an account number can hold.
fn stray_character(value: &str) -> Option<&'static str> {
    value.chars().find_map(|c| match c {
        '\n' | '\r' => Some("a line break"),
        c if c.is_whitespace() => Some("a space"),
        '"' | '\'' | '`' => Some("a quote"),
        c if c.is_control() => Some("a control character"),
        c if !c.is_ascii() => Some("a character outside ASCII"),
        _ => None,
    })
}

fn half_set(place: &str, missing: &[&str]) -> Failure {
    invalid(format!("the credentials in {place} are incomplete"))
        .because(format!("missing: {}", missing.join(", ")))
        .next("set all three or none of them")
}

fn refused_file(path: &Path, why: String) -> Failure {
    invalid(format!("the credentials file {} can't be used", show_path(path)))
        .because(why)
        .next("make it a regular file of your own that nobody else can read (`chmod 600`), as UTF-8 text")
}

#[cfg(test)]
mod tests;
