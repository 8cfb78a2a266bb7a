#!/usr/bin/env bash
# Three trading days of 2023 on real prices, told line by line: a filter that says no, buys that fill, a token renewed in
# mid-session, a stale order, a stop loss with its cool-down, a take-profit. Needs bash, coreutils, sed, grep, awk and Rust.
#
# kis-sim plays KIS from daily bars. Its clock is moved from minute to minute, and each line of crontab.example runs at its
# minutes as cron would run it; what is told of a run is what its --json says. Touches no account; everything happens in a
# directory of its own. Every check mark is held against kis-sim's books: exit 1 when they differ from what the program
# wrote down, or when something of the above did not happen.
#
# --sheet: a strategy's daily sheet instead, on paper and for real (demo-sheet.sh).
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
case ${1:-} in
    '') ;;
    --sheet) exec ./scripts/demo-sheet.sh ;;
    *) echo "usage: scripts/demo.sh [--sheet]" >&2; exit 2 ;;
esac
. scripts/sim-lib.sh

start=2023-04-18T22:35:00Z
end=2023-04-27T20:15:00Z
traded_days='2023-04-19 2023-04-26 2023-04-27'
new_york=EDT4 # all of it lies within daylight saving

# How the story is told ----------------------------------------------------------------------------------------------

bold='' dim='' green='' red='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

quiet_runs=0
tell_quiet_runs() {
    (( quiet_runs == 0 )) || printf '%s                  … %d quiet runs%s\n' "$dim" "$quiet_runs" "$plain"
    quiet_runs=0
}

# say COMMAND TEXT: an event worth reading, at the simulated time.
say() {
    tell_quiet_runs
    printf '%s  %-11s %s\n' "$now" "$1" "$2"
    is_told=yes
}

chapter() { tell_quiet_runs; printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
aside() { tell_quiet_runs; printf '%s                  (%s)%s\n' "$dim" "$1" "$plain"; }
fail() { printf '%sFAILED: %s%s\n' "$red" "$1" "$plain" >&2; exit 1; }

# hours SECONDS: prints 4h00m.
hours() { printf '%dh%02dm' $(( $1 / 3600 )) $(( $1 % 3600 / 60 )); }

introduce() {
    chapter "Paper money, real prices"
    cat << END
Bought are the losers of the day among AAPL, GOOGL, META and TSLA, as long as NVDA, AMZN and MSFT all stand above yesterday's
close; at most 1850 USD go into one symbol. All other rules are as in config.example.toml. Request limits are lifted, so that
days pass in seconds. Times are New York's.
END
}

# The stage ----------------------------------------------------------------------------------------------------------

clean_up() {
    if [[ -n ${SIM_PID:-} ]]; then
        kill "$SIM_PID" 2> /dev/null || true
        wait "$SIM_PID" 2> /dev/null || true
        SIM_PID=
    fi
    rm -rf "$work"
}

write_config() {
    cat > "$work/config.toml" << END
mode = "paper"
language = "en"
[gateway]
base_url = "$GATEWAY"
requests_per_second = 10000
ledger_requests_per_second = 10000
[buy]
watch = ["AAPL", "GOOGL", "META", "TSLA"]
[limits]
max_position_usd = 1850
END
}

set_the_stage() {
    start_sim "$work" --start "$start"
    control POST /limits '{"gateway_per_second":null,"ledger_per_second":null}' > /dev/null
    write_config
    unset KIS_TRADE_CONFIG KIS_TRADE_STATE_DIR RUST_LOG
    use_paper_account
}

# job_at DATE HH:MM: sets job. Outside the sessions of the traded days only a status an hour runs.
job_at() {
    job=${jobs[10#${2#*:}]:-}
    if [[ $traded_days != *$1* || $2 < 09:30 || $2 > 16:14 ]]; then
        [[ $2 == *:04 ]] && job=status || job=
    fi
}

# What else happens in the world.
scene_at() {
    case $1 in
        '2023-04-18 18:35') chapter "Tuesday 18 April 2023, evening: the crontab is installed. There is no token yet." ;;
        '2023-04-19 09:30') chapter "Wednesday 19 April: the market opens." ;;
        '2023-04-19 16:15')
            note_holdings 2023-04-19
            chapter "To the 26th nothing is traded here: only a status an hour runs."
            ;;
        '2023-04-26 09:30') chapter "Wednesday 26 April: Microsoft reported last night; Tesla has fallen for a week." ;;
        '2023-04-26 11:34') trade_thinly ;;
        '2023-04-26 12:03') trade_freely ;;
        '2023-04-26 16:15')
            note_holdings 2023-04-26
            chapter "Night: only a status an hour runs."
            ;;
        '2023-04-27 09:30') chapter "Thursday 27 April: Meta reported last night." ;;
    esac
}

trade_thinly() {
    aside "kis-sim is told to let one share of an order a minute change hands; GOOGL turns down at 11:40 by its real bar"
    control POST /fills '{"max_quantity_per_minute":1}' > /dev/null
}

trade_freely() {
    aside "kis-sim is told to fill orders whole again"
    control POST /fills '{}' > /dev/null
}

# One run, and what it tells -----------------------------------------------------------------------------------------

# shellcheck disable=SC2016 # the dollars are awk's
# In awk: field(KEY) is the first value of a key in a JSON object, as text; blank when it is null or not there.
field='function field(key,   text) {
    if (!match($0, "\"" key "\":(\"([^\"\\\\]|\\\\.)*\"|[^],}]*)")) return ""
    text = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
    if (text == "null") return ""
    if (text ~ /^"/) text = substr(text, 2, length(text) - 2)
    gsub(/\\"/, "\"", text)
    return text
}'

# objects KEY FILE: the flat objects in it that have the key, one a line.
objects() { grep -oE '\{[^{}]*\}' "$2" | grep -F "\"$1\":" || true; }

# top_level FILE: a JSON object without the objects inside it, in one line.
top_level() { sed -E 's/^\{//; s/\}$//; :inner; s/\{[^{}]*\}/0/g; t inner' "$1"; }

declare -A runs=([token-check]=0 [cleanup]=0 [status]=0 [sell]=0 [buy]=0)

# run COMMAND: one cron line at the simulated time. Sets result, reason and detail.
run() {
    local status=0
    is_told=no
    control POST /clock "{\"set\":\"$utc\",\"ticking\":false}" > /dev/null
    KIS_TRADE_NOW=$utc "$KIS_TRADE" --config "$work/config.toml" --json "$1" > "$work/out" 2> "$work/err" < /dev/null || status=$?
    (( status == 0 )) || fail "$now $1 ended with exit code $status: $(cat "$work/out" "$work/err")"
    runs[$1]=$(( ${runs[$1]} + 1 ))
    IFS='|' read -r result reason detail < <(top_level "$work/out" |
        awk "$field"'{ print field("result") "|" field("reason") "|" field("detail") }')
    [[ -z $renewal ]] || later_runs=$(( later_runs + 1 ))
    tell_warnings "$1"
    tell_token "$1"
    tell_fills "$1"
    case $1 in
        buy) tell_orders buy; tell_refusal; tell_skips buy ;;
        sell) tell_orders sell ;;
        cleanup) tell_cancels ;;
    esac
    [[ $is_told == yes ]] || quiet_runs=$(( quiet_runs + 1 ))
}

tell_warnings() {
    local line
    while read -r line; do
        say "$1" "warning: $line"
    done < <(grep -oE '"warnings":\[[^]]*\]' "$work/out" | grep -oE '"([^"\\]|\\.)*"' | sed -E '1d; s/^"//; s/"$//; s/\\"/"/g')
}

token_ends=0 tokens=0 renewal='' renewed_at='' later_runs=0 ill_timed=
# A token that this run asked KIS for.
tell_token() {
    local is_new ends left
    IFS='|' read -r is_new ends < <(objects renewed "$work/out" | awk "$field"'{ print field("renewed") "|" field("expires_at") }')
    [[ $is_new == true ]] || return 0
    left=$(( token_ends - epoch )) tokens=$(( tokens + 1 ))
    token_ends=$(date -u -d "$ends" +%s)
    if (( tokens == 1 )); then
        say "$1" "token: the first one, it lives $(hours $(( token_ends - epoch )))"
        return
    fi
    say "$1" "token: $(hours "$left") left; renewed, the new one lives $(hours $(( token_ends - epoch )))"
    (( left > 0 && left <= 14400 )) || ill_timed="$now with $(hours "$left") left"
    if is_session && [[ -z $renewal ]]; then
        renewal="$now by $1, $(hours "$left") left"
        renewed_at=$utc
    fi
}

# What was sent, and what KIS said.
tell_orders() {
    local state side quantity symbol price number why
    while IFS='|' read -r state side quantity symbol price number why; do
        say "$1" "$state: $side $quantity $symbol @ $price${number:+ ($number)}, $why"
    done < <(objects limit_price "$work/out" | awk "$field"'{
        print field("state") "|" field("side") "|" field("quantity") "|" field("symbol") "|" field("limit_price") "|" \
            field("order_id") "|" field("reason")
    }')
}

# An order that was left alone has a reason, a cancelled one a quantity.
tell_cancels() {
    local side quantity symbol number
    while IFS='|' read -r side quantity symbol number; do
        say cleanup "cancelled: $side $quantity $symbol ($number)"
    done < <(objects quantity "$work/out" | awk "$field"'{
        print field("side") "|" field("quantity") "|" field("symbol") "|" field("order_id")
    }')
}

told='' red_hour='' red_minutes=()
# Why nothing was bought: told when the reason is another one than an hour before.
tell_refusal() {
    [[ $result == nothing_to_do && $reason != market_closed ]] || reason=
    if [[ $reason == filter_not_met ]]; then
        detail=${detail%%, [A-Z]*} # the first of them tells it
        red_hour=${red_hour:-$now, $detail}
        red_minutes+=("$utc")
    fi
    [[ -z $reason || $told == "$reason" ]] || say buy "nothing bought, $reason: $detail"
    told=$reason
}

declare -A skips=()
cooldown='' cooling=
# A symbol passed over for a reason that needs a word, once a day.
tell_skips() {
    local symbol rule why
    while IFS='|' read -r symbol rule why; do
        if [[ $rule == cooldown && -z $cooldown ]]; then cooldown="$now, $symbol: $why" cooling=$symbol; fi
        case $rule in decline_too_small | not_picked) continue ;; esac
        [[ -z ${skips[${now% *} $symbol $rule]:-} ]] || continue
        skips[${now% *} $symbol $rule]=told
        say "$1" "passed over $symbol, $rule: $why"
    done < <(objects rule "$work/out" | awk "$field"'{ print field("symbol") "|" field("rule") "|" field("detail") }')
}

rows=1
# New rows of trades.csv: fills that KIS confirmed.
tell_fills() {
    local new row cells
    [[ -e $work/state/trades.csv ]] || return 0
    mapfile -t -s "$rows" new < "$work/state/trades.csv"
    rows=$(( rows + ${#new[@]} ))
    for row in "${new[@]}"; do
        IFS=, read -r -a cells <<< "${row%$'\r'}"
        local profit=
        [[ ${cells[4]} == buy ]] || profit=", profit ${cells[10]} USD, ${cells[11]} %"
        say "$1" "filled: ${cells[4]} ${cells[5]} ${cells[2]} @ ${cells[6]} (${cells[8]})$profit"
    done
}

is_session() { [[ $traded_days == *${now% *}* && ! ${now#* } < 09:30 && ${now#* } < 16:00 ]]; }

# From the first minute to the last.
play() {
    local last
    epoch=$(date -u -d "$start" +%s) last=$(date -u -d "$end" +%s)
    job=sell # the very first run
    for (( ; epoch <= last; epoch += 60 )); do
        TZ=$new_york printf -v now '%(%F %H:%M)T' "$epoch"
        scene_at "$now"
        (( tokens == 0 )) || job_at "${now% *}" "${now#* }"
        [[ -n $job ]] || continue
        TZ=UTC0 printf -v utc '%(%FT%TZ)T' "$epoch"
        run "$job"
    done
    epoch=$last
    tell_quiet_runs
}

# The books ----------------------------------------------------------------------------------------------------------

# Orders as the journal has them: day, number, side, quantity, symbol, limit price, filled, state, why.
journal_orders() {
    awk "$field"'
        /"kind":"intent"/ {
            id = field("id"); day[id] = field("trading_day"); why[id] = field("reason"); filled[id] = 0; state[id] = "planned"
            what[id] = field("side") " " field("quantity") " " field("symbol") " @ " field("limit_price")
        }
        /"kind":"outcome"/ { id = field("intent"); state[id] = field("class"); number[id] = field("order_id") }
        /"kind":"observed"/ { id = field("intent"); state[id] = field("state"); filled[id] = field("filled_quantity") }
        END { for (id in day) print day[id], number[id], what[id], "filled", filled[id], state[id], why[id] }
    ' "$work"/state/orders-*.jsonl | sort
}

# The same as kis-sim's ledger has them, without why; cancel rows are left out.
sim_orders() {
    objects limit_price "$work/ledger.json" | grep -F '"original_id":null' | awk "$field"'{
        state = field("state"); if (state == "open") state = "accepted"
        print field("date"), field("order_id"), field("side"), field("quantity"), field("symbol"), "@", field("limit_price"), \
            "filled", field("filled_quantity"), state
    }' | sort
}

# Day, number, side, symbol, shares and dollars of each order: by trades.csv, and by kis-sim's fills.
csv_fills() {
    awk -F, 'NR > 1 { key = $2 " " $9 " " $5 " " $3; shares[key] += $6; dollars[key] += $8 }
        END { for (key in shares) printf "%s %d for %.2f USD\n", key, shares[key], dollars[key] }' "$work/state/trades.csv" | sort
}
sim_fills() {
    objects price "$work/ledger.json" | awk "$field"'{
        key = substr(field("at"), 1, 10) " " field("order_id") " " field("side") " " field("symbol")
        shares[key] += field("quantity"); dollars[key] += field("quantity") * field("price")
    } END { for (key in shares) printf "%s %d for %.2f USD\n", key, shares[key], dollars[key] }' | sort
}

# What is held: by trades.csv, by the answer of a status run, and by kis-sim.
csv_holdings() {
    awk -F, 'NR > 1 { held[$3] += $5 == "buy" ? $6 : -$6 } END { for (s in held) if (held[s]) print held[s], s }' \
        "$work/state/trades.csv" | sort
}
status_holdings() { objects average_cost "$work/out" | awk "$field"'{ print field("quantity"), field("symbol") }' | sort; }
sim_holdings() { objects sellable "$work/ledger.json" | awk "$field"'{ print field("quantity"), field("symbol") }' | sort; }

# note_holdings DATE: notes what is held after a day's trading, by each of the three. The day's last run was a status.
note_holdings() {
    local who
    control GET /ledger > "$work/ledger.json"
    for who in csv status sim; do "${who}_holdings" | sed "s/^/$1 /" >> "$work/$who-holdings"; done
}

# Checks -------------------------------------------------------------------------------------------------------------

failures=0
# check WORDS VALUE: ✓ when there is a value.
check() {
    if [[ -n $2 ]]; then
        printf '%s✓%s %-30s %s\n' "$green" "$plain" "$1" "$2"
    else
        printf '%s✗ %s: did not happen%s\n' "$red" "$1" "$plain"
        failures=$(( failures + 1 ))
    fi
}

# check_equal WORDS A LEFT B RIGHT: ✓ when both files are the same and not empty, else their differences.
check_equal() {
    local difference
    difference=$(comm -3 "$3" "$5" | sed -E "s/^\t/    only $4: /; t; s/^/    only $2: /")
    [[ -s $3 ]] || difference="    none in $2: nothing was compared"
    if [[ -z $difference ]]; then
        check "$1" "$(wc -l < "$3") in $2, the same in $4"
        return
    fi
    printf '%s✗ %s%s\n%s\n' "$red" "$1" "$plain" "$difference"
    failures=$(( failures + 1 ))
}

# confirmed REGEX: the first order of the journal that fits and that kis-sim's ledger has just so.
confirmed() {
    local line
    while read -r line; do
        if grep -qxF -- "${line% *}" "$work/sim-orders"; then echo "$line"; return; fi
    done < <(grep -E "$1" "$work/journal")
}

# Red hours, when kis-sim received no buy at any of them.
confirmed_red_hours() {
    local minute
    for minute in "${red_minutes[@]}"; do
        ! grep -F "\"at\":\"$minute\"" "$work/requests.json" | grep -qF '"tr_id":"VTTT1002U"' || return 0
    done
    (( ${#red_minutes[@]} == 0 )) || echo "${#red_minutes[@]} hours without a buy at kis-sim, the first at $red_hour"
}

# A cool-down, when kis-sim has no buy of the symbol after the stop loss.
confirmed_cooldown() {
    local loss
    loss=$(confirmed " sell [0-9]+ $cooling @ .* filled stop_loss\$")
    [[ -n $cooling && -n $loss ]] || return 0
    awk -v from="${loss% filled *}" -v symbol="$cooling" \
        '$1 " " $2 > from && $3 == "buy" && $5 == symbol { found = 1 } END { exit found }' "$work/sim-orders" || return 0
    echo "$cooldown; no buy of it at kis-sim since"
}

# A renewal in a session, when kis-sim issued a token at that minute and served requests with it.
confirmed_renewal() {
    local token served
    token=$(objects issued_at "$work/tokens.json" | grep -F "\"issued_at\":\"$renewed_at\"" | value token)
    [[ -n $renewed_at && -n $token ]] || return 0
    served=$(grep -F "\"token\":\"$token\"" "$work/requests.json" | grep -cF '"status":200' || true)
    (( served == 0 )) || echo "$renewal; $later_runs later runs, $served requests answered by kis-sim"
}

count() { grep -c -E "$1" "$2" || true; }

close_the_books() {
    note_holdings "${end%T*}"
    control GET /tokens > "$work/tokens.json"
    control GET /requests | sed 's/{"account"/\n&/g' > "$work/requests.json"
    journal_orders > "$work/journal"
    sed -E 's/ [a-z_]+$//' "$work/journal" > "$work/journal-orders"
    sim_orders > "$work/sim-orders"
    csv_fills > "$work/csv-fills"
    sim_fills > "$work/sim-fills"
}

check_events() {
    check "a buy that fills" "$(confirmed ' buy .* filled fell_most$')"
    check "a red filter that stops buying" "$(confirmed_red_hours)"
    check "a stale order, partly filled" "$(confirmed ' filled [1-9][0-9]* cancelled ')"
    check "a stop loss" "$(confirmed ' filled stop_loss$')"
    check "its cool-down" "$(confirmed_cooldown)"
    check "a take-profit" "$(confirmed ' filled take_profit$')"
    check "a token renewed in a session" "$(confirmed_renewal)"
}

check_tokens() {
    local issues used served refused
    issues=$(value issues < "$work/tokens.json")
    used=$(grep -oE '"token":"[^"]+"' "$work/requests.json" | sort -u | wc -l)
    served=$(count '"tr_id":"[A-Z]' "$work/requests.json")
    refused=$(count '"msg_cd":"EGW0012[0-9]"' "$work/requests.json")
    check "every renewal in time" "$([[ -n $ill_timed ]] || echo "$(( tokens - 1 )) renewals, each with 4 h or less left")"
    check "no token too many" "$([[ $issues != "$tokens" || $used != "$tokens" ]] || echo "$issues issued by kis-sim, $used used")"
    check "no dead token used" "$([[ $refused != 0 || $served == 0 ]] || echo "$served requests answered, $refused refused")"
}

check_books() {
    check_equal "orders" journal "$work/journal-orders" kis-sim "$work/sim-orders"
    check_equal "fills" trades.csv "$work/csv-fills" kis-sim "$work/sim-fills"
    check_equal "holdings of three evenings" trades.csv "$work/csv-holdings" kis-sim "$work/sim-holdings"
    check_equal "holdings of three evenings" status "$work/status-holdings" kis-sim "$work/sim-holdings"
}

summary() {
    local all=$(( runs[token-check] + runs[cleanup] + runs[status] + runs[sell] + runs[buy] ))
    chapter "Summary"
    printf '%d runs, all with exit code 0: token-check %d, cleanup %d, status %d, sell %d, buy %d\n' \
        "$all" "${runs[token-check]}" "${runs[cleanup]}" "${runs[status]}" "${runs[sell]}" "${runs[buy]}"
    printf '%d orders in the journal, %d filled, %d cancelled:\n' "$(count . "$work/journal")" \
        "$(count ' filled [a-z_]+$' "$work/journal")" "$(count ' cancelled [a-z_]+$' "$work/journal")"
    sed 's/^/    /' "$work/journal"
    awk -F, '{ sum += $11 } END { printf "Profit of what was sold: %.2f USD\n", sum }' "$work/state/trades.csv"
    check_events
    check_tokens
    check_books
}

echo "Compiling kis-trade and kis-sim: usually 2 to 5 minutes on a fresh clone, seconds from then on. The story begins after that."
build_programs
SECONDS=0
work=$(mktemp -d)
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
read_crontab
set_the_stage
introduce
play
close_the_books
summary
clean_up
printf '%d s. Nothing is left: kis-sim has ended and %s is removed.\n' "$SECONDS" "$work"
(( failures == 0 )) || fail "$failures of the checks above"
