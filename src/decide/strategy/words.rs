//! What is said of strategies and their lines, in both languages.

use chrono::NaiveDate;

use crate::domain::{IntentId, OrderId, Percent, Side, Symbol, Usd};
use crate::language::sentences;

sentences! {
    would_meet(quantity: u64, price: Usd)
        "it could meet the own sell of {quantity} at {price}, and KIS refuses that"
        "같은 계좌의 매도 주문 {quantity}주({price})와 체결될 수 있어 보내지 않았습니다. KIS가 자전거래로 거부합니다"

    would_meet_external(quantity: u64, price: Usd, order_id: &OrderId)
        "it could meet the sell of {quantity} at {price} (order {order_id}) that was placed by hand, and KIS refuses that"
        "직접 낸 매도 주문 {quantity}주({price}, 주문번호 {order_id})와 체결될 수 있어 보내지 않았습니다. KIS가 자전거래로 거부합니다"

    base_far_from_close(base: Usd, close: Usd)
        "the quote's previous close {base} is not yesterday's close {close}"
        "시세의 전일 종가 {base}이(가) 실제 전일 종가 {close}과(와) 다릅니다"

    moved_beyond_belief(last: Usd, change: &str, most: Percent)
        "last {last} is {change} % from yesterday's close, more than {most} %"
        "현재가 {last}, 전일 종가 대비 {change}%(한도 ±{most}%)"

    shares_differ(symbol: &Symbol, own: u64, account: u64)
        "the strategy has {own} {symbol} by its own fills, the account shows {account}; they were probably bought, sold or moved by hand: look at the app, then take the position over with `kis-trade cleanup --adopt`"
        "체결 기록으로는 {symbol} {own}주인데 계좌에는 {account}주입니다. 직접 사고팔았거나 옮긴 것으로 보입니다. 앱에서 확인한 뒤 `kis-trade cleanup --adopt`로 넘겨받으세요"

    averages_differ(symbol: &Symbol, own: Usd, account: Usd)
        "the average cost of {symbol} is {own} by the strategy's own fills, {account} by the account; shares may have been bought by hand, or split: look at the app, then take the position over with `kis-trade cleanup --adopt`"
        "{symbol}의 평균단가가 체결 기록으로는 {own}, 계좌에서는 {account}입니다. 직접 샀거나 액면분할이 있었을 수 있습니다. 앱에서 확인한 뒤 `kis-trade cleanup --adopt`로 넘겨받으세요"

    yesterday_unsettled(side: Side, symbol: &Symbol, id: &IntentId, date: NaiveDate)
        "the {side} of {symbol} of {date} ({id}) is not settled yet"
        "{date}의 {symbol} {side} 주문({id})이 아직 확정되지 않았습니다"

    no_sheet_in_time(until: &str)
        "closing orders are sent until {until} New York time, and there was no sheet by then"
        "종가 주문은 뉴욕 시각 {until}까지만 보냅니다. 그때까지 주문표가 없었습니다"

    too_late_for_closing_orders(until: &str)
        "closing orders are sent until {until} New York time"
        "종가 주문은 뉴욕 시각 {until}까지만 보냅니다"

    deferred(from: &str, to: &str)
        "paper accounts take no closing orders: from {from} to {to} New York time, those that the last price reaches are sent as one limit order"
        "모의투자는 종가 주문을 받지 않습니다. 뉴욕 시각 {from}~{to}에 현재가가 닿은 주문만 지정가로 보냅니다"

    emulated(strategy: &str)
        "{strategy}, emulated, not the closing price"
        "{strategy}, 종가 주문 대신 지정가(종가가 아님)"

    withdrawn(date: NaiveDate)
        "the sheet of {date} was withdrawn"
        "{date} 주문표를 거두었습니다"

    too_little_money(needed: Usd, there: Usd)
        "the lines still to be sent need {needed} USD, and only {there} USD is available: the next run looks again"
        "아직 보내지 않은 주문에 {needed}이(가) 필요하지만 쓸 수 있는 금액은 {there}입니다. 다음 실행에서 다시 확인합니다"

    not_sellable(quantity: u64, sellable: u64)
        "{quantity} to sell, {sellable} sellable"
        "매도할 수량 {quantity}주, 매도 가능 {sellable}주"

    beyond_the_band(price: Usd, last: Usd)
        "{price} is more than three times the last price {last}, and KIS takes no such order"
        "{price}은(는) 현재가 {last}의 3배를 넘어 주문할 수 없습니다"

    above_max_order(cost: Usd, most: Usd)
        "it costs {cost} USD, more than the {most} USD that [limits] max_order_usd allows"
        "주문 금액 {cost}이(가) [limits] max_order_usd {most}을(를) 넘습니다"

    above_day_limit(spent: Usd, cost: Usd, most: Usd)
        "{spent} of {most} USD are bought today, and it costs {cost}"
        "오늘 매수 한도 {most} 중 {spent}을(를) 썼는데 이 주문이 {cost}입니다"

    above_position_limit(invested: Usd, cost: Usd, most: Usd)
        "{invested} of {most} USD are in the symbol, and it costs {cost}"
        "이 종목에 {invested}이(가) 들어 있는데 이 주문이 {cost}입니다(종목당 한도 {most})"

    of_a_strategy(symbol: &Symbol, strategy: &str)
        "{symbol} belongs to strategy {strategy}"
        "{symbol}은(는) 전략 {strategy}의 종목입니다"

    left_by_a_strategy(shares: u64)
        "{shares} shares of a strategy that is no longer in the configuration: nothing manages them; put the strategy back, or the symbol into [buy] watch or [sell] keep"
        "설정에서 빠진 전략의 {shares}주입니다. 아무것도 관리하지 않습니다. 전략을 다시 넣거나 종목을 [buy] watch나 [sell] keep에 넣으세요"

    sell_only()
        "[limits] trading is \"sell_only\""
        "`[limits] trading = \"sell_only\"`입니다"

    foreign_orders(order_id: &OrderId)
        "order {order_id} of another program trades this account"
        "다른 프로그램의 주문 {order_id}이(가) 이 계좌에서 거래하고 있습니다"

    closes_unknown(symbol: &Symbol)
        "KIS does not say at which prices {symbol} closed"
        "{symbol}의 일별 종가를 조회할 수 없습니다"

    no_such_strategy(name: &str)
        "there is no strategy \"{name}\" in the configuration"
        "설정에 전략 \"{name}\"이(가) 없습니다"

    known_strategies(names: &str)
        "its strategies: {names}"
        "설정에 있는 전략: {names}"

    has_live_orders(name: &str, id: &IntentId)
        "strategy {name} has orders that may still fill ({id})"
        "전략 {name}에 아직 체결될 수 있는 주문이 있습니다({id})"

    withdraw_or_wait(name: &str)
        "cancel them with `kis-trade cleanup --withdraw {name}`, or wait for the end of the session"
        "`kis-trade cleanup --withdraw {name}`(으)로 취소하거나 장이 끝날 때까지 기다리세요"

    cost_not_known(symbol: &Symbol)
        "the average cost of {symbol} is unknown"
        "{symbol}의 평균단가를 알 수 없습니다"

    program_takes_cash_only()
        "for a program --set takes cash only"
        "프로그램 전략에는 --set cash=금액만 쓸 수 있습니다"

    set_takes(given: &str)
        "--set takes t=NUMBER and cash=USD, each once: {given}"
        "--set에는 t=숫자와 cash=금액을 한 번씩만 적습니다: {given}"

    closing_orders_stay(count: usize, until: &str)
        "{count} closing orders stay: KIS cancels none from {until} New York time on"
        "종가 주문 {count}건은 취소할 수 없습니다. 뉴욕 시각 {until}부터는 KIS가 취소를 받지 않습니다"

    rule_of(strategy: &str)
        "the rule of strategy {strategy} gave no sheet"
        "전략 {strategy}의 규칙 프로그램이 주문표를 내지 못했습니다"

    asked_again()
        "no order of this strategy is sent; the next run asks again"
        "이 전략의 주문은 보내지 않았습니다. 다음 실행에서 다시 묻습니다"

    tag_reused(tag: &str)
        "tag {tag} was used today for another order; nothing of this answer is sent"
        "태그 {tag}을(를) 오늘 다른 주문에 이미 썼습니다. 이 답의 주문은 보내지 않습니다"

    line_refused(tag: &str, side: Side, quantity: u64, symbol: &Symbol)
        "{tag}: {side} of {quantity} {symbol} can't be taken"
        "{tag}: {symbol} {quantity}주 {side} 주문을 받을 수 없습니다"

    kept_line(side: Side, quantity: u64, price: Usd, order_id: &OrderId, strategy: &str)
        "{side} {quantity} @ {price} ({order_id}), a line of strategy {strategy}"
        "{side} {quantity}주 @ {price}({order_id}), 전략 {strategy}의 주문"
}
