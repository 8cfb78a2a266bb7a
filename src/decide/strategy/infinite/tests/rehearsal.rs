//! A rehearsal over the bars of TQQQ from January to September 2025: LOC and MOC lines fill at the close, a target at its price
//! or the open. Two programs that share no code with this one came to the same end.

use super::*;

const BARS: &str = include_str!("../../../../../tests/kis-sim/market-data/TQQQ.csv");

struct Bar {
    date: chrono::NaiveDate,
    open: Usd,
    high: Usd,
    close: Usd,
}

fn bars() -> Vec<Bar> {
    let lines = BARS.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    lines.map(|row| Bar { date: date(row[0]), open: usd(row[1]), high: usd(row[2]), close: usd(row[4]) }).collect()
}

/// What is left after a day.
#[derive(Clone, Debug)]
struct Row {
    date: chrono::NaiveDate,
    cash: Usd,
    quantity: u64,
    /// The state that takes this day's fills in.
    state: Value,
    equity: Usd,
    mode: String,
}

/// The ledger: shares at their moving average.
#[derive(Default)]
struct Book {
    cash: Usd,
    quantity: u64,
    average: Usd,
}

impl Book {
    fn take_in(&mut self, fill: &LineFill) {
        let value = fill.price.times(fill.quantity).unwrap();
        match fill.side {
            Side::Buy => {
                let cost = self.average.times(self.quantity).unwrap() + value;
                self.quantity += fill.quantity;
                self.average = Usd(cost.0 / Decimal::from(self.quantity));
                self.cash = self.cash - value;
            }
            Side::Sell => {
                self.quantity -= fill.quantity;
                self.cash = self.cash + value;
            }
        }
    }
}

/// What a bar makes of a line.
fn fill(line: &crate::domain::Line, bar: &Bar) -> Option<LineFill> {
    let price = match (line.kind, line.side, line.limit_price) {
        (OrderKind::Moc, _, _) => Some(bar.close),
        (OrderKind::Loc, Side::Buy, Some(limit)) => (bar.close <= limit).then_some(bar.close),
        (OrderKind::Loc, Side::Sell, Some(limit)) => (bar.close >= limit).then_some(bar.close),
        (OrderKind::Limit, Side::Sell, Some(limit)) => (bar.high >= limit).then_some(limit.max(bar.open)),
        other => panic!("no such line: {other:?}"),
    }?;
    Some(LineFill {
        role: line.role.clone(),
        trading_date: bar.date,
        symbol: line.symbol.clone(),
        side: line.side,
        quantity: line.quantity,
        price,
        ordered: line.quantity,
    })
}

fn rehearse(settings: &InfiniteSettings) -> Vec<Row> {
    let bars = bars();
    let (mut world, mut rows) = (World { settings: settings.clone(), facts: facts() }, Vec::<Row>::new());
    let mut book = Book { cash: settings.principal, ..Book::default() };
    for (index, bar) in bars.iter().enumerate().skip(1) {
        let closes = bars[..index].iter().map(|bar| (bar.date, bar.close)).collect();
        world.facts.closes = BTreeMap::from([(settings.symbol.clone(), closes)]);
        world.facts.clock.trading_date = bar.date;
        world.facts.own_cash = book.cash;
        world = world.with_lot(book.quantity, &book.average.0.to_string());
        let answer = world.plan();
        let state: Value = serde_json::from_str(&answer.state.0).unwrap();
        if let Some(last) = rows.last_mut() {
            last.state = state.clone();
        }
        world.facts.fills = answer.lines.iter().filter_map(|line| fill(line, bar)).collect();
        world.facts.fills.sort_by_key(|fill| fill.side == Side::Buy);
        world.facts.fills.iter().for_each(|fill| book.take_in(fill));
        world.facts.state = answer.state;
        let equity = book.cash + bar.close.times(book.quantity).unwrap();
        let mode = state["mode"].as_str().unwrap().to_owned();
        rows.push(Row { date: bar.date, cash: book.cash, quantity: book.quantity, state, equity, mode });
    }
    rows
}

/// End value, cycles, days that were not normal, the deepest fall from a height in percent.
fn summary(rows: &[Row]) -> (String, Value, usize, String) {
    let (mut height, mut deepest) = (usd("20000"), Decimal::ZERO);
    for row in rows {
        height = height.max(row.equity);
        deepest = deepest.min(crate::domain::money::percent_change(height, row.equity).unwrap());
    }
    let last = rows.last().unwrap();
    let days = rows.iter().filter(|row| row.mode != "normal").count();
    (last.equity.to_string(), last.state["cycles"].clone(), days, crate::domain::money::show_percent(deepest))
}

fn evening<'a>(rows: &'a [Row], day: &str) -> &'a Row {
    rows.iter().find(|row| row.date == date(day)).unwrap()
}

#[test]
fn z1_twenty_splits_of_tqqq() {
    let rows = rehearse(&World::v40(20).settings);
    assert_eq!(summary(&rows), ("20296.11".to_owned(), json!(2), 14, "-42.02".to_owned()));
    let row = evening(&rows, "2025-04-08");
    assert_eq!((row.cash, row.quantity, &row.state["cash"]), (usd("1319.41"), 280, &json!("1319.41")));
    assert_eq!((&row.state["t"], &row.state["since"]), (&json!("18.1896"), &json!("2025-04-07")));
}

#[test]
fn z2_forty_splits_of_tqqq() {
    let rows = rehearse(&World::v40(40).settings);
    assert_eq!(summary(&rows), ("22450.04".to_owned(), json!(2), 2, "-29.54".to_owned()));
    let row = evening(&rows, "2025-02-03");
    assert_eq!((row.cash, row.quantity, &row.state["t"]), (usd("16460.78"), 46, &json!("8.7812")));
}
