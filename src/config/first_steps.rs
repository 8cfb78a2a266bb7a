//! What is missing before the first run, and the three steps to the first contact.

use crate::config::Environment;
use crate::config::credentials::NAMES;

/// Lists which parts exist when the configuration is missing.
pub(super) fn missing(env: &Environment) -> String {
    let unset: Vec<&str> = NAMES.into_iter().filter(|name| !env.is_set(name)).collect();
    match (unset.len(), env.is_set("CREDENTIALS_DIRECTORY")) {
        (0, _) => "missing: the configuration; the credentials are set in the environment".to_owned(),
        (_, true) => "missing: the configuration; the credentials may be in $CREDENTIALS_DIRECTORY".to_owned(),
        (count, _) => {
            let (names, are) = (unset.join(", "), if count == 1 { "is" } else { "are" });
            format!("missing: the configuration, and credentials ({names} {are} not set either)")
        }
    }
}

pub(super) fn from_configuration(path: &str) -> String {
    steps([
        &format!(
            "copy config.example.toml to {path}, and name in it what may be bought: watch = [\"SOUN\"] under [buy]"
        ),
        &format!("beside it {}", WRITE_CREDENTIALS.replace("FILE", "credentials.toml")),
        TOKEN_CHECK,
    ])
}

pub(super) fn from_credentials(file: Option<&str>) -> String {
    let write = match file {
        Some(file) => WRITE_CREDENTIALS.replace("FILE", file),
        None => format!(
            "{}, and name it in the configuration: credentials_file = \"credentials.toml\" under [account]",
            WRITE_CREDENTIALS.replace("FILE", "credentials.toml")
        ),
    };
    let write = format!("{write} (or set KIS_APP_KEY, KIS_APP_SECRET and KIS_ACCOUNT_NO)");
    steps([
        "get an app key at KIS Developers (https://apiportal.koreainvestment.com), for a paper account (모의투자) while mode = \"paper\"",
        &write,
        TOKEN_CHECK,
    ])
}

const WRITE_CREDENTIALS: &str = "make a file that only you can read, `install -m 600 /dev/null FILE`, and write app_key, app_secret and \
    account_no into it, each = and its value in quotes";
const TOKEN_CHECK: &str = "run `kis-trade token-check`: it says whether KIS takes them, and if not, why";

fn steps(steps: [&str; 3]) -> String {
    let [first, second, third] = steps;
    format!("three steps lead to the first contact:\n1. {first}\n2. {second}\n3. {third}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_apart() {
        let set = |names: &[&str]| Environment::from_pairs(names.iter().map(|name| (*name, "x")));
        for (names, words) in [
            (&[][..], "and credentials (KIS_APP_KEY, KIS_APP_SECRET, KIS_ACCOUNT_NO are not set either)"),
            (&["KIS_APP_KEY", "KIS_APP_SECRET"], "and credentials (KIS_ACCOUNT_NO is not set either)"),
            (&["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO"], "the credentials are set in the environment"),
            (&["CREDENTIALS_DIRECTORY"], "may be in $CREDENTIALS_DIRECTORY"),
        ] {
            assert!(missing(&set(names)).contains(words), "{names:?}: {}", missing(&set(names)));
        }
    }

    #[test]
    fn the_steps_are_three_and_end_with_the_first_contact() {
        for text in [from_configuration("a.toml"), from_credentials(None), from_credentials(Some("c.toml"))] {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines.len(), 4, "{text}");
            assert!(lines[3].starts_with("3. run `kis-trade token-check`"), "{text}");
        }
        assert!(from_credentials(Some("c.toml")).contains("`install -m 600 /dev/null c.toml`"));
    }
}
