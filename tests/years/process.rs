//! A process: the program's story of one run at a simulated desk.

use std::future::Future;
use std::pin::Pin;

use kis_trade::domain::Job;
use kis_trade::report::Body;
use kis_trade::story::cleanup::Settlement;
use kis_trade::story::notes::Notes;
use kis_trade::story::run;

use crate::border::Run;
use crate::chance::Chance;
use crate::desk::SimDesk;

/// A process under way.
pub struct Process {
    pub number: u64,
    pub wake_ms: u64,
    /// Whatever is not certain while it goes on.
    pub chance: Chance,
    pub story: Pin<Box<dyn Future<Output = ()>>>,
}

impl Process {
    /// A process that begins at `wake_ms`.
    pub fn new(run: Run, settlement: Option<Settlement>, chance: Chance, wake_ms: u64) -> Process {
        Process { number: run.number, wake_ms, chance, story: Box::pin(live(run, settlement)) }
    }
}

/// Lives a run from its start to its end.
async fn live(run: Run, settlement: Option<Settlement>) {
    let body = match run.job {
        Job::Buy | Job::Sell => Body::Trade { orders: Vec::new(), skipped: Vec::new() },
        _ => Body::Nothing,
    };
    let mut notes = Notes { body, ..Notes::default() };
    let mut desk = SimDesk::new(run);
    let ended = run::run(&mut desk, &mut notes, settlement.as_slice()).await;
    desk.finish(ended, notes).await;
}
