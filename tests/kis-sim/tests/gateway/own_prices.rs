//! A folder of one's own prices: a file's name says the symbol and, by wish, where it is listed.

use std::path::{Path, PathBuf};

use kis_sim::Options;

use crate::harness::*;

const BARS: &str = "date,open,high,low,close,volume\n2023-03-07,60.00,61.00,59.00,60.50,1000\n2023-03-08,60.50,62.00,60.00,61.00,1000\n2023-03-09,61.00,62.00,60.00,61.00,1000\n";

struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, files: &[(&str, &str)]) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kis-sim-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            std::fs::write(path.join(name), text).unwrap();
        }
        Folder(path)
    }

    fn options(&self) -> Options {
        Options { start: Some(utc(MORNING)), market_data: Some(self.0.clone()), ..options() }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_a_folder_leaves_open_is_refused_by_name() {
    for (files, said) in [
        (vec![("KO.csv", BARS), ("KO.NYSE.csv", BARS)], "as well"),
        (vec![("KO.NYS.csv", BARS)], "KO.NYS.csv: there is no exchange NYS"),
        (vec![(".NYSE.csv", BARS)], "no symbol"),
        (vec![("KO.csv", "date,open,high,low,close,volume\n")], "KO.csv: there is no daily bar"),
        (vec![("KO.csv", "2023-03-08,60,61,59,60,1000\n")], "KO.csv: the first line"),
        (vec![("readme.txt", BARS)], "no file is named like"),
        (
            vec![("KO.csv", "date,open,high,low,close,volume\n2022-03-08,60.50,62.00,60.00,61.00,1000\n")],
            "no prices on 2023-03-08",
        ),
    ] {
        let folder = Folder::with("odd-prices", &files);
        let options = folder.options();
        let loaded = options.load_prices().and_then(|prices| prices.check_start(&options));
        let error = loaded.expect_err("a refusal").to_string();
        assert!(error.contains(said), "{files:?}: {error}");
    }
}

#[test]
fn a_symbol_is_listed_where_its_file_says() {
    let names = ["KO.NYSE.csv", "BRK_B.NYSE.csv", "SPY.AMEX.csv", "SOXL.csv", "ABCD.CSV", "readme.txt"];
    let folder = Folder::with("prices", &names.map(|name| (name, BARS)));
    let market = Market::start(folder.options());
    market.lift_limits();
    let client = market.client(Mode::Paper);
    for (symbol, exchange) in [("KO", "NYS"), ("BRK/B", "NYS"), ("SPY", "AMS"), ("SOXL", "AMS"), ("ABCD", "NAS")] {
        for asked in ["NAS", "NYS", "AMS"] {
            let last = client.price(asked, symbol).send().output("last").to_owned();
            assert_eq!(last.is_empty(), asked != exchange, "{symbol} on {asked}: {last}");
        }
    }
}
