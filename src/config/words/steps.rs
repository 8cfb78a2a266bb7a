//! What is missing before the first run, and the steps to the first contact.

use crate::language::{Sentence, sentences};

sentences! {
    only_the_configuration()
        "missing: the configuration; the credentials are set in the environment"
        "없는 것: 설정 파일. 인증 정보는 환경 변수에 있습니다"

    perhaps_in_directory()
        "missing: the configuration; the credentials may be in $CREDENTIALS_DIRECTORY"
        "없는 것: 설정 파일. 인증 정보는 $CREDENTIALS_DIRECTORY에 있을 수 있습니다"

    both_missing(names: &str)
        "missing: the configuration, and credentials ({names} are not set either)"
        "없는 것: 설정 파일과 인증 정보({names}도 없음)"

    one_missing(name: &str)
        "missing: the configuration, and credentials ({name} is not set either)"
        "없는 것: 설정 파일과 인증 정보({name}도 없음)"

    three_steps(first: &Sentence, second: &Sentence, third: &Sentence)
        "three steps lead to the first contact:\n1. {first}\n2. {second}\n3. {third}"
        "첫 접속까지 세 단계입니다.\n1. {first}\n2. {second}\n3. {third}"

    copy_example(path: &str)
        "copy config.example.toml to {path}, and name in it what may be bought: watch = [\"SOUN\"] under [buy]"
        "config.example.toml을 {path}(으)로 복사하고, 매수할 종목을 적습니다. 예: [buy] 아래에 watch = [\"SOUN\"]"

    write_beside()
        "beside it make a file that only you can read, `install -m 600 /dev/null credentials.toml`, and write app_key, app_secret and account_no into it, each = and its value in quotes"
        "그 옆에 `install -m 600 /dev/null credentials.toml`로 본인만 읽을 수 있는 파일을 만들고 app_key, app_secret, account_no를 적습니다. 등호(=) 뒤의 값은 따옴표로 감쌉니다"

    get_app_key()
        "get an app key at KIS Developers (https://apiportal.koreainvestment.com), for a paper account while mode = \"paper\""
        "KIS Developers(https://apiportal.koreainvestment.com)에서 앱키를 발급받습니다. mode = \"paper\"이면 모의투자 계좌의 앱키입니다"

    write_file(file: &str)
        "make a file that only you can read, `install -m 600 /dev/null {file}`, and write app_key, app_secret and account_no into it, each = and its value in quotes (or set KIS_APP_KEY, KIS_APP_SECRET and KIS_ACCOUNT_NO)"
        "`install -m 600 /dev/null {file}`(으)로 본인만 읽을 수 있는 파일을 만들고 app_key, app_secret, account_no를 적습니다. 등호(=) 뒤의 값은 따옴표로 감쌉니다(또는 KIS_APP_KEY, KIS_APP_SECRET, KIS_ACCOUNT_NO를 설정합니다)"

    write_and_name_file()
        "make a file that only you can read, `install -m 600 /dev/null credentials.toml`, and write app_key, app_secret and account_no into it, each = and its value in quotes, and name it in the configuration: credentials_file = \"credentials.toml\" under [account] (or set KIS_APP_KEY, KIS_APP_SECRET and KIS_ACCOUNT_NO)"
        "`install -m 600 /dev/null credentials.toml`로 본인만 읽을 수 있는 파일을 만들고 app_key, app_secret, account_no를 적습니다. 등호(=) 뒤의 값은 따옴표로 감쌉니다. 설정 파일의 [account] 아래에 credentials_file = \"credentials.toml\"이라고 적습니다(또는 KIS_APP_KEY, KIS_APP_SECRET, KIS_ACCOUNT_NO를 설정합니다)"

    check_token()
        "run `kis-trade token-check`: it says whether KIS takes them, and if not, why"
        "`kis-trade token-check`를 실행합니다. KIS가 받아들이는지, 아니면 그 이유를 알려 줍니다"
}
