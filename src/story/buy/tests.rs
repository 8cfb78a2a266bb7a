//! What happens between the look at the market and the order.

use super::*;
use crate::decide::test_support::symbol;
use crate::desk::testing::{Stage, grow_old};

#[test]
fn an_old_quote_is_read_again_and_its_rules_are_applied_anew() {
    for (last, expected) in [
        ("94", Ok("94.00")),
        ("96", Ok("96.00")),
        ("101", Err(Rule::DeclineTooSmall)),
        ("50", Err(Rule::PriceSuspicious)),
        ("", Err(Rule::PriceUnknown)),
    ] {
        let stage = Stage::new();
        stage.price("95", "100");
        stage.show("buy", async |run| {
            let reconciled = run.reconcile().await.unwrap();
            let mut view = look(run, reconciled).await.unwrap();
            let (picks, _) = plan_picks(&facts(run, &view), 0);
            if last.is_empty() {
                stage.blank()
            } else {
                stage.price(last, "100")
            }
            let mut order_of = async |view: &mut View| {
                let looked = look_again(run, view, &picks[0], Usd(1000.into()), Usd::ZERO).await.unwrap();
                looked.map(|(order, _)| order.limit_price.to_string()).map_err(|skip| skip.rule)
            };
            assert_eq!(order_of(&mut view).await, Ok("95.00".to_owned()), "a fresh quote stands");
            grow_old(view.quotes.get_mut(&symbol("AAPL")).unwrap());
            assert_eq!(order_of(&mut view).await, expected.map(str::to_owned), "{last:?}");
        });
    }
}
