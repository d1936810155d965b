//! The one task that follows the shop clock: has errands run that are due, takes pushes that are
//! due, posts them, writes down what came of them.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::envelope::{Addressee, Message};
use super::notice::PING_BODY;
use super::outbox::Verdict;
use super::signing::PushSigning;
use crate::shared::Shared;
use crate::sync::lock;

/// Longest sleep between two looks at the shop clock.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// Posts pushes over HTTP.
#[derive(Clone)]
pub(crate) struct HttpCourier {
    client: reqwest::Client,
}

impl HttpCourier {
    /// The one HTTP client of the emulator. Requests carry their own time limit.
    pub fn new() -> Result<Self, reqwest::Error> {
        // An error means that the process has a provider already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { client })
    }

    /// Sends the console's test push, and says what is wrong with the answer. Here only the
    /// status counts, and that there is one in time.
    pub async fn verify(
        &self,
        addressee: &Addressee,
        signing: PushSigning,
        limit: Duration,
    ) -> Result<(), PingRefusal> {
        let request = self.signed(addressee, signing, PING_BODY, limit);
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(_) => Err(PingRefusal::NotSuccess),
            Err(_) => Err(PingRefusal::NoAnswer),
        }
    }

    fn signed(
        &self,
        addressee: &Addressee,
        signing: PushSigning,
        body: &str,
        limit: Duration,
    ) -> reqwest::RequestBuilder {
        let Addressee { url, keys } = addressee;
        let request = self
            .client
            .post(url)
            .timeout(limit)
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_owned());
        match signing.authorization(keys, url, body.as_bytes()) {
            Some(signature) => request.header(AUTHORIZATION, signature),
            None => request,
        }
    }

    async fn attempt(&self, shared: &Shared, message: &Message) -> Verdict {
        let addressee = match shared.addressee(message.partner_id) {
            Ok(addressee) => addressee,
            Err(reason) => return Verdict::Undelivered(reason),
        };
        let now = shared.clock.now();
        let (body, signing, event_id, limit) = {
            let outbox = lock(&shared.outbox);
            let settings = &outbox.settings;
            let body = message.body(settings.message_ids, now);
            let event_id = settings.event_id_header.then(|| message.msg_id.clone());
            let signing = message.signing.unwrap_or(settings.signing);
            (body, signing, event_id, settings.answer_within)
        };
        let mut request = self.signed(&addressee, signing, &body, limit);
        if let Some(event_id) = event_id {
            request = request.header("x-shopee-event-id", event_id);
        }
        match answer_counts(request).await {
            Ok(()) => Verdict::Acknowledged,
            Err(reason) => {
                let (code, attempt) = (message.code, message.attempts);
                tracing::debug!(code, attempt, reason, "push not acknowledged");
                Verdict::Failed
            }
        }
    }
}

/// Why a callback URL is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PingRefusal {
    /// Nothing came back in time.
    NoAnswer,
    NotSuccess,
}

/// A push has succeeded when the answer is 2xx and its body is empty, within the time limit.
async fn answer_counts(request: reqwest::RequestBuilder) -> Result<(), String> {
    let mut answer = request.send().await.map_err(|error| error.to_string())?;
    if !answer.status().is_success() {
        return Err(format!("status {}", answer.status().as_u16()));
    }
    while let Some(chunk) = answer.chunk().await.map_err(|error| error.to_string())? {
        if !chunk.is_empty() {
            return Err("the body is not empty".to_owned());
        }
    }
    Ok(())
}

/// Sends until `stop` turns true; then leaves what waits where it is and drops what is in flight.
pub(crate) async fn run(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let mut moves = shared.outbox_moves.subscribe();
    let mut in_flight = JoinSet::new();
    loop {
        moves.borrow_and_update();
        shared.run_due();
        send_due(&shared, &mut in_flight);
        // When all hands are busy, only the end of a delivery can bring the next one forward.
        let next_push = {
            let outbox = lock(&shared.outbox);
            let busy = in_flight.len() >= outbox.settings.hands();
            outbox.next_due().filter(|_| !busy)
        };
        let next_errand = lock(&shared.agenda).next_due();
        let wait = next_push
            .into_iter()
            .chain(next_errand)
            .min()
            .and_then(|due| shared.clock.real_time_until(due))
            .unwrap_or(LOOK_AGAIN)
            .min(LOOK_AGAIN);
        tokio::select! {
            _ = stop.wait_for(|stopped| *stopped) => break,
            Ok(()) = moves.changed() => {}
            Some(_) = in_flight.join_next() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    in_flight.shutdown().await;
}

fn send_due(shared: &Arc<Shared>, in_flight: &mut JoinSet<()>) {
    loop {
        let now = shared.clock.now_millis();
        let message = {
            let mut outbox = lock(&shared.outbox);
            if in_flight.len() >= outbox.settings.hands() {
                return;
            }
            outbox.take_due(now)
        };
        let Some(message) = message else { return };
        let shared = Arc::clone(shared);
        in_flight.spawn(async move {
            let verdict = shared.courier.attempt(&shared, &message).await;
            let now = shared.clock.now_millis();
            let partner_id = message.partner_id;
            let judged = lock(&shared.outbox).finish(message, verdict, now);
            if let Some(status) = judged {
                shared.rate_app(partner_id, status);
            }
            shared.outbox_moved();
        });
    }
}
