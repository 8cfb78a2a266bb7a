//! A person's decisions about orders of which KIS's lists can't tell enough.

use crate::decide::fold::{Entry, JournalState};
use crate::decide::reconcile::{row_of, state_of};
use crate::decide::split::settled_unit;
use crate::domain::{BrokerOrder, HumanVerdict, Intent, IntentId, IntentState, OrderKey, Record, Symbol, Usd};
use crate::exit::{Failure, Reason};
use crate::language::Sentence;
use crate::story::cleanup::{Changed, words};
use crate::story::desk::Desk;
use crate::story::reconcile::Reconciled;
use crate::story::run::Run;
use crate::story::strategy::Adopt;

/// A person's decision, as `--settle` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The intent became this order.
    IsOrder(IntentId, OrderKey),
    /// The intent never reached KIS.
    IsAbsent(IntentId),
    /// KIS took the order of the intent and never listed it: so many shares filled, at this average price in USD.
    IsFilled(IntentId, u64, Usd),
    /// Of the order whose fills shrank so many shares filled.
    HasFilled(OrderKey, u64),
    /// This external order is known to the user: if it stopped buys, it stops them no more.
    ForeignIsFine(OrderKey),
    /// So are all of today's.
    AllForeignAreFine,
    /// The price of a symbol that is set aside for a suspected split is right.
    PriceIsRight(Symbol),
    /// A strategy takes over what the account shows.
    Adopt(Adopt),
    /// Nothing more of a strategy's sheet is sent on this date.
    Withdraw(String),
}

impl Settlement {
    /// Reads one decision. An order may be written with its branch, as `00950-0000042031`, where a number alone fits two.
    ///
    /// # Errors
    /// 2 for anything else.
    pub fn parse(text: &str) -> Result<Settlement, Failure> {
        let parsed = text.split_once('=').and_then(|(left, right)| match (left, right) {
            ("foreign", "all-of-today") => Some(Settlement::AllForeignAreFine),
            ("price", symbol) => Some(Settlement::PriceIsRight(symbol.parse().ok()?)),
            ("foreign", order) => Some(Settlement::ForeignIsFine(order.parse().ok()?)),
            (left, right) => match IntentId::parse(left) {
                Some(intent) => of_intent(intent, right),
                None => Some(Settlement::HasFilled(left.parse().ok()?, shares(right)?)),
            },
        });
        parsed.ok_or_else(|| usage(words::forms(), words::see_intents()))
    }
}

fn of_intent(intent: IntentId, right: &str) -> Option<Settlement> {
    if right == "absent" {
        return Some(Settlement::IsAbsent(intent));
    }
    let Some(filled) = right.strip_prefix("filled:") else {
        return Some(Settlement::IsOrder(intent, right.parse().ok()?));
    };
    let (quantity, price) = filled.split_once('@')?;
    let (quantity, price) = (shares(quantity)?, price.parse::<Usd>().ok()?);
    (quantity > 0 && price.is_positive()).then_some(Settlement::IsFilled(intent, quantity, price))
}

fn shares(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Records a person's decisions: all of them, or none when one can't be true.
pub(super) async fn settle<D: Desk>(
    run: &mut Run<'_, D>,
    settlements: &[Settlement],
    reconciled: &Reconciled,
) -> Result<Changed, Failure> {
    let (mut state, now) = (run.desk.journal().clone(), run.desk.now());
    let mut verdicts = Vec::new();
    for settlement in settlements {
        let verdicts_of = verdicts_of(&state, settlement, reconciled)?.into_iter().map(Record::Human);
        // The unit first: by itself its line frees the symbol, too.
        for record in unit_of(&state, settlement).into_iter().chain(verdicts_of) {
            state.apply(&now, &record).map_err(|error| usage(error.words(), words::see_what_waits()))?;
            verdicts.push(record);
        }
    }
    let mut changed = Changed::new();
    for record in &verdicts {
        run.desk.append(record).await?;
        if let Record::Human(
            HumanVerdict::IsOrder { intent, .. }
            | HumanVerdict::IsAbsent { intent }
            | HumanVerdict::IsFilled { intent, .. },
        ) = record
        {
            changed.retain(|(id, _)| id != intent);
            changed.extend(run.desk.journal().entries.get(intent).map(|entry| (intent.clone(), entry.state)));
        }
    }
    if !changed.is_empty() && !run.task.is_read_only() {
        let kept = run.desk.keep_fills().await;
        run.take_derived(kept);
    }
    Ok(changed)
}

/// Checks a person's decision against journal and list.
fn verdicts_of(
    journal: &JournalState,
    settlement: &Settlement,
    reconciled: &Reconciled,
) -> Result<Vec<HumanVerdict>, Failure> {
    let verdict = match settlement {
        Settlement::IsAbsent(id) => HumanVerdict::IsAbsent { intent: unknown_entry(journal, id)?.intent.id.clone() },
        Settlement::IsFilled(id, quantity, price) => is_filled(journal, id, *quantity, *price)?,
        Settlement::IsOrder(id, key) => is_order(journal, id, key, reconciled)?,
        Settlement::HasFilled(key, quantity) => has_filled(journal, key, *quantity, reconciled)?,
        Settlement::ForeignIsFine(key) => {
            let external = reconciled.findings.external.iter().filter(|row| row.key().may_be(key));
            match external.collect::<Vec<_>>().as_slice() {
                [row] => is_fine(row),
                rows => return Err(not_one(words::no_external_order(key), rows)),
            }
        }
        Settlement::PriceIsRight(symbol) => {
            if journal.set_aside(symbol).is_none() {
                return Err(usage(words::not_set_aside(symbol), words::see_set_aside()));
            }
            HumanVerdict::PriceIsRight { symbol: symbol.clone() }
        }
        // Not about an order; taken care of beside the cancels.
        Settlement::Adopt(_) | Settlement::Withdraw(_) => return Ok(Vec::new()),
        Settlement::AllForeignAreFine => return Ok(reconciled.findings.foreign.iter().map(is_fine).collect()),
    };
    Ok(vec![verdict])
}

/// What a person's word on a price means for what is kept in old units.
fn unit_of(journal: &JournalState, settlement: &Settlement) -> Option<Record> {
    let Settlement::PriceIsRight(symbol) = settlement else { return None };
    journal.set_aside(symbol).and_then(settled_unit).map(Record::Unit)
}

fn is_fine(row: &BrokerOrder) -> HumanVerdict {
    let BrokerOrder { date, order_id, branch, .. } = row.clone();
    HumanVerdict::ForeignIsFine { date, order_id, branch }
}

fn is_order(
    journal: &JournalState,
    id: &IntentId,
    key: &OrderKey,
    reconciled: &Reconciled,
) -> Result<HumanVerdict, Failure> {
    let entry = unknown_entry(journal, id)?;
    let intent = &entry.intent;
    let is_claimed = |key: &OrderKey| journal.is_claimed(intent.trading_date, key);
    let fits = |row: &&BrokerOrder| row.key().may_be(key) && intent.matches(row, is_claimed);
    match reconciled.list.rows.iter().filter(fits).collect::<Vec<_>>().as_slice() {
        [row] if entry.order_id.is_none() => {
            let BrokerOrder { order_id, branch, .. } = (*row).clone();
            Ok(HumanVerdict::IsOrder { intent: id.clone(), order_id, branch })
        }
        rows => {
            let Intent { trading_date, side, quantity, symbol, limit_price, .. } = intent;
            let what = words::no_such_order(key, id, *trading_date, *side, *quantity, symbol, *limit_price);
            Err(not_one(what, rows))
        }
    }
}

/// What a person says of an order that KIS took and never listed.
fn is_filled(journal: &JournalState, id: &IntentId, quantity: u64, price: Usd) -> Result<HumanVerdict, Failure> {
    let entry = unknown_entry(journal, id)?;
    if entry.order_id.is_none() {
        return Err(usage(words::no_number_known(id), words::look_number_up(id)));
    }
    let all = entry.intent.quantity;
    if quantity > all {
        return Err(usage(words::more_than_ordered(id, all, quantity), words::see_order()));
    }
    let state = if quantity == all { IntentState::Filled } else { IntentState::Expired };
    Ok(HumanVerdict::IsFilled { intent: id.clone(), filled_quantity: quantity, average_price: price, state })
}

/// What a person says of an order of which KIS's list shows fewer shares filled than it did before.
fn has_filled(
    journal: &JournalState,
    key: &OrderKey,
    quantity: u64,
    reconciled: &Reconciled,
) -> Result<HumanVerdict, Failure> {
    let is_meant = |entry: &&Entry| entry.key().is_some_and(|own| own.may_be(key));
    let in_doubt =
        journal.entries.values().filter(is_meant).find_map(|entry| Some((entry, entry.correction.as_ref()?)));
    let Some((entry, correction)) = in_doubt else {
        return Err(usage(words::fills_not_in_doubt(key), words::only_shrunk_fills()));
    };
    let (before, now) = (entry.filled_quantity, correction.filled_quantity);
    let average_price = match quantity {
        0 => Usd::ZERO,
        _ if quantity == now => correction.average_price,
        _ if quantity == before => entry.average_price,
        _ => {
            return Err(usage(words::never_filled_so(before, now, key, quantity), words::look_which_it_is()));
        }
    };
    let row = row_of(entry, &reconciled.list).map(|row| BrokerOrder { filled_quantity: quantity, ..row.clone() });
    let state = row.as_ref().map_or(entry.state, |row| state_of(row, &reconciled.list));
    // What had ended, and has nothing open now, stays ended.
    let is_over = !entry.state.is_live() && row.is_none_or(|row| row.remaining_quantity == 0);
    let state = if is_over && state == IntentState::Accepted { IntentState::Cancelled } else { state };
    Ok(HumanVerdict::IsFilled { intent: entry.intent.id.clone(), filled_quantity: quantity, average_price, state })
}

fn unknown_entry<'a>(journal: &'a JournalState, id: &IntentId) -> Result<&'a Entry, Failure> {
    let entry = journal.entries.get(id).filter(|entry| entry.state.is_unknown());
    entry.ok_or_else(|| usage(words::not_waiting(id), words::see_unknown()))
}

/// A number that fits no order, or orders of several branches.
fn not_one(what: Sentence, rows: &[&BrokerOrder]) -> Failure {
    if rows.len() < 2 {
        return usage(what, words::see_candidates());
    }
    let keys: Vec<String> = rows.iter().map(|row| row.key().to_string()).collect();
    usage(words::of_several_branches(&keys.join(", ")), words::name_its_branch())
}

fn usage(what: Sentence, next: Sentence) -> Failure {
    Failure::new(Reason::Usage, what).next(next)
}
