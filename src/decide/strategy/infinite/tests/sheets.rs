//! The published tables.

use super::*;

/// The exact T that a table's two printed places stand for.
fn t_of(splits: u32, cash: &str, unit: &str) -> Decimal {
    Decimal::from(splits) - usd(cash).0 / usd(unit).0
}

#[test]
fn a1_the_first_buy_of_a_cycle() {
    let world = World::v40(20).with_principal("12357.80").with_close("45.93");
    let rungs = "47.53 44.13 41.19 38.61";
    check("A1", &world, Table { sells: "", buys: "12@51.44", rungs });
    assert_eq!(world.sheet().len(), 5, "no rung is further than a fifth under the close");
    assert_eq!(world.state()["unit"], "617.89");
    let rungs = "47.53 44.13 41.19 38.61 36.34 34.32 32.52";
    check("A1", &world.without_depth_limit(), Table { sells: "", buys: "12@51.44", rungs });
}

#[test]
fn a3_the_first_half_of_the_splits() {
    let world = World::v40(40).with_lot(29, "69.75").with_close("75").without_depth_limit();
    let world = world.adopted(percent("4"), "19412.28");
    assert_eq!(world.state()["unit"], "539.23");
    let rungs = "67.40 59.91 53.92";
    check("A3", &world, Table { sells: "7@78.12 22@80.21", buys: "3@78.11 4@69.75", rungs });
    let kinds: Vec<(String, OrderKind)> =
        world.plan().lines.into_iter().take(5).map(|line| (line.role, line.kind)).collect();
    let expected = [
        (Role::Quarter, OrderKind::Loc),
        (Role::Target, OrderKind::Limit),
        (Role::Half, OrderKind::Loc),
        (Role::Half, OrderKind::Loc),
        (Role::Rung, OrderKind::Loc),
    ];
    assert_eq!(kinds, expected.map(|(role, kind)| (role.word().to_owned(), kind)), "sells first, rungs from the top");
}

/// A row of the big table: splits, cash, unit, average, shares, previous close; T, sells, buys, rungs, rungs without depth.
type Row = (World, &'static str, &'static str, &'static str, u64, &'static str, &'static str, Table, &'static str);

#[test]
fn q1_to_q6_days_of_running_cycles() {
    let row = |sells, buys, rungs| Table { sells, buys, rungs };
    #[rustfmt::skip]
    let rows: [Row; 6] = [
        (World::v40(20), "8633.53", "545.32", "71.16", 30, "76.40", "4.17",
            row("7@77.39 23@81.84", "3@77.38 4@71.16", "68.16"), "60.59"),
        (World::v40(40), "16853.87", "544.18", "71.63", 63, "76.40", "9.03",
            row("15@77.52 48@82.37", "3@77.51 4@71.63", "68.02"), "60.46"),
        (World::v40_soxl(20), "5749.72", "538.45", "148.24", 33, "151.53", "9.32",
            row("8@150.25 25@177.89", "1@150.24 2@148.24", "134.61"), ""),
        (World::v40(20), "8415.94", "548.92", "71.29", 33, "72.53", "4.67",
            row("8@76.99 25@81.98", "3@76.98 4@71.29", "68.61 60.99"), "54.89 49.90"),
        (World::v40_soxl(20), "5233.32", "540.72", "146.17", 37, "129.10", "10.32",
            row("9@145.23 28@175.41", "3@144.59", "135.18 108.14"), "90.12 77.24"),
        (World::v40_soxl(40), "14983.39", "655.68", "149.97", 72, "129.10", "17.15",
            row("18@154.24 54@179.96", "4@144.59", "131.13 109.28"), "93.66 81.96"),
    ];
    for (index, (world, cash, unit, average, quantity, close, t, table, deeper)) in rows.into_iter().enumerate() {
        let name = format!("Q{}", index + 1);
        let exact = t_of(world.settings.splits, cash, unit);
        let world = world.with_lot(quantity, average).with_close(close).adopted(exact, cash);
        assert_eq!(shown(&world.plan().state).unwrap().t, t, "{name}");
        check(&name, &world, table);
        let rungs = world.sheet().iter().filter(|line| line.contains(" rung ")).count();
        assert_eq!(rungs, table.rungs.split_whitespace().count(), "{name}: within the depth");
        let rungs: &'static str = Box::leak(format!("{} {deeper}", table.rungs).into_boxed_str());
        check(&name, &world.without_depth_limit(), Table { rungs, ..table });
    }
}

#[test]
fn b5_and_b6_version_2_2() {
    // The table gives T; the shares alone would say 14.70.
    let prices = mains::Prices::of(
        usd("38.365"),
        super::super::v22::star_percent(percent("10"), percent("15"), 40),
        usd("41.80"),
    );
    assert_eq!(prices.star, usd("39.32"));
    let mains = prices.mains(usd("1000"), percent("15"), 40);
    let bought: Vec<(u64, Usd)> = mains.iter().map(|main| (main.quantity, main.price)).collect();
    assert_eq!(bought, [(12, usd("39.31")), (14, usd("38.37"))]);
    let world = World::v22(40).with_principal("40000").with_close("38");
    let rungs = ladder::Ladder::under(&mains, usd("1000"), usd("38"), &world.settings).prices;
    assert_eq!(rungs[..4], ["37.03", "35.71", "34.48", "33.33"].map(usd));
    let b5 = world.with_lot(383, "38.365");
    let state = adopted(&b5.settings, b5.lot(), &Adoption::default()).unwrap();
    let b5 = b5.with_state(&serde_json::from_str(&state.0).unwrap());
    assert_eq!(b5.t(), "14.7");
    assert_eq!(b5.sheet()[1], "sell target 288@42.20 limit");

    let b6 = World::v22(40).with_principal("40000").with_lot(295, "39.71");
    let state = adopted(&b6.settings, b6.lot(), &Adoption::default()).unwrap();
    let b6 = b6.with_state(&serde_json::from_str(&state.0).unwrap());
    assert_eq!(b6.clone().with_close("40").t(), "11.72");
    let sells = "73@41.35 222@43.68";
    check("B6", &b6.clone().with_close("40"), Table { sells, buys: "12@41.34 13@39.71", rungs: "" });
    check("B6", &b6.with_close("30"), Table { sells, buys: "30@33.00", rungs: "32.25 31.25 30.30" });
}
