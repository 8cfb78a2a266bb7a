//! Rows that can't be read: what is said of them, and which symbols get no order because of them.

use chrono::NaiveDate;

use crate::config::Settings;
use crate::decide::rule::{Rule, Skip};
use crate::decide::words;
use crate::domain::{Notice, NoticeKind, OddHolding, OddOrder, Symbol, Usd};
use crate::language::Sentence;

/// The rows of one run that can't be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OddRows {
    /// Of the balance.
    pub holdings: Vec<OddHolding>,
    /// Of the order list, those of the trading date and those without a readable date.
    pub orders: Vec<OddOrder>,
}

impl OddRows {
    /// Reports whether a symbol has a row that can't be read, so that nothing is ordered of it.
    ///
    /// # Errors
    /// `row_set_aside`.
    pub fn check(&self, symbol: &Symbol) -> Result<(), Skip> {
        let holding = self.holdings.iter().find(|row| row.symbol.as_ref() == Some(symbol));
        let order = self.orders.iter().find(|row| !row.is_listed && row.symbol.as_ref() == Some(symbol));
        let balance = holding.map(|row| words::row_of_balance_odd(&row.why));
        let detail = balance.or_else(|| order.map(|row| words::row_of_list_odd(&row.why)));
        detail.map_or(Ok(()), |detail| Err(Skip::new(symbol, Rule::RowSetAside, detail)))
    }

    /// Reports whether a row of the balance that can't be read may hold shares of a symbol.
    pub fn may_hold(&self, symbol: &Symbol) -> bool {
        self.holdings.iter().any(|row| row.symbol.as_ref().is_none_or(|its_own| its_own == symbol))
    }

    /// Tickers of holdings that can't be read.
    pub fn held(&self) -> impl Iterator<Item = &Symbol> {
        self.holdings.iter().filter_map(|row| row.symbol.as_ref())
    }

    /// USD that the rows of the balance are worth; those of unknown value count as nothing.
    pub fn value(&self) -> Usd {
        self.holdings.iter().filter_map(|row| row.value).sum()
    }

    /// What people hear of each row, unless `[sell] keep` names it: a warning, and a message a date.
    pub fn notices(&self, settings: &Settings, date: NaiveDate) -> Vec<Notice> {
        let advice = |symbol: &Option<Symbol>| keep_advice(settings, symbol.as_ref());
        let holdings = self.holdings.iter().map(|row| (&row.code, &row.symbol, of_holding(row, advice(&row.symbol))));
        let orders = self.orders.iter().map(|row| (&row.code, &row.symbol, of_order(row, advice(&row.symbol))));
        let is_loud = |code: &String, symbol: &Option<Symbol>| {
            let is_kept = symbol.as_ref().is_some_and(|symbol| settings.sell.keep.contains(symbol));
            !is_kept && !settings.sell.keep_codes.contains(code)
        };
        let loud = holdings.chain(orders).filter(|(code, symbol, _)| is_loud(code, symbol));
        let notice = |(code, symbol, words): (&String, &Option<Symbol>, Sentence)| Notice {
            symbol: symbol.clone(),
            ..Notice::of_date(NoticeKind::RowSetAside, date, code, words)
        };
        loud.map(notice).collect()
    }
}

/// How a person who wants to leave a holding alone silences what is said of it, in both languages. Nothing for what the rules
/// manage: `keep` would end its stop loss.
pub fn keep_advice(settings: &Settings, symbol: Option<&Symbol>) -> [&'static str; 2] {
    let is_watched = |symbol: &Symbol| settings.buy.watch.iter().any(|listed| listed.symbol == *symbol);
    let is_managed = symbol.is_some_and(|symbol| settings.sell.sells_all_positions || is_watched(symbol));
    if is_managed {
        ["", ""]
    } else {
        ["; [sell] keep silences this", ". [sell] keep에 적으면 알리지 않습니다"]
    }
}

fn of_holding(OddHolding { code, why, value, .. }: &OddHolding, advice: [&str; 2]) -> Sentence {
    let worth = value.map(Usd::to_cents).unwrap_or_default();
    let [en, ko] = advice;
    Sentence {
        en: format!(
            "row_set_aside: {} in the balance can't be read ({why}); it counts as {worth} USD in the total, and nothing is \
             ordered of it until it can{en}",
            named(code, "a row")
        ),
        ko: format!(
            "잔고 행 제외: {} · {} · 총자산에 반영한 금액 {} · 읽을 수 있을 때까지 주문하지 않습니다{ko}",
            named(code, "종목코드 없음"),
            why.ko,
            worth.dollars()
        ),
    }
}

fn of_order(OddOrder { code, why, is_listed, .. }: &OddOrder, advice: [&str; 2]) -> Sentence {
    let [advice, advice_ko] = advice;
    let (en, ko) = if *is_listed {
        ("its quantities decide", "수량을 보고 판단합니다")
    } else {
        (
            "nothing is concluded from it, and nothing is ordered of its symbol",
            "이 행은 쓰지 않으며 이 종목은 주문하지 않습니다",
        )
    };
    Sentence {
        en: format!("row_set_aside: {} in the order list can't be read ({why}); {en}{advice}", named(code, "a row")),
        ko: format!("주문내역 행 제외: {} · {} · {ko}{advice_ko}", named(code, "종목코드 없음"), why.ko),
    }
}

fn named<'a>(code: &'a str, otherwise: &'a str) -> &'a str {
    if code.is_empty() { otherwise } else { code }
}
