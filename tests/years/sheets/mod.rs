//! Strategies in simulated years: one or two of them beside the default rule, each with a stock of its own. What the broker
//! does with closing orders ([`closing`]), what people do to such stocks ([`hands`]), and what must hold of a sheet: when it
//! and its intents are written ([`written`]), when they are sent ([`sent`]), and when the day is over ([`evening`]).
//!
//! A year with sheets is the year of its seed with strategies added: a year without them knows nothing of this.

mod closing;
mod evening;
mod hands;
mod sent;
mod settings;
mod tests;
mod written;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;

use chrono::NaiveDate;
use kis_trade::decide::rule::Rule;
use kis_trade::domain::{Intent, Job, Mode, Sheet, SheetLine, Side, Symbol};

use crate::chance::Chance;
use crate::habits::ALL;
use crate::machine::{DAY_MS, MINUTE_MS};
use crate::market::Stock;
use crate::support::symbol;
use crate::truth::TrueIntent;
use crate::world::World;

/// Before the close, minutes at which paper's `buy` for emulated closing orders runs.
const LATE_BUY: u64 = 20;
/// The stocks of strategies, and the range of their first price in cents.
const STOCKS: [(&str, (u64, u64)); 2] = [("TQ", (2_000, 6_000)), ("SO", (1_500, 4_000))];

/// The strategies' affairs.
#[derive(Debug, Default)]
pub struct Sheets {
    /// What concerns strategies is drawn here, so that it changes nothing else of a day; `None` in a world without them.
    chance: Option<Chance>,
    books: BTreeMap<String, Book>,
    /// Paper has a `buy` late in the session.
    is_paper: bool,
    /// Until then the machine is left off.
    off_until_ms: u64,
    /// Nothing went wrong today, and nobody wanted anything else than the sheets.
    is_fair: bool,
}

/// The truth about one strategy.
#[derive(Debug)]
struct Book {
    stock: usize,
    /// Its sheets as they were written.
    sheets: BTreeMap<NaiveDate, Sheet>,
    /// What was passed over today, and why: the line's role, blank where it is the whole strategy.
    said: Vec<(String, Rule)>,
    /// The program asks for a person's word.
    wants_adoption: bool,
}

impl World {
    /// The year of a seed with strategies.
    pub fn with_sheets(seed: u64) -> World {
        let mut world = World::new(seed);
        let mut chance = Chance::of_run(seed, u64::MAX - 1);
        let count = if chance.one_in(2) { 2 } else { 1 };
        for (name, (least, most)) in STOCKS.into_iter().take(count) {
            let stock = world.broker.stocks.len();
            world.broker.stocks.push(Stock::new(symbol(name), chance.between(least, most)));
            let strategy = settings::draw(name, stock, &mut chance);
            world.sheets.books.insert(strategy.name.clone(), Book::of(stock));
            Rc::make_mut(&mut world.settings).strategies.push(strategy);
        }
        settings::make_room(Rc::make_mut(&mut world.settings), &mut chance);
        // A `status` beside a `buy` may take the first look ever with a list from before an order and the cash from after it.
        world.disk.files.has_lost_totals = true;
        world.sheets.is_paper = world.settings.mode == Mode::Paper;
        world.sheets.chance = Some(chance);
        world
    }

    /// Reports whether a stock is a strategy's.
    pub fn is_of_strategy(&self, stock: usize) -> bool {
        stock >= ALL.len()
    }

    /// The name of the strategy whose stock it is.
    fn strategy_of(&self, symbol: &Symbol) -> Option<String> {
        let stock = self.stock_of(symbol);
        self.sheets.books.iter().find(|(_, book)| book.stock == stock).map(|(name, _)| name.clone())
    }

    /// Today's sheets and what became of their orders, for whoever must understand a failure.
    pub fn sheets_as_text(&self) -> String {
        let today = self.broker.today;
        let mut text = String::new();
        for sheet in self.sheets.books.values().filter_map(|book| book.sheets.get(&today)) {
            writeln!(text, "sheet of {}: {:?}", sheet.strategy, sheet.ledger).unwrap();
            for (place, order) in sheet.orders.iter().enumerate() {
                let (side, quantity, price) = (order.side, order.quantity, order.limit_price);
                writeln!(text, "  {place}: {side} {quantity}@{price} {} {}", order.kind, order.role()).unwrap();
            }
            for ours in self.intents_of(&sheet.strategy, today) {
                let Intent { id, side, quantity, limit_price, line, .. } = &ours.intent;
                let place = line.as_ref().and_then(|line| line.order);
                let state = self.disk.fold.entries.get(id).map(|entry| entry.state);
                let orders = &ours.orders;
                writeln!(text, "  {id} for {place:?}: {side} {quantity}@{limit_price} {state:?}, orders {orders:?}")
                    .unwrap();
            }
        }
        text
    }

    /// The intents of a strategy's sheet, but those that the journal lost or never had.
    fn intents_of<'a>(&'a self, strategy: &'a str, date: NaiveDate) -> impl Iterator<Item = &'a TrueIntent> {
        let numbered = self.truth.intents.iter().enumerate().rev();
        let of_date = numbered.skip_while(move |(_, ours)| ours.intent.trading_date > date);
        let of_date = of_date.take_while(move |(_, ours)| ours.intent.trading_date == date);
        let is_known = |number: usize, ours: &TrueIntent| self.truth.number_of(&ours.intent.id) == Some(number as u64);
        let known = of_date.filter(move |(number, ours)| is_known(*number, ours));
        known.map(|(_, ours)| ours).filter(move |ours| strategy_of(ours) == Some(strategy))
    }
}

impl Book {
    fn of(stock: usize) -> Book {
        Book { stock, sheets: BTreeMap::new(), said: Vec::new(), wants_adoption: false }
    }
}

impl Sheets {
    /// A job that other worlds do not have.
    pub fn job_at(&self, minute: u64, close: u64) -> Option<Job> {
        (self.is_paper && !self.books.is_empty() && minute + LATE_BUY == close).then_some(Job::Buy)
    }

    /// Reports whether the machine was left off in the last days: splits of that time may have come before the fills.
    pub fn was_left_off(&self, now_ms: u64) -> bool {
        self.off_until_ms > 0 && now_ms < self.off_until_ms + 5 * DAY_MS
    }

    /// Reports whether somebody has left the machine off.
    pub fn is_left_off(&self, now_ms: u64) -> bool {
        now_ms + MINUTE_MS < self.off_until_ms
    }
}

/// The strategy whose intent it is.
fn strategy_of(ours: &TrueIntent) -> Option<&str> {
    ours.intent.line.as_ref().map(|line| line.strategy.as_str())
}

/// Reports whether two intents of one sheet stand for the same order of it.
fn is_same_order((one, side): (&SheetLine, Side), (other, other_side): (&SheetLine, Side)) -> bool {
    let shares_part = one.parts.iter().any(|part| other.parts.iter().any(|other| other.line == part.line));
    match (one.order, other.order) {
        (Some(one), Some(other)) => one == other,
        (None, None) => side == other_side,
        _ => shares_part,
    }
}
