//! Ordering and cancelling: what is sent, and what an answer proves.
//!
//! KIS has no client order id, so an order that may have arrived must never be sent again. An answer therefore counts as
//! a refusal only when KIS gives one that is known to be definite; everything else is unknown.

use crate::domain::{
    AccountNumber, BrokerOrder, Exchange, Mode, OrderId, OrderKind, OrderRequest, OutcomeClass, Side, SubmitOutcome,
    TrId,
};
use crate::kis::clean::Cleaner;
use crate::kis::codes::{Class, class_of};
use crate::kis::endpoint::{Endpoint, Envelope, Payload};
use crate::kis::error::{definite_refusal, is_rate_limit, likely_refusal};
use crate::kis::json::{Object, Value};
use crate::kis::transport::{Reply, SendError, SendProgress};
use crate::kis::{wire, words};
use crate::language::Sentence;

/// 해외주식 주문, POST `/uapi/overseas-stock/v1/trading/order`, buy real TTTT1002U, paper VTTT1002U; sell real
/// TTTT1006U, paper VTTT1001U (portal workbook of 2026-06-03).
///
/// Oddities: paper's sell id is not the real one with another first letter (a live paper account took VTTT1001U).
/// Success means accepted for transmission, never filled, also where paper says 완료. Paper takes limit orders only; on real a
/// buy may be LOC, a sell LOC or MOC. A LOC needs its price, a MOC's is `"0"`. Keys in upper case, every value a string. No
/// client order id, no idempotency.
pub(crate) struct PlaceOrder<'a>(pub(crate) &'a OrderRequest);

impl Endpoint for PlaceOrder<'_> {
    const PATH: &'static str = "/uapi/overseas-stock/v1/trading/order";

    fn tr_id(&self, mode: Mode) -> &'static str {
        order_tr_id(mode, self.0.side)
    }

    fn payload(&self, _: Mode, account: &AccountNumber) -> Payload {
        let sell_type = match self.0.side {
            Side::Buy => "",
            Side::Sell => "00",
        };
        Payload::Body(vec![
            ("CANO", account.number().to_owned()),
            ("ACNT_PRDT_CD", account.product().to_owned()),
            ("OVRS_EXCG_CD", self.0.exchange.word().to_owned()),
            ("PDNO", self.0.symbol.as_str().to_owned()),
            ("ORD_QTY", self.0.quantity.to_string()),
            ("OVRS_ORD_UNPR", self.price()),
            ("CTAC_TLNO", String::new()),
            ("MGCO_APTM_ODNO", String::new()),
            ("SLL_TYPE", sell_type.to_owned()),
            ("ORD_SVR_DVSN_CD", "0".to_owned()),
            ("ORD_DVSN", order_type(self.0.kind).to_owned()),
        ])
    }
}

impl PlaceOrder<'_> {
    fn price(&self) -> String {
        match self.0.kind {
            OrderKind::Limit | OrderKind::Loc => wire::price_text(self.0.limit_price),
            OrderKind::Moc => "0".to_owned(),
        }
    }
}

/// `ORD_DVSN` of a kind of order.
fn order_type(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Limit => "00",
        OrderKind::Loc => "34",
        OrderKind::Moc => "33",
    }
}

/// The TR id that an order of this side carries, and the mode that it belongs to: KIS starts those of paper with `V`. The
/// mode is read from the id, so that a mistake in the table below shows.
pub fn tr_id_of(mode: Mode, side: Side) -> TrId {
    let id = order_tr_id(mode, side);
    TrId { id, mode: if id.starts_with('V') { Mode::Paper } else { Mode::Real } }
}

fn order_tr_id(mode: Mode, side: Side) -> &'static str {
    match (mode, side) {
        (Mode::Real, Side::Buy) => "TTTT1002U",
        (Mode::Real, Side::Sell) => "TTTT1006U",
        (Mode::Paper, Side::Buy) => "VTTT1002U",
        (Mode::Paper, Side::Sell) => "VTTT1001U",
    }
}

/// 해외주식 정정취소주문, POST `/uapi/overseas-stock/v1/trading/order-rvsecncl`, real TTTT1004U, paper VTTT1004U
/// (portal workbook of 2026-06-03).
///
/// Oddities: all ten fields are needed, though the table calls some optional. The original number goes out padded to
/// ten digits. Whether a smaller quantity is honoured is not documented, so what remains is sent. The answer carries
/// a number of its own, and the list shows the request as a row of its own.
pub(crate) struct CancelOrder<'a> {
    pub(crate) order: &'a BrokerOrder,
    pub(crate) exchange: Exchange,
}

impl Endpoint for CancelOrder<'_> {
    const PATH: &'static str = "/uapi/overseas-stock/v1/trading/order-rvsecncl";

    fn tr_id(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Real => "TTTT1004U",
            Mode::Paper => "VTTT1004U",
        }
    }

    fn payload(&self, _: Mode, account: &AccountNumber) -> Payload {
        Payload::Body(vec![
            ("CANO", account.number().to_owned()),
            ("ACNT_PRDT_CD", account.product().to_owned()),
            ("OVRS_EXCG_CD", self.exchange.word().to_owned()),
            ("PDNO", self.order.symbol.as_str().to_owned()),
            ("ORGN_ODNO", self.order.order_id.to_string()),
            ("RVSE_CNCL_DVSN_CD", "02".to_owned()),
            ("ORD_QTY", self.order.remaining_quantity.to_string()),
            ("OVRS_ORD_UNPR", "0".to_owned()),
            ("MGCO_APTM_ODNO", String::new()),
            ("ORD_SVR_DVSN_CD", "0".to_owned()),
        ])
    }
}

/// Judges a POST by its answer, or by the lack of one; the caller adds how long it took.
pub(crate) fn judge(sent: &Result<Reply, SendError>, cleaner: &Cleaner) -> SubmitOutcome {
    match sent {
        Ok(reply) if (300..400).contains(&reply.status) => {
            // KIS sends no redirects, and another sender does not know what became of the order.
            SubmitOutcome::unanswered(OutcomeClass::Unknown, Some(reply.status), words::redirected())
        }
        Ok(reply) => match Envelope::open(&reply.body, cleaner) {
            Ok(envelope) => judge_envelope(&envelope, reply.status, cleaner),
            Err(nonsense) => {
                let why = cleaner.clean_sentence(&nonsense.with_status(reply.status).0);
                SubmitOutcome::unanswered(OutcomeClass::Unknown, Some(reply.status), why)
            }
        },
        Err(error) => {
            let class = match error.progress {
                SendProgress::NotSent => OutcomeClass::NotSent,
                SendProgress::Lost | SendProgress::Garbled => OutcomeClass::Unknown,
            };
            SubmitOutcome::unanswered(class, error.status, cleaner.clean_sentence(&error.detail))
        }
    }
}

fn judge_envelope(envelope: &Envelope<'_>, status: u16, cleaner: &Cleaner) -> SubmitOutcome {
    let (code, message) = (envelope.code.as_str(), envelope.message.as_str());
    let mut outcome = SubmitOutcome {
        token_refused: !envelope.is_success && class_of(code) == Class::Token,
        rate_limited: !envelope.is_success && is_rate_limit(code, message),
        msg_cd: Some(code.to_owned()),
        msg: message.to_owned(),
        ..SubmitOutcome::unanswered(OutcomeClass::Unknown, Some(status), Sentence::default())
    };
    match (envelope.is_success, order_number(&envelope.body)) {
        (true, Number::Good(order_id)) => {
            outcome.class = OutcomeClass::Accepted;
            outcome.branch = branch(&envelope.body, cleaner);
            outcome.order_id = Some(order_id);
        }
        // The gate turned the request away unexecuted. For an order only codes count, never words.
        (false, Number::None) if matches!(class_of(code), Class::Token | Class::Pacing) => {
            outcome.class = OutcomeClass::TurnedAway;
        }
        (false, Number::None) => {
            outcome.refusal = definite_refusal(code, message);
            if outcome.refusal.is_some() {
                outcome.class = OutcomeClass::Rejected;
            } else {
                outcome.refusal = likely_refusal(status, code, message);
            }
        }
        // Success without a usable number, or a refusal with one: the order may live.
        (true, Number::None | Number::Odd) | (false, Number::Good(_) | Number::Odd) => {}
    }
    outcome
}

/// The order number in an answer; `Odd` is anything else in its place.
enum Number {
    None,
    Good(OrderId),
    Odd,
}

fn order_number(body: &Object<'_>) -> Number {
    let output = match body.get("output") {
        None | Some(Value::Null) => return Number::None,
        Some(Value::Text(text)) if text.trim().is_empty() => return Number::None,
        Some(Value::List(list)) if list.is_empty() => return Number::None,
        Some(Value::Object(output)) => output,
        Some(_) => return Number::Odd,
    };
    match output.get("odno") {
        None => Number::None,
        Some(Value::Text(text)) if text.trim().is_empty() => Number::None,
        Some(Value::Text(text)) => text.parse().map_or(Number::Odd, Number::Good),
        Some(_) => Number::Odd,
    }
}

fn branch(body: &Object<'_>, cleaner: &Cleaner) -> Option<String> {
    let Some(Value::Object(output)) = body.get("output") else { return None };
    let branch = cleaner.clean(wire::description(output, "krx_fwdg_ord_orgno"));
    (!branch.is_empty()).then_some(branch)
}

#[cfg(test)]
mod tests;
