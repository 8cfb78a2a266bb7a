//! What is said of a read that failed, and of what to do about it, in both languages.

use crate::language::{Sentence, sentences};

sentences! {
    unreadable(what: &Sentence)
        "{what} can't be read"
        "{what}을(를) 조회할 수 없습니다"

    unavailable(said: &str)
        "KIS cannot serve just now: {said}"
        "KIS가 지금은 처리할 수 없습니다: {said}"

    rate()
        "the next run tries again; if this persists, another program uses this app key, or requests_per_second is too high"
        "다음 실행이 다시 시도합니다. 계속되면 다른 프로그램이 같은 앱키를 쓰고 있거나 requests_per_second가 너무 높은 것입니다"

    token()
        "run `kis-trade token-check --force` to get a new token"
        "`kis-trade token-check --force`로 접근토큰을 새로 받으세요"

    credentials()
        "check app key and app secret at KIS's portal, and that they belong to the configured mode"
        "앱키와 앱시크릿을 KIS 홈페이지에서 확인하고, 설정한 `mode`의 것이 맞는지 확인하세요"

    account()
        "check that the account number belongs to the app key and to the configured mode"
        "계좌번호가 앱키와 설정한 `mode`에 맞는지 확인하세요"

    mode()
        "paper and real have their own keys: make `mode` and the credentials agree"
        "모의와 실전은 앱키가 다릅니다. `mode`와 앱키를 맞추세요"

    refused()
        "look the code up in KIS's portal; nothing was decided from this answer"
        "KIS 홈페이지에서 오류 코드를 찾아보세요. 이 응답으로는 아무것도 판단하지 않았습니다"

    changed()
        "the list changes faster than it can be read; the next run tries again"
        "조회하는 사이에 목록이 계속 바뀝니다. 다음 실행이 다시 시도합니다"

    unreachable()
        "the next run tries again; if this persists, check the network and KIS's maintenance notices"
        "다음 실행이 다시 시도합니다. 계속되면 네트워크와 KIS의 점검 공지를 확인하세요"

    nonsense()
        "nothing was decided from this answer; the next run asks again"
        "이 응답으로는 아무것도 판단하지 않았습니다. 다음 실행이 다시 조회합니다"
}
