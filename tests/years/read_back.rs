//! The journals of simulated years as files: what is read from them is what the years had in mind, and each fill stands in
//! `trades.csv` once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::line::{Content, Envelope, format};
use super::{Access, Journal, month};
use crate::clock::Clock;
use crate::decide::years::{self, Disk, Year};
use crate::store::{atomic, trades};

/// Every so many evenings the file is written and read.
const EVENINGS: u32 = 7;

/// The lines of a simulated disk as the program writes them.
fn file_of(disk: &Disk) -> String {
    let (mut text, mut prev) = (String::new(), 0);
    for line in &disk.month.lines {
        let content = match &line.content {
            years::Content::Snapshot(state) => Content::snapshot(state),
            years::Content::Record(record) => Content::Record(record),
            years::Content::Torn => {
                text.push_str("{\"v\":1,\"seq\":");
                break;
            }
        };
        let (line, crc) = format(&Envelope { seq: line.seq, prev, stamp: &line.stamp, run: "YEAR" }, content).unwrap();
        text.push_str(&line);
        prev = crc;
    }
    text
}

fn assert_reads_back(folder: &Path, disk: &Disk) {
    let path = folder.join(month::file_name(&disk.month.name));
    atomic::replace(&path, file_of(disk).as_bytes()).unwrap();
    let journal = Journal::load(folder, &Clock::system(), "TEST", Access::InMemory).unwrap();
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
            let path = folder.path().join(format!("trades-{file}.csv"));
            trades::sync(&path, &disk.fold).unwrap();
            let filled = disk.fold.entries.values().filter(|entry| entry.filled_quantity > 0);
            fills.extend(filled.map(|entry| (entry.intent.id.to_string(), entry.filled_quantity)));
            if !fills.is_empty() {
                assert_eq!(shares_in(&path), fills);
            }
        });
    }
}
