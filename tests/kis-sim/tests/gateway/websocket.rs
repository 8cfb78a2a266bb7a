//! The websocket: subscriptions, trades as the clock moves, and an account's orders and fills, encrypted.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tungstenite::protocol::Role;
use tungstenite::{Message, WebSocket};

use crate::harness::*;

/// The greeting's example in RFC 6455.
const GREETING: [&str; 2] = ["dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="];
/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// Messages of one kind that may come before the one that a test waits for.
const MOST: usize = 20;

struct Socket {
    socket: WebSocket<TcpStream>,
    approval_key: String,
}

impl Socket {
    fn open(market: &Market, mode: Mode) -> Socket {
        let body = json!({"grant_type": "client_credentials", "appkey": mode.key(), "secretkey": mode.secret()});
        let answer = oauth(&market.url(), "/oauth2/Approval", &body);
        let mut stream = TcpStream::connect(market.url().replace("http://", "")).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        let [key, accept] = GREETING;
        let request = format!(
            "GET /tryitout HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("it is sent");
        let lines = BufReader::new(&stream).lines();
        let head: Vec<String> = lines.map(|line| line.expect("a line")).take_while(|line| !line.is_empty()).collect();
        assert!(head[0].starts_with("HTTP/1.1 101 "), "{head:?}");
        assert!(head.contains(&format!("Sec-WebSocket-Accept: {accept}")), "{head:?}");
        let approval_key = text(&answer.body, "approval_key").to_owned();
        Socket { socket: WebSocket::from_raw_socket(stream, Role::Client, None), approval_key }
    }

    /// Subscribes (1) or unsubscribes (2), and gives the answer.
    fn ask(&mut self, kind: &str, tr_id: &str, tr_key: &str) -> Value {
        self.send(kind, tr_id, tr_key);
        serde_json::from_str(&self.next(|text| text.starts_with('{') && !text.contains("PINGPONG"))).expect("JSON")
    }

    /// The same, and gives whatever comes next.
    fn ask_and_read_next(&mut self, kind: &str, tr_id: &str, tr_key: &str) -> Value {
        self.send(kind, tr_id, tr_key);
        serde_json::from_str(&self.next(|_| true)).expect("JSON")
    }

    fn send(&mut self, kind: &str, tr_id: &str, tr_key: &str) {
        let message = json!({
            "header": {"approval_key": self.approval_key, "custtype": "P", "tr_type": kind, "content-type": "utf-8"},
            "body": {"input": {"tr_id": tr_id, "tr_key": tr_key}},
        });
        self.socket.send(Message::text(message.to_string())).expect("it is sent");
    }

    /// The fields of the next message of a TR id.
    fn data(&mut self, tr_id: &str) -> Vec<String> {
        let message = self.next(|text| text.split('|').nth(1) == Some(tr_id));
        let fields = message.splitn(4, '|').nth(3).expect("four parts").to_owned();
        fields.split('^').map(str::to_owned).collect()
    }

    fn next(&mut self, is_meant: impl Fn(&str) -> bool) -> String {
        for _ in 0..MOST {
            let message = self.socket.read().expect("a message").into_text().expect("text").to_string();
            if is_meant(&message) {
                return message;
            }
        }
        panic!("{MOST} messages, and none of them is meant");
    }
}

#[test]
fn trades_come_as_the_clock_moves() {
    let market = Market::at("2023-05-24T14:30:00Z");
    let mut socket = Socket::open(&market, Mode::Real);
    let answer = socket.ask("1", "HDFSCNT0", "DNASAAPL");
    assert_eq!(answer["body"], json!({"rt_cd": "0", "msg_cd": "OPSP0000", "msg1": "SUBSCRIBE SUCCESS"}));
    let first = socket.data("HDFSCNT0");
    assert_eq!((first.len(), first[0].as_str(), first[1].as_str()), (26, "DNASAAPL", "AAPL"));
    let quote = market.client(Mode::Real).price("NAS", "AAPL").send();
    assert_eq!([&first[11], &first[20]], [quote.output("last"), quote.output("tvol")]);
    assert_eq!([&first[5], &first[7], &first[25]], ["103000", "233000", "1"], "New York, Korea, the regular session");
    market.advance(60);
    let second = socket.data("HDFSCNT0");
    let volume = |fields: &[String]| fields[20].parse::<u64>().expect("a volume");
    assert!(volume(&second) > volume(&first));
    assert_eq!(second[19], (volume(&second) - volume(&first)).to_string(), "what was traded between");
    assert_eq!(socket.ask("2", "HDFSCNT0", "DNASAAPL")["body"]["msg_cd"], "OPSP0001");
}

#[test]
fn an_order_and_its_fill_are_told_to_who_has_the_key() {
    for (mode, tr_id) in [(Mode::Real, "H0GSCNI0"), (Mode::Paper, "H0GSCNI9")] {
        let market = Market::still();
        let client = market.client(mode);
        let mut socket = Socket::open(&market, mode);
        let answer = socket.ask("1", tr_id, "sim");
        assert_eq!(answer["header"], json!({"tr_id": tr_id, "tr_key": "sim", "encrypt": "Y"}));
        let output = answer["body"]["output"].clone();
        let (key, iv) = (text(&output, "key").to_owned(), text(&output, "iv").to_owned());
        assert_eq!((key.len(), iv.len()), (32, 16));
        let mut notice = || {
            let sealed = socket.data(tr_id).remove(0);
            let bytes = STANDARD.decode(sealed).expect("base64");
            let opener = cbc::Decryptor::<aes::Aes256>::new_from_slices(key.as_bytes(), iv.as_bytes()).expect("keys");
            let opened = opener.decrypt_padded_vec_mut::<Pkcs7>(&bytes).expect("it opens");
            let fields = String::from_utf8(opened).expect("UTF-8");
            fields.split('^').map(str::to_owned).collect::<Vec<_>>()
        };
        let order_id = client.buy("ZZZQ", 7, "99.50").order_id();
        let told = notice();
        assert_eq!(told.len(), 25);
        let of =
            |fields: &[String], places: &[usize]| places.iter().map(|place| fields[*place].clone()).collect::<Vec<_>>();
        let accepted = of(&told, &[2, 4, 6, 7, 8, 9, 12, 13, 15, 18]);
        assert_eq!(
            accepted,
            [&order_id, "02", "2", "ZZZQ", "0000000007", "000000995000", "1", "1", "", "6"],
            "{mode:?}"
        );
        let order = json!({"account": mode.name(), "order_id": order_id, "quantity": 3, "price": "99.25"});
        market.post("/orders/fill", order);
        let filled = of(&notice(), &[2, 8, 9, 12, 15]);
        assert_eq!(filled, [&order_id, "0000000003", "000000992500", "2", "7"], "{mode:?}");
        assert!(client.cancel("ZZZQ", &order_id, 4).is_success());
        let cancelled = of(&notice(), &[3, 5, 12, 13]);
        assert_eq!(cancelled, [&order_id, "2", "1", "2"], "{mode:?}");
    }
}

#[test]
fn a_ping_comes_every_ten_seconds_of_the_clock() {
    let market = Market::at("2023-05-24T14:30:00Z");
    let mut socket = Socket::open(&market, Mode::Real);
    market.advance(9);
    // The first answer may have been on its way when the clock moved; a ping would come before the second.
    for _ in 0..2 {
        assert_eq!(socket.ask_and_read_next("2", "HDFSCNT0", "DNASAAPL")["body"]["msg_cd"], "OPSP0003");
    }
    for (seconds, time) in [(1, "20230524233010"), (600, "20230524234010")] {
        market.advance(seconds);
        let ping: Value = serde_json::from_str(&socket.next(|_| true)).expect("JSON");
        assert_eq!(ping, json!({"header": {"tr_id": "PINGPONG", "datetime": time}}));
    }
}

#[test]
fn what_is_not_allowed_is_refused_and_the_connection_goes_on() {
    let market = Market::still();
    let mut socket = Socket::open(&market, Mode::Real);
    let mut code =
        |kind: &str, tr_id: &str, key: &str| text(&socket.ask(kind, tr_id, key)["body"], "msg_cd").to_owned();
    assert_eq!(code("1", "HDFSCNT0", "DNASNONE"), "OPSP0007", "nobody lists it");
    assert_eq!(code("1", "H0GSCNI9", "sim"), "OPSP0007", "that is paper's");
    assert_eq!(code("2", "HDFSCNT0", "DNASZZZQ"), "OPSP0003", "never subscribed");
    assert_eq!(code("1", "HDFSCNT0", "DNASZZZQ"), "OPSP0000");
    assert_eq!(code("1", "HDFSCNT0", "DNASZZZQ"), "OPSP0002", "twice");
    assert_eq!(code("1", "H0STCNI0", "sim"), "OPSP0000", "Korean notices, which never come");
    socket.approval_key = "stale".to_owned();
    assert_eq!(text(&socket.ask("1", "HDFSCNT0", "DNASAAPL")["body"], "msg_cd"), "OPSP0011");
}
