//! A local HTTP server that remembers what it was asked and answers as it is told: the receiver of
//! alerts, or a marketplace that gives one prepared answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tokio::task::JoinSet;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The path with its query.
    pub target: String,
    /// The headers; names are in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What was answered.
    pub answered: u16,
}

impl Heard {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What is answered next.
#[derive(Clone, Debug)]
struct Manner {
    status: u16,
    body: String,
}

#[derive(Clone)]
struct State {
    heard: Arc<Mutex<Vec<Heard>>>,
    manner: Arc<Mutex<Manner>>,
}

/// The server. Dropping it ends it.
pub struct Listener {
    address: SocketAddr,
    state: State,
    _serving: JoinSet<()>,
}

impl Listener {
    /// Listens on any free port and answers 200 with nothing.
    pub fn start() -> Self {
        let state = State {
            heard: Arc::default(),
            manner: Arc::new(Mutex::new(Manner {
                status: 200,
                body: String::new(),
            })),
        };
        let data = web::Data::new(state.clone());
        let bound = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(hear))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a free port");
        let address = bound.addrs()[0];
        let server = bound.run();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            server.await.expect("the listener");
        });
        Self {
            address,
            state,
            _serving: serving,
        }
    }

    /// `http://127.0.0.1:<port>`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, that is answered.
    pub fn answer(&self, status: u16, body: &str) {
        let manner = Manner {
            status,
            body: body.to_owned(),
        };
        *lock(&self.state.manner) = manner;
    }

    /// What came so far.
    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.state.heard).clone()
    }
}

async fn hear(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    let Manner { status, body: said } = lock(&state.manner).clone();
    let headers = request.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    lock(&state.heard).push(Heard {
        target: request.uri().to_string(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
        answered: status,
    });
    HttpResponse::build(StatusCode::from_u16(status).expect("a status"))
        .content_type("application/json")
        .body(said)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
