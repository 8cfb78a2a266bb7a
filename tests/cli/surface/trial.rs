//! `status --test-notify`: a test message to each target, and what each says.

use serde_json::{Value, json};

use crate::support::harness::World;
use crate::support::post_box::{Manner, PostBox, put_secret};

const COMMAND: [&str; 2] = ["status", "--test-notify"];

/// A world without credentials whose targets are a Telegram bot, Slack, two webhooks and a program.
fn world_of(telegram: &PostBox, slack: &PostBox, hooks: [&PostBox; 2]) -> World {
    let mut world = World::paper();
    for name in ["KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO"] {
        world.unset_env(name);
    }
    put_secret(&world, "telegram.token", "123456789:sesame_Telegram-token\n");
    put_secret(&world, "slack.url", &format!("{}/services/T0/B0/sesame\n", slack.url));
    let targets = format!(
        "[{{ kind = \"telegram\", token_file = \"telegram.token\", chat_id = \"-100\", url = \"{}\", events = [] }}, \
          {{ kind = \"slack\", url_file = \"slack.url\", level = \"error\" }}, \
          {{ kind = \"webhook\", url = \"{}/hook\" }}, {{ kind = \"webhook\", url = \"{}/sesame\" }}]",
        telegram.url, hooks[0].url, hooks[1].url
    );
    let script = format!("/bin/cat >> {}", world.files.path("told").display());
    world.set("notify.target", &targets).set("notify.command", &json!(["/bin/sh", "-c", script]).to_string());
    world
}

/// Asks KIS for nothing, and writes nothing into the state directory.
fn assert_quiet(world: &World) {
    assert_eq!(world.sim.requests(), [""; 0]);
    assert!(!world.files.state("").exists(), "the state directory was not needed");
}

#[test]
fn each_target_gets_one_test_message_whatever_it_chose_and_before_there_are_credentials() {
    let (telegram, slack) = (PostBox::start(), PostBox::start());
    let (hook, other) = (PostBox::start(), PostBox::start());
    let world = world_of(&telegram, &slack, [&hook, &other]);
    let run = world.run(&COMMAND);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(run.stdout, "telegram: sent\nslack: sent\nwebhook 1: sent\nwebhook 2: sent\ncommand: sent\n");
    let text = "[PAPER] test message: notifications arrive here";
    assert_eq!(telegram.bodies(), [json!({ "chat_id": "-100", "text": text })]);
    assert_eq!(slack.bodies(), [json!({ "text": text })]);
    let told = std::fs::read_to_string(world.files.path("told")).unwrap();
    for body in [hook.bodies().remove(0), other.bodies().remove(0), serde_json::from_str(&told).unwrap()] {
        assert_eq!((&body["event"], &body["text"]), (&json!("test"), &json!(text)));
        assert_eq!(body["detail"], text);
    }
    let quiet = world.run(&["-q", "status", "--test-notify"]);
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (0, "", ""));
    assert_eq!(hook.posts().len(), 2);
    assert_quiet(&world);
}

#[test]
fn what_a_target_answers_is_said_and_no_secret_with_it() {
    let (telegram, slack) = (PostBox::start(), PostBox::start());
    let (hook, other) = (PostBox::start(), PostBox::start());
    let mut world = world_of(&telegram, &slack, [&hook, &other]);
    world.env("RUST_LOG", "trace");
    telegram.set(Manner::Status(401));
    slack.set(Manner::Status(404));
    hook.set(Manner::Page);
    other.set(Manner::HangsUp);
    let object = world.json(69, &COMMAND);
    assert_eq!((&object["result"], &object["reason"]), (&json!("failed"), &json!("gateway_unreachable")));
    assert_eq!(object["detail"], "3 of 5 targets did not take the test message");
    let answers = object["notify_test"].as_array().unwrap();
    let names: Vec<_> = answers.iter().map(|answer| (answer["target"].as_str().unwrap(), &answer["sent"])).collect();
    let (yes, no) = (&json!(true), &json!(false));
    assert_eq!(names, [("telegram", no), ("slack", no), ("webhook 1", yes), ("webhook 2", no), ("command", yes)]);
    assert_eq!(answers[0]["detail"], "it answers HTTP 401: check the token in token_file");
    let run = world.run(&COMMAND);
    assert_eq!(run.code, 69);
    assert!(run.stdout.contains("slack: it answers HTTP 404: check the address in url_file\n"), "{}", run.stdout);
    assert!(run.stderr.contains("[PAPER]: 3 of 5 targets did not take the test message"), "{}", run.stderr);
    for text in [object.to_string(), run.stdout, run.stderr] {
        assert!(!text.contains("sesame"), "{text}");
    }
    assert_quiet(&world);
}

#[test]
fn without_a_target_the_next_step_is_said() {
    let world = World::paper();
    let object = world.json(78, &COMMAND);
    assert_eq!((&object["reason"], &object["notify_test"]), (&json!("config_invalid"), &json!([])));
    assert!(object["next"].as_str().unwrap().contains("config.example.toml"), "{object:#}");
    let run = world.run(&COMMAND);
    assert!(run.stderr.contains("no [[notify.target]] and no [notify] command"), "{}", run.stderr);
    assert_eq!(world.run(&["status", "--test-notify", "--html", "x.html"]).code, 2);
    let mut wrong = World::paper();
    wrong.set("notify.target", "[{ kind = \"slack\" }]");
    assert_eq!(wrong.json(78, &COMMAND)["notify_test"], Value::Null, "an unreadable configuration has no targets");
    assert_quiet(&world);
}
