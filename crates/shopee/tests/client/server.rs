//! A server on a free port that answers each request as a closure says, one after the other, and
//! remembers what it was asked. It keeps no connection open.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::Value;
use url::Url;

/// What was asked.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub url: Url,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    /// A parameter of the query; blank where there is none.
    pub fn query(&self, name: &str) -> String {
        self.url
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }

    /// A header; blank where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }
}

/// What to answer.
pub enum Answer {
    /// This.
    Whole {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// This, and then the connection ends although more was announced.
    CutShort { body: String, announced: usize },
    /// A body of this many bytes whose length is not announced.
    Unannounced { bytes: usize },
    /// Nothing, until the client hangs up.
    Silence,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self::bytes(status, body.into().into_bytes())
    }

    /// What need not be text.
    pub fn bytes(status: u16, body: Vec<u8>) -> Self {
        Self::Whole {
            status,
            headers: Vec::new(),
            body,
        }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string())
    }

    /// With a header.
    pub fn and(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Whole { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

/// The server; it ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    /// The connection that is being served, so that silence can be ended.
    open: Arc<Mutex<Option<TcpStream>>>,
    is_stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(mut answer: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let open = Arc::<Mutex<Option<TcpStream>>>::default();
        let is_stopping = Arc::<AtomicBool>::default();
        let thread = std::thread::spawn({
            let (requests, open) = (requests.clone(), open.clone());
            let is_stopping = is_stopping.clone();
            move || {
                for connection in listener.incoming() {
                    // A client may hang up whenever it likes.
                    let Ok(mut connection) = connection else {
                        continue;
                    };
                    *locked(&open) = connection.try_clone().ok();
                    if is_stopping.load(Ordering::SeqCst) {
                        break;
                    }
                    let Some(request) = read(&connection) else {
                        continue;
                    };
                    locked(&requests).push(request.clone());
                    write(&mut connection, answer(&request)).unwrap_or_default();
                    locked(&open).take();
                }
            }
        });
        Self {
            address,
            requests,
            open,
            is_stopping,
            thread: Some(thread),
        }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/api/v2", self.address)
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.requests).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::SeqCst);
        // The thread waits for somebody to hang up, or for the next connection.
        if let Some(connection) = locked(&self.open).take() {
            drop(connection.shutdown(Shutdown::Both));
        }
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(connection: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(connection);
    let mut line = || {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut first = first.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let url = Url::parse(&format!("http://server{target}")).ok()?;
    let mut headers = Vec::new();
    while let Some((name, value)) = line()?.split_once(": ") {
        headers.push((name.to_owned(), value.to_owned()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        url,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}

fn write(connection: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    match answer {
        Answer::Whole {
            status,
            headers,
            body,
        } => {
            write!(connection, "HTTP/1.1 {status} Told So\r\n")?;
            for (name, value) in headers {
                write!(connection, "{name}: {value}\r\n")?;
            }
            let length = body.len();
            write!(
                connection,
                "Connection: close\r\nContent-Length: {length}\r\n\r\n"
            )?;
            connection.write_all(&body)
        }
        Answer::CutShort { body, announced } => write!(
            connection,
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {announced}\r\n\r\n{body}"
        ),
        Answer::Unannounced { bytes } => {
            connection.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            connection.write_all(&vec![b' '; bytes])
        }
        Answer::Silence => connection.read(&mut [0; 1]).map(|_| ()),
    }
}
