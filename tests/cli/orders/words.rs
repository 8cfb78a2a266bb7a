//! KIS's words reach the person wherever the order is shown, above all those under a code that is on no list.

use super::*;
use crate::support::post_box::PostBox;

const CODE: &str = "APBK9999";
const WORDS: &str = "해외주식 거래 약관에 동의하지 않은 계좌입니다.";

fn refuse(world: &World) {
    world.sim.fault("order", "reject", json!({ "code": CODE, "message": WORDS, "times": 999 }));
}

fn assert_said(order: &Value, told: &str) {
    assert_eq!((&order["kis_code"], &order["kis_message"]), (&json!(CODE), &json!(WORDS)), "{told}: {order:#}");
}

#[test]
fn a_refusal_in_words_that_are_on_no_list_is_shown_everywhere() {
    for mode in MODES {
        let post_box = PostBox::start();
        let mut world = world_of(mode);
        world.set("notify.target", &format!("[{{ kind = \"webhook\", url = \"{}/hook\" }}]", post_box.url));
        world.put_old_token();
        world.set("token.renew_at_hours_left", "1");
        refuse(&world);
        let object = world.json(81, &["buy"]);
        assert_eq!(object["orders"][0]["state"], "unknown", "{mode:?}");
        assert_said(&object["orders"][0], "buy");
        assert!(object["detail"].as_str().unwrap().contains(WORDS), "{object:#}");
        let told = post_box.texts("text").join(" ");
        assert!(told.contains(CODE) && told.contains(WORDS), "{mode:?} message: {told}");

        let status = world.json(0, &["status"]);
        assert_said(&status["unknown_orders"][0], "status");
        let text = world.run(&["status"]).stdout;
        assert!(text.contains(&format!("KIS: {CODE} {WORDS}")), "{text}");
        let page = world.files.path("page.html");
        assert_eq!(world.run(&["status", "--html", page.to_str().unwrap()]).code, 0);
        assert!(std::fs::read_to_string(&page).unwrap().contains(WORDS), "page");
        let run = world.run(&["cleanup"]);
        assert!(run.stderr.contains(WORDS), "cleanup, which ends with 81 as long: {}", run.stderr);
        assert_eq!(world.sim.order_posts(), 1);
    }
}

#[test]
fn the_text_of_a_run_shows_the_words_too() {
    let world = world();
    refuse(&world);
    let run = world.run(&["buy", "-v"]);
    assert_eq!(run.code, 81);
    assert!(run.stdout.contains(WORDS) && run.stdout.contains(CODE), "{}", run.stdout);
}

#[test]
fn a_definite_refusal_is_shown_with_code_and_words() {
    let world = world();
    world.sim.fault("order", "code", json!({ "code": "APBK1507" }));
    let order = world.json(1, &["buy"])["orders"][0].clone();
    assert_eq!((&order["state"], &order["kis_code"]), (&json!("rejected"), &json!("APBK1507")), "{order:#}");
    assert_eq!(order["kis_message"], "시장가 주문을 할 수 없습니다.");
    let accepted = world.json(0, &["buy"])["orders"][0].clone();
    assert_eq!((&accepted["state"], &accepted["kis_code"]), (&json!("accepted"), &Value::Null));
}

#[test]
fn the_same_code_and_words_again_on_the_date_are_a_refusal_at_once() {
    let mut world = world();
    refuse(&world);
    assert_eq!(world.run(&["buy"]).code, 81);
    // As soon as lists and account have said that nothing came of the first.
    let mut settled = Value::Null;
    for _ in 0..50 {
        world.advance(61);
        let object = world.run(&["--json", "cleanup"]).object();
        if object["settled"] != json!([]) {
            settled = object["settled"][0].clone();
            break;
        }
    }
    assert!(settled["state"] == "rejected" || settled["state"] == "absent", "{settled:#}");
    assert_said(&settled, "settled");
    let object = world.json(1, &["buy"]);
    assert_eq!((&object["reason"], &object["orders"][0]["state"]), (&json!("order_rejected"), &json!("rejected")));
    assert_said(&object["orders"][0], "again");
    let posts = world.sim.order_posts();
    world.sim.control("DELETE", "/faults", Value::Null);
    world.sim.fault("order", "reject", json!({ "code": CODE, "message": "다른 말", "times": 1 }));
    world.set_clock("2023-05-25T14:30:00Z".parse().unwrap());
    assert_eq!(world.json(81, &["buy"])["orders"][0]["state"], "unknown", "other words, and another date");
    assert_eq!(world.sim.order_posts(), posts + 1);
}
