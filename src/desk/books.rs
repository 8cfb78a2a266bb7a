//! The order journal and the files derived from it.

use chrono::NaiveDate;

use crate::decide::fold::JournalState;
use crate::desk::RealDesk;
use crate::desk::remember::end_of;
use crate::domain::{Books as CashBooks, ClockOffset, IntentId, Job, Listings, Record, Sample};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::store::equity::{Known, Samples};
use crate::store::journal::{Access, Journal};
use crate::store::lock::FileLock;
use crate::store::{clock, halt, last_run, symbols, trades};
use crate::story::desk::{Books, Halt, LastEnd, Totals};

impl Books for RealDesk<'_> {
    async fn load_journal(&mut self) -> Result<Option<Sentence>, Failure> {
        let (dir, clock, run_id) = (self.base.dir.path(), &self.base.clock, &self.base.run_id);
        let access = if self.task.is_read_only() { Access::InMemory } else { Access::Write };
        let (journal, warning) = Journal::load(dir, clock, run_id, access)?;
        self.journal = journal;
        Ok(warning)
    }

    fn forget_journal(&mut self) {
        self.journal = Journal::empty(self.base.dir.path(), &self.base.clock, &self.base.run_id);
    }

    async fn copy_journal(&mut self) -> Result<(), Failure> {
        self.journal.copy_fresh()
    }

    fn is_torn(&self) -> bool {
        self.journal.is_torn()
    }

    async fn repair_journal(&mut self) -> Result<Option<Sentence>, Failure> {
        self.journal.repair()
    }

    fn journal(&self) -> &JournalState {
        self.journal.state()
    }

    async fn append(&mut self, record: &Record) -> Result<(), Failure> {
        self.journal.append(record)
    }

    fn has_synced(&self, id: &IntentId) -> bool {
        self.journal.has_synced(id)
    }

    fn check_files(&self) -> Result<(), Failure> {
        self.account.as_ref().map_or(Ok(()), FileLock::check)?;
        self.journal.check()
    }

    fn last_end(&self, job: Job) -> Result<Option<LastEnd>, Failure> {
        let last = last_run::load(self.base.dir.path(), job.word())?;
        Ok(last.value.as_ref().map(end_of))
    }

    async fn load_clock(&mut self) -> Result<Option<ClockOffset>, Failure> {
        clock::load(&self.base.dir)
    }

    async fn keep_clock(&mut self, offset: &ClockOffset) -> Result<(), Failure> {
        clock::save(&self.base.dir, offset)
    }

    fn halt(&self) -> Option<Halt> {
        let file = self.base.dir.halt().display().to_string();
        halt::reason(&self.base.dir).map(|reason| Halt { reason, file })
    }

    fn totals(&mut self, date: NaiveDate) -> Totals {
        match self.samples.insert(Samples::load(self.base.dir.path())).known(date) {
            Ok(Known { base, books, .. }) => Totals { base, books, unread: None },
            Err(failure) => Totals { unread: Some(failure), ..Totals::default() },
        }
    }

    async fn keep_total(
        &mut self,
        date: NaiveDate,
        sample: Sample,
        books: &CashBooks,
    ) -> Result<Option<Sentence>, Failure> {
        let (dir, command) = (self.base.dir.path(), self.task.job.word());
        let samples = self.samples.get_or_insert_with(|| Samples::load(dir));
        let added = samples.add(dir, command, date, sample, books);
        // One that can't be read is kept as it is, and was named when it was read.
        match added {
            Err(failure) if failure.reason != Reason::StateUnwritable => Ok(None),
            added => added,
        }
    }

    async fn keep_fills(&mut self) -> Result<Option<Sentence>, Failure> {
        trades::sync(self.base.dir.path(), self.journal.state())
    }

    async fn load_listings(&mut self) -> Result<Option<Sentence>, Failure> {
        let loaded = symbols::load(self.base.dir.path());
        // One that can't be read stays as it is.
        self.may_keep_listings = loaded.is_ok();
        let (listings, warning) = loaded?;
        self.kept_listings.clone_from(&listings);
        self.listings = listings;
        Ok(warning)
    }

    fn listings(&mut self) -> &mut Listings {
        &mut self.listings
    }

    async fn keep_listings(&mut self) -> Result<(), Failure> {
        if self.listings == self.kept_listings || !self.may_keep_listings {
            return Ok(());
        }
        symbols::save(self.base.dir.path(), &self.listings)?;
        self.kept_listings.clone_from(&self.listings);
        Ok(())
    }

    async fn note_orders_found(&mut self, trading_date: NaiveDate) {
        self.base.notifier(self.task).begin(self.journal.state(), trading_date, &mut self.news);
    }

    async fn note_orders_left(&mut self, trading_date: NaiveDate) {
        self.base.notifier(self.task).note_orders(self.journal.state(), trading_date, &mut self.news);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::decide::test_support::{symbol, usd};
    use crate::desk::testing::Stage;
    use crate::domain::Exchange;

    #[test]
    fn writes_only_what_changed() {
        Stage::new().show("buy", async |run| {
            let path = run.desk.base.dir.path().join("symbols.json");
            run.desk.keep_listings().await.unwrap();
            assert!(!path.exists(), "nothing to remember, nothing written");
            run.desk.listings().remember(&symbol("SES"), Exchange::Nyse, Some(usd("1.25")));
            run.desk.keep_listings().await.unwrap();
            fs::remove_file(&path).unwrap();
            run.desk.listings().remember(&symbol("SES"), Exchange::Nyse, Some(usd("1.250")));
            run.desk.listings().forget(&symbol("NVDA"));
            run.desk.keep_listings().await.unwrap();
            assert!(!path.exists());
            run.desk.listings().forget(&symbol("SES"));
            run.desk.keep_listings().await.unwrap();
            assert!(path.exists());
        });
    }
}
