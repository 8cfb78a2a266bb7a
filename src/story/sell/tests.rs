//! What happens between the look at the market and the order.

use super::*;
use crate::decide::test_support::symbol;
use crate::desk::testing::{Stage, grow_old};

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
        stage.show("sell", async |run| {
            let reconciled = run.reconcile().await.unwrap();
            let positions = run.fetch_positions().await.unwrap();
            let watch = [symbol("AAPL")].into();
            let mut view = View { reconciled, positions, quotes: BTreeMap::new(), watch };
            view.quotes = run.fetch_quotes(&wanted_quotes(run, &view)).await.unwrap();
            let (picks, _) = plan_sells(&facts(run, &view));
            if last.is_empty() {
                stage.blank()
            } else {
                stage.price(last, "86")
            }
            let mut order_of = async |view: &mut View| {
                let looked = look_again(run, view, &picks[0]).await.unwrap();
                looked.map(|order| order.limit_price.to_string()).map_err(|skip| skip.rule)
            };
            assert_eq!(order_of(&mut view).await, Ok("83.16".to_owned()), "a fresh quote stands");
            grow_old(view.quotes.get_mut(&symbol("AAPL")).unwrap());
            assert_eq!(order_of(&mut view).await, expected.map(str::to_owned), "{last:?}");
        });
    }
}
