//! A real server over fakes and a store in memory, and a client that sends what a well-behaved one
//! never would.

mod conformance;
mod fakes;
mod http;
mod ports;
mod shop;
mod world;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::{App, HttpServer, web};
use hawker_ports::testing::{PlainSealer, SequentialIds};

pub(crate) use self::conformance::assert_described;
use self::fakes::Ready;
pub(crate) use self::fakes::{FakeDirectory, FakeIntake};
pub(crate) use self::http::{Answer, Request};
pub(crate) use self::shop::{adjusted, escrow};
pub(crate) use self::world::World;
use crate::{ApiPorts, ApiState, PrometheusMetrics, ReturnUrl, configure, request_context};

/// A running server.
pub(crate) struct Server {
    pub(crate) intake: Arc<FakeIntake>,
    pub(crate) directory: Arc<FakeDirectory>,
    pub(crate) state: web::Data<ApiState>,
    pub(crate) world: World,
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::returning_to(None)
    }

    /// A server that sends sellers who come back on to this URL.
    pub(crate) fn returning_to(url: Option<&str>) -> Self {
        let return_url = url.map(|url| ReturnUrl::parse(url).expect("a URL"));
        let world = World::new();
        let intake = Arc::new(FakeIntake::default());
        let directory = Arc::new(FakeDirectory::default());
        let clock = world.clock.clone();
        let state = web::Data::new(ApiState::new(ApiPorts {
            intake: intake.clone(),
            tenants: directory.clone(),
            health: Arc::new(Ready),
            sealer: Arc::new(PlainSealer),
            clock: clock.clone(),
            ids: Arc::new(SequentialIds::default()),
            metrics: Arc::new(PrometheusMetrics::new(clock)),
            admin: world.admin_ports(),
            return_url,
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
                // A client that hangs up is noticed at once, and its request broken off if it can be.
                let server = HttpServer::new(app).h1_allow_half_closed(false);
                let server = server.workers(1).disable_signals();
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
            world,
            address,
            handle,
            thread: Some(thread),
        }
    }

    /// Sends these bytes and leaves the answer to whoever has the connection.
    pub(crate) fn begin(&self, bytes: &[u8]) -> TcpStream {
        let mut peer = TcpStream::connect(self.address).expect("a connection");
        peer.write_all(bytes).expect("sent");
        peer
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

    /// A request by the bearer of a token; the answer is one that the document describes.
    pub(crate) fn ask(&self, token: &str, method: &str, target: &str) -> Answer {
        let answer = self.send(&Request::new(method, target).by(token).bytes());
        assert_described(method, target, &answer);
        answer
    }

    /// The same with a body of JSON.
    pub(crate) fn tell(
        &self,
        token: &str,
        method: &str,
        target: &str,
        body: &serde_json::Value,
    ) -> Answer {
        let answer = self.send(&Request::new(method, target).by(token).json(body).bytes());
        assert_described(method, target, &answer);
        answer
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
