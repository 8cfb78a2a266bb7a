//! The fast way: the program's own stories, run after run, at a desk made of daily bars.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{NaiveDate, TimeDelta};

use crate::config::Settings;
use crate::decide::rule::Skip;
use crate::desk::block_on;
use crate::domain::market_session::{Session, session_of};
use crate::domain::{Job, Percent, Symbol, Usd};
use crate::exit::Exit;
use crate::rehearse::bars::Market;
use crate::rehearse::broker::Broker;
use crate::rehearse::desk::BarDesk;
use crate::rehearse::place::Place;
use crate::rehearse::rows::{Day, Unsent, states_of};
use crate::rehearse::words;
use crate::report::Body;
use crate::story::desk::Books;
use crate::story::notes::Notes;
use crate::story::run::{self as story, RunOutcome};

/// What is rehearsed.
pub(super) struct Play {
    /// As the rehearsal changes them: real, without the default rule.
    pub(super) settings: Rc<Settings>,
    pub(super) market: Market,
    /// The sessions, oldest first.
    pub(super) dates: Vec<NaiveDate>,
    pub(super) fee_percent: Percent,
}

/// When the jobs of a session run, in minutes after its open: 09:35, 09:40 and 16:20 in New York.
pub(super) const JOBS: [(Job, i64); 3] = [(Job::Sell, 5), (Job::Buy, 10), (Job::Cleanup, 410)];

impl Play {
    pub(super) fn symbols(&self) -> Vec<Symbol> {
        self.market.keys().cloned().collect()
    }

    /// USD of all strategies.
    pub(super) fn principal(&self) -> Usd {
        self.settings.strategies.iter().map(|strategy| strategy.principal).sum()
    }

    /// USD that the account holds beside them, so that neither fees nor what KIS holds back keep an order from being sent.
    pub(super) fn reserve(&self) -> Usd {
        self.principal()
    }

    /// The last close of each symbol.
    pub(super) fn closes_on(&self, date: NaiveDate) -> Vec<(Symbol, Usd)> {
        let close = |(symbol, series): (&Symbol, &super::bars::Series)| {
            Some((symbol.clone(), series.until(date).last()?.on_tick()[3]))
        };
        self.market.iter().filter_map(close).collect()
    }

    /// Runs every session.
    pub(super) fn days(&self, place: Place) -> Vec<Day> {
        let exchanges = self.settings.strategies.iter().flat_map(|strategy| &strategy.symbols);
        let exchanges: BTreeMap<_, _> =
            exchanges.filter_map(|listed| Some((listed.symbol.clone(), listed.exchange?))).collect();
        let cash = self.principal() + self.reserve();
        let broker = Broker::new(self.market.clone(), exchanges, cash, self.fee_percent);
        let mut desk = BarDesk::new(Rc::clone(&self.settings), broker, place);
        let sessions = self.dates.iter().filter_map(|date| Some((*date, session_of(*date)?)));
        sessions.map(|(date, session)| self.day(&mut desk, date, &session)).collect()
    }

    fn day(&self, desk: &mut BarDesk, date: NaiveDate, session: &Session) -> Day {
        let mut day = Day { date, closes: self.closes_on(date), ..Day::default() };
        desk.broker.open(date);
        desk.prune();
        for (job, minutes) in JOBS {
            if job == Job::Cleanup {
                desk.broker.close();
            }
            desk.begin(job, session.opens_at + TimeDelta::minutes(minutes));
            run(desk, job, &mut day);
        }
        day.orders = desk.broker.orders_of_date();
        day.cash = desk.broker.cash - desk.broker.fees - self.reserve();
        day.shares = self.symbols().into_iter().map(|symbol| (symbol.clone(), desk.broker.shares(&symbol))).collect();
        day.states = states_of(desk.journal(), &self.names(), date);
        day
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.settings.strategies.iter().map(|strategy| strategy.name.clone()).collect()
    }
}

fn run(desk: &mut BarDesk, job: Job, day: &mut Day) {
    let mut notes = Notes { body: Body::of(Some(job)), ..Notes::default() };
    let RunOutcome { ending, .. } = block_on(story::run(desk, &mut notes, &[]));
    if ending.exit() != Exit::Done {
        let why = ending.detail.clone().and(": ", &ending.because);
        day.failures.push(words::run_failed(day.date, job.word(), &why));
    }
    if let Body::Trade { skipped, .. } = &notes.body {
        day.take_unsent(skipped.iter().filter_map(unsent));
    }
}

fn unsent(skip: &Skip) -> Option<Unsent> {
    let of_strategy = skip.of_strategy.as_ref()?;
    Some((of_strategy.strategy.clone(), of_strategy.name().to_owned(), skip.rule.word().to_owned()))
}
