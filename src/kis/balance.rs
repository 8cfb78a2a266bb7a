//! The balance: what the account holds.

use std::collections::BTreeSet;

use crate::domain::position::merge_by_symbol;
use crate::domain::{AccountNumber, Balance, BalanceScope, Exchange, Mode, OddHolding, Position, Usd};
use crate::kis::endpoint::{Answer, Endpoint, Payload, Query};
use crate::kis::error::Nonsense;
use crate::kis::json::Object;
use crate::kis::pages::{Cursor, Page, read_page};
use crate::kis::rate_slot::SlotKind;
use crate::kis::wire;
use crate::kis::words::fields;
use crate::ordered::Ordered;

/// Rows a page holds; KIS states it for real only.
const FULL_PAGE: usize = 100;
/// `loan_type_cd` of shares bought with cash.
const CASH: &str = "10";

/// 해외주식 잔고, GET `/uapi/overseas-stock/v1/trading/inquire-balance`, real TTTS3012R, paper VTTS3012R (portal
/// workbook of 2026-06-03).
///
/// Oddities: on real `NASD` means all US exchanges. On paper what an exchange code selects is contradictory, so all
/// three are asked and united; the exchange that a paper row states says nothing about the listing. The list may end
/// with rows of blanks. There is no cash in it. After a fill it lags, on paper up to three minutes.
pub(crate) struct BalancePage {
    pub(crate) exchange: Exchange,
    pub(crate) cursor: Cursor,
}

impl Endpoint for BalancePage {
    const PATH: &'static str = "/uapi/overseas-stock/v1/trading/inquire-balance";

    fn tr_id(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Real => "TTTS3012R",
            Mode::Paper => "VTTS3012R",
        }
    }

    fn payload(&self, _: Mode, account: &AccountNumber) -> Payload {
        let mut fields = vec![
            ("CANO", account.number().to_owned()),
            ("ACNT_PRDT_CD", account.product().to_owned()),
            ("OVRS_EXCG_CD", self.exchange.word().to_owned()),
            ("TR_CRCY_CD", "USD".to_owned()),
        ];
        fields.extend(self.cursor.fields());
        Payload::Query(fields)
    }
}

impl Query for BalancePage {
    type Answer = Page<Result<Position, OddHolding>>;
    const SLOT: SlotKind = SlotKind::LedgerRead;

    fn tr_cont(&self) -> &'static str {
        self.cursor.tr_cont()
    }

    fn read(&self, answer: &Answer<'_>) -> Result<Self::Answer, Nonsense> {
        read_page(answer, &self.cursor, ("output1", "ovrs_pdno"), FULL_PAGE, |row| {
            Ok(match read_row(row, answer) {
                Ok(position) => Some(Ok(position)),
                // What was sold may stay in the list for a while, whatever else its row says.
                Err(_) if wire::quantity(row, "ovrs_cblc_qty") == Ok(0) => None,
                Err(problem) => Some(Err(set_aside(row, &problem, answer))),
            })
        })
    }
}

/// The symbols of some rows.
pub(crate) fn codes_of(rows: &[Result<Position, OddHolding>]) -> BTreeSet<&str> {
    rows.iter().map(|row| row.as_ref().map_or_else(|odd| odd.code.as_str(), |row| row.symbol.as_str())).ordered()
}

/// Makes one balance of the rows of one answer or of several.
pub(crate) fn unite(rows: Vec<Result<Position, OddHolding>>, scope: BalanceScope) -> Balance {
    let (mut positions, mut odd) = (Vec::new(), Vec::<OddHolding>::new());
    for row in rows {
        match row {
            Ok(position) => positions.push(position),
            Err(row) => odd.extend(Some(row).filter(|row| !odd.contains(row))),
        }
    }
    Balance { scope, positions: merge_by_symbol(positions).into_values().collect(), odd }
}

/// What can be said of a row that is no holding of ours.
fn set_aside(row: &Object<'_>, problem: &Nonsense, answer: &Answer<'_>) -> OddHolding {
    let is_in_dollars = wire::description(row, "tr_crcy_cd") == "USD";
    OddHolding {
        code: answer.cleaner.clean_code(wire::description(row, "ovrs_pdno")),
        symbol: wire::symbol(row, "ovrs_pdno").ok(),
        why: answer.cleaner.clean_sentence(&problem.0),
        value: value(row).filter(|_| is_in_dollars),
    }
}

/// What the balance says that a row is worth, in its currency.
fn value(row: &Object<'_>) -> Option<Usd> {
    wire::amount(row, "ovrs_stck_evlu_amt").ok().flatten().filter(|value| value.is_positive())
}

fn read_row(row: &Object<'_>, answer: &Answer<'_>) -> Result<Position, Nonsense> {
    let currency = wire::text(row, "tr_crcy_cd")?;
    if currency != "USD" {
        return Err(Nonsense(fields::no_dollars("tr_crcy_cd", currency)));
    }
    let quantity = wire::quantity(row, "ovrs_cblc_qty")?;
    let loan = wire::optional(row, "loan_type_cd")?;
    Ok(Position {
        symbol: wire::symbol(row, "ovrs_pdno")?,
        name: answer.cleaner.clean(wire::description(row, "ovrs_item_name")),
        exchange: match answer.mode {
            // A code beside the three is a market that we do not trade on: unknown, not wrong.
            Mode::Real => Exchange::from_code(wire::description(row, "ovrs_excg_cd")),
            Mode::Paper => None,
        },
        quantity,
        // The two numbers may be of different moments while a fill settles; more than is held can't be sold.
        sellable_quantity: wire::quantity(row, "ord_psbl_qty")?.min(quantity),
        average_cost: wire::price(row, "pchs_avg_pric")?.filter(|cost| cost.is_positive()),
        balance_price: wire::price(row, "now_pric2")?.filter(|price: &Usd| price.is_positive()),
        balance_value: value(row),
        on_credit: !loan.is_empty() && loan != CASH,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kis::testing::{self, symbol, usd};

    const ONE: &str = include_str!("../../tests/fixtures/TTTS3012R_one_holding.json");

    type Rows = Vec<Result<Position, OddHolding>>;

    fn read(mode: Mode, body: &str) -> Result<Rows, Nonsense> {
        let query = BalancePage { exchange: Exchange::Nasdaq, cursor: Cursor::default() };
        testing::read(&query, mode, "D", body).map(|page| page.rows)
    }

    fn changed(from: &str, to: &str) -> Rows {
        assert!(ONE.contains(from), "{from}");
        read(Mode::Real, &ONE.replacen(from, to, 1)).unwrap()
    }

    fn position(from: &str, to: &str) -> Position {
        changed(from, to).remove(0).unwrap()
    }

    #[test]
    fn reads_a_holding_and_drops_the_padding() {
        let expected = Position {
            symbol: symbol("ZZZQ"),
            name: "지지지큐".to_owned(),
            exchange: Some(Exchange::Nasdaq),
            quantity: 12,
            sellable_quantity: 10,
            average_cost: Some(usd("101.93")),
            balance_price: Some(usd("103.22")),
            balance_value: Some(usd("1238.64")),
            on_credit: false,
        };
        assert_eq!(read(Mode::Real, ONE), Ok(vec![Ok(expected.clone())]));
        assert_eq!(read(Mode::Paper, ONE), Ok(vec![Ok(Position { exchange: None, ..expected })]));
    }

    #[test]
    fn costs_and_prices_of_nothing_are_unknown() {
        for cost in ["", "0.0000"] {
            let row = position(r#""pchs_avg_pric": "101.9300""#, &format!(r#""pchs_avg_pric": "{cost}""#));
            assert_eq!(row.average_cost, None);
        }
        assert_eq!(position(r#""ord_psbl_qty": "10""#, r#""ord_psbl_qty": "13""#).sellable_quantity, 12);
        assert!(position(r#""loan_type_cd": "10""#, r#""loan_type_cd": "05""#).on_credit);
    }

    #[test]
    fn a_row_that_cannot_be_read_is_set_aside_with_what_it_is_worth() {
        for (from, to, code, value) in [
            (r#""tr_crcy_cd": "USD""#, r#""tr_crcy_cd": "HKD""#, "ZZZQ", None),
            (r#""tr_crcy_cd": "USD""#, r#""tr_crcy_cd": """#, "ZZZQ", None),
            (r#""ovrs_cblc_qty": "12""#, r#""ovrs_cblc_qty": "-12""#, "ZZZQ", Some("1238.64")),
            (r#""ovrs_cblc_qty": "12""#, r#""ovrs_cblc_qty": "0.4""#, "ZZZQ", Some("1238.64")),
            (r#""ovrs_cblc_qty": "12","#, "", "ZZZQ", Some("1238.64")),
            (r#""ord_psbl_qty": "10""#, r#""ord_psbl_qty": """#, "ZZZQ", Some("1238.64")),
            (r#""ovrs_pdno": "ZZZQ""#, r#""ovrs_pdno": "1234567R1""#, "1234567R1", Some("1238.64")),
            (r#""ovrs_pdno": "ZZZQ""#, r#""ovrs_pdno": "../Z""#, "../Z", Some("1238.64")),
            (r#""ovrs_pdno": "ZZZQ""#, r#""ovrs_pdno": 5"#, "", Some("1238.64")),
            (r#""ovrs_pdno": "ZZZQ","#, "", "", Some("1238.64")),
            (r#""pchs_avg_pric": "101.9300""#, r#""pchs_avg_pric": "-1""#, "ZZZQ", Some("1238.64")),
            (r#""pchs_avg_pric": "101.9300""#, r#""pchs_avg_pric": 101.93"#, "ZZZQ", Some("1238.64")),
        ] {
            let odd = changed(from, to).remove(0).unwrap_err();
            assert_eq!((odd.code.as_str(), odd.value), (code, value.map(usd)), "{from} -> {to}");
            assert_eq!(odd.symbol, (code == "ZZZQ").then(|| symbol("ZZZQ")), "{from} -> {to}");
            assert!(!odd.why.is_empty());
        }
        let sold = ONE.replacen(r#""ovrs_cblc_qty": "12""#, r#""ovrs_cblc_qty": "0""#, 1).replace("ZZZQ", "1234567R1");
        assert_eq!(read(Mode::Real, &sold), Ok(vec![]), "nothing is held of it");
    }

    #[test]
    fn an_answer_without_its_list_is_not_an_empty_balance() {
        assert_eq!(read(Mode::Real, r#"{"msg_cd":"KIOK0560"}"#), Ok(vec![]));
        assert_eq!(read(Mode::Real, r#"{"msg_cd":"KIOK0510","output1":[]}"#), Ok(vec![]));
        assert!(read(Mode::Real, r#"{"msg_cd":"KIOK0510"}"#).is_err());
    }
}
