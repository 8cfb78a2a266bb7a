//! What is said of a token file that can't be used, in both languages.

use crate::language::sentences;

sentences! {
    not_openable()
        "it can't be opened"
        "파일을 열 수 없습니다"

    no_json()
        "it is no JSON"
        "JSON이 아닙니다"

    no_object()
        "it is no JSON object"
        "JSON 객체가 아닙니다"

    version_no_number()
        "its version is no number"
        "version이 숫자가 아닙니다"

    version_unknown()
        "its version is unknown"
        "알 수 없는 version입니다"

    of_nobody()
        "it does not say whose it is"
        "누구의 접근토큰인지 적혀 있지 않습니다"

    of_another()
        "it is of another app key, mode or gateway"
        "다른 앱키, mode 또는 서버의 접근토큰입니다"

    no_token()
        "it holds no token"
        "접근토큰이 들어 있지 않습니다"

    no_expiry()
        "it holds no usable expires_at"
        "expires_at 값을 쓸 수 없습니다"

    use_its_program()
        "use the program that wrote it, or remove the file"
        "이 파일을 쓴 버전의 kis-trade를 사용하거나 파일을 지우세요"

    remove_it()
        "remove it; a new token is issued by itself"
        "지우세요. 새 접근토큰은 자동으로 발급됩니다"
}
