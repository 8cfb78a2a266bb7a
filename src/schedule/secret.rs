//! What must not be in a crontab: keys, secrets, account numbers, and addresses that are secrets themselves.

const CREDENTIALS: [&str; 3] = ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO"];
/// Longer than a word of a command line ever is, shorter than an app secret.
const SECRET_LENGTH: usize = 120;
/// The rest of such an address lets everyone write to the chat.
const SECRET_ADDRESSES: [&str; 4] =
    ["api.telegram.org/bot", "hooks.slack.com/services/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/"];

/// Reports whether a text holds credentials, by their names or by their form.
pub fn is_secret(text: &str) -> bool {
    let is_set = |name: &&str| text.split_once(*name).is_some_and(|(_, rest)| rest.trim_start().starts_with('='));
    CREDENTIALS.iter().any(is_set) || looks_secret(text)
}

/// Reports whether a text holds a key, a secret, an account number or a secret address, by its form. Names are fine in comments.
pub fn looks_secret(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let is_address = |start: &&str| {
        text.split_once(*start).is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    let is_key_or_secret = |word: &str| {
        let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
        let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
        let is_key = word.len() == 36 && word.starts_with("PS") && !word.contains(['+', '/']);
        is_key || (is_mixed && word.len() >= SECRET_LENGTH)
    };
    text.split(|c| !is_sign(c)).any(is_key_or_secret)
        || text.split(|c: char| !c.is_alphanumeric() && c != '-').any(is_account)
        || SECRET_ADDRESSES.iter().any(is_address)
}

/// `50000001-01`, but not the number of the examples.
fn is_account(word: &str) -> bool {
    let is_digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    word != "12345678-01"
        && word.split_once('-').is_some_and(|(number, product)| is_digits(number, 8) && is_digits(product, 2))
}
