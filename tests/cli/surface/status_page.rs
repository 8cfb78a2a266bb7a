//! `status --html`: one page in one file, read as text, and looked at in a browser, dark and light, on a phone and a desk.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, Timelike, Utc};
use serde_json::{Value, json};

use crate::support::harness::{Mode, World};

/// A name that would be a script in a page that believes it.
const SCRIPT: &str = "<script>document.title='stolen'</script>";
/// Asks the browser what no picture tells: too wide, too faint, unnamed, unlabelled. In a copy of the page, whose own
/// policy lets nothing run.
const PROBE: &str = include_str!("status_page/probe.js");

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
    for part in ["거래 중지(HALT): 실적 발표 대기", "AAPL 21주 매수", "보유 종목", "최근 체결", "평균단가"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(english_in(&html), [""; 0], "{text}");
    world.set("language", "\"en\"");
    assert!(english_in(&page(&world, 0)).len() > 10, "the test would find English");
}

/// Two English words or more beside each other, in text and in attributes that people read; code and names of companies aside.
fn english_in(html: &str) -> Vec<String> {
    let (_, body) = html.split_once("<body>").unwrap();
    let spoken = ["data-label=\"", "aria-label=\"", "content=\""].map(|name| body.split(name).skip(1));
    let spoken = spoken.into_iter().flatten().map(|rest| rest.split('"').next().unwrap().to_owned());
    let mut without_code = String::new();
    for part in body.split("<code>") {
        without_code.push_str(part.split_once("</code>").map_or(part, |(_, rest)| rest));
        without_code.push_str(" · ");
    }
    let texts = without_code.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text).to_owned());
    let is_word = |word: &&str| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let phrases = texts.chain(spoken).filter(|text| {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
        words.windows(2).any(|pair| pair.iter().all(is_word))
    });
    phrases.collect()
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
fn a_name_is_never_markup() {
    let world = World::real();
    world.sim.hold("AAPL", 5, "100");
    world.sim.control("POST", "/prices", json!({ "symbol": "AAPL", "name": SCRIPT, "last": "110", "base": "109" }));
    std::fs::create_dir_all(world.files.state("")).unwrap();
    assert_eq!(world.json(0, &["status"])["positions"][0]["name"], SCRIPT, "the name got as far as the program");
    std::fs::write(world.files.state("HALT"), "<img src=x onerror=alert(1)> \"'&").unwrap();
    let page = page(&world, 0);
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    assert!(page.contains("&lt;script&gt;document.title=&#39;stolen&#39;&lt;/script&gt;"), "{page}");
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt; &quot;&#39;&amp;"), "{page}");
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let world = World::paper();
    let page = page(&world, 0);
    let token = world.files.token_file()["access_token"].clone();
    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    assert!(page.find(policy).unwrap() < page.find("<style>").unwrap(), "the policy stands before what it is for");
    for word in ["<script", "src=\"", "url(", "@import", "http://", "https://", "javascript:", "onload"] {
        assert!(!page.contains(word), "{word}");
    }
    for secret in
        [&kis_sim::PAPER_ACCOUNT[..8], kis_sim::PAPER_KEY, &kis_sim::paper_secret()[..40], token.as_str().unwrap()]
    {
        assert!(!page.contains(secret), "{secret}");
    }
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    assert!(page.contains("<div class=\"banner paper\"") && words(&page).starts_with("PAPER A practice account"));
}

#[test]
fn the_page_is_its_owners_and_is_replaced_whole() {
    let world = World::paper();
    let path = world.files.path("page.html");
    let mode = || path.metadata().unwrap().permissions().mode() & 0o777;
    page(&world, 0);
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let reader = std::fs::read_to_string(&path).unwrap();
    let open = std::fs::File::open(&path).unwrap();
    page(&world, 0);
    assert_eq!(mode(), 0o644, "a mode that the user chose for his web server stays");
    assert_eq!(std::io::read_to_string(open).unwrap(), reader, "who reads the old page reads all of it");
    let left: Vec<PathBuf> =
        std::fs::read_dir(world.files.path("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.iter().all(|path| !path.to_string_lossy().contains(".tmp-")), "{left:?}");
}

#[test]
fn a_page_that_cannot_be_written_ends_with_74() {
    let world = World::paper();
    std::fs::create_dir(world.files.path("folder")).unwrap();
    std::fs::write(world.files.path("notes.txt"), "mine").unwrap();
    for (file, why) in [
        ("missing/page.html", "No such file or directory"),
        ("folder", "something else than a plain file"),
        ("notes.txt", "no page of kis-trade"),
        ("/dev/null", "something else than a plain file"),
    ] {
        let run = world.run(&["status", "--html", file]);
        assert_eq!(run.code, 74, "{file}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("the page {file} could not be written")), "{}", run.stderr);
        assert!(run.stderr.contains(why), "{file}: {}", run.stderr);
        let object = world.json(74, &["status", "--html", file]);
        assert_eq!(object["reason"], "state_unwritable", "{file}");
        assert!(object["account"]["total_usd"].is_string(), "the look itself is told");
    }
    assert_eq!(std::fs::read_to_string(world.files.path("notes.txt")).unwrap(), "mine");
    assert_eq!(world.json(0, &["status"])["last_runs"]["status"]["exit_code"], 74);
    world.sim.fault("*", "html", json!({ "times": 99 }));
    let object = world.json(69, &["status", "--html", "folder"]);
    assert!(object["warnings"].to_string().contains("the page folder could not be written"), "{object:#}");
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

#[test]
fn only_a_page_reads_what_years_have_left() {
    let world = World::paper();
    assert_eq!(world.run(&["status"]).code, 0);
    std::fs::write(world.files.state("equity_days_status.json"), "{").unwrap();
    assert_eq!(world.json(0, &["status"])["warnings"], json!([]), "not even opened");
    let object = world.json(0, &["status", "--html", "page.html"]);
    assert!(object["warnings"].to_string().contains("equity_days_status.json can't be read"), "{object:#}");
    assert!(words(&page(&world, 0)).contains("Needs attention Warning: "));
    assert_eq!(
        std::fs::read(world.files.state("equity_days_status.json")).unwrap(),
        b"{",
        "it stays for a person to look at"
    );
}

#[test]
fn a_usage_that_names_no_file_is_refused() {
    let world = World::paper();
    assert_eq!(world.run(&["status", "--html"]).code, 2);
    assert_eq!(world.run(&["buy", "--html", "page.html"]).code, 2);
}

#[test]
fn a_browser_shows_it_well_in_every_light_and_width() {
    let world = lived_in();
    let object = world.json(0, &["status"]);
    page(&world, 0);
    let browser = Browser::new(&world);
    for (name, width, scheme) in
        [("phone-light", 390, 1), ("phone-dark", 390, 0), ("desktop-light", 1280, 1), ("desktop-dark", 1280, 0)]
    {
        let found = browser.probe(width, scheme);
        assert_eq!(found["problems"], json!([]), "{name}: {found:#}");
        assert_eq!((&found["width"], &found["dark"]), (&json!(width), &json!(scheme == 0)), "{name}");
        let text = found["text"].as_str().unwrap();
        for key in ["cash_usd", "positions_usd", "total_usd"] {
            assert!(text.contains(&grouped(&object["account"][key])), "{name}: {key} in {text}");
        }
        assert!(text.contains(SCRIPT), "{name}: the name is text: {text}");
        let height = found["height"].as_i64().unwrap();
        let picture = browser.take_picture(name, width, height, scheme);
        println!("{}", picture.display());
    }
    for width in [320, 360] {
        let found = browser.probe(width, 1);
        assert_eq!(found["problems"], json!([]), "a small phone of {width}: {found:#}");
    }
    assert_eq!(browser.console(), "", "the page itself, its policy in force");
    // For README.md, with the name that KIS gives.
    world.sim.control("DELETE", "/prices", json!({ "symbol": "AAPL" }));
    page(&world, 0);
    browser.take_picture("readme", 1080, 1560, 1);
    let mut world = world;
    world.set("language", "\"ko\"");
    page(&world, 0);
    look_at("korean", &world, &[(390, 0), (1280, 1)]);
}

/// Probes the page and keeps pictures of it, by widths and schemes.
fn look_at(name: &str, world: &World, screens: &[(i64, u8)]) {
    let browser = Browser::new(world);
    for (width, scheme) in screens {
        let found = browser.probe(*width, *scheme);
        let name = format!("{name}-{width}-{}", if *scheme == 0 { "dark" } else { "light" });
        assert_eq!(found["problems"], json!([]), "{name}: {found:#}");
        browser.take_picture(&name, *width, found["height"].as_i64().unwrap(), *scheme);
    }
}

#[test]
fn a_browser_shows_a_fresh_account_well() {
    let mut world = World::paper();
    page(&world, 0);
    look_at("fresh-en", &world, &[(390, 1), (1280, 0)]);
    world.set("language", "\"ko\"");
    page(&world, 0);
    look_at("fresh-ko", &world, &[(390, 0), (1280, 1)]);
}

#[test]
fn a_page_of_forty_positions_is_small_and_shows_well() {
    let mut world = World::real();
    world.set("sell.positions", "\"all\"").set("sell.sells_per_run", "\"all\"").set("language", "\"ko\"");
    let symbols: Vec<String> =
        (0..40).map(|n| format!("{}{}ZQ", ('A'..='Z').nth(n % 26).unwrap(), if n < 26 { "XL" } else { "" })).collect();
    for (n, symbol) in symbols.iter().enumerate() {
        let n = i64::try_from(n).unwrap();
        let (cost, last) =
            (format!("{}.{:04}", 3 + n * 37, n * 173 % 10_000), format!("{}.{:02}", 3 + n * 38, n * 7 % 100));
        world.sim.hold(symbol, 1 + u64::try_from(n).unwrap() * 3, &cost);
        let name = "KODEX 미국 반도체 레버리지 (합성 H) ETF";
        world.sim.control("POST", "/prices", json!({ "symbol": symbol, "name": name, "last": last, "base": cost }));
    }
    world.run(&["sell"]);
    let size = page(&world, 0).len();
    assert!(size <= 120 << 10, "{size}");
    println!("{size} bytes");
    look_at("forty", &world, &[(390, 1), (1280, 0)]);
}

#[test]
fn a_browser_shows_trouble_well_too() {
    let mut world = World::real();
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    assert_eq!(world.run(&["status"]).code, 0);
    world.sim.fault("order", "drop_before", json!({}));
    assert_eq!(world.run(&["buy"]).code, 81);
    std::fs::write(world.files.state("HALT"), "earnings tonight, and nobody knows what became of the order").unwrap();
    world.sim.fault("*", "html", json!({ "times": 99 }));
    page(&world, 69);
    let browser = Browser::new(&world);
    for (name, width, scheme) in [("trouble-phone-dark", 390, 0), ("trouble-desktop-light", 1280, 1)] {
        let found = browser.probe(width, scheme);
        assert_eq!(found["problems"], json!([]), "{name}: {found:#}");
        let text = found["text"].as_str().unwrap();
        assert!(text.starts_with("REAL") && text.contains("Trading is halted: earnings tonight"), "{name}: {text}");
        browser.take_picture(name, width, found["height"].as_i64().unwrap(), scheme);
    }
    world.set("language", "\"ko\"");
    page(&world, 69);
    look_at("trouble-ko", &world, &[(390, 1), (1280, 0)]);
}

/// Writes the page and gives its text.
fn page(world: &World, code: i32) -> String {
    let run = world.run(&["status", "--html", "page.html"]);
    assert_eq!(run.code, code, "{}", run.stderr);
    std::fs::read_to_string(world.files.path("page.html")).unwrap()
}

/// What stands between the tags, one blank between words.
pub fn words(html: &str) -> String {
    let body = html.split_once("<body>").map_or(html, |(_, body)| body);
    let mut text = String::new();
    let mut is_tag = false;
    for c in body.chars() {
        is_tag = c == '<' || (is_tag && c != '>');
        text.push(if is_tag || c == '>' { ' ' } else { c });
    }
    text.replace("&middot;", "·").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An amount as the page writes it.
pub fn grouped(amount: &Value) -> String {
    let amount: rust_decimal::Decimal = amount.as_str().unwrap().parse().unwrap();
    let text = format!("{:.2}", amount.round_dp(2));
    let (whole, cents) = text.split_once('.').unwrap();
    let digits: Vec<char> = whole.trim_start_matches('-').chars().collect();
    let groups: Vec<String> = digits.rchunks(3).rev().map(|group| group.iter().collect()).collect();
    let minus = if whole.starts_with('-') { "−" } else { "" };
    format!("{minus}{}.{cents}", groups.join(","))
}

/// Some weeks of an account on real prices, seen in the middle of a busy session: fills, a refusal, an open order.
fn lived_in() -> World {
    let mut world = World::new(Mode::Paper, "2023-04-24T13:35:00Z");
    world
        .set("buy.watch", r#"["AAPL", "GOOGL", "META", "TSLA", "NVDA"]"#)
        .set("buy.picks", "2")
        .set("buy.rebuy", "\"any\"")
        .set("limits.max_buy_usd_per_day", "6000")
        .set("limits.max_position_usd", "2500")
        .set("sell.take_profit_percent", "8")
        .set("sell.stop_loss_percent", "6");
    let until: DateTime<Utc> = "2023-05-24T13:40:00Z".parse().unwrap();
    let commands: [(i64, &[&str]); 4] =
        [(95, &["status", "--html", "page.html"]), (25, &["token-check"]), (60, &["buy"]), (30, &["sell"])];
    for (minutes, command) in commands.into_iter().cycle() {
        world.advance(minutes * 60);
        // Nights and weekends are long; a look each five hours is enough.
        while world.now < until && !(13..20).contains(&world.now.hour()) {
            world.advance(5 * 3_600);
        }
        if world.now >= until {
            break;
        }
        world.run(command);
    }
    world.set_clock(until);
    world.sim.price("TSLA", "182.50", "185.77");
    world.sim.price("META", "239.90", "246.74");
    world.sim.fault("order", "reject", json!({ "symbol": "META", "message": "주문가능금액이 부족합니다" }));
    world.run(&["buy"]);
    world.advance(35 * 60);
    world.run(&["sell"]);
    world.sim.control("POST", "/prices", json!({ "symbol": "AAPL", "name": SCRIPT }));
    world.sim.control("POST", "/fills", json!({ "mode": "never" }));
    world.advance(70 * 60);
    world.sim.price("META", "241.10", "246.74");
    world.run(&["buy"]);
    world.advance(12 * 60);
    world.run(&["cleanup"]);
    world
}

/// Chromium without a window, and a place for its pictures.
struct Browser {
    page: PathBuf,
    probed: PathBuf,
    profile: tempfile::TempDir,
}

impl Browser {
    fn new(world: &World) -> Browser {
        let page = world.files.path("page.html");
        let html = std::fs::read_to_string(&page).unwrap();
        let policy = html.lines().find(|line| line.contains("Content-Security-Policy")).unwrap();
        let probed = world.files.path("probed.html");
        let copy = html.replace(policy, "").replace("</body>", &format!("<script>{PROBE}</script></body>"));
        std::fs::write(&probed, copy).unwrap();
        Browser { page, probed, profile: tempfile::TempDir::new().unwrap() }
    }

    fn run(&self, arguments: &[&str], page: &Path) -> (String, String) {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
        let program = found.into_iter().find(|file| file.is_file());
        let program = program.expect("this test needs chromium: scripts/check.sh installs it");
        // Only files of this test are opened; root can't have the sandbox.
        let output = Command::new(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"])
            .arg(format!("--user-data-dir={}", self.profile.path().display()))
            .args(arguments)
            .arg(format!("file://{}", page.display()))
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (text(output.stdout), text(output.stderr))
    }

    /// What the probe found in the page of this width.
    fn probe(&self, width: i64, scheme: u8) -> Value {
        // Windows have a least width, frames have not.
        let frame = self.probed.with_file_name("frame.html");
        let around = format!(
            "<!doctype html><meta name=color-scheme content=\"light dark\"><script>onmessage = ({{ data }}) => \
             document.documentElement.setAttribute('data-found', data)</script>\
             <iframe src=probed.html style=\"width:{width}px;height:900px;border:0\"></iframe>"
        );
        std::fs::write(&frame, around).unwrap();
        let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
        let (dom, told) =
            self.run(&["--window-size=1400,1000", "--virtual-time-budget=2000", &scheme, "--dump-dom"], &frame);
        let found = dom.split_once("data-found=\"").and_then(|(_, rest)| rest.split_once('"'));
        let (found, _) = found.unwrap_or_else(|| panic!("the probe did not run: {told}\n{dom}"));
        let found = found.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        serde_json::from_str(&found.replace("&nbsp;", " ")).unwrap()
    }

    /// Takes a picture of the whole page and keeps it for people.
    fn take_picture(&self, name: &str, width: i64, height: i64, scheme: u8) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("status-page");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(&self.page, folder.join(format!("{name}.html"))).unwrap();
        let picture = folder.join(format!("{name}.png"));
        let size = format!("--window-size={width},{height}");
        let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
        self.run(&[&size, &scheme, &format!("--screenshot={}", picture.display())], &self.page);
        let bytes = std::fs::read(&picture).unwrap();
        let size = |at: usize| i64::from(u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()));
        assert_eq!((size(16), size(20)), (width, height), "{name}");
        picture
    }

    /// What the page makes the browser say.
    fn console(&self) -> String {
        let (dom, told) = self.run(&["--enable-logging=stderr", "--v=0", "--dump-dom"], &self.page);
        assert!(dom.contains("****0001-01") && !dom.contains("stolen</title>"), "{dom}");
        told.lines().filter(|line| line.contains("CONSOLE")).collect()
    }
}
