//! The page in a browser, dark and light, on a phone and a desk.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::lived_in::lived_in;
use super::{SCRIPT, grouped, page, words};
use crate::support::harness::{Mode, World};
use crate::support::sheets::adopted;

/// Asks the browser what no picture tells: too wide, too faint, unnamed, unlabelled. In a copy of the page, whose own
/// policy lets nothing run.
const PROBE: &str = include_str!("probe.js");

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

#[test]
fn a_browser_shows_strategies_well() {
    for mode in [Mode::Paper, Mode::Real] {
        let mut world = adopted(mode);
        world.sim.control("POST", "/fills", json!({ "mode": "never" }));
        world.json(0, &["sell"]);
        let text = words(&page(&world, 0));
        let at_kis = if mode == Mode::Real { "2 of 11 lines at KIS" } else { "1 of 11 lines at KIS" };
        for part in
            [at_kis, "T 4.00, normal", "29 TQQQ at 69.75", "19,412.28", "quarter sell 7 TQQQ LOC 78.12", "not sent yet"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(text.contains("emulated"), mode == Mode::Paper, "{text}");
        look_at("strategies-en", &world, &[(320, 1), (390, 1), (1280, 0)]);
        // Bought by hand.
        world.sim.hold("TQQQ", 31, "69.75");
        world.set("language", "\"ko\"");
        let korean = words(&page(&world, 0));
        for part in ["주문을 보내지 않습니다. 계좌와 수량·단가 불일치", "쿼터 매도 TQQQ 7주 매도 LOC", "무한매수법 4.0"]
        {
            assert!(korean.contains(part), "{part}: {korean}");
        }
        look_at("strategies-ko", &world, &[(320, 0), (390, 0), (1280, 1)]);
    }
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
