//! What setup says and asks, and the texts of the files that it writes. Lines are broken by hand for a terminal of 80 columns,
//! where a Korean letter takes two.

crate::language::sentences! {
    failed(what: &crate::language::Sentence)
        "kis-trade --setup: {what}"
        "kis-trade --setup: {what}"

    because(cause: &crate::language::Sentence)
        "  because: {cause}"
        "  원인: {cause}"

    next(step: &crate::language::Sentence)
        "  next: {step}"
        "  다음: {step}"

    // Before the questions.

    not_a_terminal()
        "standard input or standard output is not a terminal, and setup asks its questions on one"
        "표준 입력이나 표준 출력이 터미널이 아닙니다. 설정은 터미널에서 묻고 답하며 진행합니다"

    use_a_terminal()
        "run it in a terminal (over ssh: `ssh -t HOST kis-trade --setup`), or write config.toml and credentials.toml by hand, as config.example.toml explains"
        "터미널에서 실행하세요(ssh로는 `ssh -t HOST kis-trade --setup`). 또는 config.example.toml을 보고 config.toml과 credentials.toml을 직접 작성하세요"

    environment_has_credentials(names: &str)
        "the environment has credentials already: {names}"
        "환경 변수에 이미 인증 정보가 있습니다: {names}"

    environment_comes_first()
        "variables come before the credentials file, so the first contact would use them instead of the keys that you type, and cron does not have them"
        "환경 변수는 인증 정보 파일보다 먼저 쓰입니다. 그래서 입력한 키가 아니라 환경 변수의 키로 첫 접속을 하게 되고, cron에는 그 환경 변수가 없습니다"

    unset(names: &str)
        "run `unset {names}`, then setup again"
        "`unset {names}`을(를) 실행한 다음 설정을 다시 시작하세요"

    no_home()
        "there is no place for the files: HOME is not set"
        "파일을 둘 곳이 없습니다. HOME이 설정되어 있지 않습니다"

    name_a_directory()
        "name a directory: `kis-trade --setup DIR`"
        "디렉터리를 지정하세요: `kis-trade --setup DIR`"

    no_place(path: &str)
        "setup can't make the directory {path}"
        "디렉터리 {path}을(를) 만들 수 없습니다"

    name_a_new_directory()
        "name a directory that does not exist yet: `kis-trade --setup DIR`"
        "아직 없는 디렉터리를 지정하세요: `kis-trade --setup DIR`"

    path_not_plain()
        "its path is not plain UTF-8 text in one line"
        "경로가 한 줄로 된 일반 UTF-8 텍스트가 아닙니다"

    configured_already()
        "a configuration is there already, and setup never overwrites one"
        "이미 설정 파일이 있고, 있는 설정은 덮어쓰지 않습니다"

    use_what_is_there(config: &str)
        "use it (`kis-trade --config {config} status`), or name a directory that does not exist yet: `kis-trade --setup DIR`"
        "있는 설정을 쓰거나(`kis-trade --config {config} status`) 아직 없는 디렉터리를 지정하세요: `kis-trade --setup DIR`"

    exists_already()
        "it exists already, and setup changes nothing that exists"
        "이미 있습니다. 있는 것은 바꾸지 않습니다"

    no_parent()
        "the directory above it does not exist"
        "상위 디렉터리가 없습니다"

    // The questions.

    welcome(directory: &str)
        "kis-trade setup: five questions, then the first contact with KIS.\n\nThe files will be in {directory}, and only you can read them.\nNothing is written before the last answer: Ctrl-C leaves everything as it is.\n"
        "kis-trade 설정: 다섯 가지를 묻고 KIS에 처음 접속합니다.\n\n파일은 {directory}에 만들며 본인만 읽을 수 있습니다.\n마지막 답을 하기 전에는 아무것도 쓰지 않습니다. Ctrl-C를 누르면 그대로 끝납니다.\n"

    wrong(why: &crate::language::Sentence)
        "     {why}\n"
        "     {why}\n"

    was_read(count: usize)
        "     {count} characters read.\n"
        "     {count}자를 읽었습니다.\n"

    nothing_typed()
        "Nothing was typed."
        "입력한 것이 없습니다."

    about_mode()
        "\n1/5  Paper or real money\n     paper: KIS's simulated investing. The prices are real, the money is not.\n     real: real money. Begin with paper; each has an account and keys of its own.\n"
        "\n1/5  모의투자와 실전투자\n     paper: 모의투자입니다. 시세는 실제이고 돈은 가상입니다.\n     real: 실전투자입니다. 모의투자로 시작하세요. 계좌와 앱키가 서로 다릅니다.\n"

    ask_mode()
        "Mode, paper or real [paper]: "
        "모드(paper 또는 real) [paper]: "

    neither_paper_nor_real()
        "Answer paper or real."
        "paper 또는 real로 답하세요."

    simulator_not_here()
        "A simulated gateway must be on this machine, such as http://127.0.0.1:9443."
        "시뮬레이터는 이 컴퓨터에 있어야 합니다. 예: http://127.0.0.1:9443"

    simulated(address: &str)
        "     Nothing will go to KIS, all to the simulated gateway at {address}.\n"
        "     KIS에는 아무것도 보내지 않고 시뮬레이터 {address}에만 보냅니다.\n"

    about_paper_key(length: usize)
        "\n2/5  App key\n     KIS issues it for your paper account. Apply for simulated investing on KIS's\n     website or in its app; then, with that account's number, for the API on\n     KIS Developers, https://apiportal.koreainvestment.com (button at the top right).\n     It has {length} characters. What you type or paste does not show.\n"
        "\n2/5  앱키(App Key)\n     모의투자 계좌의 앱키가 필요합니다. 한국투자증권 홈페이지나 앱에서 모의투자를\n     신청한 다음, 그 계좌번호로 KIS Developers(https://apiportal.koreainvestment.com)\n     오른쪽 위의 [API신청]에서 발급받습니다.\n     {length}자이며, 입력하거나 붙여 넣은 내용은 화면에 보이지 않습니다.\n"

    about_real_key(length: usize)
        "\n2/5  App key\n     KIS issues it for your account on KIS Developers,\n     https://apiportal.koreainvestment.com (button at the top right). The account\n     itself must be registered for overseas stocks.\n     It has {length} characters. What you type or paste does not show.\n"
        "\n2/5  앱키(App Key)\n     KIS Developers(https://apiportal.koreainvestment.com) 오른쪽 위의 [API신청]에서\n     실전투자 계좌로 발급받습니다. 계좌는 해외주식 거래신청이 되어 있어야 합니다.\n     {length}자이며, 입력하거나 붙여 넣은 내용은 화면에 보이지 않습니다.\n"

    ask_app_key()
        "App key (hidden): "
        "앱키(화면에 보이지 않음): "

    about_secret(length: usize)
        "\n3/5  App secret\n     KIS Developers shows it beside the app key; it belongs to that key alone.\n     It has {length} characters and does not show either.\n"
        "\n3/5  앱시크릿(App Secret)\n     KIS Developers에서 앱키와 함께 표시되며 그 앱키에만 맞습니다.\n     {length}자이며 역시 화면에 보이지 않습니다.\n"

    ask_secret()
        "App secret (hidden): "
        "앱시크릿(화면에 보이지 않음): "

    stray_character()
        "It contains a space, a quote or another character that no key has: copy the value alone."
        "키에 쓰이지 않는 문자(공백, 따옴표 등)가 있습니다. 값만 복사하세요."

    secret_for_key()
        "That looks like the app secret. The app key is the shorter of the two."
        "앱시크릿인 것 같습니다. 앱키는 둘 중 짧은 쪽입니다."

    key_for_secret()
        "That looks like the app key. The app secret is the longer of the two."
        "앱키인 것 같습니다. 앱시크릿은 둘 중 긴 쪽입니다."

    key_of_wrong_length(length: usize, expected: usize)
        "An app key has {expected} characters, not {length}: copy it again."
        "앱키는 {length}자가 아니라 {expected}자입니다. 다시 복사하세요."

    secret_of_wrong_length(length: usize, expected: usize)
        "An app secret has {expected} characters, not {length}: copy it again."
        "앱시크릿은 {length}자가 아니라 {expected}자입니다. 다시 복사하세요."

    about_account()
        "\n4/5  Account number\n     The account that the app key was issued for: 8 digits, a hyphen and the 2 digits\n     of the product, usually 01. KIS's app shows it, such as 12345678-01.\n"
        "\n4/5  계좌번호\n     앱키를 발급받은 계좌입니다. 8자리, 하이픈, 상품코드 2자리(보통 01)로\n     되어 있으며 한국투자증권 앱에 나옵니다. 예: 12345678-01\n"

    ask_account()
        "Account number: "
        "계좌번호: "

    account_without_product()
        "The two digits of the product are missing, usually 01: such as 12345678-01."
        "상품코드 2자리(보통 01)가 빠졌습니다. 예: 12345678-01"

    no_account_number()
        "An account number is 8 digits, a hyphen and 2 digits, such as 12345678-01."
        "계좌번호는 숫자 8자리, 하이픈, 숫자 2자리입니다. 예: 12345678-01"

    about_watch()
        "\n5/5  Watch list\n     The US stocks that may be bought, and sold again by rule: their tickers, such as\n     SOUN RGTI. You can change the list in config.toml at any time.\n"
        "\n5/5  관심 종목\n     매수할 수 있고 규칙에 따라 매도할 미국 주식의 티커입니다. 예: SOUN RGTI\n     목록은 언제든지 config.toml에서 바꿀 수 있습니다.\n"

    ask_watch()
        "Tickers, separated by spaces: "
        "티커(공백으로 구분): "

    no_symbol(text: &str)
        "{text} is not a ticker. Write it as NVDA or BRK/B, or with its exchange as NYSE:SES."
        "{text}은(는) 티커가 아닙니다. NVDA나 BRK/B처럼, 또는 거래소와 함께 NYSE:SES처럼 쓰세요."

    no_symbols()
        "Name at least one ticker."
        "티커를 하나 이상 입력하세요."

    too_many_symbols(count: usize, most: usize)
        "{count} tickers are too many for one line: name {most} at most and add the others to config.toml later."
        "한 줄에 {count}개는 너무 많습니다. {most}개까지 입력하고 나머지는 나중에 config.toml에 추가하세요."

    input_ended()
        "the input ended before the last answer; nothing was written"
        "마지막 답을 하기 전에 입력이 끝났습니다. 아무것도 쓰지 않았습니다"

    no_usable_answer(tries: usize)
        "{tries} answers in a row could not be used; nothing was written"
        "{tries}번 연속으로 쓸 수 없는 답을 받았습니다. 아무것도 쓰지 않았습니다"

    terminal_broken()
        "the terminal can't be read or written"
        "터미널에서 읽거나 쓸 수 없습니다"

    start_again()
        "run `kis-trade --setup` again"
        "`kis-trade --setup`을 다시 실행하세요"

    // After them.

    not_written(directory: &std::path::Path)
        "{directory} can't be written"
        "{directory}에 쓸 수 없습니다"

    remove_what_is_left(directory: &std::path::Path)
        "remove {directory}, which may hold your keys, and run `kis-trade --setup` again"
        "키가 들어 있을 수 있는 {directory}을(를) 삭제한 다음 `kis-trade --setup`을 다시 실행하세요"

    written(directory: &str)
        "\nWritten: {directory}, with config.toml, credentials.toml and crontab.\n"
        "\n{directory}에 config.toml, credentials.toml, crontab을 만들었습니다.\n"

    contacting()
        "\nFirst contact: asking for a token, the account and the prices. It takes seconds;\nwhile KIS does not answer, up to three minutes.\n\n"
        "\n첫 접속: 접근토큰, 계좌, 시세를 조회합니다. 몇 초 걸리며,\nKIS가 응답하지 않으면 최대 3분 걸립니다.\n\n"

    no_first_contact()
        "the first contact could not begin"
        "첫 접속을 시작할 수 없습니다"

    contact_made()
        "\nThe first contact succeeded: KIS accepts the keys and shows the account.\n"
        "\n첫 접속에 성공했습니다. KIS가 앱키와 계좌를 확인했습니다.\n"

    contact_failed(program: &str, config: &str, credentials: &str, directory: &str)
        "\nThe first contact failed, for the reason above. The files stay.\n- To correct a key or the account number: edit {credentials},\n  or start over with `rm -r {directory}` and setup.\n- To try again: `{program} --config {config} status`\n"
        "\n위의 이유로 첫 접속에 실패했습니다. 만든 파일은 그대로 있습니다.\n- 앱키, 앱시크릿, 계좌번호를 고치려면 {credentials}을(를) 편집하세요.\n  처음부터 다시 하려면 `rm -r {directory}` 다음에 설정을 다시 실행하세요.\n- 다시 시도: `{program} --config {config} status`\n"

    schedule(crontab: &str)
        "\nThe schedule for this machine, also in {crontab}:\n\n"
        "\n이 컴퓨터의 실행 일정입니다. {crontab}에도 있습니다.\n\n"

    next_steps(program: &str, config: &str, crontab: &str, log: &str)
        "\nNext:\n1. See what a buy would order, in New York's trading hours; it sends no order:\n   `{program} --config {config} buy --dry-run -v`\n2. Start the schedule; this adds it to the crontab that you have:\n   `(crontab -l 2>/dev/null; cat {crontab}) | crontab -`\n3. What the runs say is in {log}. For messages to\n   your phone see [notify] in config.example.toml.\n"
        "\n다음 할 일:\n1. 뉴욕 정규장 시간에 무엇을 매수할지 미리 보기(주문은 보내지 않습니다):\n   `{program} --config {config} buy --dry-run -v`\n2. 실행 일정 시작(지금 있는 crontab에 추가합니다):\n   `(crontab -l 2>/dev/null; cat {crontab}) | crontab -`\n3. 실행 결과는 {log}에서 확인하세요.\n   알림으로 받으려면 config.example.toml의 [notify]를 참고하세요.\n"

    // The files.

    file_head(mode: &str, language: &str)
        "# kis-trade: settings, written by `kis-trade --setup`. Everything else has a default;\n# config.example.toml explains every key.\n\n# \"paper\" is KIS's simulated investing, \"real\" is real money. Each needs keys, an account\n# and a directory of its own.\nmode = \"{mode}\"\n\n# The language of all that you read: \"ko\" or \"en\".\nlanguage = \"{language}\"\n\n# Token, order journal and trades.\nstate_dir = \"state\"\n"
        "# kis-trade 설정 파일입니다. `kis-trade --setup`이 만들었습니다. 나머지 설정에는 모두 기본값이\n# 있으며, config.example.toml에 키마다 설명이 있습니다.\n\n# \"paper\"는 모의투자, \"real\"은 실전투자입니다. 앱키, 계좌, 디렉터리를 따로 씁니다.\nmode = \"{mode}\"\n\n# 화면과 알림의 언어: \"ko\" 또는 \"en\"\nlanguage = \"{language}\"\n\n# 접근토큰, 주문 기록, 체결 기록을 두는 곳\nstate_dir = \"state\"\n"

    file_account()
        "[account]\n# App key, app secret and account number. Only you may be able to read it.\ncredentials_file = \"credentials.toml\"\n"
        "[account]\n# 앱키, 앱시크릿, 계좌번호가 들어 있는 파일. 본인만 읽을 수 있어야 합니다.\ncredentials_file = \"credentials.toml\"\n"

    file_simulator(address: &str)
        "[gateway]\n# A simulated gateway in place of KIS. Delete these lines to trade at KIS.\nbase_url = \"http://{address}\"\n"
        "[gateway]\n# KIS 대신 쓰는 시뮬레이터의 주소입니다. KIS에 접속하려면 이 부분을 지우세요.\nbase_url = \"http://{address}\"\n"

    file_rules(watch: &str)
        "[buy]\n# Buy only while each of these stands above yesterday's close. []: buy on any day.\nfilter = [\"NVDA\", \"AMZN\", \"MSFT\"]\n# What may be bought.\nwatch = [{watch}]\n\n[limits]\n# Most USD in one order, and in all buys of a trading date.\nmax_order_usd = 2000\nmax_buy_usd_per_day = 5000\n"
        "[buy]\n# 모두 전일 종가보다 높을 때만 매수합니다. []: 조건 없이 매수합니다.\nfilter = [\"NVDA\", \"AMZN\", \"MSFT\"]\n# 매수할 수 있는 종목\nwatch = [{watch}]\n\n[limits]\n# 주문 한 건의 한도와 하루 매수 한도(USD)\nmax_order_usd = 2000\nmax_buy_usd_per_day = 5000\n"

    file_credentials()
        "# Credentials of kis-trade. Keep them to yourself: whoever has them can trade on the account.\n"
        "# kis-trade 인증 정보입니다. 다른 사람에게 보이지 마세요. 이 값으로 계좌에서 매매할 수 있습니다.\n"

    crontab_head()
        "# kis-trade: one line a job, round the clock; the program knows New York's hours and\n# holidays. Keep secrets out of this file. What runs say, failures too, goes to the log.\n"
        "# kis-trade: 작업마다 한 줄이며 하루 종일 실행합니다. 뉴욕 거래 시간과 휴장일은\n# 프로그램이 판단합니다. 비밀 값은 여기에 쓰지 마세요. 실행 결과와 오류는 로그에 남습니다.\n"
}
