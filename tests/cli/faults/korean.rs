//! Each way to fail, in Korean: what happened, why, and what to do, without an English sentence.

use std::fs::{self, File};

use chrono::TimeDelta;
use serde_json::json;

use crate::support::harness::{Run, World};
use crate::support::korean::english_in;
use crate::support::renewals::with_due_token;

/// English that is meant to stand in Korean text: a command beside a mode, and configuration keys.
const MEANT: [&str; 6] = ["token-check [", "buy [", "sell [", "cleanup [", "status [", "[buy] watch"];

fn korean(mut world: World) -> World {
    world.set("language", "\"ko\"");
    world
}

/// One pick, which fell.
fn world() -> World {
    let mut world = korean(World::paper());
    world.set("buy.watch", r#"["NASD:AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world
}

/// The run failed like this and said each of these; nothing of it is English.
fn assert_said(run: &Run, code: i32, said: &[&str]) {
    let Run { stdout, stderr, .. } = run;
    assert_eq!(run.code, code, "{stdout}{stderr}");
    let text = format!("{stdout}{stderr}");
    assert_eq!(english_in(&text, &MEANT), Vec::<String>::new(), "{text}");
    for words in said {
        assert!(text.contains(words), "{words:?} is not said in {text}");
    }
}

#[test]
fn a_damaged_journal_65() {
    let world = world();
    assert_eq!(world.run(&["buy"]).code, 0);
    let path = world.files.journal_path();
    let damaged = fs::read_to_string(&path).unwrap().replacen("\"symbol\":\"AAPL\"", "\"symbol\":\"AAPX\"", 1);
    fs::write(&path, damaged).unwrap();
    let said = [
        &format!("주문 일지 {}을 읽을 수 없습니다", path.display()),
        "바이트 위치의 줄을 믿을 수 없습니다: 체크섬이 맞지 않습니다",
        "매매하지 않았고 파일은 그대로 두었습니다. KIS의 주문내역과 비교한 뒤 백업으로 되돌리거나 다른 곳으로 옮기세요",
    ];
    assert_said(&world.run(&["sell"]), 65, &said);
}

#[test]
fn a_damaged_state_file_65() {
    let world = world();
    assert_eq!(world.run(&["token-check"]).code, 0);
    for (text, cause) in [
        ("{", "1행 1열에서 내용이 끊겼습니다"),
        ("{\"version\":1}", "`account_print` 항목이 없습니다"),
        ("{}", "파일에 버전이 없습니다"),
        ("{\"version\":9}", "파일의 버전은 9인데 이 프로그램은 1까지만 읽습니다"),
    ] {
        fs::write(world.files.state("account.json"), text).unwrap();
        assert_said(&world.run(&["sell"]), 65, &["account.json을 읽을 수 없습니다", cause]);
    }
}

#[test]
fn an_unreachable_gateway_69() {
    let mut world = world();
    world.set("gateway.base_url", "\"http://127.0.0.1:9\"");
    let said = [
        "쓸 수 있는 접근토큰이 없습니다",
        "KIS에 연결할 수 없습니다: 연결이 거부되었습니다. 그 주소에 서버가 없거나 방화벽이 막고 있습니다",
        "[gateway] base_url을 확인하고, 방화벽이 openapivts.koreainvestment.com의 29443 포트를 막지 않는지 확인하세요",
    ];
    assert_said(&world.run(&["token-check"]), 69, &said);
}

#[test]
fn an_answer_that_is_nonsense_69() {
    for (kind, cause) in [
        ("html", "응답이 KIS가 보내는 JSON이 아닙니다(1행 1열)"),
        ("empty", "응답이 비어 있습니다"),
        ("truncated", "응답을 다 보내기 전에 서버가 연결을 끊었습니다"),
    ] {
        let world = world();
        world.sim.fault("ccnl", kind, json!({ "times": 9 }));
        assert_said(&world.run(&["sell"]), 69, &["당일 주문내역을 조회할 수 없습니다", cause]);
    }
}

#[test]
fn a_wrong_clock_71() {
    let mut world = world();
    assert_eq!(world.run(&["token-check"]).code, 0);
    world.now -= TimeDelta::hours(1);
    let said = [
        "이 컴퓨터의 시계를 믿을 수 없습니다",
        "(허용 ±",
        "시계를 맞추세요(예: `timedatectl set-ntp true`). 그때까지 주문을 보내지 않습니다",
    ];
    assert_said(&world.run(&["cleanup"]), 71, &said);
}

#[test]
fn a_state_directory_that_cannot_be_written_74() {
    let mut world = world();
    world.set("state_dir", "\"/proc/kis-trade\"");
    let said = [
        "상태 디렉터리 /proc/kis-trade를 쓸 수 없습니다",
        "파일이나 디렉터리가 없습니다",
        "이 사용자가 쓸 수 있게 하세요. 다른 디렉터리로 바꾸는 것(--state-dir)은 주문을 낸 적이 없을 때만 괜찮습니다",
    ];
    assert_said(&world.run(&["sell"]), 74, &said);
}

#[test]
fn a_page_that_cannot_be_written_74() {
    let world = world();
    let page = world.files.path("nowhere/status.html");
    let said = [
        &format!("페이지 {}을 저장하지 못했습니다", page.display()),
        "쓸 수 있는 폴더의 파일을 지정하세요. 나머지 일은 모두 마쳤습니다",
    ];
    let run = world.run(&["-q", "status", "--html", page.to_str().unwrap()]);
    assert_said(&Run { stdout: String::new(), ..run }, 74, &said);
}

#[test]
fn a_busy_lock_75() {
    let mut world = world();
    world.set("lock.wait_seconds", "0");
    assert_eq!(world.run(&["cleanup"]).code, 0);
    let lock = File::options().read(true).write(true).open(world.files.state("account.lock")).unwrap();
    lock.lock().unwrap();
    let said = [
        "account.lock 파일을 잠그고 있습니다",
        "다른 실행이 끝날 때까지 기다리세요. 다음 실행이 알아서 다시 시도합니다",
    ];
    assert_said(&world.run(&["sell"]), 75, &said);
}

#[test]
fn keys_that_are_refused_77() {
    let mut world = world();
    world.env("KIS_APP_SECRET", &"x".repeat(180));
    let said = [
        "앱키나 앱시크릿이 거부되었습니다: EGW00105",
        "앱키와 앱시크릿, `mode`를 확인하세요. 모의와 실전은 앱키가 다릅니다",
    ];
    assert_said(&world.run(&["token-check"]), 77, &said);
}

#[test]
fn the_state_of_another_account_78() {
    let mut world = world();
    assert_eq!(world.run(&["buy"]).code, 0);
    world.env("KIS_ACCOUNT_NO", "12345678-01");
    let said = [
        "다른 계좌 또는 다른 mode의 것입니다",
        "디렉터리는 계좌 ",
        "계좌와 mode마다 상태 디렉터리를 따로 쓰세요(--state-dir)",
    ];
    assert_said(&world.run(&["sell"]), 78, &said);
}

#[test]
fn trading_halted_80() {
    let world = world();
    assert_eq!(world.run(&["token-check"]).code, 0);
    fs::write(world.files.state("HALT"), "").unwrap();
    assert_said(&world.run(&["buy"]), 80, &["HALT 파일이 있습니다"]);
}

#[test]
fn an_order_without_a_known_outcome_81() {
    let world = world();
    world.sim.fault("order", "drop_before", json!({}));
    let said = [
        "결과가 확정되지 않은 주문이 있습니다: 20230524-0001(AAPL 21주 매수)",
        "`kis-trade status`로 확인하세요. 다음 실행이 계속 조회합니다. 결과가 확정될 때까지 직접 주문하지 마세요",
    ];
    assert_said(&world.run(&["buy"]), 81, &said);
}

#[test]
fn a_token_that_is_not_renewed_is_warned_of() {
    let world = korean(with_due_token());
    world.sim.fault(
        "tokenP",
        "code",
        json!({ "code": "EGW00133", "message": "접근토큰 발급 잠시 후 다시 시도하세요" }),
    );
    let said = ["접근토큰을 갱신하지 못해 기존 접근토큰을 씁니다: 접근토큰은 1분에 한 번만 발급됩니다: "];
    assert_said(&world.run(&["token-check"]), 0, &said);
}

#[test]
fn a_token_file_that_tells_nothing_is_kept_and_named() {
    let mut world = world();
    assert_eq!(world.run(&["token-check"]).code, 0);
    fs::write(world.files.state("api_token.json"), "[]").unwrap();
    // KIS issues one token a minute.
    world.advance(66);
    let said = [
        "api_token.json을 사용할 수 없어 api_token.json.bad-20230524T1431",
        "로 옮겨 두었습니다: JSON 객체가 아닙니다",
    ];
    assert_said(&world.run(&["token-check"]), 0, &said);
}

#[test]
fn files_around_the_journal_are_warned_of() {
    let mut world = world();
    world.sim.control("POST", "/fills", json!({ "mode": "at_once" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    let journal = world.files.journal_path();
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, format!("{text}{{\"v\":1,\"seq\"")).unwrap();
    fs::write(world.files.state("trades.csv"), "symbol;price\n").unwrap();
    world.advance(70);
    let said = [
        "비정상 종료로 주문 일지의 마지막 줄이 잘렸습니다. 잘린 12바이트는 journal.torn-",
        "trades.csv는 열 구성이 다릅니다. 이 파일을 kis-trade가 쓰는 열과 쉼표가 있는 UTF-8 텍스트로 저장하거나",
    ];
    assert_said(&world.run(&["cleanup"]), 0, &said);
}

#[test]
fn a_decision_that_cannot_be_true_2() {
    let world = world();
    for (settle, what) in [
        ("20230524-0001=absent", "주문 의도 20230524-0001은 확인이 필요한 주문이 아닙니다"),
        ("price=AAPL", "AAPL은 액면분할·병합 의심으로 보류된 종목이 아닙니다"),
        ("foreign=0000040850", "주문번호 0000040850은 오늘의 외부 주문이 아닙니다"),
    ] {
        assert_said(&world.run(&["cleanup", "--settle", settle]), 2, &[what]);
    }
}
