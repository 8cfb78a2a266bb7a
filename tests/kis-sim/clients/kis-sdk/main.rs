//! The driver of kis-sdk: takes a call as a line of JSON, answers in one. `kis_sdk_calls.py` says what to call.

use std::collections::HashMap;
use std::error::Error;
use std::io::stdin;

use kis_sdk::apis::overseas_stock::OverseasStockEndpoint;
use kis_sdk::endpoint::InventoryRequest;
use kis_sdk::{AppCredentials, Environment, KisClient};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How a user points it at kis-sim: `base_url` is an option.
fn client(environment: Environment, credentials: &str, gateway: &str) -> Result<KisClient> {
    let mut words = credentials.split(' ');
    let (Some(key), Some(secret)) = (words.next(), words.next()) else { return Err("no credentials".into()) };
    let client = KisClient::builder(environment).base_url(gateway).app_credentials(AppCredentials::new(key, secret));
    Ok(client.build()?)
}

async fn answer(client: &KisClient, call: &str, given: &Value) -> Result<Value> {
    match call {
        "issue_access_token" => {
            let token = client.issue_access_token().await?;
            Ok(json!({ "access_token": token.access_token, "token_type": token.token_type }))
        }
        "issue_realtime_approval_key" => {
            Ok(json!({ "approval_key": client.issue_realtime_approval_key().await?.approval_key }))
        }
        "revoke_access_token" => {
            let token = given["token"].as_str().unwrap_or_default();
            Ok(json!({ "code": client.revoke_access_token(token).await?.code }))
        }
        _ => overseas_stock(client, call, given).await,
    }
}

/// The endpoint whose operation id ends in `call`, with the query or the body, headers and the TR id that are given.
async fn overseas_stock(client: &KisClient, call: &str, given: &Value) -> Result<Value> {
    let ending = format!("_{call}");
    let is_meant = |endpoint: &&OverseasStockEndpoint| endpoint.operation_id().ends_with(&ending);
    let endpoint = OverseasStockEndpoint::all().iter().find(is_meant).ok_or(format!("kis-sdk has no {call}"))?;
    let mut request = InventoryRequest::new();
    if let Some(query) = given.get("query") {
        request = request.query(query.clone());
    }
    if let Some(body) = given.get("body") {
        request = request.body(body.clone());
    }
    if let Some(tr_id) = given["tr_id"].as_str() {
        request = request.tr_id_override(tr_id);
    }
    for (name, value) in given["headers"].as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().unwrap_or_default());
    }
    let envelope = client.execute_overseas_stock::<Value>(*endpoint, request).await?;
    Ok(json!({
        "rt_cd": envelope.rt_cd, "msg_cd": envelope.msg_cd, "msg1": envelope.msg1, "output": envelope.output,
    }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let variable = |name| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let gateway = variable("GATEWAY")?;
    let clients = HashMap::from([
        ("real", client(Environment::Real, &variable("REAL")?, &gateway)?),
        ("paper", client(Environment::Mock, &variable("PAPER")?, &gateway)?),
    ]);
    for line in stdin().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| asked[name].as_str().unwrap_or_default();
        let client = clients.get(text("account")).ok_or("no such account")?;
        let reply = match answer(client, text("call"), &asked["arguments"]).await {
            Ok(answer) => json!({ "answer": answer }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        println!("{reply}");
    }
    Ok(())
}
