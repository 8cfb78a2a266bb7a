//! Bent crontabs: each finding names a line of the file and shows no control character.
//!
//! A module of `src/schedule`, whose judge is private.

use chrono_tz::Tz;

use super::crontab::Form;
use super::tests::judged;
use crate::domain::Session;
use crate::domain::market_session::session_of;
use crate::testing::fuzz;

const EXAMPLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/crontab.example"));
const BITING: &str = r#"SHELL=/bin/bash
CRON_TZ=America/New_York # New York
'A B' = "x $HOME"
MAILTO=""
*/5,7-9/2 22-23,0-6 1,15 jan-mar mon-fri root cd "/opt/kis trade" && ./kis-trade -q sell >> log-$(date +\%F) 2>&1
@hourly sh -c 'KIS_APP_KEY=x flock /run/kis-trade timeout 900 kis-trade --config=~/c.toml --dry-run buy' &> /dev/null
@reboot kis-trade token-check --force | logger; kis-trade status 2>/dev/null <in
5/10 * * * * kis-trade cleanup
"#;

#[test]
fn fuzz_crontabs() {
    let sessions: Vec<Session> =
        ["2027-01-06", "2027-07-07"].into_iter().filter_map(|date| session_of(date.parse().unwrap())).collect();
    fuzz("crontabs", 3, &[EXAMPLE.as_bytes(), BITING.as_bytes()], |bytes, random| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let form = *random.pick(&[Form::User, Form::System]);
        let lines = text.lines().count().max(1);
        for finding in judged(text, form, None, Tz::UTC, &sessions).findings {
            assert!((1..=lines).contains(&finding.line), "{finding:?}");
            assert!(!finding.next.is_empty(), "{finding:?}");
            assert!(!finding.detail.chars().any(char::is_control), "{finding:?}");
        }
    });
}
