//! What `config.example.toml` says, and what holds without a line of one's own.

use super::*;

#[test]
fn without_a_line_of_its_own_a_setting_has_its_default() {
    let (folder, path) = folder_with(MINIMAL);
    let settings = load(&path, None, &Environment::default()).unwrap();
    let percent = |text: &str| text.parse::<Decimal>().unwrap();
    assert_eq!(settings.mode, Mode::Paper);
    assert_eq!(settings.state_dir, folder.path().join("state"));
    assert_eq!(settings.credentials_file, None);
    assert_eq!(settings.gateway.base_url, "https://openapivts.koreainvestment.com:29443");
    assert!(!settings.gateway.is_loopback);
    assert_eq!(settings.gateway.timeout, 10 * SECOND);
    assert_eq!(settings.gateway.requests_per_second, percent("0.9"));
    assert_eq!(settings.gateway.ledger_requests_per_second, percent("1"));
    assert_eq!(settings.gateway.settle_after, [2 * SECOND, 10 * SECOND]);
    assert_eq!((settings.lock.wait, settings.lock.min_interval), (300 * SECOND, 60 * SECOND));
    assert_eq!((settings.token.renew_at_left, settings.token.warn_at_left), (14400 * SECOND, 7200 * SECOND));
    assert_eq!((settings.token.attempts, settings.token.retry_delay), (3, 65 * SECOND));
    assert_eq!(settings.buy_until.to_string(), "15:30:00");
    assert_eq!(settings.loc_until.to_string(), "15:40:00");
    assert!(settings.strategies.is_empty());
    let filter = settings.buy.filter.iter().map(|listed| listed.symbol.as_str()).collect::<Vec<_>>();
    assert_eq!(filter, ["NVDA", "AMZN", "MSFT"]);
    assert_eq!((settings.buy.picks, settings.buy.max_quantity), (3, 100));
    assert_eq!((settings.buy.min_decline_percent, settings.buy.limit_offset_percent), (Decimal::ZERO, Decimal::ZERO));
    assert_eq!((settings.buy.min_cash, settings.buy.rebuy), ("100".parse().unwrap(), Rebuy::BelowLastSell));
    assert_eq!(settings.sell.take_profit_percent, percent("5"));
    assert_eq!(settings.sell.fallback_take_profit_percent, Some(percent("1.5")));
    assert_eq!(settings.sell.stop_loss_percent, Some(percent("15")));
    assert_eq!((settings.sell.cooldown_days, settings.sell.sells_per_run), (100, Some(1)));
    assert!(!settings.sell.sells_all_positions && settings.sell.keep.is_empty());
    assert_eq!(settings.sell.limit_offset_percent, Decimal::ZERO);
    assert_eq!(settings.sell.stop_loss_offset_percent, percent("1"));
    assert_eq!(settings.cleanup.cancel_buys_after, Some(1200 * SECOND));
    assert_eq!(settings.cleanup.cancel_sells_after, Some(1200 * SECOND));
    assert_eq!(settings.limits.trading, Trading::All);
    assert_eq!(settings.limits.max_order, "2000".parse().unwrap());
    assert_eq!(settings.limits.max_buy_per_day, "5000".parse().unwrap());
    assert_eq!(settings.limits.max_positions, 10);
    assert_eq!(settings.limits.max_daily_loss_percent, percent("5"));
    assert_eq!(settings.limits.max_position, Some("5000".parse().unwrap()));
    assert_eq!(settings.limits.max_price_move_percent, Some(percent("30")));
    assert_eq!(settings.limits.plausible_profit_percent, Some((percent("-50"), percent("100"))));
    assert_eq!(settings.fees.percent, percent("0.25"));

    let real = load_text(format!("mode = \"real\"\n{MINIMAL}")).unwrap();
    assert_eq!(real.gateway.base_url, "https://openapi.koreainvestment.com:9443");
    assert_eq!(real.gateway.requests_per_second, percent("15"));
    assert_eq!(real.gateway.ledger_requests_per_second, percent("1"));
}

#[test]
fn the_example_documents_every_key_with_its_default() {
    let (folder, path) = folder_with(EXAMPLE);
    let example = load(&path, None, &Environment::default()).unwrap();
    let minimal = "[account]\ncredentials_file = \"credentials.toml\"\n[buy]\nwatch = [\"SOUN\", \"RGTI\", \"SES\"]\n";
    File::create(&path).unwrap().write_all(minimal.as_bytes()).unwrap();
    let defaults = load(&path, None, &Environment::default()).unwrap();
    assert_eq!(format!("{example:?}"), format!("{defaults:?}"));
    assert_eq!(example.credentials_file, Some(folder.path().join("credentials.toml")));

    // Optional keys are commented out without a space; switched on, they say the default as well.
    let uncomment =
        |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned();
    let all = EXAMPLE.lines().map(uncomment).collect::<Vec<_>>().join("\n");
    // Some have no default to say: an address, and what can only stand beside a file.
    let rates = all.replace("base_url = \"http://127.0.0.1:9443\"", "").replace("url_file = \"ping.url\"", "");
    let rates = rates.replace("url = \"https://hc-ping.com/YOUR-PING-KEY/kis-trade-{command}\"", "");
    File::create(&path).unwrap().write_all(rates.as_bytes()).unwrap();
    assert_eq!(format!("{:?}", load(&path, None, &Environment::default()).unwrap()), format!("{defaults:?}"));
    let document = Document::parse(&all);
    assert_eq!(document.syntax, []);
    let missing = asked("").into_iter().filter(|key| document.find(key).is_none()).collect::<Vec<_>>();
    assert_eq!(missing, ["strategy", "notify.target"], "which the next tests read");
    let with_loopback = all.replace("url_file = \"ping.url\"", "");
    assert!(load_text(&with_loopback).unwrap().gateway.is_loopback);
}

/// The lines of the example from the first of these on, as they are without their `#`; sentences among them stay comments.
fn commented_out(first: &str) -> String {
    let lines = EXAMPLE.lines().skip_while(|line| *line != first).take_while(|line| line.starts_with('#'));
    let is_toml = |line: &str| line.is_empty() || line.starts_with('[') || line.contains(" = ");
    let lines = lines.map(|line| line.trim_start_matches(['#', ' '])).filter(|line| is_toml(line));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_example_documents_every_kind_of_target_and_each_of_its_keys() {
    let (folder, path) = folder_with("");
    let block = commented_out("# [[notify.target]]");
    for (name, secret) in
        [("telegram.token", "123:abc"), ("slack.url", "https://a/sesame"), ("discord.url", "https://b/sesame\n")]
    {
        put_secret(&folder.path().join(name), secret, 0o600);
    }
    File::create(&path).unwrap().write_all(format!("{MINIMAL}{block}").as_bytes()).unwrap();
    let settings = load(&path, None, &Environment::default()).unwrap();
    let kinds: Vec<&str> = settings.notify.targets.iter().map(|target| target.kind.word()).collect();
    assert_eq!(kinds, ["telegram", "slack", "discord", "webhook"]);
    for key in keys::TARGET {
        assert!(block.contains(&format!("{key} = ")), "{key}");
    }
    let telegram = &settings.notify.targets[0];
    assert_eq!(
        (telegram.chat_id.as_deref(), telegram.level, telegram.events.len()),
        (Some("-1001234567890"), Level::Info, 4)
    );
    assert_eq!(settings.notify.targets[1].events, NoticeKind::by_default());
    assert!(!format!("{settings:?}").contains("sesame"), "{settings:?}");
    use secrecy::ExposeSecret;
    assert_eq!(telegram.url.expose_secret(), "https://api.telegram.org/bot123:abc/sendMessage");
}

#[test]
fn the_example_documents_both_kinds_of_strategy_and_each_of_their_keys_with_its_default() {
    let (folder, path) = folder_with("");
    let block = commented_out("# [[strategy]]");
    let load_block = |block: &str| {
        let limits = "[limits]\nmax_position_usd = 20000\n";
        File::create(&path).unwrap().write_all(format!("{MINIMAL}{limits}{block}").as_bytes()).unwrap();
        load(&path, None, &Environment::default()).unwrap().strategies
    };
    let strategies = load_block(&block);
    let names: Vec<(&str, &str)> = strategies.iter().map(|one| (one.name.as_str(), one.rule.kind().word())).collect();
    assert_eq!(names, [("tqqq", "infinite_v40"), ("dip", "program")]);
    for key in strategies::KEYS.concat() {
        assert!(block.lines().any(|line| line.starts_with(&format!("{key} = "))), "{key}");
    }
    // Without the keys that have a default, the same; `settings` alone has an example instead.
    let has_none = ["[[strategy]]", "name", "kind", "symbol", "symbols", "principal_usd", "command", "settings"];
    let is_kept = |line: &&str| line.split(' ').next().is_some_and(|key| has_none.contains(&key));
    let least: String = block.lines().filter(is_kept).map(|line| format!("{line}\n")).collect();
    assert!(block.lines().count() > least.lines().count() + 9, "{least}");
    assert_eq!(format!("{:?}", load_block(&least)), format!("{strategies:?}"));
    let program = match &strategies[1].rule {
        RuleSettings::Program(program) => program,
        other => panic!("{other:?}"),
    };
    assert_eq!(program.command, [folder.path().join("rules/dip.py").display().to_string()]);

    // The other defaults are in its comments.
    let of = |kind: &str, symbol: &str| {
        let least = least.replace("infinite_v40", kind).replace("symbol = \"TQQQ\"", &format!("symbol = {symbol:?}"));
        match load_block(&least.replace("symbols = [\"SOXL\"]", "symbols = [\"IWM\"]")).swap_remove(0).rule {
            RuleSettings::Infinite(infinite) => {
                [infinite.star_percent, infinite.target_percent, infinite.first_buy_percent].map(|p| p.to_string())
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(of("infinite_v40", "TQQQ"), ["15", "15", "12"]);
    assert_eq!(of("infinite_v40", "SOXL"), ["20", "20", "12"]);
    assert_eq!(of("infinite_v22", "TQQQ")[1..], ["10", "10"]);
    assert_eq!(of("infinite_v22", "SOXL")[1..], ["12", "12"]);
}
