//! A suspected split in words, in both languages.

use super::MAX_DATES;
use crate::decide::fold::JournalState;
use crate::domain::{Record, SplitSign, SplitSuspicion, Symbol, Unit, Usd};
use crate::language::Sentence;

/// What is seen, with all figures, and how it ends.
pub fn words_of(suspicion: &SplitSuspicion) -> Sentence {
    let SplitSuspicion { symbol, ratio, from, sign, before, base, held } = suspicion;
    let price = |price: &Option<Usd>| price.map_or_else(|| "?".to_owned(), |price| price.to_string());
    let (before, base) = (price(before), price(base));
    let (shares, cost) = held.map_or((0, "?".to_owned()), |held| (held.quantity, price(&held.average_cost)));
    let (seen, ko) = match (sign, held) {
        (SplitSign::Price, None) => (
            format!("a close of {before} is {base} in the quote now: like a {ratio} split"),
            format!("종가 ${before}이(가) 지금 시세에서는 ${base}: {ratio} 액면분할·병합으로 보입니다"),
        ),
        (SplitSign::Price, Some(_)) => (
            format!(
                "a close of {before} is {base} in the quote now: like a {ratio} split, while the balance still has \
                 {shares} at {cost}"
            ),
            format!(
                "종가 ${before}이(가) 지금 시세에서는 ${base}: {ratio} 액면분할·병합으로 보이지만 잔고는 아직 {shares}주, 평균 \
                 ${cost}입니다"
            ),
        ),
        (SplitSign::Account, _) => (
            format!(
                "the balance went from {shares} at {cost} to {ratio} of it, like a split, and the quote (yesterday's \
                 close {base}) has not followed"
            ),
            format!("잔고가 {shares}주, 평균 ${cost}에서 {ratio}로 바뀌었지만 시세(전일 종가 ${base})는 그대로입니다"),
        ),
    };
    Sentence {
        en: format!(
            "{seen} (since {from}); set aside until both agree, {MAX_DATES} trading dates at most, as a real crash can look \
             the same; if the price is right: `kis-trade cleanup --settle price={symbol}`"
        ),
        ko: format!(
            "{ko} ({from}부터). 둘이 맞을 때까지, 길어도 {MAX_DATES}거래일 동안 주문하지 않습니다(실제 폭락도 이렇게 보일 수 \
             있습니다). 가격이 맞다면: kis-trade cleanup --settle price={symbol}"
        ),
    }
}

/// How a suspicion ended, for people; `None` for a line that ends none.
pub fn ending_of(journal: &JournalState, record: &Record) -> Option<(Symbol, Sentence)> {
    match record {
        Record::Unit(Unit { symbol, factor, from }) => {
            let en =
                format!("{symbol}: {factor} split of {from} is certain; older prices and shares count in new units");
            let ko = format!("{symbol}: {from} {factor} 액면분할·병합 확인. 이전 가격과 수량은 새 단위로 환산합니다");
            Some((symbol.clone(), Sentence { en, ko }))
        }
        Record::SplitOver { symbol } => {
            let SplitSuspicion { ratio, from, .. } = &journal.splits.get(symbol)?.suspicion;
            let en = format!(
                "{symbol}: no {ratio} split followed the move of {from} for {MAX_DATES} trading dates; it is traded again at \
                 its price"
            );
            let ko = format!(
                "{symbol}: {from} 이후 {MAX_DATES}거래일 동안 {ratio} 액면분할·병합이 확인되지 않았습니다. 현재 가격으로 다시 \
                 매매합니다"
            );
            Some((symbol.clone(), Sentence { en, ko }))
        }
        _ => None,
    }
}
