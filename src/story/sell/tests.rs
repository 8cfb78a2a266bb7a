//! What happens between the look at the market and the order.

use super::*;
use crate::cmd::testing::{Stage, grow_old};
use crate::decide::test_support::symbol;

#[test]
fn an_old_quote_is_read_again_and_the_rule_that_picked_the_holding_is_applied_anew() {
    for (last, expected) in [
        ("83", Ok("82.17")),
        ("85", Ok("84.15")),
        ("85.01", Err(Rule::Hold)),
        ("110", Err(Rule::PriceSuspicious)),
        ("", Err(Rule::PriceUnknown)),
    ] {
        let stage = Stage::new();
        stage.price("84", "86");
        stage.hold("100");
        stage.show("sell", |open, notes| {
            let settled = settle(open, notes).unwrap();
            let positions = fetch_positions(open).unwrap();
            let watch = [symbol("AAPL")].into();
            let mut view = View { settled, positions, quotes: BTreeMap::new(), watch };
            view.quotes = fetch_quotes(open, &wanted_quotes(open, &view)).unwrap();
            let (picks, _) = plan_sells(&facts(open, &view));
            if last.is_empty() {
                stage.blank()
            } else {
                stage.price(last, "86")
            }
            let mut order_of = |view: &mut View| {
                let looked = look_again(open, view, &picks[0]).unwrap();
                looked.map(|order| order.limit_price.to_string()).map_err(|skip| skip.rule)
            };
            assert_eq!(order_of(&mut view), Ok("83.16".to_owned()), "a fresh quote stands");
            grow_old(view.quotes.get_mut(&symbol("AAPL")).unwrap());
            assert_eq!(order_of(&mut view), expected.map(str::to_owned), "{last:?}");
        });
    }
}
