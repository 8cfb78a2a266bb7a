//! What is said of a token that KIS did not give, in both languages.

use crate::language::{Sentence, sentences};

sentences! {
    seconds(seconds: i64)
        "{seconds} s"
        "{seconds}초"

    minutes(minutes: i64, seconds: i64)
        "{minutes} min {seconds} s"
        "{minutes}분 {seconds}초"

    hours(hours: i64, minutes: i64)
        "{hours} h {minutes} min"
        "{hours}시간 {minutes}분"

    no_usable_token()
        "there is no usable token"
        "쓸 수 있는 접근토큰이 없습니다"

    asks_again()
        "no action needed; the next run asks again"
        "할 일은 없습니다. 다음 실행이 다시 요청합니다"

    later_run_asks()
        "no action needed; a later run asks again"
        "할 일은 없습니다. 나중의 실행이 다시 요청합니다"

    one_a_minute(said: &str)
        "KIS issues one token a minute: {said}"
        "접근토큰은 1분에 한 번만 발급됩니다: {said}"

    same_key_elsewhere()
        "no action needed; the next run asks again. Another program may use the same app key"
        "할 일은 없습니다. 다음 실행이 다시 요청합니다. 다른 프로그램이 같은 앱키를 쓰고 있을 수 있습니다"

    credentials_refused(said: &Sentence)
        "KIS refused the credentials: {said}"
        "앱키나 앱시크릿이 거부되었습니다: {said}"

    check_credentials()
        "check app key, app secret and mode: paper and real have keys of their own"
        "앱키와 앱시크릿, `mode`를 확인하세요. 모의와 실전은 앱키가 다릅니다"

    wrong_mode(said: &Sentence)
        "KIS says that the app key and the mode do not belong together: {said}"
        "앱키와 `mode`가 서로 맞지 않습니다: {said}"

    make_mode_agree()
        "make `mode` and the credentials agree: paper and real have keys of their own"
        "`mode`와 앱키를 맞추세요. 모의와 실전은 앱키가 다릅니다"

    unreachable(said: &Sentence)
        "KIS can't be reached: {said}"
        "KIS에 연결할 수 없습니다: {said}"

    rate_limited(said: &Sentence)
        "KIS limits the rate: {said}"
        "KIS의 호출 한도에 걸렸습니다: {said}"

    nonsense(said: &Sentence)
        "KIS answered nonsense: {said}"
        "KIS의 응답을 이해할 수 없습니다: {said}"

    limited(left: &Sentence)
        "a token was asked for a moment ago; the next request is allowed in {left}"
        "조금 전에 접근토큰을 요청했습니다. {left} 뒤에 다시 요청할 수 있습니다"

    token_dead()
        "the token in api_token.json has expired, was refused by KIS, or claims an impossible life"
        "api_token.json의 접근토큰이 만료되었거나, KIS가 거부했거나, 남은 시간이 있을 수 없는 값입니다"

    token_missing()
        "api_token.json holds none"
        "api_token.json에 접근토큰이 없습니다"

    get_one()
        "run `kis-trade token-check` to get one"
        "`kis-trade token-check`를 실행해 발급받으세요"

    not_moved()
        "KIS returned a token that lives no longer than the old one"
        "KIS가 준 접근토큰의 만료 시각이 기존 것보다 늦지 않습니다"

    revoked()
        "KIS returned the token that it refuses; it is to be revoked, and another one asked for in a minute"
        "KIS가 거부하는 접근토큰을 다시 주었습니다. 이를 폐기하고 1분 뒤에 새로 요청합니다"

    still_dead()
        "KIS refuses the token that it issued"
        "KIS가 발급한 접근토큰이 거부되었습니다"

    force_later()
        "run `kis-trade token-check --force` six hours after the last issue, when KIS gives a new token; if that is refused too, renew the app key on KIS's site"
        "마지막 발급에서 6시간이 지나면 KIS가 새 접근토큰을 줍니다. 그때 `kis-trade token-check --force`를 실행하세요. 또 거부되면 KIS 홈페이지에서 앱키를 다시 발급받으세요"

    expired_already()
        "its token has expired already"
        "발급된 접근토큰이 이미 만료되었습니다"

    lives_too_long()
        "its token claims to live for more than 25 hours"
        "발급된 접근토큰의 남은 시간이 25시간을 넘습니다"
}
