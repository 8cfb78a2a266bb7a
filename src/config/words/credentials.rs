//! What is wrong with credentials; no sentence holds a value.

use crate::language::counts::Characters;
use crate::language::{Sentence, sentences};

sentences! {
    no_file(path: &str)
        "there is no credentials file {path}"
        "인증 정보 파일 {path}이(가) 없습니다"

    only_the_file_is_named()
        "[account] credentials_file names it, and no other source of credentials is set"
        "[account] credentials_file로 지정한 파일이며, 다른 곳에도 인증 정보가 없습니다"

    none_set()
        "no credentials are set"
        "인증 정보가 없습니다"

    no_source()
        "neither the variables, nor [account] credentials_file, nor $CREDENTIALS_DIRECTORY gives them; a credentials.toml counts only when [account] credentials_file names it"
        "환경 변수, [account] credentials_file, $CREDENTIALS_DIRECTORY 어디에도 없습니다. credentials.toml은 [account] credentials_file로 지정해야 읽습니다"

    the_environment()
        "the environment"
        "환경 변수"

    incomplete(place: &Sentence)
        "the credentials in {place} are incomplete"
        "{place}의 인증 정보가 일부 빠져 있습니다"

    missing(names: &str)
        "missing: {names}"
        "없는 것: {names}"

    set_all_or_none()
        "set all three or none of them"
        "셋을 모두 설정하거나 모두 빼세요"

    must_be_text(name: &str)
        "{name} must be a text in quotes (value not shown)"
        "{name} 값은 따옴표로 감싸야 합니다(값은 표시하지 않음)"

    correct_file()
        "correct the file: it holds app_key, app_secret and account_no, each in quotes"
        "파일을 고치세요. app_key, app_secret, account_no를 각각 따옴표로 감싸 적습니다"

    file_refused(path: &str)
        "the credentials file {path} can't be used"
        "인증 정보 파일 {path}을(를) 쓸 수 없습니다"

    protect_file()
        "make it a regular file of your own that nobody else can read (`chmod 600`), as UTF-8 text"
        "본인만 읽을 수 있는(`chmod 600`) 본인 소유의 일반 파일로, UTF-8 텍스트로 저장하세요"

    cannot_be_right(place: &Sentence)
        "the credentials in {place} can't be right"
        "{place}의 인증 정보가 올바르지 않습니다"

    form_of_key(length: usize)
        "a KIS app key has {length} letters, digits and signs"
        "KIS 앱키는 영문, 숫자, 기호 {length}자입니다"

    form_of_secret(length: usize)
        "a KIS app secret has {length} letters, digits and signs"
        "KIS 앱시크릿은 영문, 숫자, 기호 {length}자입니다"

    form_of_account()
        "an account number is 8 digits, a hyphen and 2 digits, such as 12345678-01"
        "계좌번호는 12345678-01처럼 숫자 8자리, 하이픈, 숫자 2자리입니다"

    is_empty(name: &str)
        "{name} is empty"
        "{name} 값이 비어 있습니다"

    is_placeholder(name: &str, length: Characters, form: &Sentence)
        "{name} looks like placeholder text ({length}); {form}"
        "{name} 값이 예시 문구로 보입니다({length}). {form}"

    contains(name: &str, stray: &Sentence, length: Characters, form: &Sentence)
        "{name} contains {stray} ({length}); {form}"
        "{name} 값에 {stray}이(가) 들어 있습니다({length}). {form}"

    has_length(name: &str, length: Characters, form: &Sentence)
        "{name} has {length}; {form}"
        "{name} 값이 {length}입니다. {form}"

    line_break()
        "a line break"
        "줄바꿈"

    space()
        "a space"
        "빈칸"

    quote()
        "a quote"
        "따옴표"

    control_character()
        "a control character"
        "제어 문자"

    not_ascii()
        "a character outside ASCII"
        "ASCII가 아닌 글자"

    copy_anew()
        "copy them anew from KIS Developers; nothing was sent"
        "KIS Developers에서 다시 복사하세요. 아무 요청도 보내지 않았습니다"

    add_hyphen()
        "write the account number with a hyphen after its eighth digit, such as 12345678-01"
        "계좌번호는 12345678-01처럼 여덟째 자리 뒤에 하이픈을 넣어 적으세요"

    add_product()
        "write the two digits of the product, too, such as 12345678-01; KIS's app shows them"
        "12345678-01처럼 상품코드 두 자리까지 적으세요. 한국투자증권 앱에서 확인할 수 있습니다"

    correct_them()
        "correct what is named above; nothing was sent"
        "위에 나온 값을 고치세요. 아무 요청도 보내지 않았습니다"
}
