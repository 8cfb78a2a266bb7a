//! What can happen in a state, and which states were met before.

use std::collections::HashSet;

use super::digest::{digest, joined};
use super::execution::{Execution, Teller};
use crate::border::Awaits;
use crate::machine::SECOND_MS;
use crate::world::World;

/// A wait may end while another run stands still for as long.
const STANDSTILL_MS: u64 = 10 * SECOND_MS;

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The run at this place goes on, at this time.
    Go {
        place: usize,
        at_ms: u64,
    },
    /// It is killed.
    Kill {
        place: usize,
    },
    /// It stands still for a while.
    Stop {
        place: usize,
    },
    CutPower,
}

/// A state between two effects, and what can happen in it.
pub struct Point {
    /// Choices that led to it.
    pub choices: usize,
    /// The world as a number.
    pub seen: u64,
    pub moves: Vec<Move>,
    /// Those that lead to states which no other way leads to.
    pub is_new: Vec<bool>,
}

/// When two states are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Never.
    Never,
    /// When each run has gone on in the same worlds, be what has changed of no concern to it.
    ByWorlds,
    /// When each run has learned the same.
    ByAnswers,
}

/// What was seen in all executions so far.
pub struct Seen {
    pub cut: Cut,
    pub states: HashSet<u64>,
    /// The points of the execution under way.
    pub points: Vec<Point>,
    /// How executions end.
    pub ends: HashSet<u64>,
}

impl Seen {
    pub fn new(cut: Cut) -> Seen {
        Seen { cut, states: HashSet::new(), points: Vec::new(), ends: HashSet::new() }
    }
}

impl Execution<'_> {
    /// Adds the state that is reached to those seen. False when it was met before.
    pub fn look(&mut self, seen: &mut Seen) -> bool {
        let world = self.memo.world(&self.world.borrow());
        let known = self.tellers.iter().map(|teller| {
            let Teller { process, history, awaits, wake_ms, stopped_until_ms } = teller;
            joined(*history, digest(&(process.number, awaits, wake_ms, stopped_until_ms)))
        });
        let known: Vec<u64> = known.collect();
        let all = known.iter().copied().fold(joined(world, self.phase as u64), joined);
        if seen.cut != Cut::Never && !seen.states.insert(all) {
            return false;
        }
        let moves = self.moves();
        let is_new = moves.iter().map(|next| {
            // A death leads to a state that the world and the other runs decide, whoever looked at what before.
            let death = match *next {
                Move::Go { .. } | Move::Stop { .. } => return true,
                Move::Kill { place } => {
                    let others = known.iter().enumerate().filter(|(other, _)| *other != place);
                    others
                        .fold(joined(world, self.tellers[place].process.number), |sum, (_, known)| joined(sum, *known))
                }
                Move::CutPower => joined(world, u64::MAX),
            };
            let death = joined(death, !(self.phase as u64));
            seen.cut == Cut::Never || seen.states.insert(death)
        });
        let is_new = is_new.collect();
        let choices = self.world.borrow_mut().choices().made.len();
        seen.points.push(Point { choices, seen: world, moves, is_new });
        true
    }

    /// What can happen next: first who goes on, in the order of their start.
    fn moves(&self) -> Vec<Move> {
        let mut world = self.world.borrow_mut();
        let now_ms = world.now_ms;
        let ready_ms: Vec<u64> = self.tellers.iter().map(|teller| teller.ready_ms(&world)).collect();
        let first_ms = ready_ms.iter().copied().min().unwrap_or(u64::MAX);
        world.holds(first_ms < u64::MAX, "nobody can go on");
        let may_go = |teller: &Teller, at_ms: u64| {
            at_ms <= now_ms.max(first_ms) || (teller.awaits == Awaits::Time && at_ms <= now_ms + STANDSTILL_MS)
        };
        let goers = self.tellers.iter().zip(&ready_ms).enumerate();
        let goers = goers.filter(|(_, (teller, at_ms))| may_go(teller, **at_ms));
        let mut moves: Vec<Move> =
            goers.map(|(place, (_, at_ms))| Move::Go { place, at_ms: now_ms.max(*at_ms) }).collect();
        let choices = world.choices();
        let may_die = choices.misfortunes > 0 && !choices.is_spared;
        if may_die && choices.kills > 0 {
            let begun = self.tellers.iter().enumerate().filter(|(_, teller)| teller.history != 0);
            moves.extend(begun.map(|(place, _)| Move::Kill { place }));
        }
        if may_die && choices.stops > 0 {
            let begun = self.tellers.iter().enumerate().filter(|(_, teller)| teller.history != 0);
            moves.extend(begun.map(|(place, _)| Move::Stop { place }));
        }
        if may_die && choices.cuts > 0 {
            moves.push(Move::CutPower);
        }
        moves
    }
}

impl Teller {
    /// When it can go on, as far as its locks are concerned.
    fn ready_ms(&self, world: &World) -> u64 {
        let is_free = |holder: Option<u64>| holder.is_none_or(|holder| holder == self.process.number);
        let ready_ms = match self.awaits {
            Awaits::Effect => 0,
            Awaits::Time => self.wake_ms,
            Awaits::Account { until_ms } => {
                if is_free(world.locks.account) {
                    0
                } else {
                    until_ms
                }
            }
            Awaits::Token { until_ms } => {
                if is_free(world.locks.token) {
                    0
                } else {
                    until_ms
                }
            }
            Awaits::Sells => {
                if world.locks.want.is_empty() {
                    0
                } else {
                    self.wake_ms
                }
            }
        };
        ready_ms.max(self.stopped_until_ms)
    }
}
