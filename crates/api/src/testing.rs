//! A real server over fakes, and a client that sends what a well-behaved one never would.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::{App, HttpServer, web};
use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_domain::ids::ProfileId;
use hawker_ports::pushes::{IntakeError, PushIntake, ReceivedPush};
use hawker_ports::tenants::{Readiness, StoreHealth, TenantDirectory};
use hawker_ports::testing::{FrozenClock, PlainSealer, SequentialIds};
use hawker_ports::{Sealed, StoreError};

use crate::{ApiPorts, ApiState, PrometheusMetrics, configure, request_context};

/// Keeps every push, and answers as it is told.
#[derive(Default)]
pub(crate) struct FakeIntake {
    pushes: Mutex<Vec<ReceivedPush>>,
    failures: Mutex<VecDeque<IntakeError>>,
}

impl FakeIntake {
    pub(crate) fn fail_next(&self, error: IntakeError) {
        self.failures.lock().expect("unpoisoned").push_back(error);
    }

    /// The pushes since the last time that this was asked.
    pub(crate) fn take(&self) -> Vec<ReceivedPush> {
        std::mem::take(&mut self.pushes.lock().expect("unpoisoned"))
    }

    /// The only push since then.
    pub(crate) fn take_one(&self) -> ReceivedPush {
        let pushes = self.take();
        let [push] = <[_; 1]>::try_from(pushes).expect("exactly one push");
        push
    }
}

#[async_trait]
impl PushIntake for FakeIntake {
    async fn accept(&self, push: ReceivedPush) -> Result<(), IntakeError> {
        if let Some(error) = self.failures.lock().expect("unpoisoned").pop_front() {
            return Err(error);
        }
        self.pushes.lock().expect("unpoisoned").push(push);
        Ok(())
    }
}

/// Knows the profile `scp_cards` of the tenant `cards`; the database is away for `scp_away`.
#[derive(Default)]
pub(crate) struct FakeDirectory {
    asked: Mutex<Vec<String>>,
}

impl FakeDirectory {
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("unpoisoned").clone()
    }
}

#[async_trait]
impl TenantDirectory for FakeDirectory {
    async fn tenants(&self) -> Result<Vec<TenantSlug>, StoreError> {
        Ok(vec![TenantSlug::default_tenant()])
    }

    async fn tenant_of(&self, profile: &ProfileId) -> Result<Option<TenantSlug>, StoreError> {
        self.asked
            .lock()
            .expect("unpoisoned")
            .push(profile.to_string());
        match profile.as_str() {
            "scp_cards" => Ok(Some("cards".parse().expect("a tenant"))),
            "scp_away" => Err(StoreError::Unavailable("connection refused".into())),
            _ => Ok(None),
        }
    }
}

struct Ready;

#[async_trait]
impl StoreHealth for Ready {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        Ok(Readiness::Ready)
    }

    async fn stored_secret(&self) -> Result<Option<Sealed>, StoreError> {
        Ok(None)
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) intake: Arc<FakeIntake>,
    pub(crate) directory: Arc<FakeDirectory>,
    pub(crate) state: web::Data<ApiState>,
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let intake = Arc::new(FakeIntake::default());
        let directory = Arc::new(FakeDirectory::default());
        let clock = Arc::new(FrozenClock::default());
        let state = web::Data::new(ApiState::new(ApiPorts {
            intake: intake.clone(),
            tenants: directory.clone(),
            health: Arc::new(Ready),
            sealer: Arc::new(PlainSealer),
            clock: clock.clone(),
            ids: Arc::new(SequentialIds::default()),
            metrics: Arc::new(PrometheusMetrics::new(clock)),
        }));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("its address");
        let (handed, handle) = mpsc::channel();
        let app_state = state.clone();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let app = move || {
                    App::new()
                        .wrap(from_fn(request_context))
                        .configure(configure(app_state.clone()))
                };
                let server = HttpServer::new(app).workers(1).disable_signals();
                let server = server.listen(listener).expect("the listener").run();
                handed.send(server.handle()).expect("somebody waits for it");
                server.await.expect("the server ends well");
            });
        });
        let handle = handle.recv().expect("a handle");
        Self {
            intake,
            directory,
            state,
            address,
            handle,
            thread: Some(thread),
        }
    }

    /// Sends these bytes and reads until the server closes the connection.
    pub(crate) fn send(&self, bytes: &[u8]) -> Answer {
        let mut peer = TcpStream::connect(self.address).expect("a connection");
        peer.set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a time-out");
        // The server may answer and close before everything is written: that is for the answer to
        // tell, not for the writing.
        let _ = peer.write_all(bytes);
        let mut answer = Vec::new();
        match peer.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("no answer: {error}"),
        }
        Answer::parse(&answer)
    }

    pub(crate) fn request(&self, method: &str, target: &str) -> Answer {
        self.send(&Request::new(method, target).bytes())
    }

    pub(crate) fn push(&self, target: &str, body: &[u8]) -> Answer {
        self.send(&Request::new("POST", target).body(body).bytes())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        System::new().block_on(self.handle.stop(false));
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(
            std::thread::panicking() || matches!(ended, Some(Ok(()))),
            "the server panicked"
        );
    }
}

/// A request, byte for byte.
pub(crate) struct Request {
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let head = format!("{method} {target} HTTP/1.1\r\nhost: hawker\r\nconnection: close\r\n");
        Self {
            head: head.into_bytes(),
            body: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.head.extend_from_slice(name.as_bytes());
        self.head.extend_from_slice(b": ");
        self.head.extend_from_slice(value.as_ref());
        self.head.extend_from_slice(b"\r\n");
        self
    }

    /// A body with its length.
    pub(crate) fn body(self, body: &[u8]) -> Self {
        let mut request = self.header("content-length", body.len().to_string());
        request.body = body.to_vec();
        request
    }

    /// A body in chunks, without a length.
    pub(crate) fn chunked(self, chunks: &[&[u8]]) -> Self {
        let mut request = self.header("transfer-encoding", "chunked");
        for chunk in chunks {
            request
                .body
                .extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            request.body.extend_from_slice(chunk);
            request.body.extend_from_slice(b"\r\n");
        }
        request.body.extend_from_slice(b"0\r\n\r\n");
        request
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut bytes = self.head;
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status
            .and_then(|status| status.parse().ok())
            .expect("a status");
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self {
            status,
            headers,
            body: body.to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(key, _)| key == name);
        header.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// A status, and nothing that a reader could take for content.
    pub(crate) fn is_empty(&self, status: u16) -> bool {
        self.status == status && self.body.is_empty() && self.header("content-type").is_none()
    }
}
