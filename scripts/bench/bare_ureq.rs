//! The least that any client must spend: N requests over one connection with ureq, and nothing else. `scripts/bench.sh`
//! holds kis-trade's cost against it.

use std::io::Read;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(count)) = (arguments.next(), arguments.next().and_then(|count| count.parse::<u32>().ok()))
    else {
        return ExitCode::from(2);
    };
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).proxy(None).max_redirects(0).build().into();
    for _ in 0..count {
        let Ok(response) = agent.get(&url).call() else { return ExitCode::from(69) };
        let mut body = Vec::new();
        if response.into_body().into_reader().read_to_end(&mut body).is_err() {
            return ExitCode::from(69);
        }
    }
    ExitCode::SUCCESS
}
