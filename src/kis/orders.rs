//! The order list: every order of a span of days, open, filled and over, with cancel requests as rows of their own.

use chrono::NaiveDate;

use crate::domain::{AccountNumber, BrokerOrder, EndReason, Exchange, Mode, OddOrder, OrderId, RowKind, Usd};
use crate::kis::clean::Cleaner;
use crate::kis::endpoint::{Answer, Endpoint, Payload, Query};
use crate::kis::error::Nonsense;
use crate::kis::json::Object;
use crate::kis::pages::{Cursor, Page, read_page};
use crate::kis::rate_slot::SlotKind;
use crate::kis::wire;
use crate::kis::words::{self, fields};

/// 해외주식 주문체결내역, GET `/uapi/overseas-stock/v1/trading/inquire-ccnl`, real TTTS3035R, paper VTTS3035R
/// (portal workbook of 2026-06-03).
///
/// Oddities: 20 rows a page on real, 15 on paper. It cannot search by order number. The asked dates and `ord_dt` are
/// US dates, `dmst_ord_dt` and both times Korean. Paper takes only blank filters, prints order numbers without their
/// zeros, and leaves the status word blank. Which end `DS` puts first is not certain, so nothing depends on order.
/// An empty list may be one object of blanks in which a few fields are filled.
pub(crate) struct OrdersPage {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) cursor: Cursor,
}

impl Endpoint for OrdersPage {
    const PATH: &'static str = "/uapi/overseas-stock/v1/trading/inquire-ccnl";

    fn tr_id(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Real => "TTTS3035R",
            Mode::Paper => "VTTS3035R",
        }
    }

    fn payload(&self, mode: Mode, account: &AccountNumber) -> Payload {
        // On real `NASD` means all US exchanges, which is what we trade; `%` would add every other country.
        let (symbol, exchange) = match mode {
            Mode::Real => ("%", "NASD"),
            Mode::Paper => ("", ""),
        };
        let mut fields = vec![
            ("CANO", account.number().to_owned()),
            ("ACNT_PRDT_CD", account.product().to_owned()),
            ("PDNO", symbol.to_owned()),
            ("ORD_STRT_DT", wire::date_text(self.from)),
            ("ORD_END_DT", wire::date_text(self.to)),
            ("SLL_BUY_DVSN", "00".to_owned()),
            ("CCLD_NCCS_DVSN", "00".to_owned()),
            ("OVRS_EXCG_CD", exchange.to_owned()),
            ("SORT_SQN", "DS".to_owned()),
            ("ORD_DT", String::new()),
            ("ORD_GNO_BRNO", String::new()),
            ("ODNO", String::new()),
        ];
        fields.extend(self.cursor.fields());
        Payload::Query(fields)
    }
}

/// A row as far as it can be read: the order, what is odd about it, or both.
#[derive(PartialEq)]
pub(crate) struct ListedRow {
    pub(crate) order: Option<BrokerOrder>,
    pub(crate) odd: Option<OddOrder>,
}

impl Query for OrdersPage {
    type Answer = Page<ListedRow>;
    const SLOT: SlotKind = SlotKind::LedgerRead;

    fn tr_cont(&self) -> &'static str {
        self.cursor.tr_cont()
    }

    fn read(&self, answer: &Answer<'_>) -> Result<Page<ListedRow>, Nonsense> {
        let full = match answer.mode {
            Mode::Real => 20,
            Mode::Paper => 15,
        };
        read_page(answer, &self.cursor, ("output", "odno"), full, |row| {
            if ["odno", "ord_dt", "pdno"].iter().all(|key| wire::description(row, key).is_empty()) {
                return Err(Nonsense(words::other_question()));
            }
            Ok((!is_of_another_country(row)).then(|| read_or_set_aside(row, answer.cleaner)))
        })
    }
}

fn read_or_set_aside(row: &Object<'_>, cleaner: &Cleaner) -> ListedRow {
    let odd = |problem: &Nonsense, is_listed| OddOrder {
        code: cleaner.clean_code(wire::description(row, "pdno")),
        branch: cleaner.clean(wire::description(row, "ord_gno_brno")),
        why: cleaner.clean_sentence(&problem.0),
        is_listed,
        date: wire::date(row, "ord_dt").ok(),
        order_id: wire::description(row, "odno").parse().ok(),
        symbol: wire::symbol(row, "pdno").ok(),
        side: wire::side(row, "sll_buy_dvsn_cd").ok(),
        may_be_open_api: may_be_open_api(row, likely_kind(row), cleaner) && !is_of_fractions(row),
    };
    match read_row(row, cleaner) {
        Ok((order, None)) => ListedRow { order: Some(order), odd: None },
        Ok((order, Some(problem))) => ListedRow { order: Some(order), odd: Some(odd(&problem, true)) },
        Err(problem) => ListedRow { order: None, odd: Some(odd(&problem, false)) },
    }
}

/// The Open API takes whole shares only.
fn is_of_fractions(row: &Object<'_>) -> bool {
    ["ft_ord_qty", "ft_ccld_qty", "nccs_qty"].iter().any(|key| wire::is_fraction(row, key))
}

/// Paper cannot be asked for one country, so its list may hold orders in Hong Kong or Tokyo. Only a row that says so twice
/// is passed over; one that contradicts itself is read, and set aside.
fn is_of_another_country(row: &Object<'_>) -> bool {
    let (country, currency) = (wire::description(row, "tr_natn"), wire::description(row, "tr_crcy_cd"));
    !country.is_empty() && country != "840" && !currency.is_empty() && currency != "USD"
}

/// Reads an order; with it comes a status word that is not known, for quantities decide.
fn read_row(row: &Object<'_>, cleaner: &Cleaner) -> Result<(BrokerOrder, Option<Nonsense>), Nonsense> {
    let currency = wire::optional(row, "tr_crcy_cd")?;
    if !currency.is_empty() && currency != "USD" {
        return Err(Nonsense(fields::no_dollars("tr_crcy_cd", currency)));
    }
    let odno = wire::text(row, "odno")?;
    let order_id: OrderId = odno.parse().map_err(|_| Nonsense(fields::no_order_number("odno", odno)))?;
    let original_id = original(row)?;
    let price = wire::price(row, "ft_ord_unpr3")?;
    let kind = kind(row, original_id.as_ref(), price)?;
    let note = note(row, cleaner);
    let (is_refused, unknown_word) = is_refused(wire::optional(row, "prcs_stat_name")?);
    let order = BrokerOrder {
        date: wire::date(row, "ord_dt")?,
        branch: cleaner.clean(wire::description(row, "ord_gno_brno")),
        order_id,
        kind,
        original_id,
        symbol: wire::symbol(row, "pdno")?,
        exchange: Exchange::from_code(wire::description(row, "ovrs_excg_cd")),
        side: wire::side(row, "sll_buy_dvsn_cd")?,
        quantity: wire::quantity(row, "ft_ord_qty")?,
        limit_price: price.unwrap_or(Usd::ZERO),
        filled_quantity: wire::quantity(row, "ft_ccld_qty")?,
        average_price: wire::price(row, "ft_ccld_unpr3")?.unwrap_or(Usd::ZERO),
        remaining_quantity: wire::quantity(row, "nccs_qty")?,
        is_refused,
        end_reason: end_reason(&note),
        note,
        ordered_at: wire::korean_instant(wire::description(row, "dmst_ord_dt"), wire::description(row, "thco_ord_tmd")),
        may_be_open_api: may_be_open_api(row, kind, cleaner),
    };
    check(&order, price)?;
    Ok((order, unknown_word))
}

/// Refuses rows whose numbers contradict each other.
fn check(order: &BrokerOrder, stated_price: Option<Usd>) -> Result<(), Nonsense> {
    let accounted = order.filled_quantity.checked_add(order.remaining_quantity);
    if accounted.is_none_or(|shares| shares > order.quantity) {
        return Err(Nonsense(words::too_many_shares(&order.order_id)));
    }
    if order.filled_quantity > 0 && !order.average_price.is_positive() {
        return Err(Nonsense(words::filled_at_no_price(&order.order_id)));
    }
    if order.kind == RowKind::Order && (order.quantity == 0 || stated_price.is_none()) {
        return Err(Nonsense(words::no_quantity_or_price(&order.order_id)));
    }
    Ok(())
}

/// "No original" is blank or all zeros.
fn original(row: &Object<'_>) -> Result<Option<OrderId>, Nonsense> {
    let text = wire::optional(row, "orgn_odno")?;
    if text.bytes().all(|byte| byte == b'0') {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Nonsense(fields::no_order_number("orgn_odno", text)))
}

fn kind(row: &Object<'_>, original: Option<&OrderId>, price: Option<Usd>) -> Result<RowKind, Nonsense> {
    match wire::optional(row, "rvse_cncl_dvsn")? {
        "00" => Ok(RowKind::Order),
        "01" => Ok(RowKind::Modify),
        "02" => Ok(RowKind::Cancel),
        "" if original.is_none() => Ok(RowKind::Order),
        // A cancel has no price.
        "" if price.is_none_or(|price| !price.is_positive()) => Ok(RowKind::Cancel),
        "" => Ok(RowKind::Modify),
        other => Err(Nonsense(fields::no_row_kind("rvse_cncl_dvsn", other))),
    }
}

/// An order, unless a row says clearly that it is something else.
fn likely_kind(row: &Object<'_>) -> RowKind {
    let original = original(row).ok().flatten();
    kind(row, original.as_ref(), wire::price(row, "ft_ord_unpr3").ok().flatten()).unwrap_or(RowKind::Order)
}

fn is_refused(word: &str) -> (bool, Option<Nonsense>) {
    match word {
        "" | "전송" | "접수" | "완료" => (false, None),
        "거부" => (true, None),
        other => (false, Some(Nonsense(fields::unknown_state("prcs_stat_name", other)))),
    }
}

/// KIS's words for why an order was refused or ended.
fn note(row: &Object<'_>, cleaner: &Cleaner) -> String {
    let name = wire::description(row, "rjct_rson_name");
    cleaner.clean(if name.is_empty() { wire::description(row, "rjct_rson") } else { name })
}

/// KIS says 취소 of orders that ended with the session, too (`DFD 장종료로 취소`).
fn end_reason(note: &str) -> EndReason {
    match note {
        "" => EndReason::NotStated,
        _ if note.contains("장종료") => EndReason::SessionEnd,
        _ if note.contains("취소") => EndReason::Cancel,
        _ => EndReason::Other,
    }
}

/// An unsaid medium may be the Open API; but this program modifies no order, and one that somebody modified is a person's
/// unless another program's medium is stated.
fn may_be_open_api(row: &Object<'_>, kind: RowKind, cleaner: &Cleaner) -> bool {
    let name = cleaner.clean(wire::description(row, "mdia_dvsn_name"));
    (name.is_empty() && kind != RowKind::Modify) || name.to_ascii_lowercase().contains("openapi")
}

#[cfg(test)]
mod tests;
