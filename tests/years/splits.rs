//! Stock splits: the quote goes over on a morning, the account at a moment of its own, some days later or earlier. And what
//! may be done in between, which is nothing.

use chrono::{Days, NaiveDate};
use kis_trade::domain::{Holding, Intent, Ratio, Side, SplitSign, SplitSuspicion, Symbol, Unit, Usd};

use crate::chance::Chance;
use crate::habits::ALL;
use crate::machine::MINUTE_MS;
use crate::market::Stock;
use crate::world::World;

/// One year in so many has no splits.
const WITHOUT_ONE_IN: u64 = 5;
/// Of each stock one morning in so many is that of a split.
const MORNINGS: u64 = 45;
/// So long after one nothing is split again.
const REST_MORNINGS: u32 = 12;
const RATIOS: [(u32, u32); 9] = [(2, 1), (3, 1), (3, 2), (5, 4), (4, 3), (6, 5), (1, 2), (2, 3), (5, 1)];

/// Where splits come from, apart from all other chance; `None` in a world without them.
#[derive(Debug, Default)]
pub struct Splits {
    chance: Option<Chance>,
    mornings: u32,
}

/// One split of one stock, the latest.
#[derive(Debug)]
pub struct TrueSplit {
    ratio: Ratio,
    /// The quote goes over on the morning of this date.
    quote_day: NaiveDate,
    account_ms: u64,
    is_quote_done: bool,
    is_account_done: bool,
    /// What the account held before it went over.
    held: Holding,
    morning: u32,
    /// The journal was put back since, or the program could not know better.
    is_excused: bool,
}

impl TrueSplit {
    /// The quote is in other units than the balance.
    fn is_torn(&self) -> bool {
        self.is_quote_done != self.is_account_done
    }

    fn is_over(&self) -> bool {
        self.is_quote_done && self.is_account_done
    }
}

impl Splits {
    pub fn of_year(seed: u64) -> Splits {
        let chance = (!seed.is_multiple_of(WITHOUT_ONE_IN)).then(|| Chance::of_run(seed, u64::MAX));
        Splits { chance, mornings: 0 }
    }
}

impl World {
    /// The night is over: some stocks are split, and the quotes of others go over.
    pub fn split_stocks(&mut self, day: NaiveDate) {
        self.splits.mornings += 1;
        let morning = self.splits.mornings;
        let Some(mut chance) = self.splits.chance.take() else { return };
        let now_ms = self.now_ms;
        let mut words = Vec::new();
        for stock in self.broker.stocks.iter_mut().take(ALL.len()) {
            let rests =
                stock.split.as_ref().is_some_and(|split| !split.is_over() || split.morning + REST_MORNINGS > morning);
            if morning > REST_MORNINGS && !rests && chance.one_in(MORNINGS) {
                let (new, old) = chance.pick(&RATIOS);
                let ratio = Ratio { new, old };
                let account_ms = now_ms + chance.pick(&[0, 0, 60, 200, 1440, 2880, 5760]) * MINUTE_MS;
                let is_account_first = stock.held > 0 && chance.one_in(4);
                if stock.can_be_split(ratio) {
                    let quote_day = if is_account_first { day + Days::new(chance.between(1, 3)) } else { day };
                    stock.split = Some(TrueSplit {
                        ratio,
                        quote_day,
                        account_ms: if is_account_first || stock.held == 0 { now_ms } else { account_ms },
                        is_quote_done: false,
                        is_account_done: false,
                        held: stock.holding(),
                        morning,
                        is_excused: false,
                    });
                    words.push("a split");
                }
            }
            words.extend(stock.go_over(day));
        }
        self.splits.chance = Some(chance);
        words.into_iter().for_each(|word| self.note(word, 0));
        self.adjust_accounts();
    }

    /// Accounts go over when it is time.
    pub fn adjust_accounts(&mut self) {
        let now_ms = self.now_ms;
        for index in 0..self.broker.stocks.len() {
            let stock = &mut self.broker.stocks[index];
            let is_due = stock.split.as_ref().is_some_and(|split| !split.is_account_done && split.account_ms <= now_ms);
            if is_due {
                let paid = stock.adjust(now_ms);
                if paid.is_positive() {
                    self.take_from_outside(paid);
                }
                self.note("an account follows a split", 0);
            }
        }
    }

    /// The journal was put back from a copy: it may have forgotten what it had seen.
    pub fn excuse_splits(&mut self) {
        for split in self.broker.stocks.iter_mut().filter_map(|stock| stock.split.as_mut()) {
            split.is_excused = true;
        }
    }

    /// Reports whether the units of quote and balance differ.
    pub fn is_torn(&self, stock: usize) -> bool {
        self.broker.stocks[stock].split.as_ref().is_some_and(TrueSplit::is_torn)
    }

    /// An order is about to leave: quote and balance must be in the same units. Exceptions:
    ///
    /// - The journal was put back from a copy after the split, or the symbol was never seen before.
    /// - The account went over first, and the balance that was remembered was not what it held; or as many shares are left,
    ///   and buys and sells since may have moved the cost as well.
    pub fn judge_units(&mut self, symbol: &Symbol, side: Side) {
        let stock = &self.broker.stocks[self.stock_of(symbol)];
        let Some(split) = stock.split.as_ref().filter(|split| split.is_torn()) else { return };
        let listings = &self.disk.files.listings.cached;
        let is_known = match split.is_quote_done {
            true => listings.is_known_before(symbol, split.quote_day),
            false => listings.held(symbol).is_some_and(|held| {
                let has_filled = |side: Side| {
                    let is_meant = |intent: &Intent| intent.side == side && intent.symbol == *symbol;
                    let entries = self.disk.fold.entries.values();
                    entries
                        .filter(|entry| is_meant(&entry.intent) && entry.intent.trading_date >= held.since)
                        .any(|entry| entry.filled_quantity > 0)
                };
                let is_seen_by_cost_alone = split.ratio.shares_after(split.held.quantity) == split.held.quantity;
                let may_be_trade = is_seen_by_cost_alone && has_filled(Side::Buy) && has_filled(Side::Sell);
                held.holding == split.held && !may_be_trade
            }),
        };
        if split.is_excused || !is_known {
            self.note("an order that could not know of a split", 0);
            return;
        }
        self.holds(false, &format!("a {side} of {symbol} by a price in other units than the balance's: {split:?}"));
    }

    /// A few shares were replaced by others at another price, and no run saw the account between: all that was seen was sold after the
    /// last look of its date, as orders for the close are, or by an order of which nobody could tell that it filled.
    fn may_be_trades(&self, suspicion: &SplitSuspicion) -> bool {
        let Some(seen) = self.disk.files.listings.cached.held(&suspicion.symbol) else { return false };
        let stock = self.stock_of(&suspicion.symbol);
        let sells =
            self.broker.since(seen.since).iter().filter(|order| order.stock == stock && order.side == Side::Sell);
        let sold: u64 = sells.map(|order| order.filled).sum();
        suspicion.sign == SplitSign::Account && !suspicion.ratio.is_large() && sold >= seen.holding.quantity
    }

    /// A split is suspected: there must be one.
    pub fn judge_suspicion(&mut self, suspicion: &SplitSuspicion) {
        let stock = &self.broker.stocks[self.stock_of(&suspicion.symbol)];
        let is_so = stock.split.as_ref().is_some_and(|split| {
            let has_moved = match suspicion.sign {
                SplitSign::Price => split.is_quote_done,
                SplitSign::Account => split.is_account_done,
            };
            // A price of the last hour may be nearer to a neighbour of a small ratio, such as 5:4 for 6:5.
            has_moved && (split.ratio == suspicion.ratio || !split.ratio.is_large())
        });
        if !is_so && self.may_be_trades(suspicion) {
            self.note("trades that look like a split", 0);
            return;
        }
        self.holds(is_so, &format!("a false alarm: {suspicion:?}, and it was {:?}", stock.split));
        self.note(
            if suspicion.sign == SplitSign::Price { "split suspected by price" } else { "split suspected by account" },
            0,
        );
    }

    /// What is kept in old units is scaled: by the true ratio.
    pub fn judge_unit(&mut self, unit: &Unit) {
        let stock = &self.broker.stocks[self.stock_of(&unit.symbol)];
        let is_so = stock.split.as_ref().is_some_and(|split| split.ratio == unit.factor && split.is_quote_done);
        self.holds(is_so, &format!("units change by {unit:?}, and it was {:?}", stock.split));
        self.note("units change", 0);
    }
}

impl Stock {
    /// The price stays in its range, and something of what is held remains.
    fn can_be_split(&self, ratio: Ratio) -> bool {
        let after = self.cents * u64::from(ratio.old) / u64::from(ratio.new);
        (800..=25_000).contains(&after) && (self.held == 0 || ratio.shares_after(self.held) > 0)
    }

    fn holding(&self) -> Holding {
        Holding { quantity: self.held, average_cost: self.cost.is_positive().then_some(self.cost) }
    }

    /// The quote goes over, on its day.
    fn go_over(&mut self, day: NaiveDate) -> Option<&'static str> {
        let split = self.split.as_mut().filter(|split| !split.is_quote_done && split.quote_day <= day)?;
        split.is_quote_done = true;
        let ratio = split.ratio;
        self.scale_quote(ratio);
        Some("a quote follows a split")
    }

    /// The account goes over. Returns what is paid for a fraction.
    fn adjust(&mut self, now_ms: u64) -> Usd {
        let Some(split) = self.split.as_mut() else { return Usd::ZERO };
        split.is_account_done = true;
        let Ratio { new, old } = split.ratio;
        let has_fraction = !(u64::from(new) * self.held).is_multiple_of(u64::from(old));
        self.held = split.ratio.shares_after(self.held);
        self.cost = Usd(split.ratio.price_after(self.cost).unwrap().0.round_dp(4));
        self.lagging.clear();
        self.touched_ms = now_ms;
        if has_fraction { self.cost } else { Usd::ZERO }
    }
}
