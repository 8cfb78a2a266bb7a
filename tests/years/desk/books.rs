//! The order journal, and the small files.

use chrono::NaiveDate;
use kis_trade::decide::fold::JournalState;
use kis_trade::domain::stamp::MAX_CLOCK_OFFSET;
use kis_trade::domain::{Books as CashBooks, ClockOffset, IntentId, Job, Listings, Record, Sample};
use kis_trade::exit::Failure;
use kis_trade::language::Sentence;
use kis_trade::story::desk::{Books, Halt, LastEnd, Locks, Machine, Totals};

use super::SimDesk;
use crate::border::Spot;
use crate::journal::{Journal, unwritable};

impl Books for SimDesk {
    async fn load_journal(&mut self) -> Result<Option<Sentence>, Failure> {
        let ms = self.run.world().chance.between(5, 150);
        self.run.border(Spot::Looked, ms).await;
        self.journal = Journal::load(&mut self.run.world(), self.task().is_read_only());
        self.run.tell(&*self.journal.state);
        self.conduct.begin_telling();
        if self.conduct.is_second() && self.holds_account() {
            self.run.note("made way for a sell", 0);
        }
        self.settle();
        Ok(None)
    }

    fn forget_journal(&mut self) {
        self.journal = Journal::empty();
    }

    async fn copy_journal(&mut self) -> Result<(), Failure> {
        if self.run.world().cannot_write() {
            return Err(unwritable());
        }
        self.run.note("journal copied afresh", 0);
        self.run.world().disk.copy_fresh();
        self.run.border(Spot::Looked, 4).await;
        self.settle();
        Ok(())
    }

    fn is_torn(&self) -> bool {
        self.journal.wants_repair()
    }

    async fn repair_journal(&mut self) -> Result<Option<Sentence>, Failure> {
        if self.journal.wants_repair() {
            let is_seen = self.clock_skew().is_some_and(|skew| skew.abs() <= MAX_CLOCK_OFFSET);
            self.run.world().holds(is_seen, "a line is stamped before KIS's time was seen");
        }
        let repaired = self.journal.repair(&self.run).await;
        self.settle();
        repaired.map(|warning| warning.map(Sentence::verbatim))
    }

    fn journal(&self) -> &JournalState {
        &self.journal.state
    }

    async fn append(&mut self, record: &Record) -> Result<(), Failure> {
        self.run.world().judge_record(&mut self.conduct, record);
        let written = self.journal.append(&self.run, record).await;
        self.conduct.has_write_failed |= written.is_err();
        self.settle();
        written
    }

    fn has_synced(&self, id: &IntentId) -> bool {
        self.journal.has_synced(id)
    }

    fn check_files(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn last_end(&self, job: Job) -> Result<Option<LastEnd>, Failure> {
        let end = self.run.world().disk.files.last_end(job);
        self.run.tell(&end);
        Ok(end)
    }

    async fn load_clock(&mut self) -> Result<Option<ClockOffset>, Failure> {
        let kept = self.run.world().disk.files.clock.cached.clone();
        self.run.tell(&kept);
        self.doubts_clock = kept.as_ref().is_some_and(|kept| kept.is_wrong() && kept.is_fresh(&self.now()));
        Ok(kept)
    }

    async fn keep_clock(&mut self, offset: &ClockOffset) -> Result<(), Failure> {
        if self.run.world().cannot_write() {
            return Err(unwritable());
        }
        self.run.note("clock kept", offset.seconds.unsigned_abs());
        self.run.world().disk.files.clock.rename(Some(offset.clone()));
        self.replaced().await;
        Ok(())
    }

    fn halt(&self) -> Option<Halt> {
        let is_halted = self.run.world().disk.files.halted_ms.is_some();
        self.run.tell(&is_halted);
        is_halted.then(|| Halt { reason: Sentence::verbatim("a person says so"), file: "HALT".to_owned() })
    }

    fn totals(&mut self, date: NaiveDate) -> Totals {
        let (base, books) = {
            let world = self.run.world();
            let totals = &world.disk.files.totals.cached;
            (totals.base(date), totals.books.clone())
        };
        self.run.tell(&(base, &books));
        Totals { base, books, unread: None }
    }

    async fn keep_total(
        &mut self,
        date: NaiveDate,
        sample: Sample,
        books: &CashBooks,
    ) -> Result<Option<Sentence>, Failure> {
        let base = self.run.world().disk.files.totals.cached.base(date);
        self.run.world().judge_total(&mut self.conduct, base, &sample, books.pending);
        if self.run.world().cannot_write() {
            return Err(unwritable());
        }
        let job = self.run.job;
        self.run.world().disk.files.keep_total(job, date, sample, books);
        self.run.border(Spot::Replaced, 2).await;
        self.settle();
        Ok(None)
    }

    async fn keep_fills(&mut self) -> Result<Option<Sentence>, Failure> {
        let missing: Vec<(IntentId, u64)> = {
            let world = self.run.world();
            let fills = &world.disk.files.fills;
            let filled = self.journal.state.entries.values().filter(|entry| entry.filled_quantity > 0);
            let missing = filled.filter(|entry| fills.get(&entry.intent.id) != Some(&entry.filled_quantity));
            missing.map(|entry| (entry.intent.id.clone(), entry.filled_quantity)).collect()
        };
        self.run.tell(&missing);
        if missing.is_empty() {
            return Ok(None);
        }
        if self.run.world().cannot_write() {
            return Err(unwritable());
        }
        self.run.border(Spot::Looked, 2).await;
        self.run.world().disk.files.fills.extend(missing);
        self.settle();
        Ok(None)
    }

    async fn load_listings(&mut self) -> Result<Option<Sentence>, Failure> {
        self.listings = self.run.world().disk.files.listings.cached.clone();
        self.run.tell(&self.listings);
        self.kept_listings = self.listings.clone();
        Ok(None)
    }

    fn listings(&mut self) -> &mut Listings {
        &mut self.listings
    }

    async fn keep_listings(&mut self) -> Result<(), Failure> {
        if self.listings == self.kept_listings {
            return Ok(());
        }
        if self.run.world().cannot_write() {
            return Err(self.unwritten());
        }
        self.run.world().disk.files.listings.rename(self.listings.clone());
        self.kept_listings = self.listings.clone();
        self.replaced().await;
        Ok(())
    }

    async fn note_orders_found(&mut self, _: NaiveDate) {}

    async fn note_orders_left(&mut self, _: NaiveDate) {}
}
