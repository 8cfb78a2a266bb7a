//! The journals of simulated years as files: what is read from them is what the years had in mind, and each fill stands in
//! `trades.csv` once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::SecondsFormat;
use kis_trade::clock::Clock;
use kis_trade::store::journal::{Access, Journal};
use kis_trade::store::trades;
use serde_json::{Value, json};

use crate::Year;
use crate::disk::{Content, Disk, Line};

/// Every so many evenings the file is written and read.
const EVENINGS: u32 = 7;

/// The lines of a simulated disk as the program writes them.
fn file_of(disk: &Disk) -> String {
    let (mut text, mut prev) = (String::new(), 0);
    for line in &disk.month.lines {
        let said = match &line.content {
            Content::Snapshot(state) => json!({ "kind": "snapshot", "state": &**state }),
            Content::Record(record) => serde_json::to_value(record).unwrap(),
            Content::Torn => {
                text.push_str("{\"v\":1,\"seq\":");
                break;
            }
        };
        let (line, crc) = written(line, prev, said);
        text.push_str(&line);
        prev = crc;
    }
    text
}

/// One line in its envelope, and its checksum.
fn written(line: &Line, prev: u32, said: Value) -> (String, u32) {
    let at = line.stamp.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let (boot, prev) = (&line.stamp.boot, format!("{prev:08x}"));
    let mut keys = json!({
        "v": 1, "seq": line.seq, "prev": prev, "at": at, "boot": boot, "up_ms": line.stamp.up_ms, "run": "YEAR",
    });
    keys.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
    let mut text = keys.to_string();
    text.pop();
    let crc = crc32fast::hash(text.as_bytes());
    text.push_str(&format!(",\"crc\":\"{crc:08x}\"}}\n"));
    (text, crc)
}

fn assert_reads_back(folder: &Path, disk: &Disk) {
    fs::write(folder.join(format!("orders-{}.jsonl", disk.month.name)), file_of(disk)).unwrap();
    let (journal, _) = Journal::load(folder, &Clock::system(), "TEST", Access::InMemory).unwrap();
    assert_eq!(*journal.state(), *disk.fold, "{}", disk.month.name);
}

/// Shares of each intent in `trades.csv`.
fn shares_in(path: &Path) -> BTreeMap<String, u64> {
    let mut shares = BTreeMap::new();
    for row in fs::read_to_string(path).unwrap().lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        *shares.entry(cells[9].to_owned()).or_default() += cells[5].parse::<u64>().unwrap();
    }
    shares
}

#[test]
fn the_files_of_simulated_years_read_back() {
    for seed in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let (mut evenings, mut files) = (0_u32, 0);
        Year::new(seed).live_and_look(|disk, _| {
            evenings += 1;
            if evenings.is_multiple_of(EVENINGS) {
                assert_reads_back(folder.path(), disk);
                files += 1;
            }
        });
        assert!(files > 30, "{files}");
    }
}

#[test]
fn the_fills_of_simulated_years_stand_in_trades_csv_once() {
    for seed in 2..4 {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, mut fills) = (0, BTreeMap::new());
        Year::new(seed).live_and_look(|disk, is_restored| {
            if is_restored {
                // Names of lost intents are given again: the copy that was put back held a file of that time.
                (file, fills) = (file + 1, BTreeMap::new());
            }
            let folder = folder.path().join(file.to_string());
            fs::create_dir_all(&folder).unwrap();
            assert_eq!(trades::sync(&folder, &disk.fold), Ok(None));
            let filled = disk.fold.entries.values().filter(|entry| entry.filled_quantity > 0);
            fills.extend(filled.map(|entry| (entry.intent.id.to_string(), entry.filled_quantity)));
            if !fills.is_empty() {
                assert_eq!(shares_in(&folder.join("trades.csv")), fills);
            }
        });
    }
}
