//! Which paths are served, under which TR ids.

use crate::gateway::canned;
pub use crate::gateway::endpoint::Endpoint;
use crate::mode::Mode;
use crate::quirks::Quirks;

/// A path, its TR ids and the word the control port calls it by.
#[derive(Debug)]
pub struct Route {
    /// What it is.
    pub endpoint: Endpoint,
    /// Word in fault scripts; empty where faults cannot be aimed.
    pub word: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path.
    pub path: &'static str,
    /// TR ids of the real environment.
    pub real: &'static [&'static str],
    /// TR ids of the paper environment.
    pub paper: &'static [&'static str],
    /// Whether it asks the ledger, which has a limit of its own.
    pub is_ledger: bool,
}

/// `VTTT1006U`, the paper sell a naive rewrite of the real id gives, is no paper TR id: `VTTT1001U` is.
const ROUTES: [Route; 32] = [
    route(Endpoint::IssueToken, "tokenP", "POST", "/oauth2/tokenP", &[], &[]),
    route(Endpoint::RevokeToken, "revokeP", "POST", "/oauth2/revokeP", &[], &[]),
    route(Endpoint::Hashkey, "", "POST", "/uapi/hashkey", &[], &[]),
    route(
        Endpoint::Price,
        "price",
        "GET",
        "/uapi/overseas-price/v1/quotations/price",
        &["HHDFS00000300"],
        &["HHDFS00000300"],
    ),
    route(
        Endpoint::PriceDetail,
        "price-detail",
        "GET",
        "/uapi/overseas-price/v1/quotations/price-detail",
        &["HHDFS76200200"],
        &[],
    ),
    route(
        Endpoint::DailyPrice,
        "dailyprice",
        "GET",
        "/uapi/overseas-price/v1/quotations/dailyprice",
        &["HHDFS76240000"],
        &["HHDFS76240000"],
    ),
    route(
        Endpoint::MultiPrice,
        "multprice",
        "GET",
        "/uapi/overseas-price/v1/quotations/multprice",
        &["HHDFS76220000"],
        &[],
    ),
    ledger(
        Endpoint::Balance,
        "balance",
        "/uapi/overseas-stock/v1/trading/inquire-balance",
        &["TTTS3012R"],
        &["VTTS3012R"],
    ),
    ledger(
        Endpoint::PresentBalance,
        "present-balance",
        "/uapi/overseas-stock/v1/trading/inquire-present-balance",
        &["CTRP6504R"],
        &["VTRP6504R"],
    ),
    ledger(
        Endpoint::BuyingPower,
        "psamount",
        "/uapi/overseas-stock/v1/trading/inquire-psamount",
        &["TTTS3007R"],
        &["VTTS3007R"],
    ),
    route(
        Endpoint::Order,
        "order",
        "POST",
        "/uapi/overseas-stock/v1/trading/order",
        &["TTTT1002U", "TTTT1006U"],
        &["VTTT1002U", "VTTT1001U"],
    ),
    route(
        Endpoint::Revision,
        "order-rvsecncl",
        "POST",
        "/uapi/overseas-stock/v1/trading/order-rvsecncl",
        &["TTTT1004U"],
        &["VTTT1004U"],
    ),
    route(
        Endpoint::Order,
        "daytime-order",
        "POST",
        "/uapi/overseas-stock/v1/trading/daytime-order",
        &["TTTS6036U", "TTTS6037U"],
        &[],
    ),
    route(
        Endpoint::Revision,
        "daytime-order-rvsecncl",
        "POST",
        "/uapi/overseas-stock/v1/trading/daytime-order-rvsecncl",
        &["TTTS6038U"],
        &[],
    ),
    // Paper still knows its id of old and answers it in one of three ways.
    ledger(
        Endpoint::OpenOrders,
        "nccs",
        "/uapi/overseas-stock/v1/trading/inquire-nccs",
        &["TTTS3018R"],
        &["VTTS3018R"],
    ),
    ledger(Endpoint::OrderList, "ccnl", "/uapi/overseas-stock/v1/trading/inquire-ccnl", &["TTTS3035R"], &["VTTS3035R"]),
    route(Endpoint::Approval, "", "POST", "/oauth2/Approval", &[], &[]),
    quote(Endpoint::AskingPrice, "/uapi/overseas-price/v1/quotations/inquire-asking-price", &["HHDFS76200100"], &[]),
    quote(
        Endpoint::MinuteBars,
        "/uapi/overseas-price/v1/quotations/inquire-time-itemchartprice",
        &["HHDFS76950200"],
        &[],
    ),
    quote(Endpoint::OverseasProduct, "/uapi/overseas-price/v1/quotations/search-info", &["CTPF1702R"], &[]),
    quote(Endpoint::AnyProduct, "/uapi/domestic-stock/v1/quotations/search-info", &["CTPF1604R"], &[]),
    quote(
        Endpoint::KoreanPrice,
        "/uapi/domestic-stock/v1/quotations/inquire-price",
        &["FHKST01010100"],
        &["FHKST01010100"],
    ),
    quote(
        Endpoint::Chart,
        "/uapi/overseas-price/v1/quotations/inquire-daily-chartprice",
        &["FHKST03030100"],
        &["FHKST03030100"],
    ),
    quote(Endpoint::SettlementDays, "/uapi/overseas-stock/v1/quotations/countries-holiday", &["CTOS5011R"], &[]),
    ledger(
        Endpoint::PeriodProfit,
        "period-profit",
        "/uapi/overseas-stock/v1/trading/inquire-period-profit",
        &["TTTS3039R"],
        &[],
    ),
    ledger(
        Endpoint::PeriodTransactions,
        "period-trans",
        "/uapi/overseas-stock/v1/trading/inquire-period-trans",
        &["CTOS4001R"],
        &[],
    ),
    ledger(
        Endpoint::MoneyByCurrency,
        "foreign-margin",
        "/uapi/overseas-stock/v1/trading/foreign-margin",
        &["TTTC2101R"],
        &[],
    ),
    ledger(
        Endpoint::SettledBalance,
        "paymt-stdr-balance",
        "/uapi/overseas-stock/v1/trading/inquire-paymt-stdr-balance",
        &["CTRP6010R"],
        &[],
    ),
    route(
        Endpoint::Reserve,
        "order-resv",
        "POST",
        "/uapi/overseas-stock/v1/trading/order-resv",
        &["TTTT3014U", "TTTT3016U"],
        &["VTTT3014U", "VTTT3016U"],
    ),
    route(
        Endpoint::CancelReserved,
        "order-resv-ccnl",
        "POST",
        "/uapi/overseas-stock/v1/trading/order-resv-ccnl",
        &["TTTT3017U"],
        &["VTTT3017U"],
    ),
    ledger(
        Endpoint::ReservedOrders,
        "order-resv-list",
        "/uapi/overseas-stock/v1/trading/order-resv-list",
        &["TTTT3039R"],
        &[],
    ),
    route(Endpoint::DayOrNight, "dayornight", "GET", "/uapi/overseas-stock/v1/trading/dayornight", &[], &[]),
];

/// Ids of the time before 2023, which clients still send; taken by switch.
const LEGACY: [(&str, &str); 6] = [
    ("order", "JTTT1002U"),
    ("order", "JTTT1006U"),
    ("order-rvsecncl", "JTTT1004U"),
    ("balance", "JTTT3012R"),
    ("nccs", "JTTT3018R"),
    ("dayornight", "JTTT3010R"),
];
/// What a rewrite of the real sell's id gives; whether paper takes it nobody has seen.
const REWRITTEN_SELL: &str = "VTTT1006U";

/// A query of market data that no fault is aimed at.
pub const fn quote(
    endpoint: Endpoint,
    path: &'static str,
    real: &'static [&'static str],
    paper: &'static [&'static str],
) -> Route {
    route(endpoint, "", "GET", path, real, paper)
}

const fn route(
    endpoint: Endpoint,
    word: &'static str,
    method: &'static str,
    path: &'static str,
    real: &'static [&'static str],
    paper: &'static [&'static str],
) -> Route {
    Route { endpoint, word, method, path, real, paper, is_ledger: false }
}

/// A query of the ledger.
const fn ledger(
    endpoint: Endpoint,
    word: &'static str,
    path: &'static str,
    real: &'static [&'static str],
    paper: &'static [&'static str],
) -> Route {
    Route { endpoint, word, method: "GET", path, real, paper, is_ledger: true }
}

/// The route of a request.
pub fn find(method: &str, path: &str) -> Option<&'static Route> {
    all().find(|route| route.method == method && route.path == path)
}

fn all() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().chain(&canned::ROUTES)
}

/// Whether fault scripts can be aimed at this word.
pub fn is_fault_target(word: &str) -> bool {
    word == "*" || ROUTES.iter().any(|route| !word.is_empty() && route.word == word)
}

/// Checks a TR id against the environment and the path.
///
/// # Errors
/// The code of the refusal. On one port the key says which environment was meant, so a paper key with a
/// real id is what paper's host would see (EGW00213), and a real key with a paper id what the real host
/// would (EGW02004).
pub fn check_tr_id(route: Option<&Route>, mode: Mode, tr_id: &str, quirks: &Quirks) -> Result<(), &'static str> {
    let offered = route.is_some_and(|route| route.tr_ids(mode).contains(&tr_id));
    let word = route.map_or("", |route| route.word);
    let is_legacy = quirks.legacy_tr_ids && LEGACY.contains(&(word, tr_id));
    let is_rewritten = quirks.paper_sell_1006 && mode == Mode::Paper && (word, tr_id) == ("order", REWRITTEN_SELL);
    if offered || is_legacy || is_rewritten {
        return Ok(());
    }
    let is_paper_id = tr_id.starts_with('V');
    let is_real_only = ["TTT", "CTRP", "CTOS", "CTPF"].iter().any(|start| tr_id.starts_with(start))
        || all().any(|route| route.real.contains(&tr_id) && route.paper.is_empty());
    match mode {
        Mode::Paper if is_real_only => Err("EGW00213"),
        Mode::Real if is_paper_id => Err("EGW02004"),
        _ => Err("OPSQ0002"),
    }
}

impl Route {
    fn tr_ids(&self, mode: Mode) -> &'static [&'static str] {
        match mode {
            Mode::Paper => self.paper,
            Mode::Real => self.real,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tr_ids_fit_environment_and_path() {
        let order = find("POST", "/uapi/overseas-stock/v1/trading/order");
        let detail = find("GET", "/uapi/overseas-price/v1/quotations/price-detail");
        let cases = [
            (order, Mode::Paper, "VTTT1001U", Ok(())),
            (order, Mode::Paper, "VTTT1006U", Err("OPSQ0002")),
            (order, Mode::Paper, "TTTT1006U", Err("EGW00213")),
            (order, Mode::Paper, "VTTT1004U", Err("OPSQ0002")),
            (order, Mode::Real, "VTTT1001U", Err("EGW02004")),
            (order, Mode::Real, "TTTT1006U", Ok(())),
            (order, Mode::Real, "JTTT1006U", Err("OPSQ0002")),
            (detail, Mode::Paper, "HHDFS76200200", Err("EGW00213")),
            (None, Mode::Real, "TTTS3039R", Err("OPSQ0002")),
        ];
        for (route, mode, tr_id, expected) in cases {
            assert_eq!(check_tr_id(route, mode, tr_id, &Quirks::default()), expected, "{mode:?} {tr_id}");
        }
        let lax = Quirks { legacy_tr_ids: true, paper_sell_1006: true, ..Quirks::default() };
        for (mode, tr_id, expected) in [
            (Mode::Real, "JTTT1006U", Ok(())),
            (Mode::Paper, "VTTT1006U", Ok(())),
            (Mode::Real, "VTTT1006U", Err("EGW02004")),
            (Mode::Real, "JTTT3012R", Err("OPSQ0002")),
        ] {
            assert_eq!(check_tr_id(order, mode, tr_id, &lax), expected, "{mode:?} {tr_id}");
        }
    }
}
