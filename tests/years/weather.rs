//! What goes wrong on a day, and when; and that it lets up in the evening, on most days.

use std::collections::BTreeMap;
use std::rc::Rc;

use kis_trade::config::Trading;
use kis_trade::domain::market_session::new_york_date;
use kis_trade::domain::{Job, Refusal, Side};

use crate::Year;
use crate::broker::Source;
use crate::chance::Chance;
use crate::disk::Loss;
use crate::habits::{ALL, TRADED};
use crate::locks::Locks;
use crate::machine::{MINUTE_MS, SECOND_MS};
use crate::office::Death;
use crate::world::World;

/// `[market] buy_until` of a full day is so long before its close.
const CUTOFF_MS: u64 = 30 * MINUTE_MS;

/// Something at one moment.
#[derive(Clone, Copy, Debug)]
pub enum Happening {
    /// KIS can't be reached.
    Outage {
        for_ms: u64,
    },
    /// Nothing can be written.
    DiskFull {
        for_ms: u64,
    },
    /// Each read takes half a minute.
    Slow {
        for_ms: u64,
    },
    /// The market opens late, or KIS refuses all orders, or all buys, for another reason.
    Refuses {
        refusal: Refusal,
        for_ms: u64,
    },
    PowerCut,
    Reboot,
    ClockSteps {
        off_ms: i64,
    },
    ClockFixed,
    PersonTrades,
    /// A person trades what a strategy holds.
    PersonTradesSheet {
        stock: usize,
    },
    /// A person ends the sheet of a strategy.
    PersonWithdraws {
        stock: usize,
    },
    /// The machine is left off, maybe for days.
    LeftOff {
        for_ms: u64,
    },
    ProgramTrades,
    AnotherHandCancels,
    /// A person brings money, or takes some.
    MoneyMoves,
    AnotherHandModifies,
    /// All jobs at once.
    Crowd,
    /// A job starts right before it may not trade any more.
    Late {
        job: Job,
    },
    /// A person stops all trading.
    Halted {
        for_ms: u64,
    },
    Unhalted,
    /// KIS forgets the token.
    TokenDies,
    /// The state directory is put back from a copy.
    Restored,
    /// A person settles what waits for a person.
    PersonLooks,
    RoughEnds,
}

/// How the day is.
#[derive(Debug, Default)]
pub struct Weather {
    coming: BTreeMap<(u64, u64), Happening>,
    added: u64,
    pub is_rough: bool,
    /// Nothing goes wrong all day.
    pub is_calm: bool,
    /// Rough weather lets up before the day has its last word.
    pub has_calm_evening: bool,
    pub outage_until_ms: u64,
    pub disk_full_until_ms: u64,
    pub slow_until_ms: u64,
    /// Until then KIS refuses every order, or every buy, for this.
    refuses: Option<(Refusal, u64)>,
    /// The stock for whose quote KIS has an error all day.
    pub odd_quote: Option<usize>,
    /// When `cleanup` last settled a closed market's orders.
    pub settled_ms: u64,
    /// When a run that ended well last read the list.
    pub seen_ms: u64,
    /// The clock was stepped today.
    pub is_stepped: bool,
    /// A copy was put back today.
    pub is_restored: bool,
    /// A stock of which the order list has a person's order of a fraction of a share.
    pub odd_order: Option<usize>,
    /// The balance has a row with a temporary code.
    pub has_odd_holding: bool,
}

impl Weather {
    pub fn add(&mut self, at_ms: u64, happening: Happening) {
        self.added += 1;
        self.coming.insert((at_ms, self.added), happening);
    }

    /// Why KIS refuses an order now, whatever it is.
    pub fn refusal_of(&self, side: Side, now_ms: u64) -> Option<Refusal> {
        let (refusal, until_ms) = self.refuses?;
        let concerns = refusal != Refusal::Cash || side == Side::Buy;
        (now_ms < until_ms && concerns).then_some(refusal)
    }

    /// Reports whether KIS refused every order for a while today.
    pub fn has_refused(&self) -> bool {
        self.refuses.is_some()
    }

    /// When the next one is due.
    pub fn next_ms(&self) -> u64 {
        self.coming.first_key_value().map_or(u64::MAX, |((at_ms, _), _)| *at_ms)
    }
}

impl World {
    /// Draws a day.
    pub fn draw_weather(&mut self) {
        let (open_ms, close_ms) = (self.broker.open_ms, self.broker.close_ms);
        let chance = &mut self.chance;
        let weather = &mut self.weather;
        (weather.is_restored, weather.is_stepped) = (false, false);
        weather.is_rough = !self.is_quiet && !chance.one_in(3);
        let has_odd_rows = weather.is_rough && chance.one_in(3);
        weather.odd_order = has_odd_rows.then(|| usize::try_from(chance.below(TRADED as u64)).unwrap());
        weather.has_odd_holding = has_odd_rows && chance.one_in(2);
        if !self.is_quiet && chance.one_in(6) {
            weather.add(chance.between(open_ms - 30 * MINUTE_MS, close_ms), Happening::MoneyMoves);
        }
        weather.is_calm = !weather.is_rough;
        weather.has_calm_evening = !weather.is_rough || !chance.one_in(5);
        weather.refuses = None;
        weather.odd_quote = chance.one_in(6).then(|| usize::try_from(chance.below(ALL.len() as u64)).unwrap());
        if chance.one_in(5) {
            use Refusal::{Cash, MarketClosed, NoRight, System};
            let refusal = chance.pick(&[MarketClosed, MarketClosed, MarketClosed, System, NoRight, Cash, Cash]);
            let from_ms = open_ms + chance.pick(&[0, 0, 60, 120]) * MINUTE_MS;
            let for_ms = chance.between(10 * MINUTE_MS, 200 * MINUTE_MS);
            weather.add(from_ms, Happening::Refuses { refusal, for_ms });
        }
        weather.add(close_ms + 100 * MINUTE_MS, Happening::PersonLooks);
        if chance.one_in(2) {
            weather.add(chance.between(open_ms, close_ms), Happening::Crowd);
        }
        if !weather.is_rough {
            return;
        }
        let end_ms = close_ms + if weather.has_calm_evening { 50 } else { 325 } * MINUTE_MS;
        for _ in 0..chance.between(3, 12) {
            let at_ms = chance.between(open_ms - 10 * MINUTE_MS, end_ms - 1);
            weather.add(at_ms, draw(chance));
        }
        if chance.one_in(2) {
            let before_ms = chance.between(0, 90 * SECOND_MS);
            weather.add(close_ms - before_ms, Happening::Late { job: Job::Sell });
            let before_ms = chance.between(0, 90 * SECOND_MS);
            weather.add(close_ms - CUTOFF_MS - before_ms, Happening::Late { job: Job::Buy });
        }
        if chance.one_in(3) {
            // Just while a `sell` or a `buy` is at its orders.
            let hour_ms = chance.between(1, 3) * 60 * MINUTE_MS;
            let minute_ms =
                (open_ms + hour_ms) / (60 * MINUTE_MS) * 60 * MINUTE_MS + chance.pick(&[5, 10, 35]) * MINUTE_MS;
            let for_ms = chance.between(SECOND_MS, 3 * MINUTE_MS);
            weather.add(minute_ms + chance.between(2 * SECOND_MS, 8 * SECOND_MS), Happening::Halted { for_ms });
        }
        for hour in 1..6 {
            weather.add(open_ms + hour * 60 * MINUTE_MS + 3000, Happening::PersonLooks);
        }
        weather.add(end_ms, Happening::RoughEnds);
        if chance.one_in(2) && self.disk.before.is_none() {
            self.disk.backup = (self.disk.month.name.clone(), self.disk.month.lines.len());
        }
    }

    /// A person may want nothing bought on a day.
    pub fn draw_trading(&mut self) {
        let is_wanted = self.chance.one_in(20);
        if is_wanted {
            self.note("only sells are wanted", 0);
        }
        let trading = if is_wanted { Trading::SellOnly } else { Trading::All };
        if self.settings.limits.trading != trading {
            Rc::make_mut(&mut self.settings).limits.trading = trading;
        }
    }

    fn step_clock(&mut self, off_ms: i64) {
        self.note(if off_ms == 0 { "clock set right" } else { "clock off" }, off_ms.unsigned_abs());
        self.machine.step_to(off_ms);
        self.weather.is_stepped |= off_ms != 0;
    }

    /// Intents that went with lines of the journal. They may do so only when a person put a copy back.
    fn lose_intents(&mut self, may_be_sent: bool) {
        for id in std::mem::take(&mut self.disk.lost) {
            let was_sent = self.truth.lose(&id);
            // A copy that is put back has the `trades.csv` of its time, too.
            self.disk.files.fills.remove(&id);
            self.holds(may_be_sent || !was_sent, "I8: a power cut took the line of an intent that was sent");
        }
    }

    /// What was not synced may be lost.
    pub fn lose_power(&mut self) {
        let loss = self.disk.cut_power(&mut self.chance);
        let (word, number) = match loss {
            Loss::Nothing => ("power cut", 0),
            Loss::Lines(count) => ("power cut took lines", count as u64),
            Loss::Torn => ("power cut tore a line", 0),
            Loss::Month => ("power cut took a month's name", 0),
            Loss::Hole => ("power cut left a hole, and a person restores", 0),
        };
        self.note(word, number);
        self.judge_token_after_power_cut();
        if loss == Loss::Hole {
            // Whether a line may not have come to the disk is told by times, which a step of the clock may bend.
            self.holds(self.weather.is_stepped, "I12: a power cut left a hole in the journal");
            self.weather.is_restored = true;
            self.restored_ms = self.now_ms;
            self.excuse_splits();
        }
        self.lose_intents(loss == Loss::Hole);
    }
}

impl Year {
    pub fn happen(&mut self) {
        let mut world = self.world.borrow_mut();
        let Some((_, happening)) = world.weather.coming.pop_first() else { return };
        let now_ms = world.now_ms;
        match happening {
            Happening::Outage { for_ms } => {
                world.note("outage", for_ms);
                world.weather.outage_until_ms = now_ms + for_ms;
            }
            Happening::DiskFull { for_ms } => {
                world.note("disk full", for_ms);
                world.weather.disk_full_until_ms = now_ms + for_ms;
            }
            Happening::Slow { for_ms } => {
                world.note("KIS is slow", for_ms);
                world.weather.slow_until_ms = now_ms + for_ms;
            }
            Happening::Refuses { refusal, for_ms } => {
                world.note("KIS refuses every order", for_ms);
                world.weather.refuses = Some((refusal, now_ms + for_ms));
            }
            Happening::ClockSteps { off_ms } => {
                world.step_clock(off_ms);
                let right_ms = now_ms + world.chance.between(MINUTE_MS, 90 * MINUTE_MS);
                world.weather.add(right_ms, Happening::ClockFixed);
            }
            Happening::ClockFixed => world.step_clock(0),
            Happening::PersonTrades => world.trade_elsewhere(Source::Person),
            Happening::PersonTradesSheet { stock } => world.trade_sheet_by_hand(stock),
            Happening::ProgramTrades => world.trade_elsewhere(Source::Program),
            Happening::AnotherHandCancels => world.cancel_elsewhere(),
            Happening::MoneyMoves => world.transfer(),
            Happening::AnotherHandModifies => world.modify_elsewhere(),
            Happening::RoughEnds => world.end_rough(),
            Happening::Halted { for_ms } => {
                world.note("a person halts trading", for_ms);
                world.disk.files.halted_ms.get_or_insert(now_ms);
                world.weather.add(now_ms + for_ms, Happening::Unhalted);
            }
            Happening::Unhalted => world.disk.files.halted_ms = None,
            Happening::TokenDies => {
                let death = world.chance.pick(&[Death::Gone, Death::StillReturned]);
                world.kill_token(death);
            }
            Happening::PowerCut
            | Happening::Reboot
            | Happening::Crowd
            | Happening::Late { .. }
            | Happening::PersonWithdraws { .. }
            | Happening::LeftOff { .. }
            | Happening::PersonLooks => {
                let is_up = now_ms >= world.machine.down_until_ms;
                drop(world);
                match happening {
                    Happening::Crowd if is_up => self.crowd(),
                    Happening::Late { job } if is_up => self.start(job, None, 0),
                    Happening::PersonLooks if is_up => self.person_looks(),
                    Happening::PersonWithdraws { stock } if is_up => self.person_withdraws(stock),
                    Happening::LeftOff { for_ms } => self.leave_off(for_ms),
                    Happening::Crowd
                    | Happening::Late { .. }
                    | Happening::PersonLooks
                    | Happening::PersonWithdraws { .. } => {}
                    Happening::Reboot => self.stop_machine(),
                    _ => self.cut_power(),
                }
            }
            Happening::Restored => {
                if self.processes.is_empty() && world.disk.restore_backup() {
                    world.note("a copy is put back", 0);
                    world.weather.is_restored = true;
                    world.restored_ms = now_ms;
                    world.excuse_splits();
                    world.lose_intents(true);
                }
            }
        }
    }

    pub fn cut_power(&mut self) {
        self.processes.clear();
        self.world.borrow_mut().lose_power();
        self.stop_machine();
        self.world.borrow_mut().lose_clock();
    }

    /// All processes die; what they wrote is synced by a reboot, and after a power cut nothing is left to sync.
    pub fn stop_machine(&mut self) {
        let processes = std::mem::take(&mut self.processes);
        let mut world = self.world.borrow_mut();
        for process in &processes {
            world.let_go(process.number);
        }
        world.locks = Locks::default();
        world.disk.sync();
        world.disk.sync_folder();
        let stops_ms = world.stops_ms;
        let longest_ms = world.chance.pick(stops_ms);
        let down_ms = world.chance.between(20 * SECOND_MS, longest_ms);
        let until_ms = world.now_ms.max(world.machine.down_until_ms) + down_ms;
        world.note("boot", 0);
        world.machine.reboot(until_ms);
        world.token.calm.trouble(until_ms);
    }
}

impl World {
    fn end_rough(&mut self) {
        self.weather.is_rough = false;
        (self.weather.odd_order, self.weather.has_odd_holding) = (None, false);
        self.step_clock(0);
        self.weather.outage_until_ms = 0;
        self.weather.disk_full_until_ms = 0;
        self.weather.slow_until_ms = 0;
        self.disk.files.halted_ms = None;
        if !self.sheets.is_left_off(self.now_ms) {
            self.machine.down_until_ms = self.machine.down_until_ms.min(self.now_ms + MINUTE_MS);
        }
        let is_today = new_york_date(self.wall()) == self.broker.today;
        self.holds(is_today, "the simulation's day goes on into the next");
    }
}

fn draw(chance: &mut Chance) -> Happening {
    let minutes = |chance: &mut Chance, most: u64| chance.between(SECOND_MS, most * MINUTE_MS);
    match chance.below(31) {
        0..=1 => Happening::Outage { for_ms: minutes(chance, 90) },
        2..=3 => Happening::DiskFull { for_ms: minutes(chance, 60) },
        4..=6 => Happening::Slow { for_ms: minutes(chance, 40) },
        7..=8 => Happening::PowerCut,
        9 => Happening::Reboot,
        10..=11 => {
            let off_ms = chance.below(230_000).cast_signed();
            Happening::ClockSteps { off_ms: off_ms - 115_000 }
        }
        12 => Happening::ClockSteps { off_ms: chance.pick(&[-14 * 60, -30, -3, 3, 30]) * 60_000 },
        13..=15 => Happening::PersonTrades,
        16..=17 => Happening::ProgramTrades,
        18..=19 => Happening::AnotherHandCancels,
        20..=23 => Happening::Crowd,
        24 if chance.one_in(4) => Happening::Restored,
        25..=26 => Happening::Halted { for_ms: minutes(chance, 60) },
        27 => Happening::TokenDies,
        29..=30 => Happening::AnotherHandModifies,
        _ => Happening::PersonTrades,
    }
}
