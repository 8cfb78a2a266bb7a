//! `status --test-notify`: one test message to each channel, at once and past the outbox, and how each answered.

use chrono::SubsecRound;
use serde_json::json;

use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::{Job, Level};
use crate::exit::{Ending, Failure, Reason};
use crate::language::counts::Targets;
use crate::language::{Language, Say};
use crate::report::{Body, Report};
use crate::tell;
use crate::tell::channel::{Channel, channels};
use crate::tell::message::Message;
use crate::tell::words::delivery as words;

/// Sends the test message to every channel, whatever events and level it has chosen.
pub fn test_channels(settings: &Settings, clock: &Clock, run_id: &str) -> Report {
    let channels = channels(&settings.notify);
    let message = test_message(settings, clock, run_id);
    let (mut answers, mut text, mut refused) = (Vec::new(), String::new(), 0);
    for channel in &channels {
        let sent = channel.send(&message, clock, settings.notify.timeout);
        let (target, is_sent) = (name_of(channel, &channels), sent.is_ok());
        let detail = sent.map_or_else(|not_delivered| not_delivered.why, |()| words::sent());
        refused += usize::from(!is_sent);
        text.push_str(&format!("{target}: {}\n", detail.in_language(settings.language)));
        answers.push(json!({ "target": target, "sent": is_sent, "detail": detail.en }));
    }
    let body = Body::Check { keys: json!({ "notify_test": answers }), text };
    let language = settings.language;
    Report {
        body,
        language,
        ..Report::new(Some(Job::Status), Some(settings.mode), clock.now(), ending(channels.len(), refused))
    }
}

fn ending(all: usize, refused: usize) -> Ending {
    if all == 0 {
        return Failure::new(Reason::ConfigInvalid, words::no_channel())
            .because(words::nothing_configured())
            .next(words::add_one())
            .into();
    }
    if refused == 0 {
        return Ending::done(words::taken(Targets::from(all)));
    }
    let what = words::not_taken(refused, Targets::from(all));
    Ending::failed(Reason::GatewayUnreachable, what, words::correct_and_retry())
}

/// `slack`, or `slack 2` where there are several of the kind.
fn name_of<'a>(channel: &'a Channel<'_>, all: &[Channel<'_>]) -> &'a str {
    let kind = channel.key.split(' ').next().unwrap_or(&channel.key);
    let is_of_kind = |other: &&Channel<'_>| other.key.split(' ').next() == Some(kind);
    if all.iter().filter(is_of_kind).count() > 1 { &channel.key } else { kind }
}

fn test_message(settings: &Settings, clock: &Clock, run_id: &str) -> Message {
    let words = tell::words::test_message();
    let text = |language| format!("[{}] {}", settings.mode.say(language), words.in_language(language));
    Message {
        id: format!("{run_id}/test"),
        event: "test".to_owned(),
        level: Level::Info,
        mode: settings.mode,
        at: clock.now().trunc_subsecs(0),
        run_id: run_id.to_owned(),
        command: Job::Status.word().to_owned(),
        text: text(settings.language),
        detail: text(Language::English),
        seconds_left: None,
        symbol: None,
        order: None,
    }
}
