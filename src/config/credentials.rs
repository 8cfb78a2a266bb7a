//! Finds the credentials and checks their form. No message ever holds a value, only its length.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::config::document::{Document, Problem};
use crate::config::file::{FileKind, NoText, read_text};
use crate::config::{Environment, Settings, first_steps, invalid, keys, list_problems, show_path};
use crate::domain::{AccountNumber, counted};
use crate::exit::Failure;

/// What KIS knows the user by. Neither secret is ever shown.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// KIS app key, 36 characters.
    pub app_key: SecretString,
    /// KIS app secret, 180 characters.
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
    place: String,
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
        Some(path) => invalid(format!("there is no credentials file {path}"))
            .because("[account] credentials_file names it, and no other source of credentials is set"),
        None => invalid("no credentials are set").because(
            "neither the variables, nor [account] credentials_file, nor $CREDENTIALS_DIRECTORY gives them; \
            a credentials.toml counts only when [account] credentials_file names it",
        ),
    };
    failure.next(first_steps::from_credentials(file))
}

fn from_variables(env: &Environment) -> Result<Option<Source>, Failure> {
    let missing = NAMES.into_iter().filter(|name| !env.is_set(name)).collect::<Vec<_>>();
    if missing.len() == NAMES.len() {
        return Ok(None);
    }
    if !missing.is_empty() {
        return Err(incomplete("the environment", &missing));
    }
    let value = |name: &str| Ok::<_, Failure>((name.to_owned(), env.text(name)?.unwrap_or_default().to_owned()));
    let [key, secret, account] = NAMES;
    let values = [value(key)?, value(secret)?, value(account)?];
    Ok(Some(Source { place: "the environment".to_owned(), values }))
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
            let text = format!("{name} must be a text in quotes (value not shown)");
            problems.push(Problem { line: Some(found.line), text });
        }
        Ok((name.to_owned(), found.value.as_str().unwrap_or_default().to_owned()))
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
        found => Err(incomplete(&show_path(path), &found.into_iter().filter_map(Result::err).collect::<Vec<_>>())),
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
    match <[_; 3]>::try_from(values) {
        Ok(values) => Ok(Some(Source { place: show_path(&directory), values })),
        Err(values) if values.is_empty() => Ok(None),
        Err(_) => Err(incomplete(&show_path(&directory), &missing)),
    }
}

fn check(source: &Source) -> Result<Credentials, Failure> {
    let [key, secret, account] = &source.values;
    let number = AccountNumber::parse(&account.1);
    let has_length = |text: &str, length| text.chars().count() == length && stray_character(text).is_none();
    let problems = [
        problem(key, has_length(&key.1, 36), "a KIS app key has 36 letters, digits and signs"),
        problem(secret, has_length(&secret.1, 180), "a KIS app secret has 180 letters, digits and signs"),
        problem(account, number.is_some(), "an account number is 8 digits, a hyphen and 2 digits, such as 12345678-01"),
    ];
    match number {
        Some(account) if problems.iter().all(Option::is_none) => Ok(Credentials {
            app_key: SecretString::from(key.1.as_str()),
            app_secret: SecretString::from(secret.1.as_str()),
            account,
        }),
        _ => Err(invalid(format!("the credentials in {} can't be right", source.place))
            .because(problems.into_iter().flatten().collect::<Vec<_>>().join("\n"))
            .next(advice(&key.1, &secret.1, &account.1))),
    }
}

/// What to do about values of the wrong form. An account number is often there and only lacks its hyphen.
fn advice(key: &str, secret: &str, account: &str) -> &'static str {
    let is_digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match account {
        _ if key.chars().count() != 36 || secret.chars().count() != 180 => {
            "copy them anew from KIS Developers; nothing was sent"
        }
        _ if is_digits(account, 10) => {
            "write the account number with a hyphen after its eighth digit, such as 12345678-01"
        }
        _ if is_digits(account, 8) => {
            "write the two digits of the product, too, such as 12345678-01; KIS's app shows them"
        }
        _ => "correct what is named above; nothing was sent",
    }
}

/// What is wrong with a value, without the value; `form` says what would be right.
fn problem((name, value): &(String, String), has_form: bool, form: &str) -> Option<String> {
    let characters = counted(value.chars().count(), "character");
    Some(match stray_character(value) {
        _ if value.is_empty() => format!("{name} is empty"),
        _ if is_placeholder(value) => format!("{name} looks like placeholder text ({characters}); {form}"),
        _ if has_form => return None,
        Some(stray) => format!("{name} contains {stray} ({characters}); {form}"),
        None => format!("{name} has {characters}; {form}"),
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

fn incomplete(place: &str, missing: &[&str]) -> Failure {
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
