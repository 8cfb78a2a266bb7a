//! `status --html`: one page in one file. What it says, the file that it is, and how a browser shows it.

mod browser;
mod content;
mod lived_in;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::harness::World;

/// A name that would be a script in a page that believes it.
const SCRIPT: &str = "<script>document.title='stolen'</script>";

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
