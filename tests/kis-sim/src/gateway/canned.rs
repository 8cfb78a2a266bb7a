//! Examples of what KIS publishes and kis-sim does not simulate, so that a client which only asks at its start goes on.
//!
//! An example has every field that KIS documents, with made-up values, whatever the query says. Nothing that changes the
//! account is answered like this: an order is booked or refused.

use crate::gateway::call::Outcome;
use crate::gateway::routes::{self, Endpoint, Route};
use crate::mode::Mode;
use crate::wire::answer::{Answer, Completeness};
use crate::wire::json::Node;

/// The route of a path whose last segment names its file in `canned`.
macro_rules! canned {
    ($folder:literal, $name:literal, $tr_id:literal) => {
        routes::quote(
            Endpoint::Canned(include_str!(concat!("../../canned/", $name, ".json"))),
            concat!("/uapi/", $folder, "/", $name),
            &[$tr_id],
            &[],
        )
    };
}

/// Published paths of US stocks that are not simulated. All but one are for real accounts only.
pub const ROUTES: [Route; 22] = [
    canned!("overseas-price/v1/quotations", "brknews-title", "FHKST01011801"),
    ledger(canned!("overseas-price/v1/quotations", "colable-by-company", "CTLN4050R")),
    canned!("overseas-price/v1/quotations", "industry-price", "HHDFS76370100"),
    canned!("overseas-price/v1/quotations", "industry-theme", "HHDFS76370000"),
    canned!("overseas-price/v1/quotations", "inquire-ccnl", "HHDFS76200300"),
    Route { paper: &["HHDFS76410000"], ..canned!("overseas-price/v1/quotations", "inquire-search", "HHDFS76410000") },
    canned!("overseas-price/v1/quotations", "inquire-time-indexchartprice", "FHKST03030200"),
    canned!("overseas-price/v1/quotations", "news-title", "HHPSTH60100C1"),
    ledger(canned!("overseas-price/v1/quotations", "period-rights", "CTRGT011R")),
    canned!("overseas-price/v1/quotations", "rights-by-ice", "HHDFS78330900"),
    canned!("overseas-stock/v1/ranking", "market-cap", "HHDFS76350100"),
    canned!("overseas-stock/v1/ranking", "new-highlow", "HHDFS76300000"),
    canned!("overseas-stock/v1/ranking", "price-fluct", "HHDFS76260000"),
    canned!("overseas-stock/v1/ranking", "trade-growth", "HHDFS76330000"),
    canned!("overseas-stock/v1/ranking", "trade-pbmn", "HHDFS76320010"),
    canned!("overseas-stock/v1/ranking", "trade-turnover", "HHDFS76340000"),
    canned!("overseas-stock/v1/ranking", "trade-vol", "HHDFS76310010"),
    canned!("overseas-stock/v1/ranking", "updown-rate", "HHDFS76290000"),
    canned!("overseas-stock/v1/ranking", "volume-power", "HHDFS76280000"),
    canned!("overseas-stock/v1/ranking", "volume-surge", "HHDFS76270000"),
    ledger(canned!("overseas-stock/v1/trading", "algo-ordno", "TTTS6058R")),
    ledger(canned!("overseas-stock/v1/trading", "inquire-algo-ccnl", "TTTS6059R")),
];

const fn ledger(route: Route) -> Route {
    Route { is_ledger: true, ..route }
}

/// The example of a route, in the envelope of its kind.
///
/// # Errors
/// A server error when the example is no JSON object.
pub fn answer(route: &Route, example: &'static str, mode: Mode) -> Outcome {
    let Ok(Node::Object(outputs)) = serde_json::from_str(example) else { return Err(Answer::refusal("EGW00002")) };
    let answer =
        if route.is_ledger { Answer::ledger(mode, Completeness::LastPage, outputs) } else { Answer::quote(outputs) };
    Ok(Answer { is_canned: true, ..answer })
}
