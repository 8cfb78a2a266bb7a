//! What happens between reading the market and a buy.

use std::time::Duration;

use kis_trade::decide::rule::Rule;
use kis_trade::domain::Job;

use super::{Answer, ScriptedDesk, priced};

#[test]
fn an_old_quote_is_read_again_and_its_rules_are_applied_anew() {
    let minute = Duration::from_secs(60);
    for (takes, last, expected) in [
        (minute, None, Ok("95.00")),
        (minute + Duration::from_millis(1), Some("94"), Ok("94.00")),
        (2 * minute, Some("96"), Ok("96.00")),
        (2 * minute, Some("101"), Err(Rule::DeclineTooSmall)),
        (2 * minute, Some("50"), Err(Rule::PriceSuspicious)),
        (2 * minute, Some(""), Err(Rule::PriceUnknown)),
    ] {
        let mut desk = ScriptedDesk::new(Job::Buy);
        desk.script = [Answer::Listed(Some(Vec::new())), Answer::Quoted("95", "100", takes)].into();
        desk.script.extend(last.map(|last| Answer::Quoted(last, "100", Duration::ZERO)));
        let found = priced(desk);
        assert_eq!(found, expected.map(str::to_owned), "{last:?}");
    }
}
