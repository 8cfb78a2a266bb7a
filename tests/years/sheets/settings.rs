//! Strategies as a configuration would have them, with splits and targets such that cycles begin and end within weeks.

use kis_trade::config::{InfiniteSettings, InfiniteVersion, RuleSettings, Settings, StrategySettings};
use kis_trade::domain::{ListedSymbol, Usd};
use rust_decimal::Decimal;

use crate::chance::Chance;
use crate::habits::exchange_of;
use crate::support::{percent, symbol, usd};

/// Draws the strategy of a stock.
pub fn draw(name: &str, stock: usize, chance: &mut Chance) -> StrategySettings {
    let symbol = symbol(name);
    let principal = Usd(Decimal::from(chance.between(30, 60) * 100));
    let infinite = InfiniteSettings {
        version: chance.pick(&[InfiniteVersion::V40, InfiniteVersion::V22]),
        symbol: symbol.clone(),
        principal,
        splits: u32::try_from(chance.pick(&[6, 8, 12])).unwrap(),
        star_percent: percent(chance.pick(&["3", "5", "8"])),
        target_percent: percent(chance.pick(&["3", "6"])),
        first_buy_percent: percent(chance.pick(&["3", "10"])),
        ladder_rungs: u32::try_from(chance.pick(&[0, 3, 5])).unwrap(),
        ladder_depth_percent: chance.pick(&[Some("20"), None]).map(percent),
        compound: chance.one_in(2),
    };
    let exchange = chance.one_in(2).then(|| exchange_of(stock));
    StrategySettings {
        name: name.to_lowercase(),
        symbols: vec![ListedSymbol { exchange, symbol }],
        principal,
        rule: RuleSettings::Infinite(infinite),
    }
}

/// Limits that admit the strategies, as the program asks for at its start.
pub fn make_room(settings: &mut Settings, chance: &mut Chance) {
    settings.limits.max_order = usd("1200");
    settings.limits.max_buy_per_day = usd(chance.pick(&["5000", "3000"]));
    settings.limits.max_position = settings.limits.max_position.map(|_| usd("7000"));
    settings.sell.sells_all_positions = chance.one_in(3);
}
