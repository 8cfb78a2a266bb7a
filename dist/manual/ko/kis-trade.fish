# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kis_trade_global_optspecs
    string join \n config= state-dir= json v/verbose q/quiet generate= setup= h/help V/version
end

function __fish_kis_trade_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kis_trade_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kis_trade_using_subcommand
    set -l cmd (__fish_kis_trade_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kis-trade -n "__fish_kis_trade_needs_command" -l config -d '설정 파일 [환경 변수: KIS_TRADE_CONFIG] [기본값: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_needs_command" -l state-dir -d '상태 디렉터리 [환경 변수: KIS_TRADE_STATE_DIR] [기본값: 설정 파일의 state_dir]' -r -F
complete -c kis-trade -n "__fish_kis_trade_needs_command" -l generate -d 'man 페이지나 셸 자동 완성 스크립트를 출력하고 끝냅니다' -r -f -a "man\t''
complete-bash\t''
complete-zsh\t''
complete-fish\t''"
complete -c kis-trade -n "__fish_kis_trade_needs_command" -l setup -d '투자 모드, 앱키, 계좌번호, 관심 종목을 물어 새 디렉터리에 저장하고, 처음으로 접속해 본 뒤 crontab에 넣을 줄을 보여 줍니다 [기본값: ~/kis-trade]' -r -F
complete -c kis-trade -n "__fish_kis_trade_needs_command" -l json -d '표준 출력에 JSON 객체 하나만 출력합니다. 오류일 때도 같습니다'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -s v -l verbose -d '더 자세히 출력합니다. 건너뛴 종목과 이유, 실행 로그를 보여 줍니다'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -s q -l quiet -d '성공하면 아무것도 출력하지 않습니다. 실패 뒤 첫 성공은 출력하고, 반복되는 실패는 한 시간에 한 번만 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -s h -l help -d '도움말을 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -s V -l version -d '버전을 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "sell" -d '익절과 손절'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "buy" -d '규칙이 고른 종목을 매수'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "cleanup" -d '결과가 확정되지 않은 주문을 정리하고 오래된 미체결 주문을 취소'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "status" -d '계좌, 주문, 접근토큰, 최근 실행을 조회. 주문은 내지 않음'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "token-check" -d '접근토큰의 남은 시간을 확인하고 때가 되면 갱신'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -l config -d '설정 파일 [환경 변수: KIS_TRADE_CONFIG] [기본값: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -l state-dir -d '상태 디렉터리 [환경 변수: KIS_TRADE_STATE_DIR] [기본값: 설정 파일의 state_dir]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -l dry-run -d '첫 주문을 보내기 직전에 멈추고, 보낼 내용만 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -l json -d '표준 출력에 JSON 객체 하나만 출력합니다. 오류일 때도 같습니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -s v -l verbose -d '더 자세히 출력합니다. 건너뛴 종목과 이유, 실행 로그를 보여 줍니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -s q -l quiet -d '성공하면 아무것도 출력하지 않습니다. 실패 뒤 첫 성공은 출력하고, 반복되는 실패는 한 시간에 한 번만 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -s h -l help -d '도움말을 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -l config -d '설정 파일 [환경 변수: KIS_TRADE_CONFIG] [기본값: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -l state-dir -d '상태 디렉터리 [환경 변수: KIS_TRADE_STATE_DIR] [기본값: 설정 파일의 state_dir]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -l dry-run -d '첫 주문을 보내기 직전에 멈추고, 보낼 내용만 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -l json -d '표준 출력에 JSON 객체 하나만 출력합니다. 오류일 때도 같습니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -s v -l verbose -d '더 자세히 출력합니다. 건너뛴 종목과 이유, 실행 로그를 보여 줍니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -s q -l quiet -d '성공하면 아무것도 출력하지 않습니다. 실패 뒤 첫 성공은 출력하고, 반복되는 실패는 한 시간에 한 번만 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -s h -l help -d '도움말을 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l settle -d '사람만 판단할 수 있는 것을 정합니다. 여러 번 쓸 수 있습니다: INTENT=ORDER_ID, INTENT=absent, INTENT=filled:QTY@PRICE (결과가 확정되지 않은 주문), ORDER_ID=FILLED (KIS가 되돌린 체결), foreign=ORDER_ID, foreign=all-of-today (외부 주문), price=SYMBOL (액면분할·병합이 의심되어 보류된 종목)' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l adopt -d '계좌에 있는 주식을 전략이 넘겨받습니다. --yes가 없으면 다음에 낼 주문만 보여 줍니다' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l set -d '계좌로는 알 수 없는 값: t=숫자(infinite_v40) 또는 cash=금액(달러). 여러 번 쓸 수 있습니다' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l withdraw -d '이 거래일에는 그 전략의 주문을 더 보내지 않고, 미체결 주문을 취소합니다' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l config -d '설정 파일 [환경 변수: KIS_TRADE_CONFIG] [기본값: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l state-dir -d '상태 디렉터리 [환경 변수: KIS_TRADE_STATE_DIR] [기본값: 설정 파일의 state_dir]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l dry-run -d '첫 취소를 보내기 직전에 멈추고, 보낼 내용만 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l yes -d '저장합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l json -d '표준 출력에 JSON 객체 하나만 출력합니다. 오류일 때도 같습니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -s v -l verbose -d '더 자세히 출력합니다. 건너뛴 종목과 이유, 실행 로그를 보여 줍니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -s q -l quiet -d '성공하면 아무것도 출력하지 않습니다. 실패 뒤 첫 성공은 출력하고, 반복되는 실패는 한 시간에 한 번만 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -s h -l help -d '도움말을 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l html -d '조회 결과를 HTML 페이지로도 저장합니다(파일 하나)' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l since -d '이 날짜(뉴욕, YYYY-MM-DD)부터의 손익을 계산합니다 [기본값: 주문 일지 전체]' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l check-schedule -d '이 crontab만 점검합니다(-는 표준 입력). 설정 파일이 없어도 됩니다' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l config -d '설정 파일 [환경 변수: KIS_TRADE_CONFIG] [기본값: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l state-dir -d '상태 디렉터리 [환경 변수: KIS_TRADE_STATE_DIR] [기본값: 설정 파일의 state_dir]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l profit -d 'kis-trade의 체결로 생긴 손익도 월별, 종목별로 보여 줍니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l test-notify -d '알림 대상마다 테스트 메시지만 보내고 응답을 보여 줍니다. KIS에는 접속하지 않습니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l json -d '표준 출력에 JSON 객체 하나만 출력합니다. 오류일 때도 같습니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -s v -l verbose -d '더 자세히 출력합니다. 건너뛴 종목과 이유, 실행 로그를 보여 줍니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -s q -l quiet -d '성공하면 아무것도 출력하지 않습니다. 실패 뒤 첫 성공은 출력하고, 반복되는 실패는 한 시간에 한 번만 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -s h -l help -d '도움말을 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l config -d '설정 파일 [환경 변수: KIS_TRADE_CONFIG] [기본값: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l state-dir -d '상태 디렉터리 [환경 변수: KIS_TRADE_STATE_DIR] [기본값: 설정 파일의 state_dir]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l force -d '때가 되지 않았어도 갱신합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l offline -d '토큰 파일만 읽습니다. 아무 요청도 보내지 않습니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l json -d '표준 출력에 JSON 객체 하나만 출력합니다. 오류일 때도 같습니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -s v -l verbose -d '더 자세히 출력합니다. 건너뛴 종목과 이유, 실행 로그를 보여 줍니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -s q -l quiet -d '성공하면 아무것도 출력하지 않습니다. 실패 뒤 첫 성공은 출력하고, 반복되는 실패는 한 시간에 한 번만 출력합니다'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -s h -l help -d '도움말을 출력합니다'
