//! Positions taken over.

use super::*;

fn lot(quantity: u64, average: &str) -> Lot {
    Lot { quantity, average_cost: usd(average) }
}

fn set(t: Option<&str>, cash: Option<&str>) -> Adoption {
    Adoption { t: t.map(percent), cash: cash.map(usd) }
}

#[test]
fn what_is_not_set_follows_from_the_rest() {
    let settings = World::v40(20).settings;
    for (t, cash, state_t, state_cash) in [
        (Some("4.16815"), Some("8633.53"), "4.1682", "8633.53"),
        (Some("4.1"), None, "4.1", "15800"),
        (None, Some("15000"), "5", "15000"),
        (None, None, "4.2", "15800"),
    ] {
        let state: Value = serde_json::from_str(&adopted(&settings, lot(60, "70"), &set(t, cash)).unwrap().0).unwrap();
        assert_eq!((&state["t"], &state["cash"]), (&json!(state_t), &json!(state_cash)), "{t:?} {cash:?}");
    }
    let state = adopted(&settings, Lot::default(), &Adoption::default()).unwrap();
    assert_eq!(
        World::v40(20).with_close("72").with_state(&serde_json::from_str(&state.0).unwrap()).sheet()[0],
        "buy first 12@80.64"
    );
}

#[test]
fn what_can_not_be_so_is_refused_with_a_sentence() {
    let (v40, v22) = (World::v40(20).settings, World::v22(40).settings);
    for (settings, lot, set, said) in [
        (&v40, lot(60, "70"), set(Some("20.01"), None), "t 20.01 is not between 0 and splits 20"),
        (&v40, lot(60, "70"), set(Some("-1"), None), "t -1 is not between 0 and splits 20"),
        (&v40, lot(60, "70"), set(None, Some("-1")), "cash -1.00 is less than nothing"),
        (
            &v40,
            lot(300, "70"),
            set(Some("4"), None),
            "the shares cost 21000.00, more than principal_usd 20000.00: set cash, or raise principal_usd",
        ),
        (
            &v40,
            lot(60, "70"),
            set(None, Some("20000.01")),
            "cash 20000.01 is more than principal_usd 20000.00, which does not tell T: set t, too",
        ),
        (&v40, Lot::default(), set(Some("1"), None), "without shares T is 0"),
        (
            &v22,
            lot(60, "70"),
            set(None, Some("1")),
            "infinite_v22 computes T and cash from the shares: nothing can be set",
        ),
        (
            &v22,
            lot(300, "70"),
            set(None, None),
            "the shares cost 21000.00, more than principal_usd 20000.00: raise principal_usd",
        ),
    ] {
        assert_eq!(adopted(settings, lot, &set).unwrap_err(), said);
    }
}
