//! A tiny receiver of pushes that remembers what came and answers as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;
use tokio::task::JoinSet;

#[derive(Clone, Debug)]
pub struct Received {
    pub authorization: Option<String>,
    pub body: String,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap()
    }

    pub fn data(&self, field: &str) -> Value {
        self.json()["data"][field].clone()
    }
}

/// How the receiver answers.
#[derive(Clone, Debug)]
pub struct Manner {
    pub status: u16,
    pub body: &'static str,
    pub after: Duration,
}

#[derive(Clone)]
struct State {
    received: Arc<Mutex<Vec<Received>>>,
    manner: Arc<Mutex<Manner>>,
}

pub struct Receiver {
    state: State,
    pub url: String,
    _server: JoinSet<()>,
}

impl Receiver {
    pub fn start() -> Self {
        let manner = Manner {
            status: 200,
            body: "",
            after: Duration::ZERO,
        };
        let state = State {
            received: Arc::default(),
            manner: Arc::new(Mutex::new(manner)),
        };
        let data = web::Data::new(state.clone());
        let bound = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(receive))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}/hook?env=sandbox", bound.addrs()[0]);
        let mut server = JoinSet::new();
        let running = bound.run();
        server.spawn(async move { running.await.unwrap() });
        Self {
            state,
            url,
            _server: server,
        }
    }

    pub fn answer(&self, manner: Manner) {
        *self.state.manner.lock().unwrap() = manner;
    }

    pub fn answer_status(&self, status: u16) {
        self.answer(Manner {
            status,
            body: "",
            after: Duration::ZERO,
        });
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// The order statuses pushed so far, in the order in which they came.
    pub fn statuses(&self) -> Vec<String> {
        let of_orders = self.received().into_iter().filter(|push| push.code() == 3);
        of_orders
            .map(|push| push.data("status").as_str().unwrap().to_owned())
            .collect()
    }

    pub fn codes(&self) -> Vec<i64> {
        self.received().iter().map(Received::code).collect()
    }
}

async fn receive(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    let header = request.headers().get("Authorization");
    state.received.lock().unwrap().push(Received {
        authorization: header.map(|value| value.to_str().unwrap().to_owned()),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let Manner {
        status,
        body,
        after,
    } = state.manner.lock().unwrap().clone();
    tokio::time::sleep(after).await;
    HttpResponse::build(status.try_into().unwrap()).body(body)
}
