//! What is missing before the first run, and the three steps to the first contact.

use crate::config::Environment;
use crate::config::credentials::NAMES;
use crate::config::words::steps;
use crate::language::Sentence;

/// Lists which parts exist when the configuration is missing.
pub(super) fn missing(env: &Environment) -> Sentence {
    let unset: Vec<&str> = NAMES.into_iter().filter(|name| !env.is_set(name)).collect();
    match (&unset[..], env.is_set("CREDENTIALS_DIRECTORY")) {
        ([], _) => steps::only_the_configuration(),
        (_, true) => steps::perhaps_in_directory(),
        ([name], _) => steps::one_missing(name),
        (names, _) => steps::both_missing(&names.join(", ")),
    }
}

pub(super) fn from_configuration(path: &str) -> Sentence {
    steps::three_steps(&steps::copy_example(path), &steps::write_beside(), &steps::check_token())
}

pub(super) fn from_credentials(file: Option<&str>) -> Sentence {
    let write = file.map_or_else(steps::write_and_name_file, steps::write_file);
    steps::three_steps(&steps::get_app_key(), &write, &steps::check_token())
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
