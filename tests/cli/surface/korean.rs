//! Every command in Korean: what people read has no English sentence in it.

use serde_json::json;

use crate::support::harness::{EVENING, Mode, Run, World};
use crate::support::korean::english_in;

/// One run in Korean: its world, its arguments, its exit code, and ends of lines that it prints.
struct Scene {
    name: &'static str,
    world: fn() -> World,
    arguments: &'static [&'static str],
    code: i32,
    lines: &'static [&'static str],
}

const SCENES: &[Scene] = &[
    Scene {
        name: "a token is renewed",
        world,
        arguments: &["token-check"],
        code: 0,
        lines: &["token-check [모의]: 접근토큰 갱신됨: 2023-05-25 23:30:00 KST까지 23시간 59분 남음"],
    },
    Scene {
        name: "nothing to sell",
        world,
        arguments: &["sell"],
        code: 0,
        lines: &["sell [모의]: 할 일 없음(no_position): 보유 종목이 없습니다"],
    },
    Scene {
        name: "closed",
        world: evening,
        arguments: &["buy"],
        code: 0,
        lines: &["buy [모의]: 할 일 없음(market_closed): 다음 거래일은 2023-05-25입니다"],
    },
    Scene {
        name: "a real account",
        world: real,
        arguments: &["cleanup"],
        code: 0,
        lines: &["cleanup [실전]: 할 일 없음(nothing_to_cancel): 취소할 때가 된 미체결 주문이 없습니다"],
    },
    Scene {
        name: "a buy",
        world,
        arguments: &["buy"],
        code: 0,
        lines: &[
            "buy [모의]: 주문 1건 중 1건 접수",
            "  AAPL  fell_most  전일 종가 대비 5.00% 하락 · 매수 21주 @ $95.00 접수(0000040840)",
        ],
    },
    Scene {
        name: "a buy with what was passed over",
        world,
        arguments: &["buy", "-v"],
        code: 0,
        lines: &[
            "  AAPL  fell_most          전일 종가 대비 5.00% 하락 · 매수 21주 @ $95.00 접수(0000040840)",
            "  AMZN  decline_too_small  1.00% 상승(현재가 $101.00). 0% 넘게 하락해야 합니다",
        ],
    },
    Scene {
        name: "a dry run",
        world,
        arguments: &["buy", "--dry-run"],
        code: 0,
        lines: &[
            "buy [모의]: 연습 실행, 보낼 주문 1건",
            "  AAPL  fell_most  전일 종가 대비 5.00% 하락 · 매수 21주 @ $95.00 주문 예정",
        ],
    },
    Scene {
        name: "a rejected order",
        world: rejecting,
        arguments: &["buy"],
        code: 1,
        lines: &[
            "kis-trade buy [모의]: AAPL 21주 매수(지정가 $95.00): 40250000 주문가능금액이 부족합니다",
            "매수 21주 @ $95.00 거부: 40250000 주문가능금액이 부족합니다",
            "  조치: 지금은 어떤 주문도 같은 결과이므로 더 시도하지 않았습니다. 다음 실행에서 하나만 시도합니다",
        ],
    },
    Scene {
        name: "halted",
        world: halted,
        arguments: &["buy"],
        code: 80,
        lines: &["kis-trade buy [모의, halted]: 장부 점검"],
    },
    Scene {
        name: "a sell",
        world: invested,
        arguments: &["sell", "-v"],
        code: 0,
        lines: &[
            "sell [모의]: 주문 1건 중 1건 접수",
            "  AAPL  애플        take_profit  평균단가 $80.00 대비 수익률 18.75% · 매도 10주 @ $95.00 접수(0000040840)",
            "  AMZN  아마존닷컴  hold         수익률 1.00%(익절 5%, 손절 -15%)",
            "  TSLA  테슬라      not_managed  2주, [buy] watch에 없는 종목입니다",
        ],
    },
    Scene {
        name: "an order that is too young",
        world: with_open_order,
        arguments: &["cleanup", "-v"],
        code: 0,
        lines: &["  AAPL  too_young  매수 21주 @ $95.00(0000040840), 5분 경과(20분이 지나면 취소)"],
    },
    Scene {
        name: "an order that is cancelled",
        world: with_old_order,
        arguments: &["cleanup"],
        code: 0,
        lines: &[
            "cleanup [모의]: 취소 1건, 결과 확정 1건, 유지 0건",
            "  AAPL  취소  매수 미체결 21주(0000040840)",
            "  AAPL  취소  매수 21주 @ $95.00, 체결 0주(20230524-0001)",
        ],
    },
    Scene {
        name: "status of an empty account",
        world,
        arguments: &["status", "--profit"],
        code: 0,
        lines: &[
            "모의  계좌 ****0001-01",
            "시장      정규장, 거래일 2023-05-24",
            "계좌      예수금 $9,900.00  주문 가능 $9,900.00  평가금액 $0.00  총자산 $9,900.00",
            "보유 종목: 없음",
            "손익: 아직 체결이 없습니다",
            "  실현손익 $0.00  수수료 $0.00  평가손익 $0.00  합계 $0.00",
            "미체결 주문: 없음",
            "결과가 확정되지 않은 주문: 없음",
            "최근 실행: 없음",
        ],
    },
    Scene {
        name: "status with positions, an open order and a last run",
        world: with_everything,
        arguments: &["status", "--profit"],
        code: 0,
        lines: &[
            "보유 종목",
            "  종목     거래소  보유수량  매도가능    평균단가      현재가    수익률",
            "  AMZN     NASD          10        10     $100.00      $95.00    -5.00%  아마존닷컴",
            "애플",
            "테슬라      관리 대상 아님",
            "2023-05-24 이후 손익(kis-trade 주문의 체결 기준, 이익 건수는 수수료 차감 전, 수수료는 편도 0.25%로 추정)",
            "  월          실현손익  매도 건수  이익 건수",
            "  2023-05      $150.00          1          1",
            "  종목        실현손익  매도 건수  이익 건수",
            "미체결 주문",
            "최근 실행",
            "  종료 코드 0   완료",
            " sell 판단: 주문 1건 중 1건 접수",
        ],
    },
    Scene {
        name: "a test message without a target",
        world,
        arguments: &["status", "--test-notify"],
        code: 78,
        lines: &["kis-trade status [모의]: 테스트 메시지를 보낼 곳이 없습니다"],
    },
];

#[test]
fn no_command_says_an_english_sentence() {
    let mut wrong = Vec::new();
    for Scene { name, world, arguments, code, lines } in SCENES {
        let run = world().run(arguments);
        let text = people_read(&run);
        if run.code != *code {
            wrong.push(format!("{name} ends with {}:\n{text}", run.code));
        }
        let lacks = |line: &&&str| !text.lines().any(|said| said.ends_with(**line));
        wrong.extend(lines.iter().filter(lacks).map(|line| format!("{name}: no line ends with\n{line}\nin\n{text}")));
        wrong.extend(english_in(&text).iter().map(|phrase| format!("{name} says {phrase:?}:\n{text}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// For scripts, and for people who help each other: but for names, a person's words and KIS's, nothing of it is Korean.
#[test]
fn json_stays_english() {
    const THEIRS: [&str; 5] = ["애플", "아마존닷컴", "테슬라", "주문가능금액이 부족합니다", "장부 점검"];
    for Scene { name, world, arguments, code, .. } in SCENES {
        let object = world().json(*code, arguments).to_string();
        let ours = THEIRS.iter().fold(object.clone(), |text, theirs| text.replace(theirs, ""));
        let is_korean = |letter: char| ('가'..='힣').contains(&letter);
        assert!(!ours.contains(is_korean), "{name}: {object}");
    }
}

/// Both outputs without the log, which is English.
fn people_read(run: &Run) -> String {
    let text = format!("{}{}", run.stdout, run.stderr);
    let is_log = |line: &&str| line.get(10..11) == Some("T") && line.contains("Z ");
    text.lines().filter(|line| !is_log(line)).map(|line| format!("{line}\n")).collect()
}

fn in_korean(mut world: World) -> World {
    world.set("language", "\"ko\"").set("buy.watch", r#"["AAPL", "AMZN"]"#);
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "101", "100");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world
}

fn world() -> World {
    in_korean(World::paper())
}

fn real() -> World {
    in_korean(World::real())
}

fn evening() -> World {
    in_korean(World::new(Mode::Paper, EVENING))
}

fn rejecting() -> World {
    let world = world();
    world.sim.fault(
        "order",
        "reject",
        json!({ "code": "40250000", "message": "주문가능금액이 부족합니다", "times": 9 }),
    );
    world
}

fn halted() -> World {
    let world = world();
    assert_eq!(world.run(&["token-check"]).code, 0);
    std::fs::write(world.files.state("HALT"), "장부 점검\n").unwrap();
    world
}

fn invested() -> World {
    let world = world();
    world.sim.hold("AAPL", 10, "80");
    world.sim.hold("AMZN", 10, "100");
    world.sim.hold("TSLA", 2, "150");
    world
}

fn with_open_order() -> World {
    let mut world = world();
    assert_eq!(world.run(&["buy"]).code, 0);
    world.advance(5 * 60 + 30);
    world
}

fn with_old_order() -> World {
    let mut world = with_open_order();
    world.advance(20 * 60);
    world
}

/// A sell that filled, a buy that did not, and holdings.
fn with_everything() -> World {
    let world = invested();
    assert_eq!(world.run(&["sell"]).code, 0);
    let order = world.sim.orders()[0]["order_id"].clone();
    world.sim.control("POST", "/orders/fill", json!({ "order_id": order, "quantity": 10 }));
    assert_eq!(world.run(&["cleanup"]).code, 0);
    world.sim.hold("AAPL", 3, "90");
    world.sim.price("AMZN", "95", "100");
    assert_eq!(world.run(&["buy"]).code, 0);
    world
}
