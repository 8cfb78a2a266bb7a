//! The built-in services: each gets the same text in its own form.

use std::time::Duration;

use serde_json::{Value, json};

use crate::config::{TargetKind, TargetSettings};
use crate::language::Sentence;
use crate::tell::http::{HttpAnswer, check_status, post_json};
use crate::tell::message::{Message, NotDelivered};
use crate::tell::words::delivery as words;

pub fn send(target: &TargetSettings, message: &Message, timeout: Duration) -> Result<(), NotDelivered> {
    let body = body(target, message).to_string();
    let wants_body = matches!(target.kind, TargetKind::Telegram | TargetKind::Slack);
    let answer = post_json(&target.url, target.is_loopback, body.as_bytes(), timeout, wants_body)?;
    check(target.kind, &answer)
}

/// What the service takes. Telegram: Bot API `sendMessage`; Slack: incoming webhooks; Discord: execute webhook.
fn body(target: &TargetSettings, message: &Message) -> Value {
    let text = &message.text;
    match target.kind {
        TargetKind::Telegram => json!({ "chat_id": target.chat_id, "text": text }),
        // Slack reads <…> as a link or a mention.
        TargetKind::Slack => json!({ "text": text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") }),
        // Nothing in a message may mention everyone.
        TargetKind::Discord => json!({ "content": text, "allowed_mentions": { "parse": [] } }),
        TargetKind::Webhook => json!(message),
    }
}

/// Reports whether the service confirms the message. A page of some box in between is no confirmation.
fn check(kind: TargetKind, answer: &HttpAnswer) -> Result<(), NotDelivered> {
    check_status(answer.status).map_err(|not_delivered| match hint(kind, answer.status) {
        Some(hint) => NotDelivered::surely(not_delivered.why.and(": ", &hint)),
        None => not_delivered,
    })?;
    let body = answer.body.as_deref().unwrap_or_default();
    let is_its_own = match kind {
        TargetKind::Telegram => serde_json::from_slice::<Value>(body).is_ok_and(|body| body["ok"] == true),
        TargetKind::Slack => body.trim_ascii() == b"ok",
        TargetKind::Discord | TargetKind::Webhook => true,
    };
    if is_its_own { Ok(()) } else { Err(NotDelivered::perhaps(words::not_its_answer(kind.word()))) }
}

/// What to do about a refusal.
fn hint(kind: TargetKind, status: u16) -> Option<Sentence> {
    match (kind, status) {
        (_, 429) => Some(words::too_many_messages()),
        (TargetKind::Telegram, 400 | 403) => Some(words::check_chat()),
        (TargetKind::Telegram, 401 | 404) => Some(words::check_token()),
        (TargetKind::Slack | TargetKind::Discord, 401 | 403 | 404 | 410) => Some(words::check_address()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::Level;
    use crate::tell::message::samples::message;

    fn target(kind: TargetKind) -> TargetSettings {
        let chat_id = (kind == TargetKind::Telegram).then(|| "-100".to_owned());
        let (url, events) = ("http://127.0.0.1:1/".to_owned().into(), BTreeSet::new());
        TargetSettings { kind, number: 1, url, is_loopback: true, chat_id, events, level: Level::Info }
    }

    #[test]
    fn each_service_gets_its_form() {
        let text = "[PAPER] 매수 거부: <!channel> & @everyone";
        for (kind, expected) in [
            (TargetKind::Telegram, json!({ "chat_id": "-100", "text": text })),
            (TargetKind::Slack, json!({ "text": "[PAPER] 매수 거부: &lt;!channel&gt; &amp; @everyone" })),
            (TargetKind::Discord, json!({ "content": text, "allowed_mentions": { "parse": [] } })),
            (
                TargetKind::Webhook,
                json!({
                    "id": "20270309-0001/accepted", "event": "order_accepted", "level": "info", "mode": "paper",
                    "at": "2027-03-09T15:00:00Z", "run_id": "7K2QX", "command": "buy", "text": text, "detail": "x",
                    "seconds_left": null,
                }),
            ),
        ] {
            assert_eq!(body(&target(kind), &message("20270309-0001/accepted", text)), expected);
        }
    }

    #[test]
    fn only_the_services_own_yes_counts() {
        use TargetKind::{Discord, Slack, Telegram, Webhook};
        for (kind, status, body, is_told) in [
            (Telegram, 200, r#"{"ok":true,"result":{}}"#, true),
            (Telegram, 200, r#"{"ok":false}"#, false),
            (Telegram, 200, "<html>", false),
            (Telegram, 401, r#"{"ok":false}"#, false),
            (Slack, 200, "ok", true),
            (Slack, 200, "<html>", false),
            (Slack, 404, "no_service", false),
            (Discord, 204, "", true),
            (Discord, 429, "", false),
            (Webhook, 200, "whatever", true),
            (Webhook, 201, "", true),
            (Webhook, 302, "", false),
            (Webhook, 503, "", false),
        ] {
            let answer = HttpAnswer { status, body: Some(body.as_bytes().to_vec()) };
            assert_eq!(check(kind, &answer).is_ok(), is_told, "{kind:?} {status} {body}");
        }
        let answer = HttpAnswer { status: 401, body: None };
        assert_eq!(check(Telegram, &answer).unwrap_err().why, "it answers HTTP 401: check the token in token_file");
    }
}
