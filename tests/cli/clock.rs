//! A clock that can't be trusted, against kis-sim.

use chrono::TimeDelta;

use crate::harness::World;

/// By a clock eight hours fast the session is long over: every open order would count as expired, every unknown one as
/// absent, for good.
#[test]
fn nothing_is_settled_by_a_clock_that_is_wrong() {
    let mut world = World::paper();
    world.price("AAPL", "168.00", "170.00");
    world.set("buy.watch", "[\"NASD:AAPL\"]");
    let order = world.json(0, &["buy"])["orders"][0].clone();
    assert_eq!(order["state"], "accepted", "{order}");
    let before = world.journal();
    world.now += TimeDelta::hours(8);
    assert_eq!(world.json(71, &["cleanup"])["reason"], "clock_untrusted");
    assert_eq!(world.journal(), before);
    world.now -= TimeDelta::minutes(7 * 60 + 30);
    for command in ["cleanup", "buy", "sell"] {
        let object = world.json(71, &[command]);
        assert_eq!(object["reason"], "clock_untrusted", "{command}");
        assert_eq!(world.journal(), before, "{command}");
    }
}
