//! What can be wrong with a crontab and what to do about it, in both languages.

pub(super) mod line;

use std::fmt::Display;

use crate::language::counts::{Findings, Starts, Times};
use crate::language::{Language, Say, Sentence, sentences};

/// A weekday, as in front of a time.
pub(super) struct Day(pub(super) chrono::Weekday);

impl Say for Day {
    fn say(&self, language: Language) -> impl Display {
        const KOREAN: [&str; 7] = ["월", "화", "수", "목", "금", "토", "일"];
        match language {
            Language::English => self.0.to_string(),
            Language::Korean => KOREAN[self.0.num_days_from_monday() as usize].to_owned(),
        }
    }
}

sentences! {
    standard_input()
        "standard input"
        "표준 입력"

    unreadable(name: &Sentence)
        "{name} can't be read"
        "{name}을(를) 읽을 수 없습니다"

    nothing_comes_out()
        "it is no file, and nothing comes out of it"
        "파일이 아니며, 아무 내용도 나오지 않습니다"

    too_large(kib: u64)
        "it is larger than {kib} KiB"
        "{kib} KiB보다 큽니다"

    is_not_utf8()
        "it is not UTF-8 text; save it as UTF-8"
        "UTF-8 텍스트가 아닙니다. UTF-8로 저장하세요"

    name_a_crontab()
        "name a crontab, or - for standard input: `crontab -l | kis-trade status --check-schedule -`"
        "crontab 파일을 지정하거나 표준 입력(-)을 쓰세요: `crontab -l | kis-trade status --check-schedule -`"

    nothing_is_wrong(name: &Sentence)
        "nothing is wrong with {name}"
        "{name}에 이상이 없습니다"

    has_findings(name: &Sentence, count: Findings)
        "{name} has {count}"
        "{name}에서 문제를 {count} 찾았습니다"

    correct_lines()
        "correct the lines named above, and check again"
        "위에 나온 줄을 고치고 다시 점검하세요"

    clean(file: &Sentence, count: Starts)
        "{file}: nothing is wrong; {count} of kis-trade\n"
        "{file}: 이상이 없습니다. kis-trade 실행 {count}\n"

    note(file: &Sentence, note: &Sentence)
        "{file}: note: {note}\n"
        "{file}: 참고: {note}\n"

    nothing_before_close(jobs: &Sentence)
        "on a paper account a strategy's orders for the close are sent between 15:30 and 15:50 New York time, and no {jobs} runs then; crontab.example has a line for `buy` at 40 minutes past each hour"
        "모의투자 계좌에서는 전략의 종가 주문을 뉴욕 시각 15:30~15:50에 보내는데, 그 시간에 실행되는 {jobs}이(가) 없습니다. crontab.example에 매시 40분의 `buy` 줄이 있습니다"

    both(one: &str, other: &str)
        "`{one}` and no `{other}`"
        "`{one}`와 `{other}`"

    finding(file: &Sentence, line: usize, rule: &str, detail: &Sentence, next: &Sentence)
        "{file}:{line}: {rule}: {detail}\n  next: {next}\n"
        "{file}:{line}: {rule}: {detail}\n  조치: {next}\n"

    finding_of_lines(file: &Sentence, line: usize, rule: &str, detail: &Sentence, lines: &str, next: &Sentence)
        "{file}:{line}: {rule}: {detail} (lines {lines})\n  next: {next}\n"
        "{file}:{line}: {rule}: {detail} (줄 {lines})\n  조치: {next}\n"

    bad_line(problem: &Sentence)
        "cron can't start this line: {problem}"
        "cron이 실행할 수 없는 줄입니다. {problem}"

    write_all_fields()
        "write minute, hour, day, month, weekday and the command, or a # before a comment"
        "분, 시, 일, 월, 요일, 명령을 차례로 적으세요. 주석이면 앞에 #을 붙이세요"

    no_newline()
        "the last line has no newline at its end: cron refuses the crontab, or passes the line over"
        "마지막 줄이 줄바꿈으로 끝나지 않습니다. cron이 crontab 전체를 거부하거나 그 줄을 건너뜁니다"

    add_newline()
        "end the last line with a newline"
        "마지막 줄 끝에 줄바꿈을 넣으세요"

    carriage_return()
        "the line ends like a Windows text, and the carriage return becomes part of the command"
        "줄 끝이 Windows 형식이어서 캐리지 리턴이 명령에 붙습니다"

    convert_file()
        "convert the file: `sed -i 's/\\r$//' FILE`"
        "파일을 변환하세요: `sed -i 's/\\r$//' FILE`"

    name_not_read(name: &str)
        "cron reads no file of the name {name}: only letters, digits, - and _ may be in it"
        "cron은 이름이 {name}인 파일을 읽지 않습니다. 이름에는 영문자, 숫자, -, _만 쓸 수 있습니다"

    rename_file()
        "rename it, for example to kis-trade"
        "파일 이름을 바꾸세요. 예: kis-trade"

    not_roots()
        "cron reads a file of this folder only when it is root's and nobody else may write it"
        "cron은 이 디렉터리에서 root 소유이고 다른 사용자가 쓸 수 없는 파일만 읽습니다"

    give_to_root()
        "`chown root:root FILE && chmod 644 FILE`"
        "`chown root:root FILE && chmod 644 FILE`을 실행하세요"

    secret_in_comment()
        "credentials are in a comment, which backups and `crontab -l` show"
        "주석에 인증 정보가 있습니다. 백업과 `crontab -l`에 그대로 보입니다"

    secret_in_crontab()
        "credentials are in the crontab, which backups and `crontab -l` show"
        "crontab에 인증 정보가 있습니다. 백업과 `crontab -l`에 그대로 보입니다"

    secret_in_line()
        "credentials are in the line, which `ps`, logs and `crontab -l` show"
        "명령줄에 인증 정보가 있습니다. `ps`와 로그, `crontab -l`에 그대로 보입니다"

    move_secrets()
        "move them into files that only you can read, credentials.toml for KIS, and get new ones if others could read the crontab"
        "본인만 읽을 수 있는 파일로 옮기세요(KIS는 credentials.toml). 다른 사람이 crontab을 볼 수 있었다면 새로 발급받으세요"

    zone_ignored(name: &str)
        "{name} changes nothing of when Debian's cron starts a job: the machine's own zone counts"
        "데비안의 cron은 {name}을(를) 보지 않고 컴퓨터의 시간대에 따라 작업을 시작합니다"

    remove_zone()
        "remove it, and let the jobs run round the clock: kis-trade knows New York's hours"
        "그 줄을 지우고 작업을 24시간 내내 실행하세요. 뉴욕 장 시간은 kis-trade가 알고 있습니다"

    example_address()
        "MAILTO is the address of the example: nobody reads what is mailed there"
        "MAILTO가 예제의 주소 그대로입니다. 그 주소로 간 메일은 아무도 읽지 않습니다"

    write_own_address()
        "write your own address"
        "본인의 메일 주소를 적으세요"

    relative_folder_in_path()
        "PATH holds a folder that is not absolute"
        "PATH에 절대 경로가 아닌 디렉터리가 있습니다"

    write_folders_from_root()
        "write every folder of PATH from the root, such as /usr/local/bin:/usr/bin:/bin"
        "/usr/local/bin:/usr/bin:/bin처럼 PATH의 디렉터리를 모두 절대 경로로 적으세요"

    value_as_written(name: &str)
        "cron takes the value of {name} as it is written, $ and ~ too"
        "cron은 {name}의 값을 적힌 그대로 씁니다. $와 ~도 풀어 주지 않습니다"

    write_value_out()
        "write the value out"
        "값을 풀어서 적으세요"

    comment_in_value(name: &str)
        "what looks like a comment is part of the value of {name}"
        "주석처럼 보이는 부분도 {name}의 값에 들어갑니다"

    move_comment()
        "put the comment on a line of its own"
        "주석은 따로 한 줄에 적으세요"

    no_job()
        "no line starts kis-trade"
        "kis-trade를 실행하는 줄이 없습니다"

    take_example()
        "take the lines of crontab.example"
        "crontab.example의 줄을 옮겨 적으세요"

    no_sell()
        "buy is started, and sell is not: nothing takes profits or cuts losses"
        "buy는 있지만 sell이 없습니다. 익절도 손절도 이루어지지 않습니다"

    add_sell()
        "add a line for sell, every 30 minutes"
        "sell을 30분마다 실행하는 줄을 넣으세요"

    no_cleanup()
        "cleanup is not started: stale orders stay open"
        "cleanup이 없습니다. 오래된 주문이 미체결로 남습니다"

    add_cleanup()
        "add a line for cleanup, every 10 minutes"
        "cleanup을 10분마다 실행하는 줄을 넣으세요"

    same_minute(job: &str, line: usize, at: &str)
        "{job} is started in the same minute as by line {line}, for example at {at}"
        "{job}이(가) {line}번째 줄과 같은 분에 시작됩니다(예: {at})"

    keep_one()
        "remove one of the two lines, or change its minutes"
        "두 줄 중 하나를 지우거나 분을 바꾸세요"

    shared_minute(job: &str, other: &str, line: usize, at: &str)
        "{job} shares a minute with {other} of line {line}, for example {at}: one waits for the other"
        "{job}이(가) {line}번째 줄의 {other}과(와) 같은 분에 시작됩니다(예: {at}). 하나가 다른 하나를 기다리게 됩니다"

    give_own_minutes()
        "give each job minutes of its own, as crontab.example does"
        "crontab.example처럼 작업마다 분을 다르게 정하세요"

    never_in_session(job: &str, session: &Sentence)
        "{job} never runs while the market is open; the session of {session}"
        "{job}이(가) 정규장 동안 한 번도 실행되지 않습니다. 예: {session}"

    uneven(job: &str, often: Times, best: &Sentence, seldom: Times, worst: &Sentence)
        "{job} runs {often} in the session of {best}, and {seldom} in that of {worst}"
        "{job}이(가) {best} 장에서는 {often}, {worst} 장에서는 {seldom} 실행됩니다"

    session(weekday: Day, date: chrono::NaiveDate, opens_on: Day, opens_at: &str, closes_on: Day, closes_at: &str)
        "{weekday} {date} ({opens_on} {opens_at} to {closes_on} {closes_at} here)"
        "{date}({weekday}, 이 컴퓨터 시각 {opens_on} {opens_at}~{closes_on} {closes_at})"

    run_round_the_clock()
        "start it round the clock (* for the hour and the days): kis-trade knows New York's hours, holidays and daylight saving"
        "시와 날짜 칸에 *를 적어 24시간 내내 실행하세요. 뉴욕의 장 시간, 휴장일, 서머타임은 kis-trade가 알고 있습니다"
}

#[cfg(test)]
crate::language::samples! {
    Day => Day(chrono::Weekday::Wed),
}
