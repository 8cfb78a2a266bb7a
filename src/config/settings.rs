//! Goes through config.toml key by key: ranges, defaults, and what must agree with what.
//!
//! Where nothing else sets an upper bound, there is one all the same, wide for people and narrow for slips: most
//! percentages entered in basis points do not pass.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveTime;
use rust_decimal::Decimal;

use crate::config::document::{Document, Problem};
use crate::config::gateway::{Bounds, read_gateway};
use crate::config::notify::{read_notify, read_ping};
use crate::config::reader::{Range, Reader, from_to};
use crate::config::symbols::read_symbols;
use crate::config::{
    BuySettings, CleanupSettings, Limits, LockSettings, Rebuy, SellSettings, Settings, TokenSettings, Trading, keys,
};
use crate::domain::mode::Mode;
use crate::domain::money::{Percent, Usd};
use crate::domain::notice::Language;
use crate::domain::symbol::{ListedSymbol, Symbol};

pub(super) const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const LANGUAGES: [(&str, Language); 2] = [("ko", Language::Korean), ("en", Language::English)];

/// Reads all settings. Paths in the file start at `folder`; `state_dir` wins over the file's.
///
/// # Errors
///
/// Every problem of the file, by line.
pub(super) fn read(document: &Document<'_>, folder: &Path, state_dir: Option<&Path>) -> Result<Settings, Vec<Problem>> {
    let mut reader = Reader::new(document);
    let settings = read_all(&mut reader, folder, state_dir);
    let (problems, asked) = reader.finish();
    let problems = told(document, problems, &asked);
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// Asks for every key, whatever the file says: what is not asked for here is unknown. Messages about an unknown key list
/// the known ones in the order of asking, which is that of config.example.toml.
fn read_all(reader: &mut Reader<'_>, folder: &Path, state_dir: Option<&Path>) -> Settings {
    let mode = read_mode(reader);
    let written_state_dir = read_path(reader, "state_dir", folder);
    let language = reader.word("language", &LANGUAGES).unwrap_or_default();
    let credentials_file = read_path(reader, "account.credentials_file", folder);
    let (gateway, bounds) = read_gateway(reader, mode);
    Settings {
        mode: mode.unwrap_or(Mode::Paper),
        state_dir: state_dir.map(Path::to_owned).or(written_state_dir).unwrap_or_else(|| folder.join("state")),
        language,
        credentials_file,
        gateway,
        lock: read_lock(reader),
        token: read_token(reader, bounds),
        buy_until: read_buy_until(reader),
        buy: read_buy(reader),
        sell: read_sell(reader),
        cleanup: read_cleanup(reader),
        limits: read_limits(reader),
        notify: read_notify(reader, folder, bounds),
        ping: read_ping(reader, folder),
    }
}

/// Puts the problems in order. Where syntax is broken, a key may only seem to be missing, or to stand in a section
/// that is not its own; then only values that were certainly understood are complained about.
fn told(document: &Document<'_>, found: Vec<Problem>, asked: &[String]) -> Vec<Problem> {
    let mut problems = document.syntax.clone();
    if problems.is_empty() {
        let known = asked.iter().map(String::as_str).collect::<Vec<_>>();
        problems = keys::unknown_keys(document, &known);
        problems.extend(found);
    } else {
        let is_broken = |problem: &Problem| document.syntax.iter().any(|syntax| syntax.line == problem.line);
        problems.extend(found.into_iter().filter(|problem| !is_broken(problem)));
    }
    problems.sort();
    // A value that is read twice is wrong once.
    problems.dedup();
    problems
}

/// The mode, or `None` when what the file says can't be understood.
fn read_mode(reader: &mut Reader<'_>) -> Option<Mode> {
    if reader.has("mode") {
        reader.word("mode", &[("paper", Mode::Paper), ("real", Mode::Real)])
    } else {
        (!reader.is_broken()).then_some(Mode::Paper)
    }
}

pub(super) fn read_path(reader: &mut Reader<'_>, key: &str, folder: &Path) -> Option<PathBuf> {
    let (found, text) = reader.text(key)?;
    if text.contains('\0') {
        reader.refuse(&found, "must not contain a NUL character");
    } else if text.starts_with('~') {
        reader.refuse(&found, "must be a path without `~`, which only shells know; write it out");
    } else {
        return Some(folder.join(text));
    }
    None
}

fn read_lock(reader: &mut Reader<'_>) -> LockSettings {
    LockSettings {
        wait: reader.time("lock.wait_seconds", SECOND, from_to(0, 3600)).unwrap_or(300 * SECOND),
        min_interval: reader.time("lock.min_interval_seconds", SECOND, from_to(0, 3600)).unwrap_or(60 * SECOND),
    }
}

/// A token lives 24 hours, and KIS repeats it for the first six: renewing above 23 would be asking in every run. Five
/// minutes is the least that outlives a run.
fn read_token(reader: &mut Reader<'_>, bounds: Bounds) -> TokenSettings {
    let least_delay = if bounds == Bounds::Loopback { 0 } else { 65 };
    let renew_range = from_to(Decimal::new(833, 4), 23).note(" hours");
    let renew_at_left = reader.time("token.renew_at_hours_left", HOUR, renew_range).unwrap_or(4 * HOUR);
    let warn_at_left = reader.time("token.warn_at_hours_left", HOUR, from_to(0, 23).note(" hours"));
    if warn_at_left.is_some_and(|warn| warn > renew_at_left) {
        reader.object(
            "token.warn_at_hours_left",
            "must not be above renew_at_hours_left: it would warn of a token that is not due yet",
        );
    }
    TokenSettings {
        renew_at_left,
        warn_at_left: warn_at_left.unwrap_or((2 * HOUR).min(renew_at_left)),
        attempts: reader.small_count("token.attempts", from_to(1, 10)).unwrap_or(3),
        retry_delay: reader.time("token.retry_delay_seconds", SECOND, from_to(least_delay, 600)).unwrap_or(65 * SECOND),
    }
}

fn read_buy_until(reader: &mut Reader<'_>) -> NaiveTime {
    let default = NaiveTime::from_hms_opt(15, 30, 0).unwrap_or_default();
    let Some((found, text)) = reader.text("market.buy_until") else { return default };
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|time| time.format("%H:%M").to_string() == text);
    match time {
        Some(_) if ("09:30"..="16:00").contains(&text) => return time.unwrap_or(default),
        _ => reader.refuse(&found, "must be a New York time from \"09:30\" to \"16:00\""),
    }
    default
}

fn read_buy(reader: &mut Reader<'_>) -> BuySettings {
    let filter = || ["NVDA", "AMZN", "MSFT"].iter().filter_map(|symbol| symbol.parse::<ListedSymbol>().ok()).collect();
    let rebuy =
        [("below_last_sell", Rebuy::BelowLastSell), ("above_last_sell", Rebuy::AboveLastSell), ("any", Rebuy::Any)];
    BuySettings {
        filter: read_symbols(reader, "buy.filter").unwrap_or_else(filter),
        watch: read_watch(reader),
        picks: reader.small_count("buy.picks", from_to(1, 1000)).unwrap_or(3),
        min_decline_percent: percent(reader, "buy.min_decline_percent", 100).unwrap_or_default(),
        max_quantity: reader.count("buy.max_quantity", from_to(1, 1_000_000)).unwrap_or(100),
        limit_offset_percent: percent(reader, "buy.limit_offset_percent", 20).unwrap_or_default(),
        min_cash: reader.number("buy.min_cash_usd", usd_from(Decimal::ZERO)).map_or(Usd(Decimal::ONE_HUNDRED), Usd),
        rebuy: reader.word("buy.rebuy", &rebuy).unwrap_or(Rebuy::BelowLastSell),
    }
}

fn read_watch(reader: &mut Reader<'_>) -> Vec<ListedSymbol> {
    let watch = read_symbols(reader, "buy.watch");
    if watch.as_ref().is_some_and(Vec::is_empty) {
        reader.object("buy.watch", "is empty: it must name at least one symbol, such as [\"SOUN\", \"NYSE:SES\"]");
    } else if !reader.has("buy.watch") {
        reader.object("buy.watch", "is missing: it must name at least one symbol, such as [\"SOUN\", \"NYSE:SES\"]");
    }
    watch.unwrap_or_default()
}

fn read_sell(reader: &mut Reader<'_>) -> SellSettings {
    SellSettings {
        take_profit_percent: percent(reader, "sell.take_profit_percent", 300).unwrap_or(Decimal::from(5)),
        fallback_take_profit_percent: unless_zero(
            percent(reader, "sell.fallback_take_profit_percent", 100).unwrap_or(Decimal::new(15, 1)),
        ),
        stop_loss_percent: unless_zero(percent(reader, "sell.stop_loss_percent", 100).unwrap_or(Decimal::from(15))),
        cooldown_days: reader.small_count("sell.cooldown_days", from_to(0, 3650)).unwrap_or(100),
        sells_per_run: read_sells_per_run(reader),
        sells_all_positions: reader.word("sell.positions", &[("watch", false), ("all", true)]).unwrap_or(false),
        limit_offset_percent: percent(reader, "sell.limit_offset_percent", 20).unwrap_or_default(),
        stop_loss_offset_percent: percent(reader, "sell.stop_loss_offset_percent", 20).unwrap_or(Decimal::ONE),
        keep: read_symbols::<Symbol>(reader, "sell.keep").unwrap_or_default(),
    }
}

fn read_sells_per_run(reader: &mut Reader<'_>) -> Option<u32> {
    let key = "sell.sells_per_run";
    if reader.is_text(key) {
        return reader.word(key, &[("all", None)]).unwrap_or(Some(1));
    }
    Some(reader.small_count(key, from_to(1, 1000).note(", or \"all\"")).unwrap_or(1))
}

fn read_cleanup(reader: &mut Reader<'_>) -> CleanupSettings {
    let mut minutes = |key| {
        let age = reader.time(key, MINUTE, from_to(0, 1440).note(" (0: never)")).unwrap_or(20 * MINUTE);
        Some(age).filter(|age| !age.is_zero())
    };
    CleanupSettings {
        cancel_buys_after: minutes("cleanup.cancel_buys_after_minutes"),
        cancel_sells_after: minutes("cleanup.cancel_sells_after_minutes"),
    }
}

fn read_limits(reader: &mut Reader<'_>) -> Limits {
    let cent = Decimal::new(1, 2);
    let trading = reader.word("limits.trading", &[("all", Trading::All), ("sell_only", Trading::SellOnly)]);
    let max_order = reader.number("limits.max_order_usd", usd_from(cent));
    let max_buy_per_day = reader.number("limits.max_buy_usd_per_day", usd_from(cent));
    let is_refused = max_buy_per_day.is_none() && reader.has("limits.max_buy_usd_per_day");
    let max_buy_per_day = max_buy_per_day.unwrap_or(Decimal::from(5000));
    if !is_refused && max_order.is_some_and(|max_order| max_order > max_buy_per_day) {
        let cap = max_buy_per_day.normalize();
        reader.object("limits.max_order_usd", format_args!("must not be above max_buy_usd_per_day ({cap})"));
    }
    let max_positions = reader.small_count("limits.max_positions", from_to(1, 1000)).unwrap_or(10);
    let max_loss = percent(reader, "limits.max_daily_loss_percent", 100).unwrap_or(Decimal::from(5));
    let max_position = reader.number("limits.max_position_usd", usd_from(Decimal::ZERO)).unwrap_or(Decimal::from(5000));
    let max_move = percent(reader, "limits.max_price_move_percent", 1000).unwrap_or(Decimal::from(40));
    Limits {
        trading: trading.unwrap_or(Trading::All),
        max_order: Usd(max_order.unwrap_or(Decimal::from(2000).min(max_buy_per_day))),
        max_buy_per_day: Usd(max_buy_per_day),
        max_positions,
        max_daily_loss_percent: max_loss,
        max_position: unless_zero(max_position).map(Usd),
        max_price_move_percent: unless_zero(max_move),
        plausible_profit_percent: read_plausible_profit(reader),
    }
}

fn read_plausible_profit(reader: &mut Reader<'_>) -> Option<(Percent, Percent)> {
    let key = "limits.plausible_profit_percent";
    let default = Some((Decimal::from(-50), Decimal::ONE_HUNDRED));
    match reader.numbers(key, from_to(-100, 10_000)).as_deref() {
        None => default,
        Some([]) => None,
        Some([low, high]) if low < high => Some((*low, *high)),
        Some([_, _]) => {
            reader.object(key, "must name the lower number first, such as [-50, 100]");
            default
        }
        Some(other) => {
            reader.object(
                key,
                format_args!("has {} entries: it must have two, such as [-50, 100], or none", other.len()),
            );
            default
        }
    }
}

fn percent(reader: &mut Reader<'_>, key: &str, high: u32) -> Option<Percent> {
    reader.number(key, from_to(0, high).note(" percent"))
}

fn usd_from(low: Decimal) -> Range {
    from_to(low, 100_000_000).note(" USD")
}

fn unless_zero(number: Decimal) -> Option<Decimal> {
    Some(number).filter(|number| !number.is_zero())
}

/// The keys that a reading of `text` asks for, by dotted name.
#[cfg(test)]
pub(super) fn asked(text: &str) -> Vec<String> {
    let document = Document::parse(text);
    let mut reader = Reader::new(&document);
    read_all(&mut reader, Path::new("/folder"), None);
    reader.finish().1
}
