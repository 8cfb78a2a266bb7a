//! A folder of one's own prices: a file's name says the symbol and, by wish, where it is listed.

use std::path::Path;

use kis_sim::Options;

use crate::harness::*;

const BARS: &str = "date,open,high,low,close,volume\n2023-03-07,60.00,61.00,59.00,60.50,1000\n2023-03-08,60.50,62.00,60.00,61.00,1000\n2023-03-09,61.00,62.00,60.00,61.00,1000\n";

#[test]
fn a_symbol_is_listed_where_its_file_says() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kis-sim-prices-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["KO.NYSE.csv", "BRK_B.NYSE.csv", "SPY.AMEX.csv", "SOXL.csv", "ABCD.csv", "readme.txt"] {
        std::fs::write(folder.join(name), BARS).unwrap();
    }
    let options = Options { start: Some(utc(MORNING)), market_data: Some(folder.clone()), ..options() };
    let market = Market::start(options);
    market.lift_limits();
    let client = market.client(Mode::Paper);
    for (symbol, exchange) in [("KO", "NYS"), ("BRK/B", "NYS"), ("SPY", "AMS"), ("SOXL", "AMS"), ("ABCD", "NAS")] {
        for asked in ["NAS", "NYS", "AMS"] {
            let last = client.price(asked, symbol).send().output("last").to_owned();
            assert_eq!(last.is_empty(), asked != exchange, "{symbol} on {asked}: {last}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
