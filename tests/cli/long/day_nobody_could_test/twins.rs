//! Programs that are wrong on purpose, as older ones were: the same checks must find them out, at the hour they should.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::harness::World;

/// Seconds of life at which both renew: as kis-trade, four hours.
const DUE_SECONDS: i64 = 4 * 3600;

/// A client that is built once. Its token manager renews the file in time, and the client never hears of it.
pub struct LifelongClient {
    token: String,
}

impl LifelongClient {
    /// Gets a token, writes the file, and builds the client around it.
    pub fn start(world: &World) -> LifelongClient {
        LifelongClient { token: ask_for_token(world).expect("the first token") }
    }

    /// One job after the other, each with a look of the token manager first.
    pub fn work(&self, world: &World, commands: &[&str]) {
        for command in commands {
            if load(world).is_due(world) {
                ask_for_token(world).expect("the file is renewed in time");
            }
            if *command != "token-check" {
                ask_for_price(world, &self.token);
            }
        }
    }
}

/// Processes that start together and load the token afresh, but renew it without a lock or a second look.
pub fn work_without_lock(world: &World, commands: &[&str]) {
    // All have looked before the first one acts: what a scheduler may do on any day, happens on this one.
    let looks: Vec<TokenOnDisk> = commands.iter().map(|_| load(world)).collect();
    for (command, look) in commands.iter().zip(looks) {
        let token = if look.is_due(world) { ask_for_token(world).unwrap_or(look.token) } else { look.token };
        if *command != "token-check" {
            ask_for_price(world, &token);
        }
    }
}

struct TokenOnDisk {
    token: String,
    /// Unix seconds.
    expires_at: i64,
}

impl TokenOnDisk {
    fn is_due(&self, world: &World) -> bool {
        self.expires_at - world.now.timestamp() <= DUE_SECONDS
    }
}

fn load(world: &World) -> TokenOnDisk {
    let file = world.files.token_file();
    TokenOnDisk {
        token: file["access_token"].as_str().unwrap().to_owned(),
        expires_at: file["expires_at"].as_i64().unwrap(),
    }
}

/// Asks for a token and writes the file; `None` when KIS gives none.
pub fn ask_for_token(world: &World) -> Option<String> {
    let body = json!({
        "grant_type": "client_credentials", "appkey": kis_sim::PAPER_KEY, "appsecret": kis_sim::paper_secret(),
    });
    let url = format!("{}/oauth2/tokenP", world.sim.gateway_url());
    let mut answer =
        agent().post(url).header("content-type", "application/json").send(body.to_string()).expect("an answer");
    let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    let token = answer["access_token"].as_str()?.to_owned();
    let expires_at = world.now + TimeDelta::seconds(answer["expires_in"].as_i64().unwrap());
    std::fs::create_dir_all(world.files.state("")).unwrap();
    let file = json!({ "access_token": token, "expires_at": expires_at.timestamp() });
    std::fs::write(world.files.state("api_token.json"), file.to_string()).unwrap();
    Some(token)
}

fn ask_for_price(world: &World, token: &str) {
    let path = "/uapi/overseas-price/v1/quotations/price?AUTH=&EXCD=NAS&SYMB=AAPL";
    let request = agent().get(format!("{}{path}", world.sim.gateway_url())).header("tr_id", "HHDFS00000300");
    let request = request.header("authorization", format!("Bearer {token}")).header("custtype", "P");
    let request = request.header("content-type", "application/json; charset=utf-8");
    let answer = request.header("appkey", kis_sim::PAPER_KEY).header("appsecret", kis_sim::paper_secret()).call();
    answer.expect("an answer, good or bad");
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
    config.timeout_global(Some(Duration::from_secs(10))).build().into()
}
