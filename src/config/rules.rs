//! `[buy]`, `[sell]`, `[cleanup]` and `[limits]`: what may be traded, and when. `[fees]`: what trading costs, for estimates.
//!
//! Where nothing else sets an upper bound, there is a wide one all the same: it stops slips, such as most percentages
//! written in basis points.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::config::reader::{Reader, from_to};
use crate::config::symbols::{is_code, read_codes, read_symbols};
use crate::config::words::values::{self, Note, Range};
use crate::domain::{ListedSymbol, Percent, Symbol, Usd, words};
use crate::language::counts::Entries;

const MINUTE: Duration = Duration::from_secs(60);
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

section! {
    /// `[buy]`
    BuySettings(reader) {
        /// All must stand above yesterday's close.
        filter: Vec<ListedSymbol> = read_symbols(reader, "buy.filter", |listed: &ListedSymbol| &listed.symbol, |_| false).unwrap_or_else(default_filter),
        /// What may be bought.
        watch: Vec<ListedSymbol> = read_watch(reader),
        /// How many to buy.
        picks: u32 = reader.small_count("buy.picks", from_to(1, 1000)).unwrap_or(3),
        /// The decline must be greater than this.
        min_decline_percent: Percent = percent(reader, "buy.min_decline_percent", 100, 0),
        /// Most shares an order.
        max_quantity: u64 = reader.count("buy.max_quantity", from_to(1, 1_000_000)).unwrap_or(100),
        /// Over last.
        limit_offset_percent: Percent = percent(reader, "buy.limit_offset_percent", 20, 0),
        /// Least cash to buy at all.
        min_cash: Usd = usd(reader, "buy.min_cash_usd", Decimal::ZERO, 100),
        /// How the last own sell limits a new buy.
        rebuy: Rebuy = reader.word("buy.rebuy", &Rebuy::WORDS).unwrap_or(Rebuy::BelowLastSell),
    }
}

words! {
    /// `[buy] rebuy`
    pub enum Rebuy {
        /// Only under the price of the last own sell fill.
        BelowLastSell = "below_last_sell",
        /// Only over it.
        AboveLastSell = "above_last_sell",
        /// Always.
        Any = "any",
    }
}

section! {
    /// `[sell]`
    SellSettings(reader) {
        /// Profit to take.
        take_profit_percent: Percent = percent(reader, "sell.take_profit_percent", 300, 5),
        /// Profit to take on the best position when nothing else is sold; `None` when off.
        fallback_take_profit_percent: Option<Percent> =
            unless_zero(percent(reader, "sell.fallback_take_profit_percent", 100, Decimal::new(15, 1))),
        /// Loss to cut; `None` when off.
        stop_loss_percent: Option<Percent> = unless_zero(percent(reader, "sell.stop_loss_percent", 100, 15)),
        /// Days without re-buy after a stop loss.
        cooldown_days: u32 = reader.small_count("sell.cooldown_days", from_to(0, 3650)).unwrap_or(100),
        /// Take profits a run; `None` for all.
        sells_per_run: Option<u32> = read_sells_per_run(reader),
        /// Whether holdings outside `[buy] watch` are sold too.
        sells_all_positions: bool = reader.word("sell.positions", &[("watch", false), ("all", true)]).unwrap_or(false),
        /// Under last.
        limit_offset_percent: Percent = percent(reader, "sell.limit_offset_percent", 20, 0),
        /// Under last, for stop losses.
        stop_loss_offset_percent: Percent = percent(reader, "sell.stop_loss_offset_percent", 20, 1),
        /// Never sold.
        keep: Vec<Symbol> = read_symbols(reader, "sell.keep", |symbol| symbol, is_code).unwrap_or_default(),
        /// What `keep` names besides: codes of rows that are no tickers (`1234567R1`), which are not to be spoken of.
        keep_codes: Vec<String> = read_codes(reader, "sell.keep"),
    }
}

section! {
    /// `[cleanup]`
    CleanupSettings(reader) {
        /// Age at which an open buy is cancelled; `None` for never.
        cancel_buys_after: Option<Duration> = minutes(reader, "cleanup.cancel_buys_after_minutes"),
        /// Age at which an open sell is cancelled; `None` for never.
        cancel_sells_after: Option<Duration> = minutes(reader, "cleanup.cancel_sells_after_minutes"),
    }
}

section! {
    /// `[limits]`
    Limits(reader) {
        /// What may be traded at all.
        trading: Trading = reader.word("limits.trading", &Trading::WORDS).unwrap_or(Trading::All),
        /// Most USD an order.
        max_order: Usd = read_max_order(reader),
        /// Most USD of buys a trading date.
        max_buy_per_day: Usd = max_buy_per_day(reader),
        /// Most symbols at once.
        max_positions: u32 = reader.small_count("limits.max_positions", from_to(1, 1000)).unwrap_or(10),
        /// Loss of the account against the date's first sample that stops buying.
        max_daily_loss_percent: Percent = percent(reader, "limits.max_daily_loss_percent", 100, 5),
        /// Most USD in one symbol; `None` for no limit.
        max_position: Option<Usd> =
            unless_zero(usd(reader, "limits.max_position_usd", Decimal::ZERO, 5000).0).map(Usd),
        /// Greatest believable move against yesterday's close; `None` when off.
        max_price_move_percent: Option<Percent> =
            unless_zero(percent(reader, "limits.max_price_move_percent", 1000, 30)),
        /// Believable profit, from and to; `None` when off.
        plausible_profit_percent: Option<(Percent, Percent)> = read_plausible_profit(reader),
    }
}

section! {
    /// `[fees]`: for estimates of profit and for rehearsals; never part of a decision.
    FeeSettings(reader) {
        /// Of the dollars of each fill, buys and sells alike.
        percent: Percent = percent(reader, "fees.percent", 5, Decimal::new(25, 2)),
    }
}

words! {
    /// `[limits] trading`
    pub enum Trading {
        /// Buys and sells.
        All = "all",
        /// Nothing is bought; sells and cancels go on.
        SellOnly = "sell_only",
    }
}

fn default_filter() -> Vec<ListedSymbol> {
    ["NVDA", "AMZN", "MSFT"].iter().filter_map(|symbol| symbol.parse().ok()).collect()
}

fn read_watch(reader: &mut Reader<'_>) -> Vec<ListedSymbol> {
    let watch = read_symbols(reader, "buy.watch", |listed: &ListedSymbol| &listed.symbol, |_| false);
    if watch.as_ref().is_some_and(Vec::is_empty) {
        reader.object("buy.watch", values::watch_empty);
    } else if !reader.has("buy.watch") && !reader.holds("strategy") {
        reader.object("buy.watch", values::watch_missing);
    }
    watch.unwrap_or_default()
}

fn read_sells_per_run(reader: &mut Reader<'_>) -> Option<u32> {
    let key = "sell.sells_per_run";
    if reader.is_text(key) {
        return reader.word(key, &[("all", None)]).unwrap_or(Some(1));
    }
    Some(reader.small_count(key, from_to(1, 1000).note(Note::OrAll)).unwrap_or(1))
}

fn read_max_order(reader: &mut Reader<'_>) -> Usd {
    let (key, day) = ("limits.max_order_usd", "limits.max_buy_usd_per_day");
    let written = reader.number(key, usd_from(CENT)).map(Usd);
    let is_refused = reader.number(day, usd_from(CENT)).is_none() && reader.has(day);
    let cap = max_buy_per_day(reader);
    if !is_refused && written.is_some_and(|order| order > cap) {
        reader.object(key, |label| values::order_above_day(label, cap.0.normalize()));
    }
    written.unwrap_or(cap.min(Usd(Decimal::from(2000))))
}

fn max_buy_per_day(reader: &mut Reader<'_>) -> Usd {
    usd(reader, "limits.max_buy_usd_per_day", CENT, 5000)
}

fn read_plausible_profit(reader: &mut Reader<'_>) -> Option<(Percent, Percent)> {
    let key = "limits.plausible_profit_percent";
    match reader.numbers(key, from_to(-100, 10_000)).as_deref() {
        None => {}
        Some([]) => return None,
        Some([low, high]) if low < high => return Some((*low, *high)),
        Some([_, _]) => reader.object(key, values::profit_out_of_order),
        Some(other) => {
            let count = Entries::from(other.len());
            reader.object(key, |label| values::profit_not_a_pair(label, count));
        }
    }
    Some((Decimal::from(-50), Decimal::ONE_HUNDRED))
}

fn minutes(reader: &mut Reader<'_>, key: &str) -> Option<Duration> {
    let age = reader.time(key, MINUTE, from_to(0, 1440).note(Note::ZeroIsNever)).unwrap_or(20 * MINUTE);
    Some(age).filter(|age| !age.is_zero())
}

fn percent(reader: &mut Reader<'_>, key: &str, high: u32, default: impl Into<Decimal>) -> Percent {
    reader.number(key, from_to(0, high).note(Note::Percent)).unwrap_or(default.into())
}

fn usd(reader: &mut Reader<'_>, key: &str, low: Decimal, default: u32) -> Usd {
    Usd(reader.number(key, usd_from(low)).unwrap_or(default.into()))
}

fn usd_from(low: Decimal) -> Range {
    from_to(low, 100_000_000).note(Note::Usd)
}

fn unless_zero(number: Decimal) -> Option<Decimal> {
    Some(number).filter(|number| !number.is_zero())
}
