//! Just enough HTTP to talk to programs on this machine: one exchange, one connection.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, ensure};

/// A program on this machine that does not answer in this time is busy with something better.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer: its status and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// Asks for a path, query included.
pub fn get(port: u16, target: &str) -> anyhow::Result<Answer> {
    exchange(
        port,
        &format!("GET {target} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
    )
}

/// Posts JSON.
pub fn post(port: u16, target: &str, json: &serde_json::Value) -> anyhow::Result<Answer> {
    let body = json.to_string();
    let length = body.len();
    exchange(
        port,
        &format!(
            "POST {target} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ),
    )
}

fn exchange(port: u16, request: &str) -> anyhow::Result<Answer> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    parse(&String::from_utf8_lossy(&bytes))
}

fn parse(text: &str) -> anyhow::Result<Answer> {
    let (head, body) = text
        .split_once("\r\n\r\n")
        .context("the answer has no end of its head")?;
    let status = head
        .split_ascii_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok())
        .context("the answer has no status")?;
    Ok(Answer {
        status,
        body: body.to_owned(),
    })
}

impl Answer {
    /// The body as JSON, where the status says that all went well.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        ensure!(
            (200..300).contains(&self.status),
            "answered {}: {}",
            self.status,
            self.body
        );
        serde_json::from_str(&self.body).context("the answer is not JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_status_and_its_body() {
        let answer = parse("HTTP/1.0 200 OK\r\nx: y\r\n\r\n{\"a\":1}").unwrap();
        assert_eq!(answer.json().unwrap()["a"], 1);
    }

    #[test]
    fn a_refusal_is_no_json_and_says_what_was_answered() {
        let answer = parse("HTTP/1.1 409 Conflict\r\n\r\nno such shop").unwrap();
        let error = answer.json().unwrap_err().to_string();
        assert!(
            error.contains("409") && error.contains("no such shop"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_http_is_an_error() {
        for text in ["", "HTTP/1.0 200 OK", "hello\r\n\r\n"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
