//! What tests of sinks share: an alert, a client, and somebody who answers one request.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;

use chrono::{TimeZone, Utc};
use hawker_domain::ConnectorName;
use hawker_domain::alert::{Alert, AlertPayload};
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::AlertId;

pub(crate) fn alert() -> Alert {
    Alert {
        id: AlertId::of(7),
        sink: "n8n".into(),
        payload: AlertPayload {
            connector: ConnectorName::Shopee,
            error_class: ErrorClass::SkuNotFound,
            ordersn: Some("250101CARDS001".into()),
            shop_id: Some(6_000_000_001),
            message: "The SKU POK-OBF-223-NM-EN is not in the catalogue.".into(),
            exception_id: "cex_1".into(),
            raw_event_id: None,
            occurred_at: Utc
                .with_ymd_and_hms(2025, 1, 2, 3, 4, 5)
                .single()
                .expect("a time"),
            details: serde_json::Map::new(),
        },
        threads: Vec::new(),
    }
}

pub(crate) fn client() -> reqwest::Client {
    // A second test of this process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.no_proxy().build().expect("a client")
}

pub(crate) fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

/// Answers one request with a head and a body; the thread gives back what was asked.
pub(crate) fn answering(
    head: &'static str,
    body: impl Into<String>,
) -> (SocketAddr, JoinHandle<String>) {
    let (listener, address) = listener();
    let body = body.into();
    let asked = std::thread::spawn(move || {
        let (mut peer, _) = listener.accept().expect("a connection");
        let request = read_request(&mut peer);
        let length = body.len();
        write!(
            peer,
            "HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .expect("an answer");
        request
    });
    (address, asked)
}

fn read_request(peer: &mut impl Read) -> String {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = peer.read(&mut chunk).expect("a request");
        request.extend_from_slice(&chunk[..read]);
        if read == 0 || is_whole(&request) {
            return String::from_utf8(request).expect("text");
        }
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    request.len() >= head.len() + 4 + length.unwrap_or(0)
}
