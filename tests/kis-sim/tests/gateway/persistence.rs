//! What outlives a restart, and the program around the library.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use kis_sim::Options;
use serde_json::{Value, json};

use crate::harness::*;

/// A state file that no other test uses; removed when the test ends.
struct StateFile(PathBuf);

impl StateFile {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kis-sim-{name}-{}.json", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    /// Starts a simulator on it whose clock stands at `time`.
    fn market(&self, time: &str) -> Market {
        let market = Market::start(Options { start: Some(utc(time)), state: Some(self.0.clone()), ..options() });
        market.post("/clock", json!({"set": time, "ticking": false}));
        market.lift_limits();
        market
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn the_ledger_survives_a_restart() {
    let state = StateFile::new("ledger");
    let market = state.market(MORNING);
    let client = market.client(Mode::Paper);
    // Beside the market, so that it stays open.
    let open = client.buy("AAPL", 1, "120.00").order_id();
    let filled = client.buy("AAPL", 2, "160.00").order_id();
    market.advance(120);
    assert_eq!(market.order(Mode::Paper, &filled)["state"], "filled");
    market.hold(Mode::Real, "NVDA", 7, "200.00");
    let before = market.read("/ledger");
    drop(market);

    let market = state.market("2023-03-08T14:48:00Z");
    assert_eq!(market.read("/ledger"), before);
    let client = market.client_with(Mode::Paper, &client.token);
    assert_eq!(text(&client.order_row(&open), "nccs_qty"), "1");
    assert!(client.cancel("AAPL", &open, 1).is_success());
}

#[test]
fn tokens_and_their_minute_survive_a_restart() {
    let state = StateFile::new("tokens");
    let market = state.market(MORNING);
    let token = market.client(Mode::Paper).token;
    drop(market);

    let market = state.market("2023-03-08T14:45:30Z");
    let client = market.client_with(Mode::Paper, &token);
    assert!(client.price("NAS", "AAPL").send().is_success());
    let soon = market.issue(&credentials(Mode::Paper));
    assert_eq!(soon.body["error_code"], "EGW00133");
    market.advance(121);
    assert_eq!(market.client(Mode::Paper).token, token);
}

#[test]
fn order_numbers_go_on_after_a_restart() {
    let state = StateFile::new("numbers");
    let market = state.market(MORNING);
    let client = market.client(Mode::Real);
    let first = client.buy("AAPL", 1, "120.00").order_id();
    drop(market);

    let market = state.market("2023-03-08T14:46:00Z");
    let client = market.client_with(Mode::Real, &client.token);
    let second = client.buy("AAPL", 1, "120.00").order_id();
    assert!(second > first, "{second} after {first}");
    assert_eq!(client.order_rows().len(), 2);
}

#[test]
fn switches_survive_a_restart_and_prices_follow_them() {
    let state = StateFile::new("switches");
    let market = state.market(MORNING);
    market.post("/quirks", json!({"hold_open_until": "10:00", "loc_rows": "parts"}));
    let client = market.client(Mode::Real);
    let order_id = client.buy_as(LOC, "AAPL", 3, "155.00").order_id();
    drop(market);

    let market = state.market("2023-03-08T14:50:00Z");
    let client = market.client_with(Mode::Real, &client.token);
    assert_eq!(client.price("NAS", "AAPL").send().output("last"), "152.8100", "the open");
    market.set_clock("2023-03-08T21:00:00Z");
    assert_eq!(market.order(Mode::Real, &order_id)["state"], "filled");
    assert_eq!(client.order_rows().len(), 2);
}

#[test]
fn without_a_state_file_every_start_is_fresh() {
    let market = Market::at(MORNING);
    market.client(Mode::Paper).buy("AAPL", 1, "120.00").order_id();
    drop(market);
    assert!(Market::at(MORNING).orders(Mode::Paper).is_empty());
}

#[test]
fn an_account_starts_with_the_cash_it_was_given() {
    let market = Market::at(MORNING);
    for mode in BOTH {
        let account = market.account(mode);
        assert_eq!(number(&account, "cash"), decimal("10000"));
        assert!(list(&account, "positions").is_empty());
    }
    let rich = Market::start(Options { cash: decimal("25000.50"), ..options() });
    assert_eq!(number(&rich.account(Mode::Real), "cash"), decimal("25000.50"));
}

/// The running program; killed when the test ends.
struct Program {
    child: Child,
    gateway: String,
    control: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kis-sim"))
            .args(arguments)
            .args(["--market-data", concat!(env!("CARGO_MANIFEST_DIR"), "/market-data")])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a first line");
        let told: Value = serde_json::from_str(&line).expect("JSON");
        Self { child, gateway: text(&told, "gateway").to_owned(), control: text(&told, "control").to_owned() }
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        Call::new("POST", &self.control, path).json(body).send()
    }

    fn read(&self, path: &str) -> Value {
        let answer = Call::new("GET", &self.control, path).send();
        assert_eq!(answer.status, 200);
        answer.body
    }

    fn token(&self) -> String {
        let answer = oauth(&self.gateway, "/oauth2/tokenP", &credentials(Mode::Paper));
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.body, "access_token").to_owned()
    }

    /// Sends a paper buy of AAPL that will not fill.
    fn buy(&self, token: &str) -> Answer {
        let body = json!({
            "CANO": Mode::Paper.cano(), "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": "NASD", "PDNO": "AAPL",
            "ORD_QTY": "1", "OVRS_ORD_UNPR": "120.00", "CTAC_TLNO": "", "MGCO_APTM_ODNO": "",
            "SLL_TYPE": "", "ORD_SVR_DVSN_CD": "0", "ORD_DVSN": "00",
        });
        Call::new("POST", &self.gateway, ORDER)
            .header("content-type", "application/json; charset=utf-8")
            .header("authorization", &format!("Bearer {token}"))
            .header("appkey", Mode::Paper.key())
            .header("appsecret", &Mode::Paper.secret())
            .header("tr_id", Mode::Paper.buy_tr())
            .header("custtype", "P")
            .json(&body)
            .send()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_program_tells_its_ports_and_serves() {
    let program = Program::start(&["--start", MORNING, "--cash", "1234.5"]);
    for url in [&program.gateway, &program.control] {
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    }
    let now = utc(text(&program.read("/clock"), "now"));
    assert!(now >= utc(MORNING) && now < utc("2023-03-08T14:55:00Z"));
    assert!(!program.token().is_empty());
    assert_eq!(program.read("/tokens")["issues"], 1);
    let cash = &program.read("/ledger")["accounts"]["paper"];
    assert_eq!(number(cash, "cash"), decimal("1234.5"));
}

#[test]
fn the_control_port_answers_400_to_nonsense() {
    let program = Program::start(&["--start", MORNING]);
    for (path, body) in [
        ("/clock", json!({"set": "noon"})),
        ("/nothing", json!({})),
        ("/quirks", json!({"no_such_quirk": 1})),
        ("/faults", json!({"endpoint": "price", "kind": "earthquake"})),
    ] {
        let answer = program.post(path, &body);
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        assert!(!text(&answer.body, "error").is_empty());
    }
    let answer = program.post("/clock", &json!({"set": MORNING, "ticking": false}));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn a_killed_program_has_kept_its_orders() {
    let state = StateFile::new("program");
    let path = state.0.to_str().expect("a path in UTF-8");
    let arguments = ["--start", MORNING, "--state", path];
    let program = Program::start(&arguments);
    let token = program.token();
    let order_id = program.buy(&token).order_id();
    drop(program);

    let program = Program::start(&arguments);
    let paper = program.read("/ledger")["accounts"]["paper"].clone();
    let order = find(&list(&paper, "orders"), "order_id", &order_id);
    assert_eq!(order["state"], "open");
    let tokens = list(&program.read("/tokens"), "tokens");
    assert_eq!(tokens[0]["token"], json!(token));
}

#[test]
fn the_program_takes_a_cut_off_for_orders_of_the_close() {
    let asked = |time: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_kis-sim"));
        program.args(["--start", MORNING, "--loc-until", time, "--state", "/no/such/folder/state"]);
        let output = program.output().expect("the program runs");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    assert!(asked("15:40").contains("/no/such/folder/state"), "{}", asked("15:40"));
    assert!(asked("16:01").contains("loc-until is 09:30 to 16:00"), "{}", asked("16:01"));
    assert!(asked("3:40").contains("not a time as HH:MM: 3:40"), "{}", asked("3:40"));
}

#[test]
fn a_start_without_prices_is_refused_and_one_with_them_named() {
    let said = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_kis-sim"));
        let output =
            program.args(arguments).args(["--state", "/no/such/folder/state"]).output().expect("the program runs");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let there = "AAPL (2022-01-03 to 2023-12-29)";
    for (arguments, words) in [
        (&["--start", "2024-06-03T14:00:00Z"][..], "no prices on 2024-06-03"),
        (&["--start", "2026-11-30T15:00:00Z", "--replay", "2024-06-03"], "no prices to replay on 2024-06-03"),
        (&["--start", "2026-11-30T15:00:00Z", "--replay", "2023-05-24"], "kis-sim: prices of AAPL"),
        (&["--start", MORNING], "kis-sim: prices of AAPL (2022-01-03 to 2023-12-29)"),
    ] {
        let said = said(arguments);
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(arguments.contains(&"2023-05-24") || said.contains(there), "{arguments:?}: {said}");
    }
}

#[test]
fn a_replayed_day_has_the_quotes_of_the_past() {
    let of_day = |start: &str, replay: Option<&str>| {
        let replay = replay.map(|day| day.parse().expect("a date"));
        let market = Market::start(Options { start: Some(utc(start)), replay, has_limits: false, ..options() });
        market.post("/clock", json!({"set": start, "ticking": false}));
        let answer = market.client(Mode::Real).price("NAS", "AAPL").send();
        ["last", "base", "tvol"].map(|name| answer.output(name).to_owned())
    };
    let past = of_day("2023-05-24T15:00:00Z", None);
    // Both an hour and a half after the opening, one in summer and one in winter.
    assert_eq!(of_day("2026-11-30T16:00:00Z", Some("2023-05-24")), past);
}

#[test]
fn the_help_names_keys_and_accounts() {
    let output = Command::new(env!("CARGO_BIN_EXE_kis-sim")).arg("--help").output().expect("the program runs");
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    for wanted in [
        &kis_sim::paper_secret(),
        &kis_sim::real_secret(),
        kis_sim::PAPER_KEY,
        kis_sim::REAL_KEY,
        kis_sim::PAPER_ACCOUNT,
        kis_sim::REAL_ACCOUNT,
        "--market-data",
        "--control-port",
        "--loc-until <HH:MM>",
    ] {
        assert!(help.contains(wanted), "{wanted} in {help}");
    }
}

#[test]
fn keys_and_accounts_are_those_of_the_readme() {
    assert_eq!(kis_sim::PAPER_KEY, "PSVTKISSIMPAPERKEY000000000000000001");
    assert_eq!(kis_sim::REAL_KEY, "PSKISSIMREALKEY000000000000000000001");
    assert_eq!(kis_sim::PAPER_ACCOUNT, "50000001-01");
    assert_eq!(kis_sim::REAL_ACCOUNT, "60000001-01");
    for mode in BOTH {
        assert_eq!(mode.key().len(), 36);
        let secret = mode.secret();
        assert_eq!(secret.len(), 180);
        assert!(secret.ends_with('=') && secret.contains("/+"));
    }
}

#[test]
fn the_control_port_says_the_same_over_http() {
    let market = Market::at(MORNING);
    let answer = Call::new("GET", &market.control_url(), "/ledger").send();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, market.read("/ledger"));
}

#[test]
fn what_is_scripted_survives_a_restart() {
    let state = StateFile::new("scripts");
    let market = state.market(MORNING);
    market.post("/tokens/life", json!({"expires_in": 2_592_000, "text_offset_seconds": 0}));
    market.hold(Mode::Real, "ZZZQ", 30, "98.00");
    market.price("ZZZQ", "102.00");
    let client = market.client(Mode::Real);
    market.post(
        "/split",
        json!({"symbol": "ZZZQ", "from": 1, "to": 3, "quote_at": "2023-03-09T06:00:00Z", "account_at": "2023-03-09T06:00:00Z"}),
    );
    market.post("/transfer", json!({"account": "real", "usd": "-1000", "at": "2023-03-09T06:00:00Z"}));
    market.post("/rows", json!({"list": "balance", "add": {"ovrs_pdno": "1234567R1"}}));
    market.post(
        "/faults",
        json!({"endpoint": "price", "symbol": "ZZZQ", "kind": "empty", "until": "2023-03-09T06:00:00Z"}),
    );
    let late = client.buy("ZZZQ", 1, "90.00").order_id();
    market.post("/orders/fill", json!({"account": "real", "order_id": late, "listed_at": "2023-03-09T06:00:00Z"}));
    drop(market);

    let market = state.market("2023-03-08T14:46:00Z");
    let client = market.client_with(Mode::Real, &client.token);
    assert_eq!(text(&client.order_row(&late), "ft_ccld_qty"), "0");
    assert!(!client.price("NAS", "ZZZQ").send().is_success());
    assert_eq!(number(&market.account(Mode::Real), "cash"), decimal("9910"));
    market.set_clock("2023-03-09T14:45:00Z");
    assert_eq!(text(&client.order_row(&late), "ft_ccld_qty"), "1");
    let answer = client.price("NAS", "ZZZQ").send();
    assert_eq!(answer.output("last"), "34.0000");
    assert_eq!(number(&market.account(Mode::Real), "cash"), decimal("8910"));
    let held = client.holdings("NASD");
    assert_eq!(text(&find(&held, "ovrs_pdno", "ZZZQ"), "ovrs_cblc_qty"), "93");
    assert_eq!(text(&find(&held, "ovrs_pdno", "1234567R1"), "ovrs_cblc_qty"), "0");
}

#[test]
fn a_reset_begins_anew() {
    let market = Market::still();
    let client = market.client(Mode::Real);
    assert!(client.buy("ZZZQ", 3, "50.00").is_success());
    market.quirk("partial_cancel", json!(true));
    let clock = market.post("/reset", json!({"start": "2023-05-24T14:30:00Z", "cash": "777"}));
    assert_eq!(clock["now"], "2023-05-24T14:30:00Z");
    client.price("NAS", "AAPL").send().assert_refused(500, "EGW00121");
    let client = market.client(Mode::Real);
    assert_eq!(client.price("NAS", "ZZZQ").send().output("last"), "", "nothing is pinned");
    assert!(decimal(client.price("NAS", "AAPL").send().output("last")) > decimal("100"));
    assert_eq!((market.orders(Mode::Real).len(), text(&market.account(Mode::Real), "cash")), (0, "777.00"));
    assert_eq!(market.read("/quirks")["partial_cancel"], false);
}
