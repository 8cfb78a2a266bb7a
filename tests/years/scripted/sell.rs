//! What happens between reading the market and a sell.

use std::time::Duration;

use kis_trade::decide::rule::Rule;
use kis_trade::domain::{Job, Position};

use super::{Answer, ScriptedDesk, priced};
use crate::support::{percent, symbol, usd};

#[test]
fn an_old_quote_is_read_again_and_the_rule_that_picked_the_holding_is_applied_anew() {
    let minute = Duration::from_secs(60);
    for (takes, last, expected) in [
        (minute, None, Ok("83.16")),
        (minute + Duration::from_millis(1), Some("83"), Ok("82.17")),
        (2 * minute, Some("85"), Ok("84.15")),
        (2 * minute, Some("85.01"), Err(Rule::Hold)),
        (2 * minute, Some("110"), Err(Rule::PriceSuspicious)),
        (2 * minute, Some(""), Err(Rule::PriceUnknown)),
    ] {
        let mut desk = ScriptedDesk::new(Job::Sell);
        desk.settings.sell.stop_loss_percent = Some(percent("15"));
        desk.positions = vec![Position {
            symbol: symbol("AA"),
            name: String::new(),
            exchange: None,
            quantity: 10,
            sellable_quantity: 10,
            average_cost: Some(usd("100")),
            balance_price: Some(usd("84")),
            balance_value: None,
            on_credit: false,
        }];
        desk.script = [Answer::Listed(Some(Vec::new())), Answer::Quoted("84", "86", takes)].into();
        desk.script.extend(last.map(|last| Answer::Quoted(last, "86", Duration::ZERO)));
        let found = priced(desk);
        assert_eq!(found, expected.map(str::to_owned), "{last:?}");
    }
}
