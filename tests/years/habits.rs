//! What a year's broker is like, and how the program is configured for it.

use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs};

use kis_trade::config::{self, Environment, Rebuy, Settings};
use kis_trade::domain::{Exchange, ListedSymbol, Mode};

use crate::chance::Chance;
use crate::machine::{MINUTE_MS, SECOND_MS};
use crate::support::{percent, symbol, usd};

/// The symbol of `[buy] filter`, which nobody trades.
const FILTER: &str = "XX";
/// Every stock of the market.
pub const ALL: [&str; 7] = ["AA", "BB", "CC", "DD", "EE", "FF", FILTER];
/// So many of them are watched, and traded by others.
pub const TRADED: usize = ALL.len() - 1;

const CONFIG: &str = r#"
mode = "paper"

[buy]
filter = []
watch = ["AA", "BB", "CC", "DD", "EE", "FF"]
picks = 2
min_decline_percent = 0.3
max_quantity = 40

[sell]
take_profit_percent = 2
fallback_take_profit_percent = 1
stop_loss_percent = 4
cooldown_days = 1

[limits]
max_order_usd = 900
max_buy_usd_per_day = 2200
max_positions = 5

[cleanup]
cancel_buys_after_minutes = 20
cancel_sells_after_minutes = 15
"#;

/// What the broker does all year.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// Rows say nothing of medium and state, and one request asks for one quote.
    pub is_paper: bool,
    /// How late the list may show a new order.
    pub late_ms: u64,
    /// How long the balance may lag a fill.
    pub lag_ms: u64,
    /// The balance calls shares sellable that are sold, as long as it lags.
    pub has_stale_sellable: bool,
    /// The balance says nothing of prices.
    pub has_no_prices: bool,
    /// An expired order's row gives no reason.
    pub ends_unsaid: bool,
    /// Orders live on until the after-market ends.
    pub outlives_close: bool,
    /// An order at a good price fills in one minute of so many.
    pub fills_one_in: u64,
    /// The list begins with the newest order.
    pub is_newest_first: bool,
    /// A cancel's row repeats quantity and price of its order.
    pub cancels_look_alike: bool,
    /// Numbers count branch by branch: a person's order by phone may have the number of one of ours.
    pub has_branches: bool,
    /// An order that is cancelled may have filled before, which its row shows minutes later.
    pub fills_show_late: bool,
}

impl Habits {
    pub fn of_year(chance: &mut Chance) -> Habits {
        Habits {
            is_paper: chance.one_in(3),
            late_ms: chance.pick(&[3 * SECOND_MS, 2 * MINUTE_MS, 15 * MINUTE_MS, 40 * MINUTE_MS, 40 * MINUTE_MS]),
            lag_ms: chance.pick(&[0, MINUTE_MS, 5 * MINUTE_MS]),
            has_stale_sellable: chance.one_in(2),
            has_no_prices: chance.one_in(3),
            ends_unsaid: chance.one_in(2),
            outlives_close: chance.one_in(2),
            fills_one_in: chance.pick(&[2, 2, 10, 30]),
            is_newest_first: chance.one_in(2),
            cancels_look_alike: chance.one_in(2),
            has_branches: false,
            fills_show_late: false,
        }
    }

    /// Habits that are drawn apart, so that the others of a seed stay what they were.
    #[must_use]
    pub fn with_later_ones(self, chance: &mut Chance) -> Habits {
        Habits { has_branches: chance.one_in(2), fills_show_late: chance.one_in(2), ..self }
    }
}

/// The program's settings of one year.
pub fn settings_of_year(habits: &Habits, chance: &mut Chance) -> Settings {
    let mut settings = settings_of_file();
    settings.mode = if habits.is_paper { Mode::Paper } else { Mode::Real };
    settings.buy.limit_offset_percent = percent(chance.pick(&["0", "0.1"]));
    settings.buy.rebuy = chance.pick(&[Rebuy::Any, Rebuy::Any, Rebuy::BelowLastSell]);
    if chance.one_in(3) {
        settings.buy.filter = vec![ListedSymbol { exchange: None, symbol: symbol(FILTER) }];
    }
    if chance.one_in(2) {
        for (place, listed) in settings.buy.watch.iter_mut().enumerate() {
            listed.exchange = Some(exchange_of(place));
        }
    }
    settings.sell.sells_per_run = chance.pick(&[Some(1), Some(2), None]);
    settings.limits.max_position = chance.pick(&[Some(usd("1500")), None]);
    settings.limits.max_daily_loss_percent = percent(chance.pick(&["5", "0.1", "0.4"]));
    let settle_after = chance.pick(&[&[2, 10][..], &[2, 10], &[]]);
    settings.gateway.settle_after = settle_after.iter().map(|seconds| Duration::from_secs(*seconds)).collect();
    settings
}

/// Where a stock is listed.
pub fn exchange_of(place: usize) -> Exchange {
    Exchange::ALL[place % Exchange::ALL.len()]
}

/// The settings as the program reads them from a file.
pub fn settings_of_file() -> Settings {
    static LOADED: OnceLock<Settings> = OnceLock::new();
    let load = || {
        let folder = tempfile::tempdir_in(env::temp_dir()).unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, CONFIG).unwrap();
        config::load(&path, None, &Environment::default()).unwrap()
    };
    LOADED.get_or_init(load).clone()
}
