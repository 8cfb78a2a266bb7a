//! What became of messages and pings, in words.

use std::io;
use std::path::Path;

use crate::language::counts::{LaterEvents, Messages, Targets};
use crate::language::{Sentence, sentences};

sentences! {
    waiting(messages: Messages, since: &str, place: &str)
        "{messages} waiting since {since} for {place}"
        "{place}: {since}부터 알림 {messages}이(가) 전송되지 못하고 있습니다"

    not_delivered(place: &str, event: &str, why: &Sentence)
        "{place} was not told of {event}: {why}; the next run tries again"
        "{place}에 알림({event})을 보내지 못했습니다: {why}. 다음 실행에서 다시 보냅니다"

    several_not_delivered(place: &str, event: &str, later: LaterEvents, why: &Sentence)
        "{place} was not told of {event}, nor of {later}: {why}; the next run tries again"
        "{place}에 알림({event} 외 {later})을 보내지 못했습니다: {why}. 다음 실행에서 다시 보냅니다"

    given_up(messages: Messages)
        "given up {messages} to people: too old, too many, or never confirmed"
        "알림 {messages}을(를) 포기했습니다: 너무 오래되었거나, 너무 많이 쌓였거나, 전송이 끝내 확인되지 않았습니다"

    outbox_unwritable(path: &Path, error: &io::Error)
        "{path} can't be written: {error}"
        "{path}에 쓸 수 없습니다: {error}"

    not_tried()
        "not tried"
        "보내 보지 않았습니다"

    no_connection_in_time()
        "it can't be reached in time"
        "제한 시간 안에 연결되지 않았습니다"

    no_answer_in_time()
        "it did not answer in time"
        "제한 시간 안에 응답하지 않았습니다"

    name_unresolved()
        "its name can't be resolved"
        "서버 이름을 찾을 수 없습니다"

    unreachable()
        "it can't be reached"
        "연결할 수 없습니다"

    untrusted()
        "no trusted TLS connection could be made"
        "신뢰할 수 있는 TLS 연결을 맺지 못했습니다"

    connection_broke()
        "the connection broke before an answer came"
        "응답을 받기 전에 연결이 끊겼습니다"

    address_unusable()
        "its address can't be used"
        "쓸 수 없는 주소입니다"

    not_http()
        "its answer is not HTTP"
        "응답이 HTTP 형식이 아닙니다"

    http_status(status: u16)
        "it answers HTTP {status}"
        "HTTP {status} 응답을 받았습니다"

    not_its_answer(service: &str)
        "its answer is not that of {service}"
        "{service}의 응답이 아닙니다"

    too_many_messages()
        "too many messages"
        "메시지를 너무 많이 보냈습니다"

    check_chat()
        "check chat_id, and write to the bot once"
        "chat_id를 확인하고, 봇에게 먼저 메시지를 한 번 보내세요"

    check_token()
        "check the token in token_file"
        "token_file의 토큰을 확인하세요"

    check_address()
        "check the address in url_file"
        "url_file의 주소를 확인하세요"

    killed()
        "it did not end in time and was killed"
        "제한 시간 안에 끝나지 않아 강제로 종료했습니다"

    ping_failed(what: &str, why: &Sentence)
        "[ping] /{what} failed: {why}"
        "`[ping]` /{what} 신호를 보내지 못했습니다: {why}"

    sent()
        "sent"
        "전송했습니다"

    taken(targets: Targets)
        "the test message was taken by {targets}"
        "테스트 메시지를 {targets}에 보냈습니다"

    no_channel()
        "there is nobody to send a test message to"
        "테스트 메시지를 보낼 곳이 없습니다"

    nothing_configured()
        "the configuration has no [[notify.target]] and no [notify] command"
        "설정에 `[[notify.target]]`도 `[notify] command`도 없습니다"

    add_one()
        "add one of them; config.example.toml shows each kind"
        "둘 중 하나를 추가하세요. 종류별 예는 config.example.toml에 있습니다"

    not_taken(refused: usize, all: Targets)
        "{refused} of {all} did not take the test message"
        "알림 대상 {all} 중 {refused}곳이 테스트 메시지를 받지 못했습니다"

    correct_and_retry()
        "correct what its line above says, and try again"
        "위 줄에 적힌 문제를 고친 뒤 다시 시도하세요"
}
