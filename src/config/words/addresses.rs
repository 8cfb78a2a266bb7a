//! What is wrong with an address, or with a target of messages.

use crate::language::counts::Entries;
use crate::language::{Sentence, sentences};

sentences! {
    gateway_of_real()
        "is KIS's gateway for real accounts, but mode is \"paper\"; correct one of the two"
        "실전투자 게이트웨이인데 mode가 \"paper\"입니다. 둘 중 하나를 고치세요"

    gateway_of_paper()
        "is KIS's gateway for paper accounts, but mode is \"real\"; correct one of the two"
        "모의투자 게이트웨이인데 mode가 \"real\"입니다. 둘 중 하나를 고치세요"

    with_user()
        "must not carry a user name or password"
        "주소에 사용자 이름이나 비밀번호를 넣을 수 없습니다"

    must_end_after_port()
        "must end after the port"
        "포트까지만 적어야 합니다"

    bad_port()
        "must have a port from 1 to 65535"
        "포트는 1에서 65535 사이여야 합니다"

    gateway_must_be(own: &str, mode: &str)
        "must be {own} (KIS, mode \"{mode}\"), or plain http to a literal loopback address such as http://127.0.0.1:9443"
        "mode \"{mode}\"에서는 KIS 주소 {own}, 또는 http://127.0.0.1:9443처럼 숫자로 적은 루프백 주소(http)만 쓸 수 있습니다"

    gateway_must_be_known()
        "must be KIS's own address of the mode, or plain http to a literal loopback address such as http://127.0.0.1:9443"
        "mode에 맞는 KIS 주소, 또는 http://127.0.0.1:9443처럼 숫자로 적은 루프백 주소(http)만 쓸 수 있습니다"

    odd_characters()
        "must be an address without blanks and odd characters"
        "주소에 빈칸이나 쓸 수 없는 글자가 있습니다"

    must_be_https()
        "must be https://…, or plain http to a literal loopback address such as http://127.0.0.1:8000/…"
        "https://…, 또는 http://127.0.0.1:8000/…처럼 숫자로 적은 루프백 주소(http)만 쓸 수 있습니다"

    bad_address_in_file(must: &Sentence)
        "holds an address that {must} (value not shown)"
        "파일에 적힌 주소가 잘못되었습니다(값은 표시하지 않음). {must}"

    secret_file_empty()
        "is empty"
        "파일이 비어 있습니다"

    secret_file_long()
        "must hold one line"
        "파일에는 한 줄만 있어야 합니다"

    secret_file_missing()
        "must be a file that exists"
        "그런 파일이 없습니다"

    secret_file_refused(why: &Sentence)
        "must be a file for its owner alone: {why}"
        "소유자만 읽을 수 있는 파일이어야 합니다. {why}"

    too_many_targets(label: &str, count: Entries, most: usize)
        "{label} has {count}: it may have {most}"
        "{label} 항목이 {count} 있습니다. {most}개까지 적을 수 있습니다"

    target_needs_kind()
        "[[notify.target]] needs kind: \"telegram\", \"slack\", \"discord\" or \"webhook\""
        "[[notify.target]]에 kind가 없습니다. \"telegram\", \"slack\", \"discord\", \"webhook\" 중 하나를 적으세요"

    target_takes_no(kind: &str, name: &str)
        "[[notify.target]] of kind \"{kind}\" takes no {name}"
        "kind가 \"{kind}\"인 [[notify.target]]에는 {name}을(를) 쓸 수 없습니다"

    target_needs(kind: &str, name: &str)
        "[[notify.target]] of kind \"{kind}\" needs {name}"
        "kind가 \"{kind}\"인 [[notify.target]]에는 {name}이(가) 필요합니다"

    target_needs_address(kind: &str)
        "[[notify.target]] of kind \"{kind}\" needs url_file or url"
        "kind가 \"{kind}\"인 [[notify.target]]에는 url_file이나 url이 필요합니다"

    target_with_both()
        "[[notify.target]] takes url_file or url, not both"
        "[[notify.target]]에는 url_file과 url 중 하나만 쓸 수 있습니다"

    telegram_url()
        "must be left out, or plain http to a literal loopback address"
        "적지 않거나, 숫자로 적은 루프백 주소(http)여야 합니다"

    bad_chat()
        "must be a chat's number, such as \"-1001234567890\", or a channel's @name"
        "\"-1001234567890\" 같은 대화방 번호나 채널의 @이름이어야 합니다"

    no_bot_token()
        "holds no bot token: it looks like 123456789:ABC… (value not shown)"
        "파일에 봇 토큰이 없습니다. 봇 토큰은 123456789:ABC… 같은 모양입니다(값은 표시하지 않음)"

    address_is_secret()
        "is a secret: write it into a file that only you can read (chmod 600) and name it with url_file"
        "이 주소는 비밀 값입니다. 본인만 읽을 수 있는 파일(chmod 600)에 적고 url_file로 지정하세요"

    ping_with_both(label: &str)
        "{label} must not stand beside url_file"
        "{label}과(와) url_file은 함께 쓸 수 없습니다"
}
