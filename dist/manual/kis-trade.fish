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

complete -c kis-trade -n "__fish_kis_trade_needs_command" -l config -d 'Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_needs_command" -l state-dir -d 'State directory [env: KIS_TRADE_STATE_DIR] [default: state_dir of the configuration]' -r -F
complete -c kis-trade -n "__fish_kis_trade_needs_command" -l generate -d 'Print the man page or a shell\'s completions, and nothing else' -r -f -a "man\t''
complete-bash\t''
complete-zsh\t''
complete-fish\t''"
complete -c kis-trade -n "__fish_kis_trade_needs_command" -l setup -d 'Ask for mode, keys, account and watch list, write them to a new directory, make the first contact and print crontab lines [default: ~/kis-trade]' -r -F
complete -c kis-trade -n "__fish_kis_trade_needs_command" -l json -d 'Print exactly one JSON object on standard output, also for errors'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -s v -l verbose -d 'Print more: every symbol passed over, and a log of the run'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -s q -l quiet -d 'Print nothing on success but the first after a failure, and a repeated failure only once an hour'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -s h -l help -d 'Print help'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -s V -l version -d 'Print version'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "sell" -d 'Take profits, cut losses'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "buy" -d 'Buy what the rules pick'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "cleanup" -d 'Settle open questions, cancel stale orders'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "status" -d 'Show account, orders, token and last runs; sends no orders'
complete -c kis-trade -n "__fish_kis_trade_needs_command" -f -a "token-check" -d 'Show how long the token lives; renew it when due'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -l config -d 'Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -l state-dir -d 'State directory [env: KIS_TRADE_STATE_DIR] [default: state_dir of the configuration]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -l dry-run -d 'Stop before the first order, and print what would be sent'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -l json -d 'Print exactly one JSON object on standard output, also for errors'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -s v -l verbose -d 'Print more: every symbol passed over, and a log of the run'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -s q -l quiet -d 'Print nothing on success but the first after a failure, and a repeated failure only once an hour'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand sell" -s h -l help -d 'Print help'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -l config -d 'Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -l state-dir -d 'State directory [env: KIS_TRADE_STATE_DIR] [default: state_dir of the configuration]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -l dry-run -d 'Stop before the first order, and print what would be sent'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -l json -d 'Print exactly one JSON object on standard output, also for errors'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -s v -l verbose -d 'Print more: every symbol passed over, and a log of the run'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -s q -l quiet -d 'Print nothing on success but the first after a failure, and a repeated failure only once an hour'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand buy" -s h -l help -d 'Print help'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l settle -d 'Resolve what only you can; may be given several times: INTENT=ORDER_ID, INTENT=absent or INTENT=filled:QTY@PRICE (an order of unknown outcome), ORDER_ID=FILLED (fills that KIS took back), foreign=ORDER_ID or foreign=all-of-today (orders of other programs), price=SYMBOL (a symbol set aside for a suspected split)' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l adopt -d 'Let a strategy take over the shares that the account holds; without --yes only show its next orders' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l set -d 'What the account does not know of it: t=NUMBER (infinite_v40) or cash=USD; may be given several times' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l withdraw -d 'Send nothing more of a strategy\'s orders on this trading date, and cancel its open ones' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l config -d 'Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l state-dir -d 'State directory [env: KIS_TRADE_STATE_DIR] [default: state_dir of the configuration]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l dry-run -d 'Stop before the first cancel, and print what would be sent'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l yes -d 'Store it'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -l json -d 'Print exactly one JSON object on standard output, also for errors'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -s v -l verbose -d 'Print more: every symbol passed over, and a log of the run'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -s q -l quiet -d 'Print nothing on success but the first after a failure, and a repeated failure only once an hour'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand cleanup" -s h -l help -d 'Print help'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l html -d 'Also write it as an HTML page, everything in one file' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l since -d 'Count the profit from this New York date on (YYYY-MM-DD) [default: all that the journal holds]' -r
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l check-schedule -d 'Only check this crontab (- for standard input); needs no configuration' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l config -d 'Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l state-dir -d 'State directory [env: KIS_TRADE_STATE_DIR] [default: state_dir of the configuration]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l profit -d 'Also show what own fills won and lost, by month and by symbol'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l test-notify -d 'Only send a test message to each notify target, and show how it answered; asks KIS for nothing'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -l json -d 'Print exactly one JSON object on standard output, also for errors'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -s v -l verbose -d 'Print more: every symbol passed over, and a log of the run'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -s q -l quiet -d 'Print nothing on success but the first after a failure, and a repeated failure only once an hour'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand status" -s h -l help -d 'Print help'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l config -d 'Configuration file [env: KIS_TRADE_CONFIG] [default: ./config.toml]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l state-dir -d 'State directory [env: KIS_TRADE_STATE_DIR] [default: state_dir of the configuration]' -r -F
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l force -d 'Renew it even when it is not due'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l offline -d 'Only read the token file; send nothing'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -l json -d 'Print exactly one JSON object on standard output, also for errors'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -s v -l verbose -d 'Print more: every symbol passed over, and a log of the run'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -s q -l quiet -d 'Print nothing on success but the first after a failure, and a repeated failure only once an hour'
complete -c kis-trade -n "__fish_kis_trade_using_subcommand token-check" -s h -l help -d 'Print help'
