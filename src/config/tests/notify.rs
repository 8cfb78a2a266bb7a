//! Whom the program notifies, and how their secrets are kept.

use super::*;

#[test]
fn a_targets_secret_must_be_its_owners_alone_and_is_never_shown() {
    for (text, mode, words) in [
        ("https://a/sesame", 0o644, "others can reach it (mode 0644)"),
        ("https://a/sesame", 0o620, "others can reach it"),
        ("", 0o600, "is empty"),
        ("\n \n", 0o600, "is empty"),
        ("https://a/sesame\nhttps://b/sesame", 0o600, "must hold one line"),
        ("http://a/sesame", 0o600, "holds an address that must be https://"),
        ("sesame", 0o600, "holds an address that must be https://"),
    ] {
        let target = "[[notify.target]]\nkind = \"slack\"\nurl_file = \"secret\"";
        for section in [target, "[ping]\nurl_file = \"secret\""] {
            let (folder, path) = folder_with(format!("{MINIMAL}{section}\n"));
            put_secret(&folder.path().join("secret"), text, mode);
            let failure = load(&path, None, &Environment::default()).unwrap_err();
            assert!(failure.said.because.contains(words), "{words}: {failure:?}");
            assert!(!format!("{failure:?}").contains("sesame"), "{failure:?}");
        }
    }
    for token in ["sesame", "123:se same", "x:sesame", "123:"] {
        let target = "[[notify.target]]\nkind = \"telegram\"\nchat_id = \"1\"\ntoken_file = \"secret\"";
        let (folder, path) = folder_with(format!("{MINIMAL}{target}\n"));
        put_secret(&folder.path().join("secret"), token, 0o600);
        let because = load(&path, None, &Environment::default()).unwrap_err().said.because;
        assert!(because.contains("holds no bot token") && !because.contains("sesame"), "{because}");
    }
}

#[test]
fn a_telegram_target_needs_a_chat_and_a_token() {
    for (line, words) in [
        ("token_file = \"x\"", "[[notify.target]] of kind \"telegram\" needs chat_id"),
        ("token_file = \"x\"\nchat_id = \"a b\"", "[[notify.target]] chat_id = \"a b\": must be a chat's number"),
        ("chat_id = \"-100\"", "[[notify.target]] of kind \"telegram\" needs token_file"),
    ] {
        let because = problems(format!("{MINIMAL}[[notify.target]]\nkind = \"telegram\"\n{line}\n"));
        assert!(because.contains(words), "{because}");
    }
}

#[test]
fn a_ping_has_an_address_for_each_command() {
    use secrecy::ExposeSecret;
    let ping = |lines: &str| load_text(format!("{MINIMAL}[ping]\n{lines}\n")).unwrap().ping.unwrap();
    let address =
        |ping: &PingSettings, command| ping.url_for(command, "start").map(|url| url.expose_secret().to_owned());
    let all = ping("url = \"https://hc-ping.com/key/kis-{command}?create=1\"");
    assert_eq!(address(&all, "sell").unwrap(), "https://hc-ping.com/key/kis-sell/start?create=1");
    assert_eq!(address(&all, "token-check").unwrap(), "https://hc-ping.com/key/kis-token-check/start?create=1");
    let one = ping("url = \"https://hc-ping.com/uuid/\"\ncommands = [\"sell\"]");
    assert_eq!(address(&one, "sell").unwrap(), "https://hc-ping.com/uuid/start");
    assert_eq!(address(&one, "buy"), None);
    let plain = ping("url = \"https://hc-ping.com/uuid\"");
    assert_eq!(address(&plain, "sell"), address(&plain, "status"), "one check hears of all");
    let both = problems(format!("{MINIMAL}[ping]\nurl = \"https://a/{{command}}\"\nurl_file = \"x\"\n"));
    assert!(both.contains("must not stand beside url_file"), "{both}");
}

#[test]
fn a_notification_has_ten_seconds_and_fewer_only_with_a_loopback_gateway() {
    assert_eq!(load_text(MINIMAL).unwrap().notify.timeout, 10 * SECOND);
    let loopback = "[gateway]\nbase_url = \"http://127.0.0.1:1\"\n[notify]\ntimeout_seconds = 0.1\n";
    assert_eq!(load_text(format!("{MINIMAL}{loopback}")).unwrap().notify.timeout, SECOND / 10);
}

#[test]
fn who_does_not_choose_hears_of_an_order_at_its_end_and_of_no_renewal() {
    use NoticeKind::{OrderAccepted, OrderPartlyFilled, TokenRenewed};
    let targets = "[[notify.target]]\nkind = \"webhook\"\nurl = \"https://a/\"\n";
    let read = |more: &str| load_text(format!("{MINIMAL}[notify]\n{more}\n{targets}{more}\n")).unwrap().notify;
    let defaults = read("");
    let missing: Vec<_> = NoticeKind::ALL.into_iter().filter(|kind| !defaults.events.contains(kind)).collect();
    assert_eq!(missing, [OrderAccepted, OrderPartlyFilled, TokenRenewed]);
    assert_eq!(defaults.targets[0].events, defaults.events);
    let chosen = read("events = [\"order_partly_filled\"]");
    assert_eq!((&chosen.events, &chosen.targets[0].events), (&[OrderPartlyFilled].into(), &[OrderPartlyFilled].into()));
    assert_eq!(read("events = []").events, [].into());
}
