//! Several senders of pushes at once, to whichever processes are there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::JoinSet;

use crate::push::{Answer, post, signature};
use crate::webhook;

/// A push that is to be delivered.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The order that it tells of.
    pub order_sn: String,
    /// Its body.
    pub body: String,
}

/// What the senders have seen so far.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How often each order's pushes were acknowledged.
    pub acknowledged: BTreeMap<String, u32>,
    /// Acknowledgements in all.
    pub acknowledgements: u32,
    /// Every other answer.
    pub refusals: Vec<(u16, String)>,
    /// Connections that failed.
    pub failed_connections: u32,
}

/// What becomes of a push whose connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// It is tried again, at the next process.
    TryNext,
    /// It is dropped, and the sender ends.
    End,
}

/// Senders at work. They share what they know of where the processes listen.
pub struct Senders {
    origins: Arc<Mutex<Vec<String>>>,
    seen: Arc<Mutex<Seen>>,
    tasks: JoinSet<()>,
}

impl Senders {
    /// One sender for each list of deliveries; pushes are signed over `registered` and posted to
    /// the processes at `origins` in turn.
    pub fn start(
        http: &reqwest::Client,
        registered: &str,
        origins: Vec<String>,
        lists: Vec<Vec<Delivery>>,
        on_failure: OnFailure,
    ) -> Self {
        let mut senders = Self {
            origins: Arc::new(Mutex::new(origins)),
            seen: Arc::default(),
            tasks: JoinSet::new(),
        };
        for (index, deliveries) in lists.into_iter().enumerate() {
            let sender = Sender {
                http: http.clone(),
                registered: registered.to_owned(),
                origins: Arc::clone(&senders.origins),
                seen: Arc::clone(&senders.seen),
                turn: index,
            };
            senders.tasks.spawn(sender.run(deliveries, on_failure));
        }
        senders
    }

    /// A process listens elsewhere from now on.
    pub fn moved(&self, index: usize, origin: String) {
        lock(&self.origins)[index] = origin;
    }

    /// What they have seen so far.
    pub fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }

    /// Waits until all of them have ended.
    pub async fn ended(self) -> Seen {
        self.tasks.join_all().await;
        lock(&self.seen).clone()
    }
}

enum Outcome {
    Done,
    Refused,
    NoConnection,
}

struct Sender {
    http: reqwest::Client,
    registered: String,
    origins: Arc<Mutex<Vec<String>>>,
    seen: Arc<Mutex<Seen>>,
    turn: usize,
}

impl Sender {
    async fn run(mut self, deliveries: Vec<Delivery>, on_failure: OnFailure) {
        for delivery in deliveries {
            let signature = signature(&self.registered, &delivery.body);
            loop {
                let url = webhook(&self.next_origin());
                let body = delivery.body.clone();
                let answer = post(&self.http, &url, body, Some(&signature)).await;
                match self.note(&delivery, answer) {
                    Outcome::Done => break,
                    Outcome::NoConnection if on_failure == OnFailure::End => return,
                    // The process that is gone may come back meanwhile.
                    Outcome::NoConnection | Outcome::Refused => tokio::task::yield_now().await,
                }
            }
        }
    }

    fn note(&self, delivery: &Delivery, answer: Result<Answer, reqwest::Error>) -> Outcome {
        let mut seen = lock(&self.seen);
        match answer {
            Ok(answer) if answer.counts() => {
                seen.acknowledgements += 1;
                let order_sn = delivery.order_sn.clone();
                *seen.acknowledged.entry(order_sn).or_default() += 1;
                Outcome::Done
            }
            Ok(answer) => {
                seen.refusals.push((answer.status, answer.body));
                Outcome::Refused
            }
            Err(_) => {
                seen.failed_connections += 1;
                Outcome::NoConnection
            }
        }
    }

    fn next_origin(&mut self) -> String {
        let origins = lock(&self.origins);
        self.turn += 1;
        origins[self.turn % origins.len()].clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
