//! Runs, the token, why the last ones did what they did, cool-downs.

use crate::language::{Sentence, sentences};

sentences! {
    title()
        "Runs and token"
        "실행과 토큰"

    none()
        "No run yet."
        "아직 실행한 적이 없습니다."

    all_well(when: &str)
        "Last runs: none failed, the latest {when}"
        "최근 실행: 실패 없음, 마지막 {when}"

    some_failed(commands: &str)
        "Last runs: failed: {commands}"
        "최근 실행: 실패한 명령 {commands}"

    caption()
        "Last run of each command"
        "명령별 마지막 실행"

    command()
        "Command"
        "명령"

    ended()
        "Ended"
        "끝난 시각"

    result()
        "Result"
        "결과"

    ago(age: &Sentence)
        "{age} ago"
        "{age} 전"

    done()
        "done"
        "완료"

    nothing_to_do()
        "nothing to do"
        "할 일 없음"

    failed()
        "failed"
        "실패"

    strip(count: usize, command: &str)
        "The latest {count} runs of {command}"
        "{command}의 최근 실행 {count}번"

    strip_about(done: usize, idle: usize, failed: usize)
        "{done} done, {idle} with nothing to do, {failed} failed, oldest first."
        "완료 {done}, 할 일 없음 {idle}, 실패 {failed}. 오래된 것부터."

    token_unknown()
        "Access token: unknown, this run did not get as far as the token."
        "접근토큰: 이번 조회에서 확인하지 못했습니다."

    token_missing()
        "Access token: none yet."
        "접근토큰: 아직 없습니다."

    token_expired(until: &str)
        "Access token: expired {until}; the next run renews it."
        "접근토큰: {until}에 만료되었습니다. 다음 실행에서 다시 받습니다."

    token_valid(left: &Sentence, until: &str, renew_at: &Sentence)
        "Access token: {left} left, until {until}; renewed once {renew_at} or less are left."
        "접근토큰: {left} 남음({until}까지). {renew_at} 이하로 남으면 다시 받습니다."

    why_buy()
        "Why the last buy did what it did"
        "마지막 매수 실행의 판단"

    why_sell()
        "Why the last sell did what it did"
        "마지막 매도 실행의 판단"

    no_buy()
        "No buy has decided anything yet."
        "아직 매수를 판단한 적이 없습니다."

    no_sell()
        "No sell has decided anything yet."
        "아직 매도를 판단한 적이 없습니다."

    why_caption()
        "By symbol"
        "종목별 판단"

    symbol()
        "Symbol"
        "종목"

    rule()
        "Rule"
        "규칙"

    numbers()
        "Numbers"
        "근거"

    more_lines(count: usize)
        "Symbols not shown: {count}; `status` lists them all."
        "나머지 {count}종목은 `status`에서 볼 수 있습니다."

    limit_reached(limit: &Sentence, since: &str, sessions: &Sentence)
        "Limit reached: {limit} since {since}, {sessions}"
        "한도 도달: {limit}, {since}부터 {sessions}"

    cooldowns()
        "Not bought again yet, after a stop loss"
        "손절 뒤 재매수 금지"

    cooldowns_caption()
        "Cool-downs"
        "재매수 금지 기간"

    until()
        "Until"
        "해제일"
}
