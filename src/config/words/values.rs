//! What is wrong with a value, a number, a list or a symbol.

use std::fmt::Display;

use crate::domain::Percent;
use crate::language::counts::Entries;
use crate::language::{Language, Say, Sentence, sentences};

/// A few words of which one is to be chosen, in quotes.
pub(in crate::config) struct Choice<'w>(pub(in crate::config) Vec<&'w str>);

impl Say for Choice<'_> {
    fn say(&self, language: Language) -> impl Display {
        let or = if language == Language::Korean { ", " } else { " or " };
        self.0.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(or)
    }
}

/// Which numbers a key takes, both ends included.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct Range {
    pub(in crate::config) low: Percent,
    pub(in crate::config) high: Percent,
    pub(in crate::config) note: Note,
}

/// The unit of a range, or what else there is to know about it.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) enum Note {
    Nothing,
    Percent,
    Usd,
    Hours,
    OrAll,
    ZeroIsNever,
    WithLoopback,
    LessWithLoopback,
    PaperLimit,
    RealLimit,
}

impl Say for Range {
    fn say(&self, language: Language) -> impl Display {
        let (english, unit, korean) = match self.note {
            Note::Nothing => ("", "", ""),
            Note::Percent => (" percent", "%", ""),
            Note::Usd => (" USD", "달러", ""),
            Note::Hours => (" hours", "시간", ""),
            Note::OrAll => (", or \"all\"", "", "(또는 \"all\")"),
            Note::ZeroIsNever => (" (0: never)", "", "(0은 취소하지 않음)"),
            Note::WithLoopback => (" with a loopback gateway", "", "(루프백 게이트웨이)"),
            Note::LessWithLoopback => {
                (" (less only with a loopback gateway)", "", "(더 작은 값은 루프백 게이트웨이에서만)")
            }
            Note::PaperLimit => (", KIS's limit with mode \"paper\"", "", "(mode가 \"paper\"일 때 KIS의 한도)"),
            Note::RealLimit => (", KIS's limit with mode \"real\"", "", "(mode가 \"real\"일 때 KIS의 한도)"),
        };
        let (low, high) = (self.low.normalize(), self.high.normalize());
        match language {
            Language::English => format!("from {low} to {high}{english}"),
            Language::Korean => format!("{low}에서 {high}{unit} 사이{korean}"),
        }
    }
}

sentences! {
    refused(label: &str, shown: &Sentence, must: &Sentence)
        "{label} = {shown}: {must}"
        "{label} = {shown}: {must}"

    must_not_be_empty()
        "must not be empty"
        "비워 둘 수 없습니다"

    must_be_text()
        "must be a text in quotes"
        "따옴표로 감싸야 합니다"

    must_hold_no_nul()
        "must not contain a NUL character"
        "NUL 문자는 쓸 수 없습니다"

    path_looks_secret()
        "must be a path, and looks like a key or a secret: write that into a file, and name the file here"
        "경로를 적는 곳인데 앱키나 시크릿으로 보입니다. 그 값은 파일에 적고 여기에는 파일 경로를 쓰세요"

    path_with_tilde()
        "must be a path without `~`, which only shells know; write it out"
        "`~`는 셸에서만 통하므로 쓸 수 없습니다. 경로를 끝까지 풀어 쓰세요"

    text_with_tilde()
        "must be written without `~`, which only shells know"
        "`~`는 셸에서만 통하므로 쓸 수 없습니다. 경로를 끝까지 풀어 쓰세요"

    must_be(words: Choice<'_>)
        "must be {words}"
        "쓸 수 있는 값은 {words}입니다"

    must_be_one_of(words: &str)
        "must be one of {words}"
        "쓸 수 있는 값은 {words}입니다"

    must_be_list()
        "must be a list in square brackets"
        "대괄호로 감싼 목록이어야 합니다"

    must_be_tables(key: &str)
        "must be written as [[{key}]] on a line of its own, with its keys below it"
        "[[{key}]]을(를) 한 줄에 따로 쓰고 그 아래에 키를 적어야 합니다"

    must_be_within(range: Range)
        "must be {range}"
        "{range}의 값이어야 합니다"

    must_be_whole(range: Range)
        "must be a whole number {range}"
        "{range}의 정수여야 합니다"

    must_be_decimal(range: Range)
        "must be written in decimal digits, {range}"
        "십진수로 적고, {range}의 값이어야 합니다"

    must_be_without_commas(range: Range)
        "must be a number without quotes and commas; decimals follow a dot, such as 5.5, {range}"
        "따옴표와 쉼표 없이 적은, {range}의 숫자여야 합니다. 소수점은 5.5처럼 점으로 씁니다"

    must_be_without_quotes(range: Range)
        "must be a number without quotes, {range}"
        "따옴표 없이 적은, {range}의 숫자여야 합니다"

    must_be_number(range: Range)
        "must be a number, {range}"
        "{range}의 숫자여야 합니다"

    must_be_plain(range: Range)
        "must be a number in plain digits, {range}"
        "지수나 기호 없이 적은, {range}의 숫자여야 합니다"

    must_be_shorter(range: Range)
        "must be a number of at most 28 digits, {range}"
        "28자리까지 쓸 수 있고, {range}의 값이어야 합니다"

    buy_until_outside()
        "must be a New York time from \"09:30\" to \"16:00\""
        "\"09:30\"에서 \"16:00\" 사이의 뉴욕 시각이어야 합니다"

    watch_empty(label: &str)
        "{label} is empty: it must name at least one symbol, such as [\"SOUN\", \"NYSE:SES\"]"
        "{label} 목록이 비어 있습니다. [\"SOUN\", \"NYSE:SES\"]처럼 종목을 하나 이상 적어야 합니다"

    watch_missing(label: &str)
        "{label} is missing: it must name at least one symbol, such as [\"SOUN\", \"NYSE:SES\"]"
        "{label} 목록이 없습니다. [\"SOUN\", \"NYSE:SES\"]처럼 종목을 하나 이상 적어야 합니다"

    order_above_day(label: &str, most: Percent)
        "{label} must not be above max_buy_usd_per_day ({most})"
        "{label} 값은 max_buy_usd_per_day({most})보다 클 수 없습니다"

    warning_above_renewal(label: &str)
        "{label} must not be above renew_at_hours_left: it would warn of a token that is not due yet"
        "{label} 값은 renew_at_hours_left보다 클 수 없습니다. 갱신할 때가 되지 않은 토큰까지 경고하게 됩니다"

    profit_out_of_order(label: &str)
        "{label} must name the lower number first, such as [-50, 100]"
        "{label} 목록은 [-50, 100]처럼 작은 수를 먼저 적어야 합니다"

    profit_not_a_pair(label: &str, count: Entries)
        "{label} has {count}: it must have two, such as [-50, 100], or none"
        "{label} 목록에 값이 {count} 있습니다. [-50, 100]처럼 두 개를 적거나 비워 두어야 합니다"

    settle_count(label: &str, count: Entries)
        "{label} has {count}: it must have from 1 to 5"
        "{label} 목록에 값이 {count} 있습니다. 1개에서 5개까지 적어야 합니다"

    settle_out_of_order(label: &str)
        "{label} must ascend, such as [2, 10]: every entry counts from the loss of the answer"
        "{label} 목록은 [2, 10]처럼 작은 수부터 적어야 합니다. 모두 응답이 끊긴 때부터 센 시간입니다"

    too_many_symbols(label: &str, count: usize, most: usize)
        "{label} has {count} symbols: it may have {most} at most"
        "{label} 목록에 종목이 {count}개 있습니다. {most}개까지 적을 수 있습니다"

    listed_already(line: usize)
        "is in the list already (line {line})"
        "이미 목록에 있는 종목입니다({line}번째 줄)"

    must_be_symbol()
        "must be a symbol in quotes"
        "따옴표로 감싼 종목코드여야 합니다"

    must_be_upper_case(symbol: &str)
        "must be in upper case: \"{symbol}\""
        "대문자로 적으세요: \"{symbol}\""

    no_symbol()
        "a symbol is 1 to 12 upper-case letters and digits, with one slash at most, such as NVDA or BRK/B"
        "종목코드는 NVDA, BRK/B처럼 영문 대문자와 숫자 1~12자이며 빗금(/)은 하나만 쓸 수 있습니다"

    no_exchange()
        "the exchange before the colon is NASD, NYSE or AMEX"
        "콜론 앞에는 거래소 NASD, NYSE, AMEX 중 하나를 적습니다"

    long_list(symbols: usize, rate: Percent, seconds: u32, most: usize, mode: &str)
        "[buy] filter and watch name {symbols} symbols: at {rate} requests a second a run of {seconds} s can ask for {most} with mode \"{mode}\"; shorten the lists, or every buy ends half way"
        "[buy] filter와 watch에 종목이 {symbols}개 있습니다. mode \"{mode}\"에서 초당 {rate}건으로 {seconds}초 동안 조회할 수 있는 종목은 {most}개입니다. 목록을 줄이지 않으면 매수가 매번 중간에 끝납니다"
}

#[cfg(test)]
mod samples {
    use super::*;

    crate::language::samples! {
        Choice<'static> => Choice(vec!["paper", "real"]),
        Range => Range { low: 1.into(), high: 120.into(), note: Note::Percent },
    }

    #[test]
    fn what_is_no_symbol_is_said_as_the_market_says_it() {
        use crate::domain::{ListedSymbol, Symbol};
        assert_eq!("x".parse::<Symbol>().unwrap_err(), no_symbol().en);
        assert_eq!("NYS:SES".parse::<ListedSymbol>().unwrap_err(), no_exchange().en);
    }
}
