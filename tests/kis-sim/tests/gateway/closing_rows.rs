//! LOC and MOC orders in the lists: their price, when the lists hear of the close, and a LOC fill in two rows.

use serde_json::{Value, json};

use crate::harness::*;

/// The close of [`TODAY`] and the price of AAPL at it.
const CLOSE: &str = "2023-03-08T21:00:00Z";
const CLOSING_PRICE: &str = "152.87000000";

/// A real client of a market at [`MORNING`] that holds 100 shares of AAPL.
fn market() -> (Market, Client) {
    let market = Market::at(MORNING);
    market.hold(Mode::Real, "AAPL", 100, "150.00");
    let client = market.client(Mode::Real);
    (market, client)
}

fn fields<const N: usize>(row: &Value, names: [&str; N]) -> [String; N] {
    names.map(|name| text(row, name).to_owned())
}

/// Filled and open shares, status word and reason of a row.
fn state(row: &Value) -> [String; 4] {
    fields(row, ["ft_ccld_qty", "nccs_qty", "prcs_stat_name", "rjct_rson_name"])
}

/// All rows of an order in ccnl.
fn rows_of(client: &Client, order_id: &str) -> Vec<Value> {
    let mut rows = client.order_rows();
    rows.retain(|row| text(row, "odno") == order_id);
    rows
}

fn open_rows(client: &Client) -> Vec<Value> {
    order_rows(&client.open_orders("NASD").pages())
}

#[test]
fn no_field_of_a_row_says_how_an_order_is_priced() {
    let (_market, client) = market();
    let limit = client.sell("AAPL", 1, "200.00").order_id();
    let loc = client.sell_as(LOC, "AAPL", 1, "200.00").order_id();
    let without_number = |mut row: Value| {
        row["odno"] = json!("");
        row
    };
    assert_eq!(without_number(client.order_row(&limit)), without_number(client.order_row(&loc)));
    let open: Vec<Value> = open_rows(&client).into_iter().map(without_number).collect();
    assert_eq!(open[0], open[1]);
}

#[test]
fn a_moc_row_has_no_price_unless_a_switch_shows_that_of_the_fill() {
    for (value, after) in [("zero", "0.00000000"), ("fill", CLOSING_PRICE)] {
        let (market, client) = market();
        market.quirk("moc_price", json!(value));
        let order_id = client.sell_as(MOC, "AAPL", 2, "0").order_id();
        let prices = ["ft_ord_unpr3", "ft_ccld_unpr3"];
        assert_eq!(fields(&client.order_row(&order_id), prices), ["0.00000000", "0.00000000"]);
        assert_eq!(fields(&open_rows(&client)[0], prices), ["0.00000000", "0.00000000"]);
        market.set_clock(CLOSE);
        assert_eq!(fields(&client.order_row(&order_id), prices), [after, CLOSING_PRICE]);
    }
}

#[test]
fn the_lists_hear_of_the_close_at_once() {
    let (market, client) = market();
    let filled = client.buy_as(LOC, "AAPL", 2, "155.00").order_id();
    market.set_clock(CLOSE);
    assert_eq!(state(&client.order_row(&filled)), ["2", "0", "완료", ""]);
    assert!(open_rows(&client).is_empty());
}

#[test]
fn the_lists_can_hear_of_the_close_minutes_later() {
    let (market, client) = market();
    market.quirk("close_lag_seconds", json!(120));
    let filled = client.buy_as(LOC, "AAPL", 2, "155.00").order_id();
    let expired = client.buy_as(LOC, "AAPL", 3, "150.00").order_id();
    let cancelled = client.buy_as(LOC, "AAPL", 4, "150.00").order_id();
    client.cancel("AAPL", &cancelled, 4).order_id();
    let day = client.buy("AAPL", 5, "120.00").order_id();
    for time in [CLOSE, "2023-03-08T21:01:59Z"] {
        market.set_clock(time);
        assert_eq!(state(&client.order_row(&filled)), ["0", "2", "전송", ""]);
        assert_eq!(state(&client.order_row(&expired)), ["0", "3", "전송", ""]);
        assert_eq!(state(&client.order_row(&cancelled)), ["0", "0", "완료", ""]);
        assert_eq!(state(&client.order_row(&day)), ["0", "5", "전송", ""]);
        assert_eq!(open_rows(&client).len(), 3);
        assert_eq!(market.order(Mode::Real, &filled)["state"], "filled", "the books know");
        client.cancel("AAPL", &filled, 2).assert_refused(200, "APBK0344");
    }
    market.set_clock("2023-03-08T21:02:00Z");
    assert_eq!(state(&client.order_row(&filled)), ["2", "0", "완료", ""]);
    assert_eq!(state(&client.order_row(&expired)), ["0", "0", "완료", "DFD 장종료로 취소"]);
    assert_eq!(open_rows(&client).len(), 1);
}

#[test]
fn what_filled_before_the_close_shows_before_it() {
    let (market, client) = market();
    market.quirk("close_lag_seconds", json!(120));
    let order_id = client.buy_as(LOC, "AAPL", 5, "155.00").order_id();
    market.post("/orders/fill", json!({"account": "real", "order_id": order_id, "quantity": 2}));
    market.set_clock(CLOSE);
    assert_eq!(state(&client.order_row(&order_id)), ["2", "3", "전송", ""]);
    market.advance(120);
    assert_eq!(state(&client.order_row(&order_id)), ["5", "0", "완료", ""]);
}

/// Buys `quantity` shares LOC under a switch of `loc_rows` and lets the close fill them.
#[track_caller]
fn filled_rows(rows: &str, quantity: u32) -> Vec<[String; 4]> {
    let (market, client) = market();
    market.quirk("loc_rows", json!(rows));
    let order_id = client.buy_as(LOC, "AAPL", quantity, "155.00").order_id();
    let expired = client.buy_as(LOC, "AAPL", quantity, "150.00").order_id();
    let day = client.buy("AAPL", 1, "155.00").order_id();
    assert_eq!(rows_of(&client, &order_id).len(), 1, "an open order has one row");
    market.set_clock(CLOSE);
    assert_eq!((rows_of(&client, &expired).len(), rows_of(&client, &day).len()), (1, 1));
    let rows = rows_of(&client, &order_id);
    for row in &rows {
        let (quantity, amount) = (number(row, "ft_ccld_qty"), number(row, "ft_ccld_amt3"));
        assert_eq!(amount, quantity * decimal("152.87"));
        assert_eq!(state(row)[1..], ["0", "완료", ""]);
        assert_eq!(text(row, "ft_ord_unpr3"), "155.00000000");
    }
    let names = ["ft_ord_qty", "ft_ccld_qty", "ft_ccld_unpr3", "rvse_cncl_dvsn"];
    rows.iter().map(|row| fields(row, names)).collect()
}

#[test]
fn a_filled_loc_can_be_listed_twice_under_one_number() {
    let row = |ordered, filled, price| [ordered, filled, price, "00"].map(str::to_owned);
    let whole = || row("7", "7", CLOSING_PRICE);
    assert_eq!(filled_rows("one", 7), [whole()]);
    assert_eq!(filled_rows("twice", 7), [whole(), whole()]);
    assert_eq!(filled_rows("order_and_fill", 7), [row("7", "0", "0.00000000"), whole()]);
    assert_eq!(filled_rows("parts", 7), [row("2", "2", CLOSING_PRICE), row("5", "5", CLOSING_PRICE)]);
    assert_eq!(filled_rows("parts", 3), [row("1", "1", CLOSING_PRICE), row("2", "2", CLOSING_PRICE)]);
    // Two shares have no two parts of different size.
    assert_eq!(filled_rows("parts", 2), [row("2", "2", CLOSING_PRICE)]);
}

#[test]
fn two_rows_of_one_number_can_lie_on_two_pages() {
    for is_odd in [false, true] {
        let (market, client) = market();
        market.quirk("loc_rows", json!("parts"));
        market.quirk("page_rows", json!(1));
        if is_odd {
            market.post("/rows", json!({"list": "ccnl", "set": {"prdt_name": "X"}}));
        }
        let orders = [3, 4].map(|quantity| client.buy_as(LOC, "AAPL", quantity, "155.00").order_id());
        market.set_clock(CLOSE);
        let pages = client.order_list(TODAY, TODAY).pages();
        assert_eq!(pages.len(), 4);
        let rows = order_rows(&pages).into_iter().map(|row| fields(&row, ["odno", "ft_ccld_qty"]));
        let wanted =
            [(0, "1"), (0, "2"), (1, "1"), (1, "3")].map(|(order, filled)| [&orders[order], filled].map(str::to_owned));
        assert_eq!(rows.collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn the_lag_hides_the_second_row_too() {
    let (market, client) = market();
    market.post("/quirks", json!({"loc_rows": "twice", "close_lag_seconds": 60}));
    let order_id = client.buy_as(LOC, "AAPL", 7, "155.00").order_id();
    market.set_clock("2023-03-08T21:00:59Z");
    assert_eq!(rows_of(&client, &order_id).len(), 1);
    market.advance(1);
    assert_eq!(rows_of(&client, &order_id).len(), 2);
}
