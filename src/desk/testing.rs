//! A run in this process against kis-sim, paused where a test inspects it.

use std::ffi::OsString;

use kis_sim::{Options, Sim};
use serde_json::json;
use tempfile::TempDir;

use crate::cli::Cli;
use crate::config::Environment;
use crate::desk::base::prepare;
use crate::desk::{RealDesk, block_on};
use crate::story::notes::Notes;
use crate::story::open::open;
use crate::story::run::Run;

/// 10:30 in New York on a Wednesday.
const NOW: &str = "2023-05-24T14:30:00Z";

/// A paper account with 10,000 USD, and AAPL on the watch list.
pub struct Stage {
    /// Listens as long as the stage lives.
    _sim: Sim,
    dir: TempDir,
}

impl Stage {
    pub fn new() -> Stage {
        let dir = tempfile::tempdir().unwrap();
        let market_data = Some(dir.path().to_owned());
        let sim = Sim::start(Options { start: Some(NOW.parse().unwrap()), market_data, ..Options::default() }).unwrap();
        sim.control("POST", "/limits", json!({ "gateway_per_second": null, "ledger_per_second": null }));
        let config = format!(
            "mode = \"paper\"\n[gateway]\nbase_url = {:?}\nrequests_per_second = 10000\nledger_requests_per_second = 10000\n\
             [buy]\nfilter = []\nwatch = [\"AAPL\"]\n",
            sim.gateway_url()
        );
        crate::store::atomic::replace(&dir.path().join("config.toml"), config.as_bytes()).unwrap();
        Stage { _sim: sim, dir }
    }

    /// Opens a run of a command and shows it.
    pub fn show(&self, command: &str, look: impl AsyncFnOnce(&mut Run<'_, RealDesk<'_>>)) {
        let config = self.dir.path().join("config.toml");
        let arguments = ["kis-trade", "--config", config.to_str().unwrap(), command].map(OsString::from);
        let cli = Cli::from_arguments(&arguments).unwrap();
        let secret = kis_sim::paper_secret();
        let environment = Environment::from_pairs([
            ("KIS_APP_KEY", kis_sim::PAPER_KEY),
            ("KIS_APP_SECRET", &secret),
            ("KIS_ACCOUNT_NO", kis_sim::PAPER_ACCOUNT),
            ("KIS_TRADE_NOW", NOW),
        ]);
        let base = prepare(&cli, &environment, "TESTS".to_owned()).base.unwrap();
        let mut desk = RealDesk::new(&base, cli.command.task()).unwrap();
        let mut notes = Notes::default();
        block_on(async {
            let mut run = open(&mut desk, &mut notes, false).await.unwrap();
            look(&mut run).await;
        });
    }
}
