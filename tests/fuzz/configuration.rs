//! A configuration that is accepted has every value within the bounds of the contract, written here once more.

use std::time::Duration;

use kis_trade::config::{Environment, Settings, load};
use kis_trade::domain::Mode;
use rust_decimal::Decimal;

use crate::InputFile;
use crate::driver::fuzz;

const EXAMPLE: &str = include_str!("../../config.example.toml");
const LOOPBACK: &str = r#"mode = "paper"
[gateway]
base_url = "http://127.0.0.1:9443"
timeout_seconds = 0.5
requests_per_second = 10000
settle_seconds = [0, 0]
[token]
retry_delay_seconds = 0
[buy]
filter = []
watch = ["SOUN", "NYSE:SES"]
picks = 3
max_quantity = 100
[sell]
sells_per_run = "all"
keep = ["BRK/B"]
"#;
const REAL: &str = r#"mode = "real"
[gateway]
requests_per_second = 15
ledger_requests_per_second = 1
settle_seconds = [2, 10]
[token]
renew_at_hours_left = 4
warn_at_hours_left = 2
attempts = 3
retry_delay_seconds = 65
[market]
buy_until = "15:30"
[buy]
watch = ["SOUN"]
limit_offset_percent = 0.5
[sell]
stop_loss_percent = 15
[limits]
max_order_usd = 2000
max_buy_usd_per_day = 5000
max_positions = 10
plausible_profit_percent = [-50, 100]
"#;

#[test]
fn fuzz_configurations() {
    let samples = [LOOPBACK.as_bytes(), REAL.as_bytes(), EXAMPLE.as_bytes()];
    let file = InputFile::new("config.toml");
    let environment = Environment::default();
    fuzz("configurations", 15, &samples, |bytes, _| {
        file.put(bytes);
        if let Ok(settings) = load(&file.path, None, &environment) {
            check_gateway(&settings);
            check_rules(&settings);
        }
    });
}

fn seconds(from: f64, to: f64, time: Duration) {
    assert!((from..=to).contains(&time.as_secs_f64()), "{time:?}");
}

fn within(low: i64, high: i64, number: Decimal) {
    assert!(number >= Decimal::from(low) && number <= Decimal::from(high), "{number}");
}

fn check_gateway(settings: &Settings) {
    let gateway = &settings.gateway;
    let own = match settings.mode {
        Mode::Real => "https://openapi.koreainvestment.com:9443",
        Mode::Paper => "https://openapivts.koreainvestment.com:29443",
    };
    assert!(gateway.base_url == own || gateway.is_loopback, "{}", gateway.base_url);
    if gateway.is_loopback {
        let url = &gateway.base_url;
        assert!(url.starts_with("http://127.") || url.starts_with("http://[::1]"), "{url}");
    }
    let (least, rate, settle, delay) = match (gateway.is_loopback, settings.mode) {
        (true, _) => (0.1, 10_000, 0.0, 0.0),
        (false, Mode::Real) => (1.0, 18, 2.0, 65.0),
        (false, Mode::Paper) => (1.0, 1, 2.0, 65.0),
    };
    seconds(least, 120.0, gateway.timeout);
    for number in [gateway.requests_per_second, gateway.ledger_requests_per_second] {
        assert!(number >= Decimal::new(1, 1), "{number}");
        within(0, rate, number);
    }
    assert!((1..=5).contains(&gateway.settle_after.len()) && gateway.settle_after.is_sorted());
    gateway.settle_after.iter().for_each(|time| seconds(settle, 300.0, *time));
    seconds(0.0, 3600.0, settings.lock.wait);
    seconds(0.0, 3600.0, settings.lock.min_interval);
    seconds(delay, 600.0, settings.token.retry_delay);
    seconds(299.0, 82_800.0, settings.token.renew_at_left);
    assert!(settings.token.warn_at_left <= settings.token.renew_at_left);
    assert!((1..=10).contains(&settings.token.attempts));
}

fn check_rules(settings: &Settings) {
    let (buy, sell, limits) = (&settings.buy, &settings.sell, &settings.limits);
    assert!(!buy.watch.is_empty());
    assert!((1..=1000).contains(&buy.picks) && (1..=1_000_000).contains(&buy.max_quantity));
    within(0, 100, buy.min_decline_percent);
    for percent in [buy.limit_offset_percent, sell.limit_offset_percent, sell.stop_loss_offset_percent] {
        within(0, 20, percent);
    }
    within(0, 300, sell.take_profit_percent);
    for percent in [sell.fallback_take_profit_percent, sell.stop_loss_percent].into_iter().flatten() {
        within(0, 100, percent);
        assert!(!percent.is_zero(), "zero turns it off");
    }
    assert!(sell.cooldown_days <= 3650 && sell.sells_per_run.is_none_or(|sells| (1..=1000).contains(&sells)));
    let names: Vec<String> = buy.watch.iter().map(|listed| format!("{listed:?}")).collect();
    assert!(names.iter().enumerate().all(|(place, name)| !names[..place].contains(name)), "{names:?}");
    for age in [settings.cleanup.cancel_buys_after, settings.cleanup.cancel_sells_after].into_iter().flatten() {
        seconds(0.0, 86_400.0, age);
    }
    let cent = Decimal::new(1, 2);
    assert!(limits.max_order.0 >= cent && limits.max_order.0 <= limits.max_buy_per_day.0, "{limits:?}");
    assert!(buy.min_cash.0 >= Decimal::ZERO);
    let time = settings.buy_until.format("%H:%M").to_string();
    assert!(("09:30"..="16:00").contains(&time.as_str()), "{time}");
}
