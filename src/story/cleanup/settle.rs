//! A person's decisions about orders of which KIS's lists can't tell enough.

use crate::decide::fold::{Entry, JournalState};
use crate::decide::reconcile::{row_of, state_of};
use crate::decide::split::settled_unit;
use crate::domain::{BrokerOrder, HumanVerdict, IntentId, IntentState, OrderKey, Record, Symbol, Usd};
use crate::exit::{Failure, Reason};
use crate::story::cleanup::Changed;
use crate::story::desk::Desk;
use crate::story::reconcile::Reconciled;
use crate::story::run::Run;

const FORMS: &str = "--settle takes INTENT=ORDER_ID, INTENT=absent, INTENT=filled:QTY@PRICE, ORDER_ID=FILLED, \
    foreign=ORDER_ID, foreign=all-of-today or price=SYMBOL";

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
    /// An external order is fine.
    ForeignIsFine(OrderKey),
    /// So are all of today's.
    AllForeignAreFine,
    /// The price of a symbol that is set aside for a suspected split is right.
    PriceIsRight(Symbol),
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
        parsed.ok_or_else(|| usage(FORMS, "`kis-trade status` shows the intents and their candidates"))
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
            let next = "`kis-trade status` shows what waits for a decision";
            state.apply(&now, &record).map_err(|error| usage(&error.to_string(), next))?;
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
        run.take_written(kept)?;
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
                rows => return Err(not_one(&format!("order {key} is no foreign order of today"), rows)),
            }
        }
        Settlement::PriceIsRight(symbol) => {
            if journal.set_aside(symbol).is_none() {
                let what = format!("{symbol} is not set aside for a suspected split");
                return Err(usage(&what, "`kis-trade status` shows what is set aside"));
            }
            HumanVerdict::PriceIsRight { symbol: symbol.clone() }
        }
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
    let is_claimed = |key: &OrderKey| journal.is_claimed(intent.trading_day, key);
    let fits = |row: &&BrokerOrder| row.key().may_be(key) && intent.matches(row, is_claimed);
    match reconciled.list.rows.iter().filter(fits).collect::<Vec<_>>().as_slice() {
        [row] if entry.order_id.is_none() => {
            let BrokerOrder { order_id, branch, .. } = (*row).clone();
            Ok(HumanVerdict::IsOrder { intent: id.clone(), order_id, branch })
        }
        rows => {
            let what = format!(
                "order {key} can't be intent {id}: KIS's list of {} has no such {} of {} {} at {} that nobody owns",
                intent.trading_day, intent.side, intent.quantity, intent.symbol, intent.limit_price
            );
            Err(not_one(&what, rows))
        }
    }
}

/// What a person says of an order that KIS took and never listed.
fn is_filled(journal: &JournalState, id: &IntentId, quantity: u64, price: Usd) -> Result<HumanVerdict, Failure> {
    let entry = unknown_entry(journal, id)?;
    if entry.order_id.is_none() {
        let what = format!("no order number of intent {id} is known");
        return Err(usage(&what, &format!("look its number up at KIS, then say `{id}=ORDER_ID`, or `{id}=absent`")));
    }
    let all = entry.intent.quantity;
    if quantity > all {
        let what = format!("intent {id} was for {all} shares; {quantity} can't have filled");
        return Err(usage(&what, "`kis-trade status` shows the order"));
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
        let what = format!("the fills of order {key} are not in doubt");
        return Err(usage(&what, "only an order whose fills shrank in KIS's list needs this"));
    };
    let (before, now) = (entry.filled_quantity, correction.filled_quantity);
    let average_price = match quantity {
        0 => Usd::ZERO,
        _ if quantity == now => correction.average_price,
        _ if quantity == before => entry.average_price,
        _ => {
            let what =
                format!("KIS showed {before} and now shows {now} shares of order {key} filled, never {quantity}");
            return Err(usage(&what, "look at KIS which of both it is"));
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
    let what = || format!("intent {id} is not waiting for a decision");
    entry.ok_or_else(|| usage(&what(), "`kis-trade status` shows the unknown orders"))
}

/// A number that fits no order, or orders of several branches.
fn not_one(what: &str, rows: &[&BrokerOrder]) -> Failure {
    if rows.len() < 2 {
        return usage(what, "`kis-trade status` shows today's orders and the candidates");
    }
    let keys: Vec<String> = rows.iter().map(|row| row.key().to_string()).collect();
    usage(&format!("orders of several branches have this number: {}", keys.join(", ")), "name it with its branch")
}

fn usage(what: &str, next: &str) -> Failure {
    Failure::new(Reason::Usage, what).next(next)
}
