//! What the strategies' buys may spend: each its own cash, all of them together what the account has to order with.

use crate::decide::fold::{Entry, JournalState};
use crate::decide::strategy::lines::{cost_of, stage_of, with_held_back};
use crate::domain::{Exchange, KisError, Mode, Sheet, Side, Symbol, Usd};
use crate::exit::Failure;
use crate::language::Sentence;
use crate::story::desk::Desk;
use crate::story::endings;
use crate::story::run::Run;
use crate::story::words;

/// What there is to order with, asked for once a run.
#[derive(Default)]
pub(super) struct Money {
    /// What KIS said, less what was sent since.
    orderable: Option<Usd>,
    /// What KIS said: the witness of each buy, as no list knows the orders of this run yet.
    said: Option<Usd>,
}

impl Money {
    /// What the account has to order with now. An inner error is KIS's refusal to say so for this symbol.
    pub(super) async fn orderable<D: Desk>(
        &mut self,
        run: &mut Run<'_, D>,
        exchange: Exchange,
        symbol: &Symbol,
        price: Usd,
    ) -> Result<Result<Usd, Sentence>, Failure> {
        if self.orderable.is_none() {
            let asked = run.call(async |desk: &mut D| desk.buying_power(exchange, symbol, price).await).await;
            self.orderable = match asked {
                Ok(power) => {
                    self.said = Some(power.cash_usd());
                    self.said
                }
                Err(KisError::Refused(said)) => return Ok(Err(endings::buying_power_refused(&said.to_string()))),
                Err(error) => return Err(error.into_failure(&words::buying_power())),
            };
        }
        Ok(Ok(self.orderable.unwrap_or_default()))
    }

    /// What there was to order with when KIS was asked.
    pub(super) fn said(&self) -> Option<Usd> {
        self.said
    }

    /// Takes off what an order may spend.
    pub(super) fn spend(&mut self, cost: Usd) {
        self.orderable = self.orderable.map(|orderable| orderable - with_held_back(cost));
    }
}

/// A strategy's own cash, less what its buys of the date tie up or have spent.
pub(super) fn own_cash_left(journal: &JournalState, sheet: &Sheet) -> Usd {
    let committed: Usd = journal.orders_of(&sheet.strategy, sheet.date).map(Entry::committed).sum();
    sheet.ledger.cash - committed
}

/// USD that the strategies' buys still to be sent tie up; nothing in a run that does not buy.
pub(super) fn tied_up<D: Desk>(run: &Run<'_, D>, side: Side) -> Usd {
    let (journal, date) = (run.desk.journal(), run.market.trading_date);
    let is_over = run.loc_cutoff_passed().is_some() && run.settings.mode == Mode::Real;
    if side == Side::Sell || is_over {
        return Usd::ZERO;
    }
    let of_strategy = |name: &str| {
        let book = journal.strategy(name)?;
        let sheet = book.sheet_of(date).filter(|_| !book.is_withdrawn(date))?;
        let entries: Vec<&Entry> = journal.orders_of(name, date).collect();
        let open = (0..sheet.orders.len()).filter(|place| stage_of(sheet, *place, &entries).is_open());
        Some(open.map(|place| cost_of(&sheet.orders[place])).sum::<Usd>())
    };
    let all: Usd = run.settings.strategies.iter().filter_map(|strategy| of_strategy(&strategy.name)).sum();
    with_held_back(all)
}
