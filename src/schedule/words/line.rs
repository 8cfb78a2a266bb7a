//! What can be wrong with one line of a crontab, in both languages.

use std::fmt::Display;

use crate::language::{Language, Say, Sentence, sentences};
use crate::schedule::times::Field;

#[cfg(test)]
crate::language::samples! {
    &'static Field => &crate::schedule::times::FIELDS[0],
}

impl Say for Field {
    fn say(&self, language: Language) -> impl Display {
        if language == Language::Korean { self.korean } else { self.name }
    }
}

sentences! {
    percent()
        "a % ends the command, and the rest of the line becomes its standard input"
        "% 앞에서 명령이 끝나고 나머지는 표준 입력으로 들어갑니다"

    escape_percent()
        "write \\% for each %"
        "%를 모두 \\%로 적으세요"

    user_field()
        "a user is named where the command begins, and cron would run it as a program"
        "명령 자리에 사용자 이름이 있어서 cron이 그 이름의 프로그램을 실행하려고 합니다"

    remove_user()
        "remove it: only /etc/crontab and /etc/cron.d have a field for the user"
        "사용자 이름을 지우세요. 사용자 칸은 /etc/crontab과 /etc/cron.d에만 있습니다"

    arguments_refused(why: &Sentence)
        "kis-trade does not take these arguments: {why}"
        "kis-trade가 받지 않는 인자입니다. {why}"

    arguments_refused_untold()
        "kis-trade does not take these arguments"
        "kis-trade가 받지 않는 인자입니다"

    try_by_hand()
        "see `kis-trade --help`, and try the line by hand"
        "`kis-trade --help`를 확인하고 그 줄을 직접 실행해 보세요"

    no_path()
        "PATH is not set above the line: cron's own is /usr/bin:/bin"
        "이 줄 위에 PATH가 없습니다. cron의 기본값은 /usr/bin:/bin입니다"

    set_path()
        "set PATH=/usr/local/bin:/usr/bin:/bin above the first job"
        "첫 작업 위에 PATH=/usr/local/bin:/usr/bin:/bin을 적으세요"

    looked_for_at_home(what: &Sentence)
        "{what} is looked for in the home directory, where cron starts every job"
        "cron은 작업을 홈 디렉터리에서 시작하므로 {what}의 상대 경로도 거기에서 찾습니다"

    the_program()
        "the program"
        "프로그램"

    the_configuration()
        "the configuration, ./config.toml without --config,"
        "설정 파일(--config가 없으면 ./config.toml)"

    the_page()
        "the page of --html"
        "--html 페이지"

    the_output()
        "the file that output goes to"
        "출력 파일"

    write_from_root()
        "write the path from the root"
        "절대 경로로 적으세요"

    bash_redirect()
        "only bash knows &>, >& FILE and |&: cron's shell starts the job in the background, where its output is lost, or not at all"
        "&>, >& FILE, |&는 bash에서만 통합니다. cron의 셸은 작업을 백그라운드로 시작해 출력을 잃거나 아예 시작하지 않습니다"

    write_posix_redirect()
        "write >> FILE 2>&1, or 2>&1 | PROGRAM"
        "`>> FILE 2>&1` 또는 `2>&1 | PROGRAM`으로 적으세요"

    noisy()
        "every success is mailed, which hides the failures"
        "성공할 때마다 메일이 와서 실패를 놓치기 쉽습니다"

    be_quiet()
        "add -q, or send standard output to a file"
        "-q를 붙이거나 표준 출력을 파일로 보내세요"

    unheard()
        "no failure is ever seen: standard error goes nowhere"
        "표준 오류가 버려져서 실패해도 알 수 없습니다"

    keep_errors()
        "leave standard error to cron's mail, or append it to a file that you read"
        "표준 오류를 cron의 메일로 받거나, 자주 확인하는 파일에 덧붙이세요"

    no_mailto()
        "MAILTO is not set above the line: failures go to the local mailbox of the crontab's owner"
        "이 줄 위에 MAILTO가 없습니다. 실패 메일이 crontab 소유자의 로컬 메일함으로 갑니다"

    set_mailto()
        "set MAILTO to an address that you read"
        "MAILTO에 평소 확인하는 메일 주소를 적으세요"

    no_program(program: &str)
        "there is no program {program}"
        "{program}(이)라는 프로그램이 없습니다"

    write_program(path: &str)
        "write the path of the program: {path}"
        "프로그램의 경로를 적으세요: {path}"

    example_config(path: &str)
        "the configuration {path} is the example's path, and no file is there"
        "설정 파일 경로 {path}은(는) 예제의 경로이고, 그 자리에 파일이 없습니다"

    no_config(path: &str)
        "the configuration {path} is not there"
        "설정 파일 {path}이(가) 없습니다"

    write_config()
        "write the path of your config.toml"
        "본인의 config.toml 경로를 적으세요"

    no_folder(folder: &str)
        "output goes to a file in {folder}, which is not there: the shell starts nothing then"
        "출력을 보낼 디렉터리 {folder}이(가) 없습니다. 이러면 셸이 아무것도 실행하지 않습니다"

    make_folder()
        "make the folder, or write the path of another one"
        "디렉터리를 만들거나 다른 경로를 적으세요"

    no_command()
        "it has no command"
        "명령이 없습니다"

    command_too_long(length: usize, most: usize)
        "its command has {length} bytes, and cron takes {most} at most"
        "명령이 {length}바이트입니다. cron은 {most}바이트까지만 받습니다"

    unknown_nickname()
        "cron knows no such @word"
        "cron에 없는 @단어입니다"

    unknown_nickname_shown(word: &str)
        "cron knows no {word}"
        "cron에 {word}(이)라는 말은 없습니다"

    runs_backwards(field: &Field, range: &str)
        "its {field} {range} runs backwards and matches nothing"
        "{field} {range}은(는) 순서가 거꾸로여서 맞는 때가 없습니다"

    field_missing(field: &Field)
        "its {field} is missing"
        "{field} 칸이 없습니다"

    step_without_range(field: &Field, first: u32, most: u32, step: &str)
        "its {field} has a step without a range: write {first}-{most}/{step}"
        "{field} 칸에 범위 없이 간격만 있습니다. {first}-{most}/{step}(으)로 적으세요"

    field_too_long(field: &Field, length: usize)
        "its {field} can't be a text of {length} characters"
        "{field} 칸에 {length}자짜리 글을 쓸 수 없습니다"

    bad_field(field: &Field, text: &str)
        "its {field} can't be \"{text}\""
        "{field} 칸에 \"{text}\"을(를) 쓸 수 없습니다"
}
