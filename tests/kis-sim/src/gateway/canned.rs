//! Answers without content, for what is published and not simulated: a client that asks for it at its start goes on.
//!
//! A request has to ask for one with the header `x-kis-sim: canned`, so that nobody mistakes it for real data.

use crate::http::message::Request;
use crate::wire::answer::Answer;
use crate::wire::json::{Fields, Node, fields};

/// Published paths of US stocks that are not served.
const PATHS: [&str; 24] = [
    "/uapi/overseas-price/v1/quotations/brknews-title",
    "/uapi/overseas-price/v1/quotations/colable-by-company",
    "/uapi/overseas-price/v1/quotations/industry-price",
    "/uapi/overseas-price/v1/quotations/industry-theme",
    "/uapi/overseas-price/v1/quotations/inquire-ccnl",
    "/uapi/overseas-price/v1/quotations/inquire-search",
    "/uapi/overseas-price/v1/quotations/inquire-time-indexchartprice",
    "/uapi/overseas-price/v1/quotations/news-title",
    "/uapi/overseas-price/v1/quotations/period-rights",
    "/uapi/overseas-price/v1/quotations/rights-by-ice",
    "/uapi/overseas-stock/v1/ranking/market-cap",
    "/uapi/overseas-stock/v1/ranking/new-highlow",
    "/uapi/overseas-stock/v1/ranking/price-fluct",
    "/uapi/overseas-stock/v1/ranking/trade-growth",
    "/uapi/overseas-stock/v1/ranking/trade-pbmn",
    "/uapi/overseas-stock/v1/ranking/trade-turnover",
    "/uapi/overseas-stock/v1/ranking/trade-vol",
    "/uapi/overseas-stock/v1/ranking/updown-rate",
    "/uapi/overseas-stock/v1/ranking/volume-power",
    "/uapi/overseas-stock/v1/ranking/volume-surge",
    "/uapi/overseas-stock/v1/trading/algo-ordno",
    "/uapi/overseas-stock/v1/trading/daytime-order",
    "/uapi/overseas-stock/v1/trading/daytime-order-rvsecncl",
    "/uapi/overseas-stock/v1/trading/inquire-algo-ccnl",
];

/// The answer to a request that asks for a canned one, if its path is published.
pub fn answer(request: &Request) -> Option<Answer> {
    let is_asked = request.header("x-kis-sim") == Some("canned") && PATHS.contains(&request.path.as_str());
    is_asked.then(|| {
        let nothing = Vec::<Node>::new;
        let outputs: Fields = fields! { "output" => nothing(), "output1" => nothing(), "output2" => nothing() };
        Answer::quote(outputs)
    })
}
