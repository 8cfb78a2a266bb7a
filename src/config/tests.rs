//! Table tests of config.toml and the environment.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};

use rust_decimal::Decimal;
use tempfile::TempDir;

use crate::domain::notice::{Level, NoticeKind};

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const EXAMPLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml"));
const MINIMAL: &str = "[buy]\nwatch = [\"SOUN\"]\n";

fn folder_with(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    File::create(&path).unwrap().write_all(content.as_ref()).unwrap();
    (folder, path)
}

fn load_text(content: impl AsRef<[u8]>) -> Result<Settings, Failure> {
    let (_folder, path) = folder_with(content);
    load(&path, None, &Environment::default())
}

/// Loads a file that must fail, and gives its problems, one a line.
fn problems(content: impl AsRef<[u8]>) -> String {
    let failure = load_text(content).expect_err("must be refused");
    assert_eq!((failure.exit, failure.reason), (Exit::Config, Reason::ConfigInvalid));
    assert!(!failure.what.is_empty() && !failure.next.is_empty(), "{failure:?}");
    failure.because
}

/// A file with one bad line: a section, the line as its second, and what else is needed.
fn with_line(section: &str, line: &str) -> String {
    let gateway = if section == "gateway!" { "base_url = \"http://127.0.0.1:1\"\n" } else { "" };
    let watch = if line.starts_with("watch") { "" } else { "watch = [\"SOUN\"]\n" };
    match section.trim_end_matches('!') {
        "" => format!("# first\n{line}\n[buy]\n{watch}"),
        "buy" => format!("[buy]\n{line}\n{watch}"),
        "gateway" => format!("[gateway]\n{line}\n{gateway}[buy]\n{watch}"),
        other => format!("[{other}]\n{line}\n[buy]\n{watch}"),
    }
}

/// Section, bad line, what the message must contain besides the key and `line 2`. `gateway!`: with a loopback gateway.
const BAD_LINES: &[(&str, &str, &str)] = &[
    ("", "mode = \"papr\"", "\"papr\": must be \"paper\" or \"real\""),
    ("", "mode = \"PAPER\"", "must be \"paper\" or \"real\""),
    ("", "mode = \"\"", "must be \"paper\" or \"real\""),
    ("", "mode = 1", "must be"),
    ("", "mode = true", "= true: must be"),
    ("", "mode = [\"paper\"]", "= […]: must be"),
    ("", "mode = \"real \"", "must be"),
    ("", "mode = \"p\u{202e}aper\"", "\\u{202e}"),
    ("", "state_dir = \"\"", "must not be empty"),
    ("", "state_dir = 5", "must be a text in quotes"),
    ("", "state_dir = \"a\\u0000b\"", "NUL"),
    ("", "state_dir = \"~/state\"", "without `~`"),
    ("", "state_dirs = \"x\"", "did you mean state_dir?"),
    ("", "picks = 3", "it belongs under [buy]"),
    ("", "language = \"kr\"", "\"kr\": must be \"ko\" or \"en\""),
    ("", "lock = 5", "write [lock] on a line of its own"),
    ("account", "credentials_file = \"\"", "must not be empty"),
    ("account", "credentials_file = 5", "must be a text in quotes"),
    ("account", "credentials_file = \"~/c.toml\"", "without `~`"),
    ("account", "credential_file = \"c.toml\"", "did you mean [account] credentials_file?"),
    ("account", "app_key = \"sesame-sesame\"", "move it to the credentials file"),
    ("account", "app_secret = \"sesame-sesame\"", "move it to the credentials file"),
    ("account", "account_no = \"12345678-01\"", "move it to the credentials file"),
    ("account", "KIS_APP_KEY = \"sesame-sesame\"", "move it to the credentials file"),
    ("", "app_secret = \"sesame-sesame\"", "move it to the credentials file"),
    ("gateway", "appkey = \"sesame-sesame\"", "move it to the credentials file"),
    ("gateway", "base_url = \"http://example.com:80\"", "http://example.com:80\": must be"),
    ("gateway", "base_url = \"https://127.0.0.1:9443\"", "plain http to a literal loopback address"),
    ("gateway", "base_url = \"http://localhost:9443\"", "literal loopback address"),
    ("gateway", "base_url = \"https://openapi.koreainvestment.com:9443\"", "gateway for real accounts"),
    ("gateway", "base_url = \"http://sesame:sesame@127.0.0.1:80\"", "user name or password"),
    ("gateway", "base_url = \"http://127.0.0.1:0\"", "port from 1 to 65535"),
    ("gateway", "base_url = \"http://127.0.0.1:70000\"", "port from 1 to 65535"),
    ("gateway", "base_url = \"http://127.0.0.1:80/uapi\"", "must end after the port"),
    ("gateway", "base_url = \"http://10.0.0.1:80\"", "literal loopback address"),
    ("gateway", "base_url = \"\"", "must not be empty"),
    ("gateway", "base_url = 9443", "must be a text in quotes"),
    ("gateway", "timeout_seconds = 0", "from 1 to 120"),
    ("gateway", "timeout_seconds = -1", "from 1 to 120"),
    ("gateway", "timeout_seconds = 0.5", "from 1 to 120"),
    ("gateway", "timeout_seconds = 120.001", "from 1 to 120"),
    ("gateway", "timeout_seconds = \"10\"", "number without quotes"),
    ("gateway", "timeout_seconds = \"１２\"", "number without quotes"),
    ("gateway", "timeout_seconds = true", "must be a number"),
    ("gateway", "timeout_seconds = [10]", "must be a number"),
    ("gateway", "timeout_seconds = {}", "must be a number"),
    ("gateway", "timeout_seconds = 2026-03-09", "must be a number"),
    ("gateway", "timeout_seconds = 0x10", "decimal digits"),
    ("gateway", "timeout_seconds = 0b1", "decimal digits"),
    ("gateway", "timeout_seconds = 1e1", "plain digits"),
    ("gateway", "timeout_seconds = 1e308", "plain digits"),
    ("gateway", "timeout_seconds = nan", "plain digits"),
    ("gateway", "timeout_seconds = inf", "plain digits"),
    ("gateway", "timeout_seconds = -inf", "plain digits"),
    ("gateway", "timeout_seconds = 99999999999999999999999999999999", "at most 28 digits"),
    ("gateway", "timeout_seconds = 1.00000000000000000000000000000001", "at most 28 digits"),
    ("gateway!", "timeout_seconds = 0.09", "from 0.1 to 120"),
    ("gateway", "timeout_second = 10", "did you mean [gateway] timeout_seconds?"),
    ("gateway", "requests_per_second = 1.01", "from 0.1 to 1, KIS's limit with mode \"paper\""),
    ("gateway", "requests_per_second = 0", "from 0.1 to 1"),
    ("gateway", "requests_per_second = 0.09", "from 0.1 to 1"),
    ("gateway!", "requests_per_second = 10001", "from 0.1 to 10000"),
    ("gateway", "ledger_requests_per_second = 2", "from 0.1 to 1"),
    ("gateway", "ledger_requests_per_second = -0.5", "from 0.1 to 1"),
    ("gateway!", "ledger_requests_per_second = 0", "from 0.1 to 10000"),
    ("gateway", "settle_seconds = []", "has 0 entries"),
    ("gateway", "settle_seconds = [2, 4, 6, 8, 10, 12]", "has 6 entries"),
    ("gateway", "settle_seconds = [10, 2]", "must ascend"),
    ("gateway", "settle_seconds = [1, 10]", "= 1: must be from 2 to 300"),
    ("gateway", "settle_seconds = [2, 301]", "= 301: must be from 2 to 300"),
    ("gateway", "settle_seconds = [2, \"10\"]", "number without quotes"),
    ("gateway", "settle_seconds = 2", "must be a list in square brackets"),
    ("gateway!", "settle_seconds = [-1]", "from 0 to 300"),
    ("lock", "wait_seconds = -1", "from 0 to 3600"),
    ("lock", "wait_seconds = 3601", "from 0 to 3600"),
    ("lock", "wait_seconds = \"300\"", "number without quotes"),
    ("lock", "min_interval_seconds = -0.1", "from 0 to 3600"),
    ("lock", "min_interval_seconds = 3601", "from 0 to 3600"),
    ("token", "renew_at_hours_left = 0", "from 0.0833 to 23 hours"),
    ("token", "renew_at_hours_left = 24", "from 0.0833 to 23 hours"),
    ("token", "warn_at_hours_left = -1", "from 0 to 23 hours"),
    ("token", "warn_at_hours_left = 5", "must not be above renew_at_hours_left"),
    ("token", "attempts = 0", "from 1 to 10"),
    ("token", "attempts = 11", "from 1 to 10"),
    ("token", "attempts = 2.5", "must be a whole number from 1 to 10"),
    ("token", "attempts = 3.0", "must be a whole number from 1 to 10"),
    ("token", "retry_delay_seconds = 64", "from 65 to 600"),
    ("token", "retry_delay_seconds = 64.999", "from 65 to 600"),
    ("token", "retry_delay_seconds = 601", "from 65 to 600"),
    ("token", "retry_delay_seconds = 0", "from 65 to 600"),
    ("token", "access_token = \"sesame-sesame\"", "move it to the credentials file"),
    ("market", "buy_until = \"09:29\"", "from \"09:30\" to \"16:00\""),
    ("market", "buy_until = \"16:01\"", "from \"09:30\" to \"16:00\""),
    ("market", "buy_until = \"24:00\"", "New York time"),
    ("market", "buy_until = \"10:60\"", "New York time"),
    ("market", "buy_until = \"9:30\"", "New York time"),
    ("market", "buy_until = \"15:30:00\"", "New York time"),
    ("market", "buy_until = \"3:30 pm\"", "New York time"),
    ("market", "buy_until = \"１５:30\"", "New York time"),
    ("market", "buy_until = \"\"", "must not be empty"),
    ("market", "buy_until = 15:30:00", "must be a text in quotes"),
    ("market", "buy_until = 1530", "must be a text in quotes"),
    ("buy", "watch = []", "is empty"),
    ("buy", "watch = \"SOUN\"", "must be a list"),
    ("buy", "watch = [\"SOUN\", \"SOUN\"]", "\"SOUN\": is in the list already (line 2)"),
    ("buy", "watch = [\"SES\", \"NYSE:SES\"]", "\"NYSE:SES\": is in the list already"),
    ("buy", "watch = [\"NASD:SES\", \"NYSE:SES\"]", "is in the list already"),
    ("buy", "watch = [\"soun\"]", "must be in upper case: \"SOUN\""),
    ("buy", "watch = [\"nyse:ses\"]", "must be in upper case: \"NYSE:SES\""),
    ("buy", "watch = [\"SOUN \"]", "1 to 12 upper-case letters"),
    ("buy", "watch = [\"SO UN\"]", "1 to 12 upper-case letters"),
    ("buy", "watch = [\"ABCDEFGHIJKLM\"]", "1 to 12 upper-case letters"),
    ("buy", "watch = [\"../x\"]", "1 to 12 upper-case letters"),
    ("buy", "watch = [\"A;rm\"]", "1 to 12 upper-case letters"),
    ("buy", "watch = [\"--help\"]", "1 to 12 upper-case letters"),
    ("buy", "watch = [\"SO\u{202e}UN\"]", "\\u{202e}"),
    ("buy", "watch = [\"SO\\u001bUN\"]", "\\u{1b}"),
    ("buy", "watch = [\"ＳＯＵＮ\"]", "1 to 12 upper-case letters"),
    ("buy", "watch = [\"\"]", "1 to 12 upper-case letters"),
    ("buy", "watch = [\"NYS:SES\"]", "NASD, NYSE or AMEX"),
    ("buy", "watch = [\"SOUN\", 5]", "= 5: must be a symbol in quotes"),
    ("buy", "watch = [[\"SOUN\"]]", "must be a symbol in quotes"),
    ("buy", "filter = \"NVDA\"", "must be a list"),
    ("buy", "filter = [\"NVDA\", \"NVDA\"]", "is in the list already"),
    ("buy", "filter = [\"nvda\"]", "must be in upper case"),
    ("buy", "picks = 0", "from 1 to 1000"),
    ("buy", "picks = -1", "from 1 to 1000"),
    ("buy", "picks = 1.5", "whole number"),
    ("buy", "picks = 99999999999999999999", "from 1 to 1000"),
    ("buy", "picks = \"all\"", "number without quotes"),
    ("buy", "min_decline_percent = -0.1", "from 0 to 100 percent"),
    ("buy", "min_decline_percent = 150", "from 0 to 100 percent"),
    ("buy", "max_quantity = 0", "from 1 to 1000000"),
    ("buy", "max_quantity = 1000001", "from 1 to 1000000"),
    ("buy", "max_quantity = \"1,000\"", "number without quotes"),
    ("buy", "limit_offset_percent = -1", "from 0 to 20 percent"),
    ("buy", "limit_offset_percent = 50", "from 0 to 20 percent"),
    ("buy", "min_cash_usd = -0.01", "from 0 to 100000000 USD"),
    ("buy", "min_cash_usd = \"$100\"", "number without quotes"),
    ("buy", "rebuy = \"never\"", "\"below_last_sell\" or \"above_last_sell\" or \"any\""),
    ("buy", "rebuy = false", "\"below_last_sell\""),
    ("buy", "keep = []", "it belongs under [sell]"),
    ("sell", "take_profit_percent = -5", "from 0 to 300 percent"),
    ("sell", "take_profit_percent = 500", "from 0 to 300 percent"),
    ("sell", "take_profit_percent = \"5%\"", "number without quotes"),
    ("sell", "fallback_take_profit_percent = 150", "from 0 to 100 percent"),
    ("sell", "fallback_take_profit_percent = -1", "from 0 to 100 percent"),
    ("sell", "stop_loss_percent = 100.01", "from 0 to 100 percent"),
    ("sell", "stop_loss_percent = -15", "from 0 to 100 percent"),
    ("sell", "cooldown_days = -1", "from 0 to 3650"),
    ("sell", "cooldown_days = 3651", "from 0 to 3650"),
    ("sell", "cooldown_days = 0.5", "whole number"),
    ("sell", "sells_per_run = 0", "from 1 to 1000, or \"all\""),
    ("sell", "sells_per_run = \"any\"", "must be \"all\""),
    ("sell", "sells_per_run = -1", "from 1 to 1000"),
    ("sell", "sells_per_run = 1.0", "whole number"),
    ("sell", "positions = \"everything\"", "\"watch\" or \"all\""),
    ("sell", "limit_offset_percent = 21", "from 0 to 20 percent"),
    ("sell", "stop_loss_offset_percent = 100", "from 0 to 20 percent"),
    ("sell", "keep = [\"NYSE:SES\"]", "1 to 12 upper-case letters"),
    ("sell", "keep = [\"A\", \"B\", \"A\"]", "is in the list already"),
    ("sell", "keep = {}", "must be a list"),
    ("sell", "stop_loss = 15", "did you mean [sell] stop_loss_percent?"),
    ("cleanup", "cancel_buys_after_minutes = -1", "from 0 to 1440"),
    ("cleanup", "cancel_buys_after_minutes = \"never\"", "number without quotes"),
    ("cleanup", "cancel_sells_after_minutes = 1441", "from 0 to 1440"),
    ("limits", "max_order_usd = 0", "from 0.01 to 100000000 USD"),
    ("limits", "max_order_usd = -2000", "from 0.01 to 100000000 USD"),
    ("limits", "max_order_usd = 0.001", "from 0.01 to 100000000 USD"),
    ("limits", "max_order_usd = 5000.01", "must not be above max_buy_usd_per_day (5000)"),
    ("limits", "max_order_usd = 1e308", "plain digits"),
    ("limits", "max_order_usd = \"2,000\"", "number without quotes"),
    ("limits", "max_buy_usd_per_day = 0", "from 0.01 to 100000000 USD"),
    ("limits", "max_buy_usd_per_day = 100000001", "from 0.01 to 100000000 USD"),
    ("limits", "max_positions = 0", "from 1 to 1000"),
    ("limits", "max_positions = 4294967296", "from 1 to 1000"),
    ("limits", "max_daily_loss_percent = -1", "from 0 to 100 percent"),
    ("limits", "max_daily_loss_percent = 500", "from 0 to 100 percent"),
    ("limits", "max_position_usd = -1", "from 0 to 100000000 USD"),
    ("limits", "max_price_move_percent = -1", "from 0 to 1000 percent"),
    ("limits", "max_price_move_percent = 4000", "from 0 to 1000 percent"),
    ("limits", "plausible_profit_percent = [100, -50]", "the lower number first"),
    ("limits", "plausible_profit_percent = [5, 5]", "the lower number first"),
    ("limits", "plausible_profit_percent = [-50]", "has 1 entries"),
    ("limits", "plausible_profit_percent = [-101, 100]", "= -101: must be from -100 to 10000"),
    ("limits", "plausible_profit_percent = 50", "must be a list"),
    ("limits", "trading = \"off\"", "\"off\": must be \"all\" or \"sell_only\""),
    ("limits", "trading = false", "must be \"all\" or \"sell_only\""),
    ("notify", "command = \"x\"", "must be a list"),
    ("notify", "command = [\"\"]", "must not be empty"),
    ("notify", "command = [\"x\", 5]", "must be a text in quotes"),
    ("notify", "command = [\"x\\u0000y\"]", "NUL"),
    ("notify", "command = [\"~/bin/tell\"]", "without `~`"),
    ("notify", "commands = []", "did you mean [notify] command?"),
    ("notify", "timeout_seconds = 0.9", "from 1 to 10"),
    ("notify", "timeout_seconds = 11", "from 1 to 10"),
    ("notify", "target = 5", "must be written as [[notify.target]]"),
    ("notify", "target = [5]", "must be written as [[notify.target]]"),
    ("notify", "target = [{}]", "needs kind"),
    ("notify", "target = [{ kind = \"mail\" }]", "must be \"telegram\" or \"slack\" or \"discord\" or \"webhook\""),
    ("notify", "target = [{ kind = \"slack\" }]", "of kind \"slack\" needs url_file"),
    (
        "notify",
        "target = [{ kind = \"slack\", url = \"https://hooks.slack.com/sesame\" }]",
        "https://hooks.slack.com/…\": is a secret",
    ),
    (
        "notify",
        "target = [{ kind = \"discord\", url = \"https://discord.com/sesame\" }]",
        "is a secret: write it into a file",
    ),
    ("notify", "target = [{ kind = \"discord\", url_file = \"nowhere\" }]", "must be a file that exists"),
    ("notify", "target = [{ kind = \"discord\", url_file = \"a\", url = \"http://127.0.0.1/\" }]", "not both"),
    ("notify", "target = [{ kind = \"webhook\", url = \"http://example.com/sesame\" }]", "must be https://"),
    ("notify", "target = [{ kind = \"webhook\", url = \"https://u:sesame@example.com/\" }]", "user name or password"),
    ("notify", "target = [{ kind = \"webhook\", url = 5 }]", "must be a text in quotes"),
    ("notify", "target = [{ kind = \"webhook\", url = \"https://a/\", chat_id = \"1\" }]", "takes no chat_id"),
    ("notify", "target = [{ kind = \"webhook\", url = \"https://a/\", level = \"all\" }]", "must be \"info\" or"),
    (
        "notify",
        "target = [{ kind = \"webhook\", url = \"https://a/\", events = [\"fill\"] }]",
        "must be one of order_accepted, ",
    ),
    ("notify", "target = [{ kind = \"webhook\", url = \"https://a/\", events = \"all\" }]", "must be a list"),
    ("notify", "target = [{ kind = \"telegram\", chat_id = \"1\" }]", "needs token_file"),
    (
        "notify",
        "target = [{ kind = \"telegram\", chat_id = \"1\", token_file = \"x\", url = \"https://example.com\" }]",
        "must be left out, or plain http",
    ),
    (
        "notify",
        "target = [{ kind = \"webhook\", url = \"https://a/\", bot_token = \"sesame\" }]",
        "secrets stand in files",
    ),
    (
        "notify",
        "target = [{ kind = \"webhook\", url = \"https://a/\", color = \"red\" }]",
        "unknown key `color`; known here: kind, url",
    ),
    ("ping", "url = \"x\"", "must be https://"),
    ("ping", "url = \"http://example.com/{command}\"", "must be https://"),
    ("ping", "url = \"https://example.com/sesame\"", "has no {command}"),
    ("ping", "url_file = \"nowhere\"", "must be a file that exists"),
    ("ping", "commands = [\"hodl\"]", "must be one of sell, buy, cleanup, status, token-check"),
    ("ping", "commands = \"sell\"", "must be a list"),
    ("ping", "uri = \"x\"", "did you mean [ping] url?"),
    // Broken TOML.
    ("buy", "picks = 1,000", "not TOML"),
    ("buy", "picks = １２", "not TOML"),
    ("buy", "picks =", "not TOML"),
    ("buy", "picks = 3 4", "not TOML"),
    ("buy", "picks = 03", "not TOML"),
    ("buy", "picks = .5", "not TOML"),
    ("buy", "rebuy = any", "not TOML"),
    ("buy", "rebuy = \"any", "not TOML"),
    ("limits", "max_order_usd = $2000", "not TOML"),
    ("limits", "max_order_usd = 0.1+0.2", "not TOML"),
];

#[test]
fn every_bad_line_is_named_with_its_number_key_and_remedy() {
    assert!(BAD_LINES.len() >= 150, "{}", BAD_LINES.len());
    assert!(problems(with_line("pong", "url = \"x\"")).starts_with("line 1: unknown section [`pong`]"));
    for (section, line, expected) in BAD_LINES {
        let because = problems(with_line(section, line));
        let key = line.split(' ').next().unwrap();
        assert!(because.lines().count() == 1, "{line}: {because}");
        assert!(because.starts_with("line 2: "), "{line}: {because}");
        assert!(because.contains(key) && because.contains(expected), "{line}: {because}");
        assert!(!because.contains("sesame") && !because.contains("12345678"), "{because}");
        assert!(!because.chars().any(|c| c.is_control() || c == '\u{202e}'), "{because}");
    }
}

#[test]
fn numbers_and_words_at_the_edges_are_taken() {
    for (section, line) in [
        ("", "mode = \"real\""),
        ("", "mode = 'paper'"),
        ("gateway", "timeout_seconds = 1"),
        ("gateway", "timeout_seconds = 1_2"),
        ("gateway", "timeout_seconds = +120.000"),
        ("gateway!", "timeout_seconds = 0.1"),
        ("gateway", "requests_per_second = 0.1"),
        ("gateway", "requests_per_second = 1"),
        ("gateway!", "requests_per_second = 10000"),
        ("gateway!", "ledger_requests_per_second = 10000"),
        ("gateway", "settle_seconds = [2]"),
        ("gateway", "settle_seconds = [2, 2.5, 100, 200, 300]"),
        ("gateway!", "settle_seconds = [0, 0]"),
        ("gateway", "base_url = \"https://openapivts.koreainvestment.com:29443/\""),
        ("lock", "wait_seconds = 0"),
        ("lock", "wait_seconds = 3600"),
        ("lock", "wait_seconds = -0.0"),
        ("lock", "min_interval_seconds = 0"),
        ("token", "renew_at_hours_left = 23"),
        ("token", "renew_at_hours_left = 0.0833"),
        ("token", "renew_at_hours_left = 1"),
        ("token", "warn_at_hours_left = 0"),
        ("token", "warn_at_hours_left = 4"),
        ("token", "attempts = 10"),
        ("token", "retry_delay_seconds = 65"),
        ("token", "retry_delay_seconds = 600"),
        ("market", "buy_until = \"09:30\""),
        ("market", "buy_until = \"16:00\""),
        ("buy", "filter = []"),
        ("buy", "watch = [\"BRK/B\", \"NYSE:SES\", \"NASD:SOUN\", \"AMEX:X\"]"),
        ("buy", "picks = 1"),
        ("buy", "min_cash_usd = 0"),
        ("sell", "sells_per_run = \"all\""),
        ("sell", "positions = \"all\""),
        ("sell", "take_profit_percent = 0"),
        ("sell", "take_profit_percent = 0.1"),
        ("sell", "keep = [\"BRK/B\"]"),
        ("cleanup", "cancel_buys_after_minutes = 0"),
        ("limits", "trading = \"sell_only\""),
        ("limits", "max_order_usd = 5000"),
        ("limits", "max_buy_usd_per_day = 1000"),
        ("limits", "max_position_usd = 0"),
        ("limits", "plausible_profit_percent = []"),
        ("limits", "plausible_profit_percent = [-99.9, 0.5]"),
    ] {
        let loaded = load_text(with_line(section, line));
        assert!(loaded.is_ok(), "{line}: {loaded:?}");
    }
}

#[test]
fn without_a_line_of_its_own_a_setting_has_its_default() {
    let (folder, path) = folder_with(MINIMAL);
    let settings = load(&path, None, &Environment::default()).unwrap();
    let percent = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!(settings.mode, Mode::Paper);
    assert_eq!(settings.state_dir, folder.path().join("state"));
    assert_eq!(settings.credentials_file, None);
    assert_eq!(settings.gateway.base_url, "https://openapivts.koreainvestment.com:29443");
    assert!(!settings.gateway.is_loopback);
    assert_eq!(settings.gateway.timeout, 10 * SECOND);
    assert_eq!(settings.gateway.requests_per_second, percent("0.9"));
    assert_eq!(settings.gateway.ledger_requests_per_second, percent("1"));
    assert_eq!(settings.gateway.settle_after, [2 * SECOND, 10 * SECOND]);
    assert_eq!((settings.lock.wait, settings.lock.min_interval), (300 * SECOND, 60 * SECOND));
    assert_eq!((settings.token.renew_at_left, settings.token.warn_at_left), (14400 * SECOND, 7200 * SECOND));
    assert_eq!((settings.token.attempts, settings.token.retry_delay), (3, 65 * SECOND));
    assert_eq!(settings.buy_until.to_string(), "15:30:00");
    let filter = settings.buy.filter.iter().map(|listed| listed.symbol.as_str()).collect::<Vec<_>>();
    assert_eq!(filter, ["NVDA", "AMZN", "MSFT"]);
    assert_eq!((settings.buy.picks, settings.buy.max_quantity), (3, 100));
    assert_eq!((settings.buy.min_decline_percent, settings.buy.limit_offset_percent), (Decimal::ZERO, Decimal::ZERO));
    assert_eq!((settings.buy.min_cash, settings.buy.rebuy), ("100".parse().unwrap(), Rebuy::BelowLastSell));
    assert_eq!(settings.sell.take_profit_percent, percent("5"));
    assert_eq!(settings.sell.fallback_take_profit_percent, Some(percent("1.5")));
    assert_eq!(settings.sell.stop_loss_percent, Some(percent("15")));
    assert_eq!((settings.sell.cooldown_days, settings.sell.sells_per_run), (100, Some(1)));
    assert!(!settings.sell.sells_all_positions && settings.sell.keep.is_empty());
    assert_eq!(settings.sell.limit_offset_percent, Decimal::ZERO);
    assert_eq!(settings.sell.stop_loss_offset_percent, percent("1"));
    assert_eq!(settings.cleanup.cancel_buys_after, Some(1200 * SECOND));
    assert_eq!(settings.cleanup.cancel_sells_after, Some(1200 * SECOND));
    assert_eq!(settings.limits.trading, Trading::All);
    assert_eq!(settings.limits.max_order, "2000".parse().unwrap());
    assert_eq!(settings.limits.max_buy_per_day, "5000".parse().unwrap());
    assert_eq!(settings.limits.max_positions, 10);
    assert_eq!(settings.limits.max_daily_loss_percent, percent("5"));
    assert_eq!(settings.limits.max_position, Some("5000".parse().unwrap()));
    assert_eq!(settings.limits.max_price_move_percent, Some(percent("40")));
    assert_eq!(settings.limits.plausible_profit_percent, Some((percent("-50"), percent("100"))));

    let real = load_text(format!("mode = \"real\"\n{MINIMAL}")).unwrap();
    assert_eq!(real.gateway.base_url, "https://openapi.koreainvestment.com:9443");
    assert_eq!(real.gateway.requests_per_second, percent("15"));
    assert_eq!(real.gateway.ledger_requests_per_second, percent("1"));
}

#[test]
fn the_example_documents_every_key_with_its_default() {
    let (folder, path) = folder_with(EXAMPLE);
    let example = load(&path, None, &Environment::default()).unwrap();
    let minimal = "[account]\ncredentials_file = \"credentials.toml\"\n[buy]\nwatch = [\"SOUN\", \"RGTI\", \"SES\"]\n";
    File::create(&path).unwrap().write_all(minimal.as_bytes()).unwrap();
    let defaults = load(&path, None, &Environment::default()).unwrap();
    assert_eq!(format!("{example:?}"), format!("{defaults:?}"));
    assert_eq!(example.credentials_file, Some(folder.path().join("credentials.toml")));

    // Optional keys are commented out without a space; switched on, they say the default as well.
    let uncomment =
        |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned();
    let all = EXAMPLE.lines().map(uncomment).collect::<Vec<_>>().join("\n");
    // Some have no default to say: an address, and what can only stand beside a file.
    let rates = all.replace("base_url = \"http://127.0.0.1:9443\"", "").replace("url_file = \"ping.url\"", "");
    let rates = rates.replace("url = \"https://hc-ping.com/YOUR-PING-KEY/kis-trade-{command}\"", "");
    File::create(&path).unwrap().write_all(rates.as_bytes()).unwrap();
    assert_eq!(format!("{:?}", load(&path, None, &Environment::default()).unwrap()), format!("{defaults:?}"));
    let document = Document::parse(&all);
    assert_eq!(document.syntax, []);
    let missing = keys::SETTINGS.iter().filter(|key| document.find(key).is_none()).collect::<Vec<_>>();
    assert_eq!(missing, [&"notify.target"], "which the next test reads");
    let with_loopback = all.replace("url_file = \"ping.url\"", "");
    assert!(load_text(&with_loopback).unwrap().gateway.is_loopback);
}

#[test]
fn the_example_documents_every_kind_of_target_and_each_of_its_keys() {
    let (folder, path) = folder_with("");
    let block =
        EXAMPLE.lines().skip_while(|line| *line != "# [[notify.target]]").take_while(|line| line.starts_with('#'));
    let block: String = block.map(|line| format!("{}\n", line.trim_start_matches(['#', ' ']))).collect();
    for (name, secret) in
        [("telegram.token", "123:abc"), ("slack.url", "https://a/sesame"), ("discord.url", "https://b/sesame\n")]
    {
        put_secret(&folder.path().join(name), secret, 0o600);
    }
    File::create(&path).unwrap().write_all(format!("{MINIMAL}{block}").as_bytes()).unwrap();
    let settings = load(&path, None, &Environment::default()).unwrap();
    let kinds: Vec<&str> = settings.notify.targets.iter().map(|target| target.kind.word()).collect();
    assert_eq!(kinds, ["telegram", "slack", "discord", "webhook"]);
    for key in keys::TARGET {
        assert!(block.contains(&format!("{key} = ")), "{key}");
    }
    let telegram = &settings.notify.targets[0];
    assert_eq!(
        (telegram.chat_id.as_deref(), telegram.level, telegram.events.len()),
        (Some("-1001234567890"), Level::Info, 4)
    );
    assert_eq!(settings.notify.targets[1].events.len(), NoticeKind::ALL.len());
    assert!(!format!("{settings:?}").contains("sesame"), "{settings:?}");
    use secrecy::ExposeSecret;
    assert_eq!(telegram.url.expose_secret(), "https://api.telegram.org/bot123:abc/sendMessage");
}

fn put_secret(path: &Path, text: &str, mode: u32) {
    File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_targets_secret_must_be_its_owners_alone_and_is_never_shown() {
    for (text, mode, words) in [
        ("https://a/sesame", 0o644, "others can reach it (mode 0644)"),
        ("https://a/sesame", 0o620, "others can reach it"),
        ("", 0o600, "is empty"),
        ("\n \n", 0o600, "is empty"),
        ("https://a/sesame\nhttps://b/sesame", 0o600, "must hold one line"),
        ("http://a/sesame", 0o600, "holds an address that must be https://"),
        ("sesame", 0o600, "holds an address that must be https://"),
    ] {
        let target = "[[notify.target]]\nkind = \"slack\"\nurl_file = \"secret\"";
        for section in [target, "[ping]\nurl_file = \"secret\""] {
            let (folder, path) = folder_with(format!("{MINIMAL}{section}\n"));
            put_secret(&folder.path().join("secret"), text, mode);
            let failure = load(&path, None, &Environment::default()).unwrap_err();
            assert!(failure.because.contains(words), "{words}: {failure:?}");
            assert!(!format!("{failure:?}").contains("sesame"), "{failure:?}");
        }
    }
    for token in ["sesame", "123:se same", "x:sesame", "123:"] {
        let target = "[[notify.target]]\nkind = \"telegram\"\nchat_id = \"1\"\ntoken_file = \"secret\"";
        let (folder, path) = folder_with(format!("{MINIMAL}{target}\n"));
        put_secret(&folder.path().join("secret"), token, 0o600);
        let because = load(&path, None, &Environment::default()).unwrap_err().because;
        assert!(because.contains("holds no bot token") && !because.contains("sesame"), "{because}");
    }
}

#[test]
fn a_telegram_target_needs_a_chat_and_a_token() {
    for (line, words) in [
        ("token_file = \"x\"", "[[notify.target]] of kind \"telegram\" needs chat_id"),
        ("token_file = \"x\"\nchat_id = \"a b\"", "[[notify.target]] chat_id = \"a b\": must be a chat's number"),
        ("chat_id = \"-100\"", "[[notify.target]] of kind \"telegram\" needs token_file"),
    ] {
        let because = problems(format!("{MINIMAL}[[notify.target]]\nkind = \"telegram\"\n{line}\n"));
        assert!(because.contains(words), "{because}");
    }
}

#[test]
fn a_ping_has_an_address_for_each_command() {
    use secrecy::ExposeSecret;
    let ping = |lines: &str| load_text(format!("{MINIMAL}[ping]\n{lines}\n")).unwrap().ping.unwrap();
    let address =
        |ping: &PingSettings, command| ping.url_for(command, "start").map(|url| url.expose_secret().to_owned());
    let all = ping("url = \"https://hc-ping.com/key/kis-{command}?create=1\"");
    assert_eq!(address(&all, "sell").unwrap(), "https://hc-ping.com/key/kis-sell/start?create=1");
    assert_eq!(address(&all, "token-check").unwrap(), "https://hc-ping.com/key/kis-token-check/start?create=1");
    let one = ping("url = \"https://hc-ping.com/uuid/\"\ncommands = [\"sell\"]");
    assert_eq!(address(&one, "sell").unwrap(), "https://hc-ping.com/uuid/start");
    assert_eq!(address(&one, "buy"), None);
    let both = problems(format!("{MINIMAL}[ping]\nurl = \"https://a/{{command}}\"\nurl_file = \"x\"\n"));
    assert!(both.contains("must not stand beside url_file"), "{both}");
}

#[test]
fn the_time_for_telling_is_bounded_and_shorter_only_with_a_loopback_gateway() {
    assert_eq!(load_text(MINIMAL).unwrap().notify.timeout, 10 * SECOND);
    let loopback = "[gateway]\nbase_url = \"http://127.0.0.1:1\"\n[notify]\ntimeout_seconds = 0.1\n";
    assert_eq!(load_text(format!("{MINIMAL}{loopback}")).unwrap().notify.timeout, SECOND / 10);
}

#[test]
fn every_known_key_is_read() {
    // No key takes a date, so each one that is read complains.
    let sections = keys::SETTINGS.iter().filter_map(|key| key.split_once('.')).map(|(section, _)| section);
    let mut file = String::from("mode = 2026-03-09\nstate_dir = 2026-03-09\nlanguage = 2026-03-09\n");
    for section in sections.collect::<BTreeSet<_>>() {
        file += &format!("[{section}]\n");
        for key in keys::SETTINGS.iter().filter_map(|key| key.strip_prefix(&format!("{section}."))) {
            file += &format!("{key} = 2026-03-09\n");
        }
    }
    let because = problems(file);
    for key in keys::SETTINGS {
        assert!(because.contains(&format!("{} = 2026-03-09: must", document::label(key))), "{key}: {because}");
    }
    assert_eq!(because.lines().count(), keys::SETTINGS.len());
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let because = problems(
        "mode = \"reel\"\r\n[gateway]\r\ntimeout_seconds = 0\r\nspeed = 1\r\n[buy]\r\nwatch = [\r\n\
              \"SOUN\",\r\n  \"soun\",\r\n  \"SOUN\",\r\n]\r\npicks = 0\r\n[limits]\r\nmax_order_usd = 900\r\n\
            max_buy_usd_per_day = 800\r\n",
    );
    let starts = ["line 1: mode", "line 3: [gateway] timeout_seconds", "line 4: [gateway] unknown key `speed`"];
    let more = [
        "line 8: [buy] watch = \"soun\"",
        "line 9: [buy] watch = \"SOUN\"",
        "line 11: [buy] picks",
        "line 13: [limits] max_order_usd",
    ];
    let lines = because.lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), 7, "{because}");
    for (line, start) in lines.iter().zip(starts.into_iter().chain(more)) {
        assert!(line.starts_with(start), "{start}: {because}");
    }
    // The count stands in what failed.
    let failure = load_text("mode = 1\nx = 1\n").unwrap_err();
    assert!(failure.what.ends_with("config.toml has 3 problems"), "{failure:?}");
    assert!(load_text("x = 1\n[buy]\nwatch = [\"A\"]").unwrap_err().what.ends_with("has 1 problem"));
}

#[test]
fn broken_syntax_hides_only_what_it_makes_uncertain() {
    // A value that was understood is told beside the broken line; what may only seem to be missing is not.
    let because = problems(
        "mode = paper\n[gateway]\ntimeout_seconds = 500\n[buy\nwatch = [\"SOUN\"]\n[token]\nretry_delay_seconds = 0\n",
    );
    let lines = because.lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), 3, "{because}");
    assert!(lines[0].starts_with("line 1: mode: not TOML"), "{because}");
    assert!(lines[1].starts_with("line 3: [gateway] timeout_seconds = 500"), "{because}");
    assert!(lines[2].starts_with("line 4: not TOML"), "{because}");
    // A doubled key or section is named by its second line.
    for (file, line) in
        [("mode = \"paper\"\nmode = \"real\"\n", "line 2: mode: "), ("[buy]\n[sell]\n[buy]\n", "line 3: ")]
    {
        let because = problems(file);
        assert!(because.starts_with(line) && because.contains("duplicate key"), "{because}");
    }
    // A broken line may hold a secret.
    let because = problems("[account]\napp_secret = sesame\nopen sesame = \"sesame\"\nsesame\n");
    assert!(because.contains("line 2: app_secret: not TOML") && !because.contains("sesame"), "{because}");
    // Neither depth nor size gets the better of it.
    for file in [
        "[".repeat(100_000),
        "a = ".to_owned() + &"[".repeat(100_000),
        "a.".repeat(100_000),
        "\"".repeat(99_999),
        "=\n".repeat(100_000),
    ] {
        assert!(problems(file).lines().count() <= MOST_PROBLEMS + 1);
    }
    let unknown = (0..50_000).map(|index| format!("key{index} = 1\n")).collect::<String>();
    assert!(problems(unknown).ends_with(" more"));
}

#[test]
fn sections_may_be_written_in_other_ways_but_not_doubled() {
    for good in ["buy.watch = [\"A\"]\n", "buy = { watch = [\"A\"], picks = 2 }\n", "\"buy\".'watch' = [\"A\"]\n"] {
        assert!(load_text(good).is_ok(), "{good}");
    }
    assert!(problems("\"buy.picks\" = 5\n[buy]\nwatch = [\"A\"]\n").contains("line 1: unknown key `buy.picks`"));
    assert!(problems("[[buy]]\nwatch = [\"A\"]\n").contains("write [buy] on a line of its own, once"));
    assert!(problems("[mode]\n[buy]\nwatch = [\"A\"]\n").contains("line 1: mode = {…}: must be"));
    assert!(problems("[buy.more]\nx = 1\n[buy]\nwatch = [\"A\"]\n").contains("unknown key `more`"));
    assert!(problems("[[pong.target]]\nx = 1\n[buy]\nwatch = [\"A\"]\n").contains("line 1: unknown section [`pong`]"));
}

#[test]
fn a_hook_with_a_slash_starts_at_the_files_folder() {
    for (line, command) in [
        ("command = [\"bin/tell\", \"--all\"]", ["bin/tell", "--all"].as_slice()),
        ("command = [\"/bin/tell\", \"bin/x\"]", &["/bin/tell", "bin/x"]),
        ("command = [\"tell\"]", &["tell"]),
        ("command = []", &[]),
    ] {
        let read = load_text(with_line("notify", line)).unwrap().notify.command;
        let is_resolved = |(read, written): (&String, &&str)| {
            read == *written || (read.ends_with(&format!("/{written}")) && read.starts_with('/'))
        };
        assert!(read.len() == command.len() && read.iter().zip(command).all(is_resolved), "{line}: {read:?}");
        assert_eq!(read.first().is_some_and(|program| program.starts_with('/')), line.contains("bin/tell"), "{read:?}");
    }
}

#[test]
fn numbers_are_taken_exactly_as_written() {
    let settings = load_text(with_line(
        "sell",
        "take_profit_percent = 0.1\n\
        fallback_take_profit_percent = 0.2\nstop_loss_percent = 0.3000000000000000000000001",
    ))
    .unwrap();
    let sum = settings.sell.take_profit_percent + settings.sell.fallback_take_profit_percent.unwrap();
    assert_eq!(sum, "0.3".parse::<Decimal>().unwrap());
    assert_eq!(settings.sell.stop_loss_percent.unwrap().to_string(), "0.3000000000000000000000001");
    let settings = load_text(with_line("token", "renew_at_hours_left = 0.1\nretry_delay_seconds = 65.25")).unwrap();
    assert_eq!(settings.token.renew_at_left, Duration::from_secs(360));
    assert_eq!(settings.token.retry_delay, Duration::from_millis(65_250));
    let settings = load_text(with_line("limits", "max_order_usd = 1_999.99")).unwrap();
    assert_eq!(settings.limits.max_order.to_string(), "1999.99");
}

#[test]
fn zero_turns_off_what_can_be_turned_off() {
    let settings = load_text(
        "[buy]\nwatch = [\"A\"]\nfilter = []\n[sell]\nfallback_take_profit_percent = 0\n\
            stop_loss_percent = 0.0\nsells_per_run = \"all\"\npositions = \"all\"\n[cleanup]\n\
            cancel_buys_after_minutes = 0\ncancel_sells_after_minutes = 0\n[limits]\nmax_position_usd = 0\n\
            max_price_move_percent = 0\nplausible_profit_percent = []\n[lock]\nmin_interval_seconds = 0\n",
    )
    .unwrap();
    assert!(settings.buy.filter.is_empty() && settings.sell.sells_all_positions);
    assert_eq!((settings.sell.fallback_take_profit_percent, settings.sell.stop_loss_percent), (None, None));
    assert_eq!(settings.sell.sells_per_run, None);
    assert_eq!((settings.cleanup.cancel_buys_after, settings.cleanup.cancel_sells_after), (None, None));
    assert_eq!((settings.limits.max_position, settings.limits.max_price_move_percent), (None, None));
    assert_eq!(settings.limits.plausible_profit_percent, None);
    assert_eq!(settings.lock.min_interval, Duration::ZERO);
}

#[test]
fn a_limit_or_warning_left_out_follows_the_one_written() {
    let settings = load_text(with_line("limits", "max_buy_usd_per_day = 1000")).unwrap();
    assert_eq!(settings.limits.max_order, "1000".parse().unwrap());
    let settings = load_text(with_line("token", "renew_at_hours_left = 1")).unwrap();
    assert_eq!(settings.token.warn_at_left, 3600 * SECOND);
}

#[test]
fn a_loopback_gateway_loosens_rates_and_times() {
    let file = "mode = \"real\"\n[gateway]\nbase_url = \"http://127.0.0.1:1234/\"\ntimeout_seconds = 0.1\n\
        requests_per_second = 10000\nledger_requests_per_second = 10000\nsettle_seconds = [0, 0.01]\n[token]\n\
        retry_delay_seconds = 0\n[buy]\nwatch = [\"A\"]\n";
    let settings = load_text(file).unwrap();
    assert_eq!(settings.gateway.base_url, "http://127.0.0.1:1234");
    assert!(settings.gateway.is_loopback);
    assert_eq!(settings.gateway.timeout, Duration::from_millis(100));
    assert_eq!(settings.gateway.settle_after, [Duration::ZERO, Duration::from_millis(10)]);
    assert_eq!(settings.token.retry_delay, Duration::ZERO);
    // Without it, each of the same numbers is refused, by its own range.
    assert_eq!(problems(file.replace("base_url", "#base_url")).lines().count(), 6);
    // With one that is refused only that is told: the ranges depend on it.
    assert_eq!(problems(file.replace("127.0.0.1", "10.0.0.1")).lines().count(), 1);
    let defaults = load_text("[gateway]\nbase_url = \"http://[::1]:80\"\n[buy]\nwatch = [\"A\"]\n").unwrap();
    assert_eq!(defaults.gateway.requests_per_second, Decimal::new(9, 1));
    assert_eq!(defaults.gateway.settle_after, [2 * SECOND, 10 * SECOND]);
    assert!(
        problems("mode = \"real\"\n[gateway]\nrequests_per_second = 18.01\n[buy]\nwatch = [\"A\"]\n")
            .contains("from 0.1 to 18")
    );
}

#[test]
fn files_that_are_no_settings_are_refused_by_what_they_are() {
    let utf16 = "[buy]\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let utf16_marked = [&[0xff, 0xfe][..], &utf16].concat();
    for (content, expected) in [
        (&b""[..], "[buy] watch is missing"),
        (b"# only a comment", "[buy] watch is missing"),
        (b"\xef\xbb\xbf", "[buy] watch is missing"),
        (&utf16, "line 1: it has a NUL byte"),
        (&utf16_marked, "UTF-16"),
        (b"\xfe\xff\0[", "UTF-16"),
        (b"mode = \"paper\"\n# caf\xe9\n", "line 2: it is not UTF-8"),
        (b"mode = \"paper\"\n\n\0", "line 3: it has a NUL byte"),
        (&[b'#'; 1024 * 1024 + 1], "larger than 1024 KiB"),
    ] {
        let because = problems(content);
        assert!(because.contains(expected), "{expected}: {because}");
    }
    let padded = format!("{MINIMAL}{}", "#".repeat(1024 * 1024 - MINIMAL.len()));
    assert!(load_text(padded).is_ok());
    assert!(load_text(format!("\u{feff}{MINIMAL}")).is_ok());
    assert!(load_text(MINIMAL.replace('\n', "\r\n")).is_ok());
    assert_eq!(problems(format!("\u{feff}x = 1\n{MINIMAL}")).lines().count(), 1);
}

#[test]
fn paths_that_are_no_files_are_refused_without_waiting() {
    let (folder, path) = folder_with(MINIMAL);
    let at = |name: &str| folder.path().join(name);
    let refused = |path: &Path| load(path, None, &Environment::default()).unwrap_err();
    fs::create_dir(at("directory")).unwrap();
    assert!(refused(&at("directory")).because.contains("is a directory"));
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, at("fifo"), fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert!(refused(&at("fifo")).because.contains("named pipe"));
    assert!(refused(Path::new("/dev/zero")).because.contains("not a regular file"));
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    assert!(refused(&at("socket")).because.contains("not a regular file"));
    let missing = refused(&at("missing.toml"));
    assert!(missing.what.contains("missing.toml"), "{missing:?}");
    for step in ["copy config.example.toml", "credentials", "kis-trade token-check"] {
        assert!(missing.next.contains(step), "{missing:?}");
    }
    assert!(refused(&path.join("below-a-file")).because.contains("directory"));
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    // Root reads everything.
    let is_root = rustix::process::geteuid().is_root();
    assert!(is_root || refused(&path).because.contains("this user may not read it"));
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    assert!(refused(&at("dangling")).what.contains("there is no configuration file"));
    symlink(&path, at("link")).unwrap();
    assert!(load(&at("link"), None, &Environment::default()).is_ok());
    assert!(refused(Path::new("a\nb\u{202e}.toml")).what.contains("a\\u{a}b\\u{202e}.toml"));
}

#[test]
fn the_state_directory_is_the_flags_then_the_environments_then_the_files() {
    let (folder, path) = folder_with(format!("state_dir = \"mine\"\n{MINIMAL}"));
    let env = Environment::from_pairs([("KIS_TRADE_STATE_DIR", "from-env")]);
    let state_dir = |flag: Option<&Path>, env: &Environment| load(&path, flag, env).map(|settings| settings.state_dir);
    assert_eq!(state_dir(Some(Path::new("flag")), &env).unwrap(), Path::new("flag"));
    assert_eq!(state_dir(None, &env).unwrap(), Path::new("from-env"));
    assert_eq!(state_dir(None, &Environment::default()).unwrap(), folder.path().join("mine"));
    assert!(state_dir(Some(Path::new("")), &env).is_err());
    assert!(state_dir(None, &Environment::from_pairs([("KIS_TRADE_STATE_DIR", "")])).is_err());
    let absolute = load_text(format!("state_dir = \"/var/lib/kis\"\n{MINIMAL}")).unwrap();
    assert_eq!(absolute.state_dir, Path::new("/var/lib/kis"));
}

#[test]
fn the_configuration_is_the_flags_then_the_environments_then_here() {
    let env = Environment::from_pairs([("KIS_TRADE_CONFIG", "from-env.toml")]);
    assert_eq!(config_path(Some(Path::new("flag.toml")), &env).unwrap(), Path::new("flag.toml"));
    assert_eq!(config_path(None, &env).unwrap(), Path::new("from-env.toml"));
    assert_eq!(config_path(None, &Environment::default()).unwrap(), Path::new("config.toml"));
    assert!(config_path(None, &Environment::from_pairs([("KIS_TRADE_CONFIG", "")])).is_err());
}

#[test]
fn a_rehearsal_needs_an_instant_and_a_loopback_gateway() {
    let loopback = load_text("[gateway]\nbase_url = \"http://127.0.0.1:1\"\n[buy]\nwatch = [\"A\"]\n").unwrap();
    let kis = load_text(MINIMAL).unwrap();
    let now =
        |settings: &Settings, text: &str| rehearsal_now(settings, &Environment::from_pairs([("KIS_TRADE_NOW", text)]));
    assert_eq!(rehearsal_now(&kis, &Environment::default()), Ok(None));
    for (text, utc) in [
        ("2026-03-09T14:30:00Z", "2026-03-09T14:30:00+00:00"),
        ("2026-03-09T10:30:00-04:00", "2026-03-09T14:30:00+00:00"),
        ("2026-03-09T23:30:00.5+09:00", "2026-03-09T14:30:00.500+00:00"),
    ] {
        assert_eq!(now(&loopback, text).unwrap().unwrap().to_rfc3339(), utc);
        assert!(now(&kis, text).unwrap_err().what.contains("KIS_TRADE_NOW"));
    }
    for bad in [
        "",
        "now",
        "2026-03-09",
        "2026-03-09T14:30:00",
        "1773066600",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "2026-03-09T14:30:00Z ",
    ] {
        let failure = now(&loopback, bad).unwrap_err();
        assert!(failure.exit == Exit::Config && failure.what.contains("KIS_TRADE_NOW"), "{bad}: {failure:?}");
        assert!(now(&kis, bad).is_err(), "{bad}");
    }
}

#[test]
fn the_environment_shows_no_values_and_takes_only_utf8() {
    use std::os::unix::ffi::OsStringExt;
    let latin1 = std::ffi::OsString::from_vec(vec![b'k', 0xe9]);
    let env = Environment::from_pairs([("KIS_APP_KEY", latin1)]);
    assert_eq!(format!("{env:?}"), "{\"KIS_APP_KEY\"}");
    let failure = env.text("KIS_APP_KEY").unwrap_err();
    assert!(failure.what.contains("KIS_APP_KEY is not UTF-8") && failure.because.contains("2 bytes"), "{failure:?}");
    assert_eq!(env.text("UNSET"), Ok(None));
    assert!(Environment::from_process().is_set("PATH") || !Environment::default().is_set("PATH"));
}
