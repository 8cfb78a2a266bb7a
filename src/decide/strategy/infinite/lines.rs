//! Builds the lines of a sheet, in the order of sending. A line without shares is none.

use crate::decide::strategy::infinite::Role;
use crate::decide::strategy::infinite::ladder::Ladder;
use crate::decide::strategy::infinite::mains::Main;
use crate::domain::{Line, OrderKind, Side, Symbol, Usd};

/// The lines of one symbol so far.
pub(super) struct Lines<'a> {
    symbol: &'a Symbol,
    lines: Vec<Line>,
}

impl<'a> Lines<'a> {
    pub fn of(symbol: &'a Symbol) -> Lines<'a> {
        Lines { symbol, lines: Vec::new() }
    }

    /// Sells in the closing auction at this price or better.
    pub fn sell_loc(&mut self, role: Role, quantity: u64, price: Usd) {
        self.push(role, Side::Sell, OrderKind::Loc, quantity, Some(price));
    }

    /// Sells at the target during the day.
    pub fn sell_target(&mut self, quantity: u64, price: Usd) {
        self.push(Role::Target, Side::Sell, OrderKind::Limit, quantity, Some(price));
    }

    /// Sells in the closing auction at whatever price.
    pub fn sell_moc(&mut self, quantity: u64) {
        self.push(Role::Moc, Side::Sell, OrderKind::Moc, quantity, None);
    }

    /// Buys in the closing auction: the mains, then a share a rung.
    pub fn buy(&mut self, mains: &[Main], ladder: &Ladder) {
        for main in mains {
            self.push(main.role, Side::Buy, OrderKind::Loc, main.quantity, Some(main.price));
        }
        for price in &ladder.prices {
            self.push(Role::Rung, Side::Buy, OrderKind::Loc, 1, Some(*price));
        }
    }

    pub fn all(self) -> Vec<Line> {
        self.lines
    }

    fn push(&mut self, role: Role, side: Side, kind: OrderKind, quantity: u64, limit_price: Option<Usd>) {
        if quantity > 0 {
            let (role, symbol) = (role.word().to_owned(), self.symbol.clone());
            self.lines.push(Line { role, symbol, side, kind, quantity, limit_price, note: String::new() });
        }
    }
}
