//! The judge of the order tests: kis-sim's books held against the journal and `trades.csv`.
//!
//! It reads the journal's bytes itself and shares nothing with the program, its checksum included: a mistake there can't
//! hide in both.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;

use crate::support::harness::World;

/// Every file that a state directory may hold; `orders-…` and `last_run_…` besides. HALT and the README are a person's.
const KNOWN: [&str; 24] = [
    "HALT",
    "README.md",
    ".gitignore",
    "account.json",
    "account.lock",
    "api_token.json",
    "api_token.lock",
    "clock.json",
    "equity_buy.json",
    "equity_days_buy.json",
    "equity_days_status.json",
    "equity_status.json",
    "fills.json",
    "last_run.lock",
    "notified.json",
    "notified.lock",
    "rate",
    "sell.want",
    "symbols.json",
    "closes.json",
    "token_attempt.json",
    "trades.csv",
    "trades.csv.new",
    "trades.json",
];
const ORDER_PATH: &str = "/uapi/overseas-stock/v1/trading/order";

/// What one order looks like, wherever it stands: trading date, symbol, side, quantity, price.
type Likeness = (String, String, String, u64, Decimal);

/// The journal's lines; each one's checksum, number and link to the one before are checked. A torn last line is left out.
pub fn journal(world: &World, told: &str) -> Vec<Value> {
    let names = names(world).into_iter().filter(|name| name.starts_with("orders-"));
    let mut lines = Vec::new();
    let (mut seq, mut prev) = (1, "00000000".to_owned());
    for name in names {
        let bytes = std::fs::read(world.files.state(&name)).unwrap();
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            if line.last() != Some(&b'\n') {
                continue;
            }
            let text = std::str::from_utf8(&line[..line.len() - 1]).unwrap();
            let (body, crc) = text.rsplit_once(",\"crc\":\"").unwrap_or_else(|| panic!("{told}: {name}: {text}"));
            assert_eq!(crc, format!("{:08x}\"}}", crc_32(body.as_bytes())), "{told}: {name}: checksum of {text}");
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!((&value["seq"], &value["prev"]), (&seq.into(), &prev.clone().into()), "{told}: {name}: {text}");
            assert!(index > 0 || value["kind"] == "snapshot", "{told}: {name}: {text}");
            (seq, prev) = (seq + 1, crc[..8].to_owned());
            lines.push(value);
        }
    }
    lines
}

/// CRC-32 as zip has it, bit by bit.
fn crc_32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

/// What must hold at any moment, right after a kill as well: every order at KIS stands in the journal as an intent, none
/// stands twice, no request for one was repeated but after the gate's refusal, and every file has its reason.
pub fn assert_nothing_twice(world: &World, told: &str) {
    let journal = journal(world, told);
    let intents: Vec<Likeness> = journal.iter().filter(|line| line["kind"] == "intent").map(likeness).collect();
    let unlike: BTreeSet<&Likeness> = intents.iter().collect();
    assert_eq!(unlike.len(), intents.len(), "{told}: two intents of a day look alike: {intents:#?}");
    let orders: Vec<Likeness> = world.sim.own_orders().iter().map(likeness).collect();
    let unlike: BTreeSet<&Likeness> = orders.iter().collect();
    assert_eq!(unlike.len(), orders.len(), "{told}: an order is there twice: {orders:#?}");
    for order in &orders {
        assert!(intents.contains(order), "{told}: {order:?} was sent without an intent on disk: {intents:#?}");
    }
    let mut sent: BTreeMap<String, u32> = BTreeMap::new();
    for request in world.sim.request_records().iter().filter(|request| request["path"] == ORDER_PATH) {
        let is_refused_at_the_gate = request["msg_cd"].as_str().is_some_and(|code| code.starts_with("EGW"));
        if !is_refused_at_the_gate {
            *sent.entry(format!("{} {}", request["tr_id"], request["body"])).or_default() += 1;
        }
    }
    assert!(sent.values().all(|times| *times == 1), "{told}: a request that may have arrived was repeated: {sent:#?}");
    assert_files_explained(world, &journal, told);
}

/// What must hold once faults have stopped and the last list of the day was read: every order at KIS belongs to exactly
/// one intent and every intent has ended, the rows of `trades.csv` add up to the fills, and nothing lies about.
pub fn assert_all_told(world: &World, told: &str) {
    assert_nothing_twice(world, told);
    let journal = journal(world, told);
    let mut claims: BTreeMap<Name, Vec<String>> = BTreeMap::new();
    for (intent, order_id) in claims_of(&journal) {
        claims.entry((intent[..8].to_owned(), order_id)).or_default().push(intent);
    }
    let claimed: Vec<&Name> = claims.keys().collect();
    let mut orders: Vec<Name> = world.sim.own_orders().iter().map(|order| name_of(&order["date"], order)).collect();
    orders.sort();
    assert_eq!(claimed, orders.iter().collect::<Vec<_>>(), "{told}: claimed, and in KIS's books");
    assert!(claims.values().all(|intents| intents.len() == 1), "{told}: {claims:#?}");
    let unknown = unknown_intents(&journal);
    assert!(unknown.is_empty(), "{told}: {unknown:?} never got an outcome");
    assert_trades_add_up(world, told);
    // What a killed run left of a file goes when that file is replaced: there is one at most.
    let names = names(world);
    let temporary: Vec<&str> = names.iter().filter_map(|name| replaced_by(name)).collect();
    let unlike: BTreeSet<&&str> = temporary.iter().collect();
    assert_eq!(unlike.len(), temporary.len(), "{told}: left over: {names:?}");
}

/// Intents and the order numbers that answers or lists gave them, each pair once.
fn claims_of(journal: &[Value]) -> BTreeSet<(String, String)> {
    let settles = |line: &&Value| line["class"] == "accepted" || line["verdict"] == "accepted";
    let claim = |line: &Value| (line["intent"].as_str().unwrap().to_owned(), bare(&line["order_id"]));
    journal.iter().filter(settles).map(claim).collect()
}

/// Intents that may or may not have become orders.
pub fn unknown_intents(journal: &[Value]) -> Vec<String> {
    let ends = |line: &&Value| match line["kind"].as_str() {
        Some("outcome") => match line["class"].as_str() {
            Some("accepted" | "rejected") => true,
            Some("refused" | "not_sent") => line["is_final"] == true,
            _ => false,
        },
        Some("resolved") => line["verdict"] != "ambiguous",
        _ => false,
    };
    let ended: BTreeSet<&str> =
        journal.iter().filter(ends).map(|line| line["intent"].as_str().expect("an intent's name")).collect();
    let intents = journal.iter().filter(|line| line["kind"] == "intent").map(|line| line["id"].as_str().unwrap());
    intents.filter(|id| !ended.contains(id)).map(str::to_owned).collect()
}

fn assert_trades_add_up(world: &World, told: &str) {
    let mut filled: BTreeMap<Name, (u64, Decimal)> = BTreeMap::new();
    let orders: BTreeSet<Name> = world.sim.own_orders().iter().map(|order| name_of(&order["date"], order)).collect();
    let ledger = world.sim.ledger();
    let fills = ledger["fills"].as_array().unwrap().iter().map(|fill| (name_of(&fill["at"], fill), fill));
    for (name, fill) in fills.filter(|(name, _)| orders.contains(name)) {
        let sum = filled.entry(name).or_default();
        let quantity = fill["quantity"].as_u64().unwrap();
        *sum = (sum.0 + quantity, sum.1 + Decimal::from(quantity) * decimal(&fill["price"]));
    }
    let mut written: BTreeMap<Name, (u64, Decimal)> = BTreeMap::new();
    let mut rows = world.files.trades();
    // The rows that trades.csv could not take.
    let beside = std::fs::read_to_string(world.files.state("trades.csv.new")).unwrap_or_default();
    rows.extend(beside.lines().skip(1).map(str::to_owned));
    for row in &rows {
        let cells: Vec<&str> = row.trim_end().split(',').collect();
        assert_eq!(cells.len(), 12, "{told}: torn: {rows:#?}");
        let sum = written.entry((compact(cells[1]), bare(&cells[8].into()))).or_default();
        *sum = (sum.0 + cells[5].parse::<u64>().unwrap(), sum.1 + cells[7].parse::<Decimal>().unwrap());
    }
    // KIS's average price is rounded: shares are exact, dollars to the cent.
    let is_filled = |(name, (shares, dollars)): (&Name, &(u64, Decimal))| {
        filled.get(name).is_some_and(|(wanted, paid)| shares == wanted && (*dollars - *paid).abs() < Decimal::new(1, 2))
    };
    let is_whole = written.len() == filled.len() && written.iter().all(is_filled);
    assert!(is_whole, "{told}: trades.csv {written:#?} against the fills {filled:#?}: {rows:#?}");
}

/// Files of a killed run may be left over under their temporary names, and what was cut from a journal is written down.
fn assert_files_explained(world: &World, journal: &[Value], told: &str) {
    let names = names(world);
    let is_known = |name: &str| {
        let name = replaced_by(name).unwrap_or(name);
        KNOWN.contains(&name) || name.starts_with("orders-") || name.starts_with("last_run_")
    };
    let (torn, others): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| name.starts_with("journal.torn-"));
    assert!(others.iter().all(|name| is_known(name)), "{told}: {others:?}");
    let repairs = journal.iter().filter(|line| line["kind"] == "repair").count();
    assert!(torn.len() >= repairs, "{told}: {repairs} repairs, kept: {torn:?}");
}

/// The file that a temporary one was to replace.
fn replaced_by(name: &str) -> Option<&str> {
    Some(name.strip_prefix(".tmp-")?.rsplit_once('-')?.0)
}

fn names(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.files.state("")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn likeness(order: &Value) -> Likeness {
    let word = |key: &str| order[key].as_str().unwrap().to_owned();
    // An intent's, or an order's at kis-sim.
    let date = order["trading_day"].as_str().or(order["date"].as_str()).unwrap().to_owned();
    (date, word("symbol"), word("side"), order["quantity"].as_u64().unwrap(), decimal(&order["limit_price"]))
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse::<Decimal>().unwrap().normalize()
}

/// An order's date and number; KIS numbers each date's anew.
pub type Name = (String, String);

/// The name of a row by its date, by an instant in a session, or by an intent's name.
pub fn name_of(date: &Value, row: &Value) -> Name {
    (compact(date.as_str().unwrap())[..8].to_owned(), bare(&row["order_id"]))
}

/// A date as intents are named by.
fn compact(date: &str) -> String {
    date.replace('-', "")
}

/// Without leading zeros: paper's list leaves them out.
fn bare(order_id: &Value) -> String {
    order_id.as_str().unwrap().trim_start_matches('0').to_owned()
}
