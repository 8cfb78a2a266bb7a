//! What the network and the server do to an order, and to a read.

use std::time::Duration;

use super::*;

#[test]
fn without_a_connection_an_order_is_not_sent() {
    let (gateway, paced) = gateway_with(&config("http://127.0.0.1:1", Mode::Paper));
    let outcome = send(&gateway);
    assert_eq!((outcome.class, outcome.http), (OutcomeClass::NotSent, None));
    assert!(outcome.msg.contains("refused"), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(KisError::Unreachable { .. })));
    assert_eq!(*paced.borrow(), [ORDER, READ, READ, READ]);
}

#[test]
fn a_name_that_cannot_be_resolved_is_an_order_not_sent() {
    // No name server would be asked for it: no part of a name may be longer than 63 bytes.
    let nowhere = format!("https://{}.invalid", "a".repeat(64));
    let mut nameless = config(&nowhere, Mode::Real);
    nameless.is_loopback = false;
    let (gateway, _) = gateway_with(&nameless);
    let outcome = send(&gateway);
    assert_eq!((outcome.class, outcome.http), (OutcomeClass::NotSent, None), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(KisError::Unreachable { .. })));
}

#[test]
fn no_tls_no_order() {
    // Plain text on the TLS port, and plain http outside loopback: the secrets must not leave.
    let server = Server::start(vec![]);
    let mut tls = config(&server.url.replace("http://", "https://"), Mode::Paper);
    tls.timeout = Duration::from_millis(500);
    let (gateway, _) = gateway_with(&tls);
    assert_eq!(send(&gateway).class, OutcomeClass::NotSent);
    let mut not_loopback = config(&server.url, Mode::Paper);
    not_loopback.is_loopback = false;
    let (gateway, _) = gateway_with(&not_loopback);
    assert_eq!(send(&gateway).class, OutcomeClass::NotSent);
    assert!(quote(&gateway).is_err());
    assert!(server.seen().is_empty());
}

#[test]
fn whatever_goes_wrong_after_the_first_byte_is_unknown() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
    let half = [head.as_bytes(), ACCEPTED.as_bytes()].concat();
    let large = format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat((1 << 20) + 1)) + ACCEPTED;
    let header = format!("X-Large: {}\r\n", "x".repeat(1 << 20));
    let length = format!("Content-Length: {}\r\n", ACCEPTED.len());
    for (name, act) in [
        ("closed without a word", Act::SayAndClose(vec![])),
        ("half a head", Act::SayAndClose(b"HTTP/1.1 200 OK\r\nConte".to_vec())),
        ("half a body", Act::SayAndClose(half)),
        ("too large", Act::SayAndClose(large.into_bytes())),
        ("no HTTP", Act::SayAndClose(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec())),
        ("a head of a megabyte", Act::with_headers(200, &header, ACCEPTED)),
        ("its length twice", Act::with_headers(200, &length, ACCEPTED)),
        ("its length in two ways", Act::with_headers(200, "Transfer-Encoding: chunked\r\n", ACCEPTED)),
        ("two dates", Act::with_headers(200, "Date: x\r\nDate: y\r\n", ACCEPTED)),
        ("HTML", Act::answer(200, "<html></html>")),
        ("empty", Act::answer(200, "")),
        ("gateway timeout", Act::answer(504, "upstream timed out")),
    ] {
        let (outcome, server) = submit(vec![act, Act::answer(200, ACCEPTED)]);
        assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None), "{name}");
        assert!(!outcome.msg.is_empty(), "{name}");
        assert_eq!(server.seen().len(), 1, "{name}: sent once");
    }
}

#[test]
fn silence_makes_an_order_unknown_and_a_read_unreachable() {
    let server = Server::start(vec![Act::KeepSilent, Act::KeepSilent, Act::KeepSilent, Act::KeepSilent]);
    let mut impatient = config(&server.url, Mode::Paper);
    impatient.timeout = Duration::from_millis(100);
    let (gateway, paced) = gateway_with(&impatient);
    let outcome = send(&gateway);
    assert_eq!(outcome.class, OutcomeClass::Unknown);
    assert!(outcome.msg.contains("timed out after 100 ms"), "{}", outcome.msg);
    assert!((100..2000).contains(&outcome.elapsed_ms), "{}", outcome.elapsed_ms);
    assert!(matches!(quote(&gateway), Err(KisError::Unreachable { .. })));
    assert_eq!(*paced.borrow(), [ORDER, READ, READ, READ]);
}

/// A server that hands each connection, its request unread, to `talk`.
fn start_talk(talk: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().flatten().for_each(talk));
    url
}

#[test]
fn a_connection_reset_in_the_middle_of_an_answer_makes_an_order_unknown() {
    let url = start_talk(|mut stream| {
        stream.read_exact(&mut [0; 20]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{").unwrap();
        // Closed while a part of the request lies there unread: the kernel resets the connection.
    });
    let (gateway, _) = gateway_with(&config(&url, Mode::Paper));
    let outcome = send(&gateway);
    assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(KisError::Unreachable { .. } | KisError::Nonsense { .. })));
}

#[test]
fn an_answer_that_comes_in_drips_is_not_waited_for() {
    let (told, ends) = std::sync::mpsc::channel();
    let url = start_talk(move |mut stream| {
        stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 10_000 + ACCEPTED.len());
        stream.write_all(head.as_bytes()).unwrap();
        // Each byte comes long before any time-out of its own would be over.
        let has_hung_up = (0..10_000).any(|_| {
            let end = stream.read(&mut [0; 4096]);
            stream.write_all(b" ").is_err() || matches!(end, Ok(0))
        });
        let _ = stream.write_all(ACCEPTED.as_bytes());
        told.send(has_hung_up).unwrap();
    });
    let mut impatient = config(&url, Mode::Paper);
    impatient.timeout = Duration::from_millis(200);
    let (gateway, _) = gateway_with(&impatient);
    let outcome = send(&gateway);
    assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None));
    assert!(outcome.msg.contains("timed out after 200 ms"), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(KisError::Unreachable { .. })));
    drop(gateway);
    let ends: Vec<bool> = ends.iter().take(4).collect();
    assert_eq!(ends, [true; 4], "an order once and a read three times, each hung up on");
}

#[test]
fn a_body_of_a_gigabyte_is_not_read_to_its_end() {
    const PIECE: usize = 1 << 16;
    let (told, sizes) = std::sync::mpsc::channel();
    let url = start_talk(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", (1 << 30) + ACCEPTED.len());
        stream.write_all(head.as_bytes()).unwrap();
        let taken = (0..(1 << 30) / PIECE).take_while(|_| stream.write_all(&[b' '; PIECE]).is_ok()).count();
        let _ = stream.write_all(ACCEPTED.as_bytes());
        told.send(taken * PIECE).unwrap();
    });
    let (gateway, _) = gateway_with(&config(&url, Mode::Paper));
    let outcome = send(&gateway);
    assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None), "{}", outcome.msg);
    assert!(matches!(quote(&gateway), Err(KisError::Nonsense { .. })));
    let most = sizes.iter().take(4).max().unwrap();
    assert!(most < 100 << 20, "{most} bytes were taken");
}

/// The bytes as a gzip file without compression.
fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    let (crc, size) = (crc32fast::hash(bytes).to_le_bytes(), u32::from(length).to_le_bytes());
    [&head[..], &length.to_le_bytes(), &(!length).to_le_bytes(), bytes, &crc, &size].concat()
}

#[test]
fn nothing_is_unpacked_so_a_bomb_stays_packed() {
    // The request asks for no compression. A body that stays packed can't grow, and is no JSON.
    let packed = |body: &str| {
        let body = gzipped(body.as_bytes());
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
        Act::Say([head.into_bytes(), body].concat())
    };
    let (outcome, server) = submit(vec![packed(ACCEPTED)]);
    assert_eq!((outcome.class, outcome.order_id), (OutcomeClass::Unknown, None), "{}", outcome.msg);
    assert!(server.seen()[0].headers.iter().all(|header| !header.starts_with("accept-encoding")));
    let server = Server::start(vec![packed(QUOTE), packed(QUOTE), packed(QUOTE)]);
    let (gateway, _) = gateway(&server, Mode::Paper);
    assert!(matches!(quote(&gateway), Err(KisError::Nonsense { .. })));
}

#[test]
fn a_kept_connection_that_was_closed_meanwhile_is_replaced() {
    let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{QUOTE}", QUOTE.len());
    let server = Server::start(vec![Act::SayAndClose(whole.into_bytes()), Act::answer(200, QUOTE)]);
    let (gateway, _) = gateway(&server, Mode::Paper);
    assert!(quote(&gateway).is_ok() && quote(&gateway).is_ok());
    let connections: Vec<_> = server.seen().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [0, 1]);
}

#[test]
fn an_answer_behind_the_answer_is_never_taken_for_that_to_the_next_question() {
    let list = |number: &str| {
        let body = ORDERS.replace("0030012399", number);
        format!("HTTP/1.1 200 OK\r\ntr_cont: D\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let twice = [list("0000000001"), list("0000000002")].concat().into_bytes();
    let server = Server::start(vec![Act::Say(twice), Act::Say(list("0000000003").into_bytes())]);
    let (gateway, _) = gateway(&server, Mode::Real);
    let has = |list: OrderList, number: &str| list.rows.iter().any(|row| row.order_id == number.parse().unwrap());
    assert!(has(orders(&gateway).unwrap(), "1"));
    assert!(has(orders(&gateway).unwrap(), "3"), "the stale list was believed");
}
