//! What a page says: the numbers of JSON, each language, and the same whether or not KIS answers.

use serde_json::json;

use super::lived_in::lived_in;
use super::{grouped, page, words};
use crate::support::harness::World;
use crate::support::korean::english_in;

#[test]
fn the_page_shows_the_numbers_of_json() {
    let mut world = World::real();
    world.set("buy.watch", r#"["AAPL", "AMZN"]"#).set("buy.picks", "1");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("AMZN", "107.5", "105");
    world.sim.hold("AMZN", 5, "100");
    world.sim.hold("TSLA", 2, "190");
    world.sim.price("TSLA", "180", "179");
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    assert_eq!(world.run(&["buy"]).code, 0);
    assert_eq!(world.run(&["sell"]).code, 0);
    let object = world.json(0, &["status"]);
    let text = words(&page(&world, 0));
    for key in ["cash_usd", "buying_power_usd", "positions_usd", "total_usd"] {
        assert!(text.contains(&grouped(&object["account"][key])), "{key} of {object:#}\n{text}");
    }
    assert!(text.contains("Positions 897.50 Open buys 1,995.00"), "{text}");
    let header = "REAL Orders spend real money. kis-trade account ****0001-01 As of 2023-05-24 10:30 EDT, 23:30 KST";
    assert!(text.starts_with(header), "{text}");
    for part in [
        "AMZN 아마존닷컴 · NASD 5 0 sellable 100.00 107.50 – 537.50 5.0 % +37.50 ▲ +7.50 %",
        "NASD · not managed 2 190.00 180.00 – 360.00 3.3 % −20.00 ▼ −5.26 %",
        "Sum – 897.50 8.3 % +17.50 ▲ +1.99 %",
        "buy 21 AAPL at 95.00",
        "accepted sent 10:30 EDT / 23:30 KST",
        "Last runs: none failed, the latest 10:30 EDT",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for command in ["buy", "sell"] {
        let reasons = &object["reasons"][command];
        assert!(text.contains(reasons["detail"].as_str().unwrap()), "{command}: {reasons:#}\n{text}");
        for line in reasons["lines"].as_array().unwrap() {
            let told = line["detail"].as_str().unwrap().replace('\'', "&#39;");
            assert!(text.contains(&told), "{told:?}\n{text}");
        }
    }
    for word in ["fell_most", "exit 0", "take_profit"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_pages_profit_is_that_of_status_however_the_journal_was_read() {
    let mut world = lived_in();
    world.set("fees.percent", "0.3");
    let profit = world.json(0, &["status", "--profit"])["profit"].clone();
    let text = words(&page(&world, 0));
    let signed = |key: &str| match grouped(&profit[key]) {
        loss if loss.starts_with('−') => loss,
        gain => format!("+{gain}"),
    };
    assert!(profit["sells"].as_u64() > Some(1), "the scene sells: {profit:#}");
    let expected = format!(
        "Realised {} Fees, estimated −{} Unrealised {}",
        signed("realised_usd"),
        grouped(&profit["fees_estimated_usd"]),
        signed("unrealised_usd")
    );
    assert!(text.contains(&expected), "{expected}: {text}");
    assert!(text.contains(&format!("{} of {} sells", profit["wins"], profit["sells"])), "{profit:#} {text}");
    // Pages were made on the way, each of which read on; a page that reads all of it anew says the same.
    assert!(world.files.state("fills.json").is_file());
    for content in [
        None,
        Some("{"),
        Some(
            "{\"version\":1,\"place\":{\"month\":\"2023-05\",\"offset\":77},\"settled\":{\"months\":{},\"dates\":{},\"trades\":[]}}",
        ),
    ] {
        std::fs::remove_file(world.files.state("fills.json")).unwrap();
        content.into_iter().for_each(|content| std::fs::write(world.files.state("fills.json"), content).unwrap());
        let again = words(&page(&world, 0));
        assert!(again.contains(&expected) && trades(&again) == trades(&text), "{content:?}: {again}");
    }
}

/// The list of the latest trades.
fn trades(text: &str) -> &str {
    let (_, trades) = text.split_once("Latest trades").unwrap();
    trades.split_once("Orders of today&#39;s session").unwrap().0
}

#[test]
fn a_korean_page_is_korean() {
    let mut world = World::real();
    world.set("language", "\"ko\"").set("buy.watch", r#"["AAPL", "AMZN", "META"]"#).set("buy.picks", "1");
    world.sim.price("AAPL", "95", "100");
    world.sim.price("META", "241", "240");
    world.sim.price("AMZN", "107.5", "105");
    world.sim.hold("AMZN", 5, "100");
    world.sim.hold("TSLA", 2, "190");
    world.sim.price("TSLA", "180", "179");
    assert_eq!(world.run(&["buy"]).code, 0);
    assert_eq!(world.run(&["sell"]).code, 0);
    std::fs::write(world.files.state("HALT"), "실적 발표 대기").unwrap();
    world.run(&["status"]);
    let html = page(&world, 0);
    assert!(html.starts_with("<!doctype html>\n<html lang=\"ko\">"), "{html}");
    let text = words(&html);
    assert!(
        text.starts_with("실전 실제 돈으로 주문합니다. kis-trade 계좌 ****0001-01 2023-05-24 23:30 기준(현지 10:30)"),
        "{text}"
    );
    for part in ["매매 중지(HALT): 실적 발표 대기", "AAPL 21주 매수", "보유 종목", "최근 체결", "평균단가"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("▼ −5.26% ") && !text.contains(" %") && !text.contains("\u{a0}%"), "{text}");
    assert_eq!(english_in(&spoken(&html)), [""; 0], "{text}");
    world.set("language", "\"en\"");
    assert!(english_in(&spoken(&page(&world, 0))).len() > 10, "the test would find English");
}

/// What people read or hear, attributes included: a line a piece, code in backquotes.
fn spoken(html: &str) -> String {
    let (_, body) = html.split_once("<body>").unwrap();
    let attributes = ["data-label=\"", "aria-label=\"", "content=\""].map(|name| body.split(name).skip(1));
    let attributes = attributes.into_iter().flatten().filter_map(|rest| rest.split('"').next());
    let body = body.replace("<code>", "`").replace("</code>", "`");
    let texts = body.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    texts.chain(attributes).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_reached_limit_is_shown_beside_the_last_buy_and_raises_no_alarm() {
    // A limit under the price of one share keeps the symbol from ever being bought: nothing has reached it.
    for (key, most, held, is_reached) in [
        ("max_position_usd", "900", 10, true),
        ("max_position_usd", "90", 0, false),
        ("max_buy_usd_per_day", "100", 0, true),
        ("max_buy_usd_per_day", "90", 0, false),
    ] {
        let mut world = World::paper();
        world.set("buy.watch", r#"["AAPL"]"#).set(&format!("limits.{key}"), most);
        world.sim.price("AAPL", "95", "100");
        if held > 0 {
            world.sim.hold("AAPL", held, "100");
        }
        // The first may buy a share.
        for _ in 0..3 {
            assert_eq!(world.run(&["buy"]).code, 0);
            world.advance(61);
        }
        let lasts = &world.json(0, &["status"])["standing"];
        assert_eq!(lasts[0]["sessions"], 1, "{key} {most}: {lasts:#}");
        let text = words(&page(&world, 0));
        let limit = if key == "max_position_usd" { "position limit" } else { "day limit" };
        let quiet = format!("Limit reached: {limit} since 10:3");
        assert_eq!(text.contains(&quiet), is_reached, "{key} {most}: {text}");
        assert_eq!(text.contains("Needs attention"), !is_reached, "{key} {most}: {text}");
        world.set("language", "\"ko\"");
        let korean = words(&page(&world, 0));
        assert_eq!(korean.contains("한도 도달: "), is_reached, "{key} {most}: {korean}");
    }
}

#[test]
fn a_page_is_written_when_kis_cannot_be_read() {
    let mut world = World::paper();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world.run(&["status"]);
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    world.sim.fault("*", "html", json!({ "times": 99 }));
    let text = words(&page(&world, 69));
    for part in [
        "This run failed:",
        "Account total unknown last known: 9,900.00 USD at 10:30 EDT",
        "The balance could not be read.",
        "KIS&#39;s list could not be read",
        "Orders without a known outcome",
        "Outcome unknown: buy 21 AAPL (20230524-0001); place no order for it by hand until it is resolved",
        "20230524-0001 buy 21 AAPL 95.00",
        "Last runs: failed: buy",
        "failed order outcome unknown",
        "AAPL among those that fell most fell 5.00 % from yesterday&#39;s close; buy 21 @ 95.00 unknown",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
