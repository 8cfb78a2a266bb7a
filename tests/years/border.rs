//! A run as the simulation drives it: a story that stops at the border of each effect, where it may go on or be killed.
//! Whoever polls it lets it perform its next effect, and whoever drops it has killed its process.

use std::cell::{RefCell, RefMut};
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use kis_trade::domain::{Job, Task};

use crate::machine::{MINUTE_MS, SECOND_MS};
use crate::world::World;

/// The world, in many hands.
pub type Shared = Rc<RefCell<World>>;

/// Which effect a run has just performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A read, or nothing of weight.
    Looked,
    /// A line is in the file, and not yet on the disk.
    Wrote,
    /// A month's file has its name, which is not yet on the disk.
    Renamed,
    /// A line is on the disk.
    Synced,
    /// A small file is replaced, and its new name is not on the disk yet.
    Replaced,
    /// All checks before a request have passed.
    Checked,
    /// The broker has an order's request, or it was lost.
    Posted,
    /// The broker has a cancel's request, or it was lost.
    Cancelled,
    /// Waiting for a lock; nobody dies here.
    Waited,
    /// The token's lock is taken.
    TokenLocked,
    /// The record of token requests is replaced, and its new name is not on the disk yet.
    RecordReplaced,
    /// A token's request is recorded, and not sent yet.
    Asking,
    /// KIS has the request, or it was lost.
    Asked,
    /// A token is about to be saved.
    Saving,
    /// The token's file is replaced, and its new name is not on the disk yet.
    TokenReplaced,
    /// KIS was asked to revoke a token.
    Revoked,
}

/// What becomes of a run at a border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    #[default]
    Lives,
    Killed,
    PowerCut,
}

/// What the run that was polled last asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// It goes on after this long.
    pub ms: u64,
    /// If it does.
    pub fate: Fate,
    /// What it waits for.
    pub awaits: Awaits,
}

/// What a run waits for at a border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Awaits {
    /// The end of its effect.
    #[default]
    Effect,
    /// A time.
    Time,
    /// The account's lock, until it gives up.
    Account { until_ms: u64 },
    /// The token's lock, until it gives up.
    Token { until_ms: u64 },
    /// That no sell waits for the account.
    Sells,
}

/// One process.
pub struct Run {
    pub number: u64,
    pub task: Task,
    pub job: Job,
    /// Killed at its first look; drawn at the start, so that a run that only looks is known as such.
    pub dies_looking: bool,
    shared: Shared,
}

impl Run {
    pub fn new(number: u64, task: Task, shared: Shared) -> Run {
        Run { number, task, job: task.job, dies_looking: false, shared }
    }

    /// The world. It must be let go of before the next border.
    pub fn world(&self) -> RefMut<'_, World> {
        self.shared.borrow_mut()
    }

    /// The border behind an effect that takes `ms`.
    pub async fn border(&self, spot: Spot, ms: u64) {
        self.border_at(Awaits::Effect, spot, ms).await;
    }

    /// The border at which a run waits.
    pub async fn border_at(&self, awaits: Awaits, spot: Spot, ms: u64) {
        self.world().ask(self, spot, ms);
        self.world().asked.awaits = awaits;
        Border { is_crossed: false }.await;
    }

    /// In a world that is explored, what the run learns of it: nothing else of the world goes into what it does next.
    pub fn tell(&self, learned: &impl Debug) {
        if let Some(choices) = &mut self.world().choices {
            choices.tell(learned);
        }
    }

    pub fn note(&self, word: &'static str, number: u64) {
        let mut world = self.world();
        let now_ms = world.now_ms;
        world.trace.note(now_ms, self.number, word, number);
    }
}

/// Ready when polled again.
struct Border {
    is_crossed: bool,
}

impl Future for Border {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.is_crossed {
            return Poll::Ready(());
        }
        self.is_crossed = true;
        Poll::Pending
    }
}

impl World {
    /// Draws what becomes of a run at a border.
    fn ask(&mut self, run: &Run, spot: Spot, ms: u64) {
        self.asked = Asked { ms, ..Asked::default() };
        if self.is_of_tokens {
            self.asked.fate = self.draw_fate_at_token(run, spot);
            if self.asked.fate != Fate::Lives {
                self.note_of(run.number, spot.death(), 0);
            }
            return;
        }
        if !self.weather.is_rough || spot == Spot::Waited {
            return;
        }
        let run = run.number;
        let odds = match spot {
            _ if spot.is_of_renewal() => 160,
            Spot::Wrote | Spot::Synced | Spot::Cancelled => 160,
            Spot::Replaced => 300,
            Spot::Checked | Spot::Posted => 60,
            Spot::Renamed => 3,
            _ => 900,
        };
        // A month's name that is not on the disk yet attracts power cuts: there is little time for one.
        let odds = if self.disk.before.is_some() { odds.min(6) } else { odds };
        let drawn = self.chance.below(odds);
        let now_ms = self.now_ms;
        if drawn <= 1 && (drawn == 0 || self.chance.one_in(3)) {
            self.asked.fate = if drawn == 0 { Fate::Killed } else { Fate::PowerCut };
            self.trace.note(now_ms, run, spot.death(), 0);
        } else if drawn == 2 && self.chance.one_in(3) {
            self.asked.ms += self.chance.between(30 * SECOND_MS, 20 * MINUTE_MS);
            self.truth.stopped.insert(run);
            self.trace.note(now_ms, run, "stopped", self.asked.ms);
        }
    }
}

impl Spot {
    /// Reports whether a run is here only while it renews its token.
    pub fn is_of_renewal(self) -> bool {
        matches!(
            self,
            Spot::TokenLocked
                | Spot::RecordReplaced
                | Spot::Asking
                | Spot::Asked
                | Spot::Saving
                | Spot::TokenReplaced
                | Spot::Revoked
        )
    }

    fn death(self) -> &'static str {
        match self {
            Spot::Looked | Spot::Waited => "died while it looked",
            Spot::Wrote => "died between a line and its sync",
            Spot::Renamed => "died between a month's name and its sync",
            Spot::Synced => "died after a line",
            Spot::Replaced => "died between a file's name and its sync",
            Spot::Checked => "died between an intent and its request",
            Spot::Posted => "died between a request and its outcome",
            Spot::Cancelled => "died between a cancel and its outcome",
            Spot::TokenLocked => "died with the token's lock",
            Spot::RecordReplaced => "died after the record was replaced",
            Spot::Asking => "died before the issue, which is recorded",
            Spot::Asked => "died after the issue, before the save",
            Spot::Saving => "died before the save of an issued token",
            Spot::TokenReplaced => "died after the token was replaced",
            Spot::Revoked => "died after the revocation",
        }
    }
}
