//! The dead-man switch: what a monitor hears, and that it can neither delay nor fail a run.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::harness::{Run, World, wait_until};
use crate::support::post_box::{Manner, PostBox, every_event, put_secret};

fn world_with(post_box: &PostBox) -> World {
    let mut world = World::paper();
    world.put_old_token();
    world.set("token.renew_at_hours_left", "1");
    world.set("ping.url", &format!("\"{}/key/kis-{{command}}\"", post_box.url)).set("notify.timeout_seconds", "10");
    world.set("buy.watch", r#"["AAPL"]"#);
    world.sim.price("AAPL", "95", "100");
    world
}

fn paths(post_box: &PostBox) -> Vec<String> {
    post_box.posts().iter().map(|post| format!("{} {}", post.method, post.path)).collect()
}

#[test]
fn a_run_says_that_it_began_and_how_it_ended() {
    let post_box = PostBox::start();
    let world = world_with(&post_box);
    for (command, code) in
        [("buy", 0), ("sell", 0), ("cleanup", 0), ("status", 0), ("token-check", 0), ("sell", 80), ("cleanup", 69)]
    {
        match code {
            80 => std::fs::write(world.files.state("HALT"), "x").unwrap(),
            69 => world.sim.fault("ccnl", "html", json!({ "times": 99 })),
            _ => {}
        }
        let object = world.json(code, &[command]);
        assert_eq!(object["warnings"], json!([]), "{command}");
        assert_eq!(
            paths(&post_box),
            [format!("GET /key/kis-{command}/start"), format!("GET /key/kis-{command}/{code}")]
        );
        post_box.forget();
    }
}

#[test]
fn rehearsals_and_commands_left_out_say_nothing() {
    let post_box = PostBox::start();
    let mut world = world_with(&post_box);
    for arguments in
        [&["buy", "--dry-run"][..], &["sell", "--dry-run"], &["cleanup", "--dry-run"], &["token-check", "--offline"]]
    {
        assert_eq!(world.run(arguments).code, 0);
    }
    world.set("ping.url", &format!("\"{}/uuid\"", post_box.url)).set("ping.commands", "[\"sell\"]");
    for command in ["buy", "cleanup", "status"] {
        assert_eq!(world.run(&[command]).code, 0);
    }
    assert_eq!(paths(&post_box), [""; 0]);
    assert_eq!(world.run(&["sell"]).code, 0);
    assert_eq!(paths(&post_box), ["GET /uuid/start", "GET /uuid/0"]);
}

#[test]
fn a_run_that_ends_before_its_state_directory_is_open_says_so() {
    let post_box = PostBox::start();
    let mut world = world_with(&post_box);
    world.unset_env("KIS_APP_KEY");
    assert_eq!(world.run(&["sell"]).code, 78);
    assert_eq!(paths(&post_box), ["GET /key/kis-sell/start", "GET /key/kis-sell/78"]);
}

#[test]
fn the_address_may_stand_in_a_file_of_its_own() {
    let post_box = PostBox::start();
    let mut world = world_with(&post_box);
    put_secret(&world, "ping.url", &format!("{}/key/{{command}}?create=1\n", post_box.url));
    world.unset("ping.url").set("ping.url_file", "\"ping.url\"");
    assert_eq!(world.run(&["token-check"]).code, 0);
    assert_eq!(paths(&post_box), ["GET /key/token-check/start?create=1", "GET /key/token-check/0?create=1"]);
}

#[test]
fn no_manner_of_a_monitor_harms_the_run() {
    for manner in [Manner::Hangs, Manner::Status(500), Manner::Garbage, Manner::HangsUp, Manner::Redirects] {
        let (post_box, elsewhere) = (PostBox::start(), PostBox::start());
        let mut world = world_with(&post_box);
        world.set("notify.timeout_seconds", "0.4");
        post_box.set(manner).point_to(&elsewhere.url);
        let object = world.json(0, &["buy"]);
        assert_eq!(
            (&object["result"], &object["orders"][0]["state"]),
            (&json!("done"), &json!("accepted")),
            "{manner:?}"
        );
        let warnings = object["warnings"].to_string();
        assert!(warnings.contains("[ping] /start failed: ") && warnings.contains("[ping] /0 failed: "), "{warnings}");
        assert!(!warnings.contains("/key"), "{warnings}");
        assert_eq!(elsewhere.posts().len(), 0, "a redirect is never followed");
    }
    let mut world = world_with(&PostBox::start());
    world.set("ping.url", "\"http://127.0.0.1:1/{command}\"");
    assert_eq!(world.json(0, &["buy"])["orders"][0]["state"], "accepted", "nobody there");
}

/// Reports whether the order came while the first ping waited for its answer; if so, what the run then does is looked at.
fn order_comes_before_the_answer() -> bool {
    let post_box = PostBox::start();
    let world = world_with(&post_box);
    post_box.set(Manner::Hangs);
    let mut child = world.command(&["--json", "buy"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut is_so = false;
    wait_until("neither came", || {
        // In this order: what nobody asked for by the last look did not hang at the one before.
        is_so =
            world.sim.order_posts() == 1 && post_box.waiting() == 1 && paths(&post_box) == ["GET /key/kis-buy/start"];
        is_so || child.try_wait().unwrap().is_some()
    });
    if !is_so {
        return false;
    }
    // The order is there long before the ping's time is over; what the run does then is the other tests' part.
    post_box.set(Manner::Takes);
    post_box.let_go();
    let object = Run::of(child.wait_with_output().unwrap()).object();
    assert_eq!(object["orders"][0]["state"], "accepted");
    assert_eq!(paths(&post_box), ["GET /key/kis-buy/start", "GET /key/kis-buy/0"]);
    true
}

/// A ping is given up after five seconds, which may be too little for an order on a loaded machine: one time will do.
#[test]
fn a_monitor_that_hangs_does_not_stand_before_the_order() {
    assert!((0..5).any(|_| order_comes_before_the_answer()), "each time the order came when the ping was over");
}

#[test]
fn pings_and_targets_share_one_time_limit() {
    let (monitor, hanging, taking) = (PostBox::start(), PostBox::start(), PostBox::start());
    let mut world = world_with(&monitor);
    monitor.set(Manner::Hangs);
    hanging.set(Manner::Hangs);
    let every = every_event();
    let target = |post_box: &PostBox| format!("{{ kind = \"webhook\", url = \"{}/hook\", {every} }}", post_box.url);
    world.set("notify.target", &format!("[{}, {}]", target(&hanging), target(&taking)));
    // Each has a third of it, which must do for a loaded machine to tell the one that takes.
    world.set("notify.timeout_seconds", "6");
    let object = world.json(0, &["buy"]);
    assert_eq!(object["warnings"].as_array().map_or(0, Vec::len), 3, "{object:#}");
    assert_eq!(taking.texts("event"), ["order_accepted"], "what hangs takes no other one's turn");
    assert_eq!(world.files.journal_of("outcome")[0]["class"], Value::from("accepted"));
}
