//! Flaws of a job, or between jobs: how it is started, at which minutes and hours, and whether it is there at all.

use super::*;

#[test]
fn a_start_is_found_wherever_a_shell_finds_it() {
    let line = |start: &str| format!("{HEAD}7 * * * * {start}\n7 * * * * {RUN} token-check\n");
    for start in [
        format!("flock -n /run/lock -c '{RUN} token-check'"),
        format!("su - trader -c '{RUN} token-check'"),
        format!("runuser trader --command '{RUN} token-check'"),
        format!("bash -l -c '{RUN} token-check'"),
        format!("timeout 900 bash -c \"flock /run/lock -c '{RUN} token-check'\""),
        format!("OUT=$({RUN} token-check 2>&1) || echo failed"),
        format!("! {RUN} token-check"),
    ] {
        assert_eq!(flaws(&line(&start)), [(4, Flaw::SameMinute)], "{start}");
    }
    assert_eq!(flaws(&line(&format!("sh /opt/job.sh -c '{RUN} token-check'"))), [], "an argument of a script");
}

#[test]
fn two_lines_that_start_one_job_in_the_same_minute_are_found() {
    let text = format!("{HEAD}*/30 * * * * {RUN} status\n15,30 * * * * {RUN} status\n");
    assert_eq!(flaws(&text), [(4, Flaw::SameMinute)]);
    let detail = found_in(&text, Form::User, None, Tz::UTC).remove(0).detail;
    assert_eq!(detail, "status is started in the same minute as by line 3, for example at 00:30");
    assert_eq!(flaws(&text.replace("15,30", "15,45")), []);
    assert_eq!(flaws(&format!("{HEAD}7 * * * mon-fri {RUN} token-check\n7 * * * sat,sun {RUN} token-check\n")), []);
}

#[test]
fn jobs_that_share_a_minute_are_found() {
    let text = format!("{HEAD}*/5 * * * * {RUN} status\n35 * * * * {RUN} token-check\n");
    assert_eq!(flaws(&text), [(4, Flaw::SharedMinute)]);
    assert_eq!(flaws(&text.replace("35 *", "36 *")), []);
    let crowd = format!("{HEAD}{}", format!("7 * * * * {RUN} token-check\n").repeat(100));
    assert_eq!(flaws(&crowd).len(), 200, "4950 pairs are not all told");
    let one_line = format!("{HEAD}7 * * * * {RUN} token-check && {RUN} status\n");
    assert_eq!(flaws(&one_line), [], "one after the other");
}

#[test]
fn hours_that_miss_the_market_on_one_side_of_daylight_saving_are_found() {
    let flaws = |times: &str, zone: Tz| {
        let text = format!("{HEAD}{times} {RUN} status\n");
        found_in(&text, Form::User, None, zone).into_iter().map(|finding| finding.flaw).collect::<Vec<_>>()
    };
    for (times, zone) in [
        ("*/5 * * * *", Tz::UTC),
        ("*/5 * * * 1-5", Tz::UTC),
        ("*/5 13-21 * * 1-5", Tz::UTC),
        ("*/5 9-16 * * 1-5", Tz::America__New_York),
        ("30 12 * * 1-5", Tz::America__New_York),
        ("*/5 22-23,0-6 * * *", Tz::Asia__Seoul),
        ("*/5 14-22 * * 1-5", Tz::Europe__Berlin),
    ] {
        assert_eq!(flaws(times, zone), [], "{times} {zone}");
    }
    for (times, zone) in [
        // Right in winter, or right in summer.
        ("*/5 14-21 * * 1-5", Tz::UTC),
        ("*/5 13-19 * * 1-5", Tz::UTC),
        ("*/5 23,0-6 * * *", Tz::Asia__Seoul),
        // Friday's session is Saturday's night in Korea.
        ("*/5 * * * 1-5", Tz::Asia__Seoul),
        // Berlin changes its clocks two weeks after New York.
        ("*/5 15-22 * * 1-5", Tz::Europe__Berlin),
        // Never.
        ("*/5 0-9 * * *", Tz::UTC),
        ("*/5 * * * 0", Tz::UTC),
    ] {
        assert_eq!(flaws(times, zone), [Flaw::MissesMarket], "{times} {zone}");
    }
    assert_eq!(flaws_of_line(&format!("@reboot {RUN} status")), [Flaw::MissesMarket]);
    let text = format!("{HEAD}5,35 14-21 * * 1-5 {RUN} status\n");
    assert_eq!(
        found_in(&text, Form::User, None, Tz::UTC)[0].detail,
        "status runs 13 times in the session of Mon 2027-01-04 (Mon 14:30 to Mon 21:00 here), and 12 times in that of \
         Mon 2027-03-15 (Mon 13:30 to Mon 20:00 here)"
    );
    // Two lines may share the work.
    let text = format!("{HEAD}5,35 13-20 * * 1-5 {RUN} status\n5 21 * * 1-5 {RUN} status\n");
    assert_eq!(found_in(&text, Form::User, None, Tz::UTC), []);
}

#[test]
fn jobs_that_are_not_there_are_missed() {
    assert_eq!(flaws(HEAD), [(1, Flaw::NoJob)]);
    let buy = format!("{HEAD}10 * * * * {RUN} buy\n");
    assert_eq!(flaws(&buy), [(3, Flaw::NoSell), (3, Flaw::NoCleanup)]);
    assert_eq!(flaws(&format!("{buy}5 * * * * {RUN} sell --dry-run\n")), [(3, Flaw::NoSell), (3, Flaw::NoCleanup)]);
    assert_eq!(flaws(&format!("{HEAD}10 * * * * {RUN} buy --dry-run\n")), [], "a rehearsal needs nothing else");
    let sell = format!("{HEAD}5 * * * * {RUN} sell\n");
    assert_eq!(flaws(&sell), [(3, Flaw::NoCleanup)]);
    assert_eq!(flaws(&format!("{sell}2 * * * * {RUN} cleanup\n")), []);
}

#[test]
fn what_a_paper_accounts_strategies_need_before_the_close_is_a_note() {
    let notes = |lines: &str, config: &str, zone: Tz| {
        let text = format!("{HEAD}{}", lines.replace("RUN", &RUN.replace("/opt/kis-trade/config.toml", config)));
        let verdict = judged(&text, Form::User, None, zone, &sessions());
        assert_eq!(verdict.findings, [], "{lines}");
        verdict.notes.iter().map(|note| note.en.clone()).collect::<Vec<_>>()
    };
    let paper = "/home/ann/paper.toml";
    let both = "2 * * * * RUN cleanup\n5,35 * * * * RUN sell\n10 * * * * RUN buy\n";
    let closing = format!("{both}40 * * * * RUN buy\n");
    for zone in [Tz::UTC, Tz::Asia__Seoul] {
        let [note] = &notes(both, paper, zone)[..] else { panic!("{zone}") };
        assert!(note.contains("no `buy` runs then") && note.contains("crontab.example"), "{note}");
        assert_eq!(notes(&closing, paper, zone), [""; 0], "{zone}");
        assert_eq!(notes(both, "/home/ann/config.toml", zone), [""; 0], "a real account, or no strategy");
    }

    let neither = both.replace("5,35", "5");
    assert!(notes(&neither, paper, Tz::UTC)[0].contains("no `buy` and no `sell` runs then"));
    let dry = format!("{both}40 * * * * RUN buy --dry-run\n");
    assert_eq!(notes(&dry, paper, Tz::UTC).len(), 1, "a dry run sends nothing");
    assert_eq!(notes("7 * * * * RUN status\n", paper, Tz::UTC), [""; 0]);
}

#[test]
fn the_line_for_paper_accounts_shares_no_minute() {
    let example = include_str!("../../../crontab.example").replace("you@example.com", "me").replace("\n#40 ", "\n40 ");
    let verdict = judged(&example, Form::User, None, Tz::UTC, &sessions());
    assert_eq!((verdict.starts, &verdict.findings[..]), (6, &[][..]));
}
