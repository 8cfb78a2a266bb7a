//! A suspected split in words, in both languages.

use chrono::NaiveDate;

use super::MAX_DATES;
use crate::decide::fold::JournalState;
use crate::domain::{Ratio, Record, SplitSign, SplitSuspicion, Symbol, Unit, Usd};
use crate::language::{Sentence, sentences};

sentences! {
    quote_moved(before: &Sentence, base: &Sentence, ratio: Ratio)
        "a close of {before} is {base} in the quote now: like a {ratio} split"
        "종가 {before}이(가) 지금 시세에서는 {base}: {ratio} 액면분할·병합으로 보입니다"

    quote_moved_alone(before: &Sentence, base: &Sentence, ratio: Ratio, shares: u64, cost: &Sentence)
        "a close of {before} is {base} in the quote now: like a {ratio} split, while the balance still has {shares} at {cost}"
        "종가 {before}이(가) 지금 시세에서는 {base}: {ratio} 액면분할·병합으로 보이지만 잔고는 아직 {shares}주, 평균 {cost}입니다"

    balance_moved_alone(shares: u64, cost: &Sentence, ratio: Ratio, base: &Sentence)
        "the balance went from {shares} at {cost} to {ratio} of it, like a split, and the quote (yesterday's close {base}) has not followed"
        "잔고가 {shares}주, 평균 {cost}에서 {ratio}(으)로 바뀌었지만 시세(전일 종가 {base})는 그대로입니다"

    set_aside(seen: &Sentence, from: NaiveDate, most: usize, symbol: &Symbol)
        "{seen} (since {from}); set aside until both agree, {most} trading dates at most, as a real crash can look the same; if the price is right: `kis-trade cleanup --settle price={symbol}`"
        "{seen}({from}부터). 둘이 맞을 때까지, 길어도 {most}거래일 동안 주문하지 않습니다(실제 폭락도 이렇게 보일 수 있습니다). 가격이 맞다면 `kis-trade cleanup --settle price={symbol}`을(를) 실행하세요"

    certain(symbol: &Symbol, factor: Ratio, from: NaiveDate)
        "{symbol}: {factor} split of {from} is certain; older prices and shares count in new units"
        "{symbol}: {from} {factor} 액면분할·병합 확인. 이전 가격과 수량은 새 주식 기준으로 환산합니다"

    not_followed(symbol: &Symbol, ratio: Ratio, from: NaiveDate, dates: usize)
        "{symbol}: no {ratio} split followed the move of {from} for {dates} trading dates; it is traded again at its price"
        "{symbol}: {from} 이후 {dates}거래일 동안 {ratio} 액면분할·병합이 확인되지 않았습니다. 현재 가격으로 다시 매매합니다"
}

/// What is seen, with all figures, and how it ends.
pub fn words_of(suspicion: &SplitSuspicion) -> Sentence {
    let SplitSuspicion { symbol, ratio, from, sign, before, base, held } = suspicion;
    let price = |price: Option<Usd>| price.map_or_else(|| Sentence::verbatim("?"), |price| Sentence::of(&price));
    let (before, base) = (price(*before), price(*base));
    let (shares, cost) = held.map_or((0, None), |held| (held.quantity, held.average_cost));
    let cost = price(cost);
    let seen = match (sign, held) {
        (SplitSign::Price, None) => quote_moved(&before, &base, *ratio),
        (SplitSign::Price, Some(_)) => quote_moved_alone(&before, &base, *ratio, shares, &cost),
        (SplitSign::Account, _) => balance_moved_alone(shares, &cost, *ratio, &base),
    };
    set_aside(&seen, *from, MAX_DATES, symbol)
}

/// How a suspicion ended, for people; `None` for a line that ends none.
pub fn ending_of(journal: &JournalState, record: &Record) -> Option<(Symbol, Sentence)> {
    match record {
        Record::Unit(Unit { symbol, factor, from }) => Some((symbol.clone(), certain(symbol, *factor, *from))),
        Record::SplitOver { symbol } => {
            let SplitSuspicion { ratio, from, .. } = &journal.splits.get(symbol)?.suspicion;
            Some((symbol.clone(), not_followed(symbol, *ratio, *from, MAX_DATES)))
        }
        _ => None,
    }
}
