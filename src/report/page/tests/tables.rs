//! The tables of the page: orders, positions, profit and trades, strategies.

use super::*;

#[test]
fn what_became_of_an_order_stands_beside_its_line() {
    let orders = vec![
        order("10:00:00", IntentState::Filled, 10),
        order("10:30:00", IntentState::Cancelled, 4),
        order("11:00:00", IntentState::Rejected, 0),
        order("11:30:00", IntentState::Accepted, 0),
    ];
    let market = market_at(at("11:37:00"));
    let hours = market.opens_at.zip(market.closes_at);
    let status = StatusReport {
        open_orders: Some(Vec::new()),
        day: DayOrders { date: Some(day()), hours, orders },
        ..StatusReport::default()
    };
    let page = report(status).to_html();
    for part in [
        "filled 10 at 180.50<small",
        "cancelled, filled 4 of 10 at",
        "<div>rejected<small",
        "sent 11:30 EST / 01:30 KST",
        "fill seen 10:30 EST / 00:30 KST",
        ">16<br>06<",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let count = |part: &str| page.matches(part).count();
    assert_eq!(count("<use href=\"#fill\" x=\"") - 1, 2, "two orders have fills, besides the legend");
    assert_eq!(count("<use href=\"#end\" x=\"") - 1, 1, "one ended without");
    assert_eq!(count("class=\"life open\" x1=\"30"), 1, "one is open: {page}");
}

#[test]
fn positions_have_their_profit_weight_and_sum() {
    let known = PositionLine {
        previous_close: Some(usd("108")),
        sellable_quantity: 14,
        ..position("애플", Some("100"), Some("110.125"))
    };
    let loss = PositionLine { previous_close: Some(usd("100")), ..position("", Some("100.5"), Some("95")) };
    let account = AccountLine { total: Some(usd("5743.50")), ..AccountLine::default() };
    let cells = |lines: Vec<PositionLine>| {
        let status = StatusReport { positions: Some(lines), account, ..StatusReport::default() };
        let page = page_in(Language::English, status);
        let table = page.split_once("<table role=\"table\" class=\"stack pairs positions\">").unwrap().1;
        let table = table.split_once("</table>").unwrap().0.replace("</t", " </t");
        let mut is_tag = false;
        let text: String = table
            .chars()
            .filter(|c| {
                is_tag = *c == '<' || (is_tag && *c != '>');
                !is_tag && *c != '>'
            })
            .collect();
        text.replace(['\u{2007}', '\u{a0}'], "_")
    };
    let both = cells(vec![known.clone(), loss.clone()]);
    for part in [
        "14 100.00 110.125 +1.97_% 1,541.75 26.8_% +141.75 ▲_+10.12_%",
        "144 sellable 100.50 95.00_ −5.00_% 1,330.00 23.2_% −77.00 ▼_−5.47_%",
        "Sum    −1.38_% 2,871.75 50.0_% +64.75 ▲_+2.31_%",
    ] {
        assert!(both.contains(part), "{part}: {both}");
    }
    let unpriced = cells(vec![known, position("", None, None)]);
    assert!(unpriced.contains("– – – – – – –") && unpriced.contains("Sum    – – – – –"), "{unpriced}");
}

fn trade(side: Side, wall: &str, profit: Option<&str>) -> Trade {
    let amount = usd("110");
    Trade {
        at: at(wall),
        date: day(),
        symbol: symbol("SOUN"),
        side,
        quantity: 10,
        price: usd("11"),
        amount,
        profit: profit.map(usd),
    }
}

#[test]
fn profit_is_shown_by_month_and_trades_with_theirs() {
    let tally = |realised: &str, sells, wins| Tally { realised: usd(realised), sells, wins };
    let profit = Profit {
        since: Some(date("2026-12-29")),
        total: tally("50", 3, 2),
        sells_without_cost: 1,
        turnover: usd("4000"),
        months: [("2027-02", tally("100", 2, 2)), ("2027-03", tally("-50", 1, 0))]
            .map(|(month, tally)| (month.to_owned(), tally))
            .into(),
        symbols: [(symbol("SOUN"), tally("50", 3, 2))].into(),
    };
    let mut trades: Vec<Trade> = (0..30).map(|_| trade(Side::Sell, "09:40:00", None)).collect();
    trades.extend([trade(Side::Buy, "10:00:00", None), trade(Side::Sell, "10:30:00", Some("10"))]);
    let status = StatusReport {
        recent_profit: Some(ProfitReport { profit, fee_percent: percent("0.250") }),
        trades,
        unrealised: Some(usd("7.50")),
        ..StatusReport::default()
    };
    let page = page_in(Language::English, status.clone());
    for part in [
        "<dt>Realised</dt><dd><span class=\"up\">+50.00</span>",
        "<dt>Fees, estimated</dt><dd>\u{2212}10.00<",
        "<dt>Total</dt><dd><span class=\"up\">+47.50</span>",
        "2 of 3 sells",
        "estimated at 0.25\u{a0}% a side (<code>[fees] percent</code>)",
        "Sells whose cost is not known: 1.",
        "class=\"bar-up\" x=\"50.00%\" y=\"2\" width=\"50.00%\"",
        "class=\"bar-down\" x=\"25.00%\" y=\"2\" width=\"25.00%\"",
        "<span class=\"up\">+10.00</span><small>+10.00\u{a0}%</small>",
        "sell 10 SOUN<small>at 11.00</small>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let table = page.split_once("class=\"stack trades\"").unwrap().1.split_once("</table>").unwrap().0;
    assert_eq!(table.matches("role=\"rowheader\"").count(), 20);
    assert!(table.find("sell 10").unwrap() < table.find("buy 10").unwrap(), "the latest first");
    assert!(page_in(Language::Korean, status).contains("SOUN 10주 매도<small>체결가 11.00</small>"));
    let empty = ProfitReport { profit: Profit::default(), fee_percent: percent("0.25") };
    let fresh = page_in(Language::English, StatusReport { recent_profit: Some(empty), ..StatusReport::default() });
    assert_eq!(fresh.matches("No own order has filled yet.").count(), 2, "{fresh}");
}

#[test]
fn a_strategy_has_its_state_its_money_and_its_sheet() {
    use OrderKind::{Limit, Loc, Moc};
    let lines = vec![
        sheet_line("quarter", Side::Sell, Loc, Some("78.12"), Some(IntentState::Accepted)),
        sheet_line("target", Side::Sell, Limit, Some("80.21"), Some(IntentState::Filled)),
        sheet_line("moc", Side::Sell, Moc, None, None),
        sheet_line("half", Side::Buy, Loc, Some("78.11"), None),
    ];
    let lot = Lot { quantity: 29, average_cost: usd("69.75") };
    let ledger = Ledger { cash: usd("19412.28"), lots: BTreeMap::from([(symbol("TQQQ"), lot)]) };
    let state = r#"{"t":"4","mode":"normal","unit":"539.23","cash":"19412.28","cycles":0}"#;
    let line = |name: &str, kind, state: &str, sheet| {
        StrategyLine::new((name, kind), Some(symbol("TQQQ")), ledger.clone(), Json(state.to_owned()), sheet)
    };
    let sheet = Some(SheetView { date: day(), lines });
    let blocked = Skip::new(&symbol("TQQQ"), Rule::LedgerMismatch, Sentence::verbatim("29 here, 30 there"));
    let strategies = vec![
        line("tqqq", "infinite_v40", state, sheet).with(Sentence::verbatim("T 3 → 4"), Some(blocked)),
        line("dip", "program", "{}", None),
    ];
    let status = || StatusReport { strategies: strategies.clone(), ..StatusReport::default() };
    let page = page_in(Language::English, status());
    let part = page.split_once("id=\"strategies\">").unwrap().1.split_once("</section>").unwrap().0;
    for words in [
        "<h3>tqqq <span class=\"muted\">infinite buying 4.0</span></h3>",
        "<b>Nothing is sent.</b> shares differ from the account: 29 here, 30 there",
        "<dt>State</dt><dd>T 4.00, normal</dd>",
        "<dt>A day&#39;s unit</dt><dd>539.23</dd>",
        "<dt>Own cash</dt><dd>19,412.28</dd>",
        "<dt>Shares</dt><dd>29 TQQQ at 69.75</dd>",
        "sheet of 2027-03-09: 2 of 4 lines at KIS; T 3 → 4",
        ">sell 7 TQQQ<",
        ">LOC<",
        ">limit<",
        ">MOC<",
        ">accepted<small>0000040840</small><",
        ">filled<small>0000040840</small><",
        "Orders for the close are emulated on a paper account",
        "<h3>dip <span class=\"muted\">a program of yours</span></h3>",
        "No sheet yet.",
    ] {
        assert!(part.contains(words), "{words}: {part}");
    }
    assert_eq!(part.matches(">not sent yet<").count(), 2, "{part}");
    let korean = page_in(Language::Korean, status());
    for words in [
        "<h2 id=\"strategies\">전략</h2>",
        "무한매수법 4.0",
        "<dt>1회 매수금</dt><dd>539.23</dd>",
        "2027-03-09 주문표: 4줄 가운데 2줄 접수",
        ">쿼터 매도<",
        ">TQQQ 7주 매도<",
        ">지정가<",
        ">아직 보내지 않음<",
    ] {
        assert!(korean.contains(words), "{words}: {korean}");
    }
    let real = Report { mode: Some(Mode::Real), ..report(status()) }.to_html();
    assert!(!real.contains("emulated"), "{real}");
    assert!(!page_in(Language::English, StatusReport::default()).contains("id=\"strategies\""));
}
