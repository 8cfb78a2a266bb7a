//! The account's total, its positions and its profit.

use chrono::NaiveDate;

use crate::domain::Percent;
use crate::language::{Sentence, sentences};

sentences! {
    total_title()
        "Account total"
        "총자산"

    unknown()
        "unknown"
        "알 수 없음"

    last_known(amount: &str, when: &str)
        "last known: {amount} USD at {when}"
        "마지막 확인 금액 ${amount}({when})"

    since_first(date: NaiveDate)
        "since the first total of {date}"
        "{date} 첫 평가액 대비"

    since_first_today()
        "since the day's first total"
        "당일 첫 평가액 대비"

    cash()
        "Cash"
        "예수금"

    orderable()
        "Orderable"
        "주문가능금액"

    holdings()
        "Positions"
        "보유 주식"

    reserved()
        "Open buys"
        "미체결 매수"

    pending()
        "Proceeds to come"
        "미정산 매도대금"

    latest_transfer()
        "Latest transfer"
        "최근 입출금"

    market()
        "Market"
        "시장"

    regular()
        "regular session"
        "정규장"

    pre()
        "pre-market"
        "프리마켓"

    after()
        "after-market"
        "애프터마켓"

    closed()
        "closed"
        "휴장"

    range()
        "Range"
        "기간"

    range_week()
        "1 week"
        "1주일"

    range_months()
        "3 months"
        "3개월"

    range_all()
        "All"
        "전체"

    chart(range: &Sentence)
        "Account total over time: {range}"
        "총자산 추이: {range}"

    chart_about(first: &str, from: &str, last: &str, until: &str, low: &str, high: &str)
        "From {first} USD on {from} to {last} USD on {until}; lowest {low}, highest {high}. The same as a table below."
        "{from} ${first}에서 {until} ${last}(으)로. 최저 ${low}, 최고 ${high}. 아래 표와 같은 내용입니다."

    no_chart()
        "The line begins with the next run that knows the total."
        "총자산을 한 번 더 확인하면 그래프가 그려집니다."

    without_transfers()
        "Money paid in or out is marked and left out of the line: totals before it are shown as if it had already moved, so the line moves by trading alone."
        "입출금은 표시만 하고 선에는 넣지 않습니다. 그 전의 금액은 미리 입출금한 것으로 보고 그려서, 선은 거래 손익으로만 움직입니다."

    buy_mark()
        "buy"
        "매수"

    sell_mark()
        "sell"
        "매도"

    transfer_mark()
        "paid in or out"
        "입출금"

    totals_table()
        "The totals as a table"
        "총자산을 표로 보기"

    totals_caption()
        "Account total by date, latest first"
        "날짜별 총자산, 최근 순"

    date()
        "Date"
        "날짜"

    total()
        "Total"
        "총자산"

    transfers()
        "Paid in or out"
        "입출금"

    positions_title()
        "Positions"
        "보유 종목"

    no_balance()
        "The balance could not be read."
        "잔고를 조회하지 못했습니다."

    no_positions()
        "The account holds nothing."
        "보유 종목이 없습니다."

    symbol()
        "Symbol"
        "종목"

    shares()
        "Shares"
        "보유수량"

    sellable(shares: u64)
        "{shares} sellable"
        "매도 가능 {shares}"

    average_cost()
        "Cost"
        "평균단가"

    last()
        "Last"
        "현재가"

    day_change()
        "Day"
        "전일 대비"

    value()
        "Value"
        "평가금액"

    weight()
        "Weight"
        "비중"

    profit()
        "Profit"
        "평가손익"

    profit_percent()
        "Return"
        "수익률"

    sum()
        "Sum"
        "합계"

    not_managed()
        "not managed"
        "관리 대상 아님"

    stop_loss_goes_on(own: u64)
        "stop loss of {own} own shares goes on"
        "kis-trade가 산 {own}주는 손절 계속"

    profit_title()
        "Profit of the last 12 months"
        "최근 12개월 손익"

    realised()
        "Realised"
        "실현손익"

    fees()
        "Fees, estimated"
        "수수료(추정)"

    unrealised()
        "Unrealised"
        "평가손익"

    profit_total()
        "Total"
        "합계"

    profit_about(since: NaiveDate, percent: Percent)
        "Fills of kis-trade's own orders since {since}. Fees are estimated at {percent}\u{a0}% a side (`[fees] percent`). Deposits and withdrawals never count."
        "{since}부터 kis-trade가 낸 주문의 체결만 셉니다. 수수료는 매수·매도마다 {percent}%로 추정했습니다(`[fees] percent`). 입출금은 넣지 않습니다."

    nothing_filled()
        "No own order has filled yet."
        "체결된 주문이 아직 없습니다."

    not_counted(sells: u64)
        "Sells whose cost is not known: {sells}. They count as no profit and no loss."
        "매입단가를 모르는 매도 {sells}건은 손익에 넣지 않았습니다."

    months_caption()
        "Realised profit by month"
        "월별 실현손익"

    symbols_caption()
        "Realised profit by symbol"
        "종목별 실현손익"

    month()
        "Month"
        "월"

    wins()
        "Wins"
        "이익 건수"

    wins_of(wins: u64, sells: u64)
        "{wins} of {sells} sells"
        "매도 {sells}건 중 {wins}건"

    trades_title()
        "Latest trades"
        "최근 체결"

    when_filled()
        "Fill seen"
        "체결 확인"

    trade()
        "Trade"
        "거래"

    amount()
        "Amount"
        "체결금액"

    trade_profit()
        "Profit"
        "실현손익"
}
