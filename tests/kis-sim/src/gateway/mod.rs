//! KIS's gateway: from a request to an answer, in the simulated world.
//!
//! One file a resource; `doors` checks what all share, `serve` turns answers into HTTP and carries out faults.

mod aim;
mod asking_price;
mod balance;
mod buying_power;
mod call;
mod canned;
mod chart;
mod daily_price;
mod deposits;
mod doors;
mod endpoint;
mod loc_rows;
mod minute_bars;
mod notices;
mod oauth;
pub mod odd_rows;
mod order;
mod order_lists;
mod order_rows;
mod paging;
mod present_balance;
mod price_detail;
mod product_info;
mod quotes;
pub mod reserved;
mod revision;
pub mod routes;
mod self_trade;
pub mod serve;
mod settlement_days;
mod ticks;
mod trades;
pub mod websocket;

use crate::http::message::Request;
use crate::wire::answer::{Answer, Completeness};
use crate::wire::json::{Fields, fields};
use crate::world::World;
use call::{Call, Outcome};
use routes::{Endpoint, Route};
use std::time::Instant;

/// Processes a request.
pub fn answer(world: &mut World, request: &Request, arrived: Instant) -> Answer {
    world.catch_up();
    let route = routes::find(&request.method, &request.path);
    let outcome = match route.map(|route| route.endpoint) {
        Some(Endpoint::IssueToken) => oauth::issue_token(world, request),
        Some(Endpoint::RevokeToken) => oauth::revoke_token(world, request),
        Some(Endpoint::Approval) => oauth::approve(world, request),
        _ => answer_api(world, request, route, arrived),
    };
    outcome.unwrap_or_else(|refusal| refusal)
}

fn answer_api(world: &mut World, request: &Request, route: Option<&Route>, arrived: Instant) -> Outcome {
    let account = doors::admit(world, request, route, arrived)?;
    let call = Call::read(request, account, world.clock.now())?;
    let route = route.ok_or_else(|| Answer::refusal("OPSQ0002"))?;
    let hash = request.header("hashkey").filter(|hash| !hash.is_empty() && request.method == "POST");
    if hash.is_some_and(|hash| hash != oauth::hash_of(call.whole_body())) {
        return Err(Answer::refusal("EGW00131"));
    }
    match route.endpoint {
        Endpoint::Hashkey => oauth::hash_body(&call),
        Endpoint::Price => quotes::price(world, &call),
        Endpoint::PriceDetail => price_detail::price_detail(world, &call),
        Endpoint::DailyPrice => daily_price::daily_price(world, &call),
        Endpoint::MultiPrice => quotes::multi_price(world, &call),
        Endpoint::Balance => balance::balance(world, &call),
        Endpoint::PresentBalance => present_balance::present_balance(world, &call),
        Endpoint::BuyingPower => buying_power::buying_power(world, &call),
        Endpoint::Order => order::submit(world, &call),
        Endpoint::Revision => revision::submit(world, &call),
        Endpoint::OpenOrders => order_lists::open_orders(world, &call),
        Endpoint::OrderList => order_lists::all_orders(world, &call),
        Endpoint::AskingPrice => asking_price::asking_price(world, &call),
        Endpoint::MinuteBars => minute_bars::minute_bars(world, &call),
        Endpoint::OverseasProduct => product_info::overseas(world, &call),
        Endpoint::AnyProduct => product_info::any(world, &call),
        Endpoint::KoreanPrice => product_info::korean_price(&call),
        Endpoint::Chart => chart::chart(world, &call),
        Endpoint::SettlementDays => settlement_days::settlement_days(&call),
        Endpoint::PeriodProfit => trades::period_profit(world, &call),
        Endpoint::PeriodTransactions => trades::period_transactions(world, &call),
        Endpoint::MoneyByCurrency => deposits::by_currency(world, &call),
        Endpoint::SettledBalance => deposits::settled(world, &call),
        Endpoint::Reserve => reserved::submit(world, &call),
        Endpoint::CancelReserved => reserved::cancel(world, &call),
        Endpoint::ReservedOrders => reserved::list(world, &call),
        // The ledger of the night is gone: it is always day.
        Endpoint::DayOrNight => {
            let output: Fields = fields! { "PSBL_YN" => "N" };
            Ok(Answer::ledger(call.mode(), Completeness::Complete, fields! { "output" => output }))
        }
        Endpoint::Canned(example) => canned::answer(route, example, call.mode()),
        Endpoint::IssueToken | Endpoint::RevokeToken | Endpoint::Approval => Err(Answer::refusal("OPSQ0002")),
    }
}
