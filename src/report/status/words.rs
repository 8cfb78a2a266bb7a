//! What `status` says, line by line.

use chrono::NaiveDate;

use crate::domain::{Phase, Side, Symbol, TokenState, Usd};
use crate::language::counts::{Age, Days, Looks, OwnShares, Sells, Sessions};
use crate::language::{Sentence, sentences};

sentences! {
    account_number(mode: &Sentence, number: &str)
        "{mode}  account {number}"
        "{mode}  계좌 {number}"

    halted(why: &Sentence)
        "HALTED: {why}"
        "매매 중지: {why}"

    sell_only()
        "SELL ONLY: [limits] trading = \"sell_only\", nothing is bought"
        "매도만 합니다: `[limits] trading = \"sell_only\"`이므로 매수하지 않습니다"

    daily_loss(change: &str, date: NaiveDate, limit: &str)
        "DAILY LOSS: {change} % since the first look of {date}, more than {limit} %: no more buys that day"
        "일일 손실 한도 초과: {date} 첫 조회 대비 {change}%(한도 {limit}%). 그날은 더 매수하지 않습니다"

    new_york()
        "New York"
        "뉴욕"

    korea()
        "Korea"
        "한국"

    market()
        "Market"
        "시장"

    market_is(phase: Phase, date: NaiveDate)
        "{phase}, trading date {date}"
        "{phase}, 거래일 {date}"

    token()
        "Token"
        "접근토큰"

    token_is(state: TokenState)
        "{state}"
        "{state}"

    token_lives(state: TokenState, left: Age, until: &str)
        "{state}, {left} left (until {until})"
        "{state}, {left} 남음({until}까지)"

    unknown()
        "unknown"
        "알 수 없음"

    account()
        "Account"
        "계좌"

    account_is(cash: &Sentence, orderable: &Sentence, positions: &Sentence, elsewhere: &Sentence, total: &Sentence)
        "cash {cash}  orderable {orderable}  positions {positions}{elsewhere}  total {total} USD"
        "예수금 {cash}  주문 가능 {orderable}  평가금액 {positions}{elsewhere}  총자산 {total}"

    proceeds(usd: Usd)
        "  proceeds to come {usd}"
        "  미정산 매도대금 {usd}"

    open_buys(usd: Usd)
        "  open buys {usd}"
        "  미체결 매수 {usd}"

    trend()
        "Trend"
        "추이"

    trend_in_days(blocks: &str, low: Usd, high: Usd, days: Days)
        "{blocks}  {low} to {high} in {days}"
        "{blocks}  {low}~{high}, {days}"

    trend_in_looks(blocks: &str, low: Usd, high: Usd, looks: Looks)
        "{blocks}  {low} to {high} in {looks}"
        "{blocks}  {low}~{high}, 조회 {looks}"

    unreadable(part: &Sentence)
        "{part}: could not be read"
        "{part}: 조회하지 못했습니다"

    none(part: &Sentence)
        "{part}: none"
        "{part}: 없음"

    positions()
        "Positions"
        "보유 종목"

    open_orders()
        "Open orders"
        "미체결 주문"

    unknown_orders()
        "Unknown orders"
        "결과가 확정되지 않은 주문"

    last_runs()
        "Last runs"
        "최근 실행"

    symbol()
        "symbol"
        "종목"

    exchange()
        "exch"
        "거래소"

    shares()
        "shares"
        "보유수량"

    sellable()
        "sellable"
        "매도가능"

    cost()
        "cost"
        "평균단가"

    last()
        "last"
        "현재가"

    profit()
        "profit"
        "수익률"

    not_managed()
        "  not managed"
        "  관리 대상 아님"

    stop_loss_alone(own: OwnShares)
        "  not managed; the stop loss of {own} goes on"
        "  관리 대상 아님, kis-trade가 산 {own}의 손절만 계속"

    order(side: Side, quantity: u64, symbol: &str, price: Usd, filled: u64, age: &Sentence, number: &str, owner: &Sentence)
        "  {side:<4} {quantity:>6} {symbol:<8} @ {price:>10}  filled {filled:>5}  age {age}  {number:>10}  {owner}"
        "  {side} {quantity:>6}주 {symbol:<8} @ {price:>10}  체결 {filled:>5}주  경과 {age}  {number:>10}  {owner}"

    not_ours()
        "not ours"
        "외부 주문"

    candidates(numbers: &str)
        "  candidates: {numbers}"
        "  후보 주문번호: {numbers}"

    said(words: &str)
        "  KIS: {words}"
        "  한국투자증권 응답: {words}"

    transfers(all: &Sentence)
        "Transfers: {all}"
        "입출금: {all}"

    transfer(amount: &Sentence, date: NaiveDate)
        "{amount} USD on {date}"
        "{date} {amount}"

    set_aside(symbol: &Symbol, rule: &str, since: &str, detail: &Sentence)
        "Set aside: {symbol} ({rule}) since {since}: {detail}"
        "주문 보류: {symbol}({rule}), {since}부터: {detail}"

    standing(command: &str, reason: &str, since: &str, text: &Sentence)
        "Standing: {command} {reason} since {since}, {text}"
        "지속 중: {command} {reason}, {since}부터 {text}"

    lasting(sessions: Sessions)
        "{sessions}"
        "{sessions}째"

    cooldowns(all: &Sentence)
        "Cool-downs: {all}"
        "재매수 대기: {all}"

    cooldown(symbol: &Symbol, until: NaiveDate)
        "{symbol} until {until}"
        "{symbol} {until}부터 매수 가능"

    ran(command: &str, at: &str, age: &Sentence, code: u8, result: &Sentence, reason: &Sentence)
        "  {command:<12} {at}  {age} ago  exit {code:<3} {result}{reason}"
        "  {command:<12} {at}  {age} 전  종료 코드 {code:<3} {result}{reason}"

    done()
        "done"
        "완료"

    nothing_to_do()
        "nothing_to_do"
        "할 일 없음"

    failed()
        "failed"
        "실패"

    reasons(command: &str, at: &str, detail: &Sentence)
        "Reasons of the {command} of {at}: {detail}"
        "{at} {command} 판단: {detail}"

    old_journal(file: &str)
        "Old journal: {file}; only `status --profit` reads it now, archive or delete it as you like"
        "지난 주문 일지: {file}. 이제 `status --profit`만 읽으니 보관하거나 지워도 됩니다"

    old_journals(first: &str, last: &str, count: usize)
        "Old journals: {first} to {last}; only `status --profit` reads these {count} now, archive or delete them as you like"
        "지난 주문 일지: {first}부터 {last}까지 {count}개. 이제 `status --profit`만 읽으니 보관하거나 지워도 됩니다"

    profit_since(since: NaiveDate, percent: &str)
        "Profit since {since} (own fills; wins before fees; fees estimated at {percent} % a side)"
        "{since} 이후 손익(kis-trade 주문의 체결 기준, 이익 건수는 수수료 차감 전, 수수료는 편도 {percent}%로 추정)"

    nothing_filled()
        "Profit: nothing has filled yet"
        "손익: 아직 체결이 없습니다"

    month()
        "month"
        "월"

    realised()
        "realised"
        "실현손익"

    sells()
        "sells"
        "매도 건수"

    wins()
        "wins"
        "이익 건수"

    cost_of_one_unknown()
        "  The cost of 1 sell is not known; it counts as no profit and no loss"
        "  매도 1건은 매입단가를 알 수 없어 손익 0으로 계산합니다"

    cost_unknown(sells: Sells)
        "  The cost of {sells} is not known; they count as no profit and no loss"
        "  매도 {sells}은 매입단가를 알 수 없어 손익 0으로 계산합니다"

    profit_sum(realised: Usd, fees: Usd, unrealised: &Sentence, total: &Sentence)
        "  realised {realised}  fees {fees}  unrealised {unrealised}  total {total} USD"
        "  실현손익 {realised}  수수료 {fees}  평가손익 {unrealised}  합계 {total}"
}
