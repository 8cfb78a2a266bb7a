//! States as numbers: what a world is, as far as anything that happens in it from now on depends on it.

use std::fmt::{self, Debug, Write};

use crate::chance::mixed;
use crate::disk::{Content, Line};
use crate::truth::TrueIntent;
use crate::world::World;

/// Takes in text, and gives a number.
#[derive(Default)]
struct Ink(u64);

impl Write for Ink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.as_bytes().chunks(8) {
            let bits = piece.iter().fold(piece.len() as u64, |bits, byte| bits << 8 | u64::from(*byte));
            self.0 = (self.0.rotate_left(5) ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        Ok(())
    }
}

/// The number of a value, by what `Debug` tells of it.
pub fn digest(value: &impl Debug) -> u64 {
    let mut ink = Ink::default();
    write!(ink, "{value:?}").unwrap();
    mixed(ink.0)
}

/// A number made of two, in this order.
pub fn joined(first: u64, second: u64) -> u64 {
    mixed(mixed(first).wrapping_add(second))
}

/// What is known of the journal's lines, so that each is looked at once.
#[derive(Default)]
pub struct Memo(Vec<u64>);

impl Memo {
    /// The number of all lines, and of what a power cut would leave of them.
    fn lines(&mut self, lines: &[Line]) -> u64 {
        self.0.truncate(lines.len());
        for line in &lines[self.0.len()..] {
            let content = match &line.content {
                Content::Record(record) => digest(record),
                Content::Snapshot(state) => digest(state),
                Content::Torn => 0,
            };
            self.0.push(joined(content, digest(&(line.seq, line.prev, &line.stamp))));
        }
        let places = lines.iter().zip(&self.0).map(|(line, known)| joined(*known, line.place as u64));
        places.fold(0, joined)
    }

    /// The number of a world, without what the runs under way have in mind.
    pub fn world(&mut self, world: &World) -> u64 {
        let (disk, broker) = (&world.disk, &world.broker);
        let mut ink = Ink::default();
        write!(ink, "{:?} {:?} {:?} ", world.now_ms, world.machine, world.locks).unwrap();
        let before = disk.before.as_ref().map(|month| month.lines.len());
        write!(ink, "{} {before:?} {} {:?} ", disk.month.name, disk.folded, disk.files).unwrap();
        write!(ink, "{:?} {:?} {:?} {:?} ", broker.orders, broker.working, broker.stocks, broker.cash).unwrap();
        write!(ink, "{:?} {:?} ", world.office, world.weather.settled_ms).unwrap();
        for ours in &world.truth.intents {
            // What was refused is in the journal.
            let TrueIntent { intent, written_ms, posts, last, orders, is_lost, is_excused, .. } = ours;
            write!(ink, "{} {written_ms} {posts} {last:?} {orders:?} {is_lost} {is_excused} ", intent.id).unwrap();
        }
        write!(ink, "{:?}", world.choices.as_ref().map(|choices| choices.state())).unwrap();
        joined(ink.0, self.lines(&disk.month.lines))
    }
}
