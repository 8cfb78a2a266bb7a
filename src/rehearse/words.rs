//! What `kis-rehearse` says, in both languages.

use std::path::Path;

use chrono::NaiveDate;

use crate::domain::{Symbol, Usd};
use crate::language::{Sentence, sentences};

sentences! {
    idealised()
        "idealised: no slippage; the closing auction fills whole"
        "이상적인 조건입니다: 슬리피지가 없고, 종가 단일가에서 전량 체결됩니다"

    as_real(mode: &str)
        "mode = \"{mode}\" counts as real here: LOC and MOC orders fill at the close, nothing is emulated"
        "여기서는 mode = \"{mode}\"도 실전으로 다룹니다: LOC·MOC 주문은 종가에 체결되며 모방하지 않습니다"

    strategies_alone()
        "only [[strategy]] tables are rehearsed: the default rule needs prices within the day, which daily bars do not have"
        "[[strategy]]만 리허설합니다. 기본 규칙에는 장중 가격이 필요한데 일봉에는 없습니다"

    nothing_to_rehearse()
        "the configuration has no [[strategy]]"
        "설정에 [[strategy]]가 없습니다"

    add_a_strategy()
        "add a [[strategy]] table; the default rule needs prices within the day and can't be rehearsed from daily bars"
        "[[strategy]]를 추가하세요. 기본 규칙에는 장중 가격이 필요하므로 일봉으로 리허설할 수 없습니다"

    no_sessions_to_rehearse()
        "no session to rehearse: each symbol needs a bar before the first one, and NYSE's calendar begins in 2022 here"
        "리허설할 거래일이 없습니다. 종목마다 첫 거래일 전의 봉이 하나 있어야 하고, 이 프로그램의 NYSE 달력은 2022년부터입니다"

    ask_for_other_dates()
        "check --from, --to and the dates of the files"
        "--from, --to와 파일의 날짜를 확인하세요"

    calendar_begins(from: NaiveDate)
        "the calendar of sessions begins in 2022; earlier bars are history alone, and the rehearsal begins on {from}"
        "거래일 달력은 2022년부터입니다. 그 전의 봉은 과거 자료로만 쓰고 {from}부터 리허설합니다"

    bars_unusable(path: &Path)
        "{path} can't be used"
        "{path}을(를) 쓸 수 없습니다"

    put_bars_there(symbol: &Symbol, path: &Path)
        "put the daily bars of {symbol} into {path}, or get them with `kis-rehearse --fetch {symbol} --from DATE --bars DIR`"
        "{symbol}의 일봉을 {path}에 두거나 `kis-rehearse --fetch {symbol} --from DATE --bars DIR`로 받으세요"

    no_column(wanted: &str, header: &str)
        "its first line names no column \"{wanted}\"; it should be {header}"
        "첫 줄에 \"{wanted}\" 열이 없습니다. {header}이어야 합니다"

    no_bar(number: usize, line: &str)
        "line {number} is no daily bar: {line}"
        "{number}번째 줄은 일봉이 아닙니다: {line}"

    dates_go_back(number: usize, before: NaiveDate, date: NaiveDate)
        "line {number}: {date} does not come after {before}"
        "{number}번째 줄: {date}이(가) {before}보다 나중이 아닙니다"

    unadjusted_split(number: usize, date: NaiveDate, close: Usd, open: Usd, new: u32, old: u32)
        "line {number}: {date} opens at {open} after a close of {close}, near {new}:{old}: unadjusted split?"
        "{number}번째 줄: {date} 시가 {open}, 전일 종가 {close}. {new}:{old}에 가깝습니다. 분할이 반영되지 않은 자료입니까?"

    sessions_missing(symbol: &Symbol, count: usize, dates: &str)
        "{symbol}: {count} sessions of NYSE have no bar and are left out: {dates}"
        "{symbol}: NYSE 거래일 {count}일의 봉이 없어 건너뜁니다: {dates}"

    no_sessions(symbol: &Symbol, count: usize, dates: &str)
        "{symbol}: {count} bars are of days on which NYSE did not trade, and are left out: {dates}"
        "{symbol}: NYSE가 쉰 날의 봉 {count}개를 빼고 리허설합니다: {dates}"

    run_failed(date: NaiveDate, command: &str, why: &Sentence)
        "{date} {command}: {why}"
        "{date} {command}: {why}"

    runs_failed(count: usize, first: &Sentence)
        "{count} runs failed; the first: {first}"
        "실행 {count}번이 실패했습니다. 처음 것: {first}"

    span(from: NaiveDate, to: NaiveDate, sessions: usize, years: &str)
        "{from} to {to}: {sessions} sessions, {years} years"
        "{from} ~ {to}: 거래일 {sessions}일, {years}년"

    money(start: &str, end: &str, percent: &str, drawdown: &str)
        "{start} USD became {end} USD ({percent} %); deepest drawdown {drawdown} %"
        "{start} USD가 {end} USD가 되었습니다({percent}%). 최대 낙폭 {drawdown}%"

    beside_holding(percent: &str, drawdown: &str)
        "holding instead: {percent} %, deepest drawdown {drawdown} %"
        "그냥 보유했다면: {percent}%, 최대 낙폭 {drawdown}%"

    counts(cycles: u32, reverse_days: usize, days_without_money: usize, unsent: &str)
        "cycles {cycles}; reverse or stop days {reverse_days}; days without money {days_without_money}; orders not sent {unsent}"
        "끝난 사이클 {cycles}; 리버스·쿼터손절 {reverse_days}일; 돈이 모자란 날 {days_without_money}일; 보내지 않은 주문 {unsent}"

    not_written(path: &Path)
        "{path} can't be written"
        "{path}에 쓸 수 없습니다"

    program_missing(program: &Path)
        "{program} is not there"
        "{program} 파일이 없습니다"

    build_both()
        "`--slow` needs kis-trade beside this program, and kis-sim there or named with --kis-sim; `cargo build --workspace` makes both"
        "`--slow`에는 이 프로그램 옆의 kis-trade와, 그 옆이나 --kis-sim으로 지정한 kis-sim이 필요합니다. `cargo build --workspace`가 둘 다 만듭니다"

    program_not_run(program: &Path)
        "{program} can't be run"
        "{program}을(를) 실행할 수 없습니다"

    no_place()
        "no working directory can be made below the directory for temporary files"
        "임시 디렉터리 아래에 작업 디렉터리를 만들 수 없습니다"

    config_not_copied(path: &Path)
        "{path} can't be copied for the rehearsal"
        "리허설에 쓸 {path}의 사본을 만들 수 없습니다"

    gateway_not_started(program: &Path)
        "the simulated gateway {program} does not start"
        "모의 게이트웨이 {program}이(가) 시작되지 않습니다"

    gateway_does_not_answer(path: &str)
        "the simulated gateway does not answer {path}"
        "모의 게이트웨이가 {path}에 답하지 않습니다"

    ledger_unreadable()
        "the simulated gateway's books can't be read"
        "모의 게이트웨이의 장부를 읽을 수 없습니다"

    fact_end()
        "End value"
        "최종 평가액"

    fact_change()
        "Change"
        "수익률"

    fact_drawdown()
        "Deepest drawdown"
        "최대 낙폭"

    fact_held()
        "Holding instead"
        "보유했을 때"

    fact_held_drawdown()
        "Its deepest drawdown"
        "보유했을 때 최대 낙폭"

    fact_cycles()
        "Cycles"
        "끝난 사이클"

    fact_reverse()
        "Reverse or stop days"
        "리버스·쿼터손절 일수"

    fact_no_money()
        "Days without money"
        "돈이 모자란 날"

    fact_unsent()
        "Orders not sent"
        "보내지 않은 주문"

    bars_of(symbol: &Symbol)
        "the daily bars of {symbol}"
        "{symbol}의 일봉"

    kis_has_no_bars(symbol: &Symbol, from: NaiveDate)
        "KIS has no daily bars of {symbol} from {from} on"
        "KIS에 {from}부터의 {symbol} 일봉이 없습니다"

    fetched(count: usize, symbol: &Symbol, from: NaiveDate, to: NaiveDate, file: &Path)
        "{count} bars of {symbol}, {from} to {to}, splits reckoned in: {file}"
        "{symbol} 일봉 {count}개({from} ~ {to}, 분할 반영): {file}"
}
