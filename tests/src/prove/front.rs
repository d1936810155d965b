//! The front door: the one URL that the platform pushes to, before however many processes there are
//! at the moment. It remembers what a process has acknowledged.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use hawker_shopee_emulator::PartnerApp;
use tokio::task::JoinSet;

use crate::push::{Answer, post, signature_by};
use crate::webhook;

/// A push as it went through the door.
#[derive(Clone, Debug)]
pub struct Passed {
    /// The body.
    pub body: String,
    /// Whether it was signed by somebody who has a key.
    pub is_genuine: bool,
    /// What a process answered; none where none could be reached.
    pub answered: Option<Answer>,
}

impl Passed {
    /// A process has taken it upon itself.
    pub fn is_acknowledged(&self) -> bool {
        self.answered.as_ref().is_some_and(Answer::counts)
    }
}

struct Door {
    http: reqwest::Client,
    url: Mutex<String>,
    origins: Mutex<Vec<Option<String>>>,
    turn: AtomicUsize,
    passed: Mutex<Vec<Passed>>,
}

/// The door. Dropping it closes it.
pub struct Front {
    address: SocketAddr,
    door: Arc<Door>,
    _serving: JoinSet<()>,
}

impl Front {
    /// A door before so many processes, none of which is there yet.
    pub fn before(processes: usize, http: reqwest::Client) -> Self {
        let door = Arc::new(Door {
            http,
            url: Mutex::default(),
            origins: Mutex::new(vec![None; processes]),
            turn: AtomicUsize::new(0),
            passed: Mutex::default(),
        });
        let state = web::Data::from(Arc::clone(&door));
        let bound = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .default_service(web::to(pass))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a free port");
        let address = bound.addrs()[0];
        *lock(&door.url) = webhook(&format!("http://{address}"));
        let server = bound.run();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            server.await.expect("the front door");
        });
        Self {
            address,
            door,
            _serving: serving,
        }
    }

    /// `http://127.0.0.1:<port>`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A process listens there from now on, or nowhere.
    pub fn moved(&self, process: usize, origin: Option<String>) {
        lock(&self.door.origins)[process] = origin;
    }

    /// What went through so far.
    pub fn passed(&self) -> Vec<Passed> {
        lock(&self.door.passed).clone()
    }

    /// Pushes by what was answered; 0 stands for nothing.
    pub fn answers(&self) -> BTreeMap<u16, u64> {
        let mut answers = BTreeMap::new();
        for passed in lock(&self.door.passed).iter() {
            let status = passed.answered.as_ref().map_or(0, |answer| answer.status);
            *answers.entry(status).or_default() += 1;
        }
        answers
    }
}

impl Door {
    fn next_origin(&self) -> Option<String> {
        let origins = lock(&self.origins);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut origins = origins
            .iter()
            .cycle()
            .skip(turn % origins.len())
            .take(origins.len());
        origins.find_map(Clone::clone)
    }

    /// The platform signs with the push key; older apps have it sign with the partner key.
    fn is_genuine(&self, body: &str, authorization: Option<&str>) -> bool {
        let PartnerApp {
            push_key,
            partner_key,
            ..
        } = PartnerApp::default();
        let url = lock(&self.url).clone();
        let mut keys = [push_key, partner_key].into_iter();
        keys.any(|key| authorization == Some(&*signature_by(&key, &url, body)))
    }
}

async fn pass(request: HttpRequest, body: web::Bytes, door: web::Data<Door>) -> HttpResponse {
    let body = String::from_utf8_lossy(&body).into_owned();
    let authorization = request.headers().get("authorization");
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let is_genuine = door.is_genuine(&body, authorization);
    // Noted before it is known what becomes of it: the platform may go before it is answered.
    let place = {
        let mut passed = lock(&door.passed);
        passed.push(Passed {
            body: body.clone(),
            is_genuine,
            answered: None,
        });
        passed.len() - 1
    };
    let answered = match door.next_origin() {
        Some(origin) => post(&door.http, &webhook(&origin), body, authorization)
            .await
            .ok(),
        None => None,
    };
    lock(&door.passed)[place].answered.clone_from(&answered);
    match answered {
        Some(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
            HttpResponse::build(status).body(answer.body)
        }
        None => HttpResponse::BadGateway().body("no process is there"),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
