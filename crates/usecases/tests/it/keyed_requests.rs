//! A request with a key of the client's choice.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::TenantSlug;
use hawker_domain::ids::ApiTokenId;
use hawker_ports::idempotency::{Begun, KeptAnswer, KeyedRequest};
use hawker_ports::testing::{FrozenClock, InMemoryStore, PlainMint};
use hawker_usecases::KeyedRequests;
use hawker_usecases::keyed_requests::RequestContent;

const BEARER: ApiTokenId = ApiTokenId::of(1);

struct Ledger {
    clock: Arc<FrozenClock>,
    requests: KeyedRequests,
    tenant: TenantSlug,
}

impl Ledger {
    fn new() -> Self {
        let clock = Arc::new(FrozenClock::default());
        Self {
            requests: KeyedRequests {
                store: Arc::new(InMemoryStore::default()),
                mint: Arc::new(PlainMint::default()),
                clock: clock.clone(),
            },
            clock,
            tenant: TenantSlug::default_tenant(),
        }
    }

    async fn begin(&self, bearer: ApiTokenId, body: &[u8]) -> (KeyedRequest, Begun) {
        let content = RequestContent {
            method: "POST",
            path: "/profiles",
            query: "",
            body,
        };
        let begun = self.requests.begin(&self.tenant, bearer, "key-1", &content);
        begun.await.unwrap()
    }
}

fn answer() -> KeptAnswer {
    KeptAnswer {
        status: 201,
        content_type: "application/json".into(),
        etag: Some("\"v1\"".into()),
        body: b"{}".to_vec(),
    }
}

#[tokio::test]
async fn the_same_request_is_worked_on_once_and_answered_again() {
    let ledger = Ledger::new();
    let (request, begun) = ledger.begin(BEARER, b"a").await;
    assert_eq!(begun, Begun::New);
    assert_eq!(ledger.begin(BEARER, b"a").await.1, Begun::UnderWay);
    ledger
        .requests
        .keep(&ledger.tenant, &request, &answer())
        .await
        .unwrap();
    let (_, again) = ledger.begin(BEARER, b"a").await;
    assert_eq!(again, Begun::Answered(answer()));
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_bearer() {
    let ledger = Ledger::new();
    ledger.begin(BEARER, b"a").await;
    assert_eq!(ledger.begin(BEARER, b"b").await.1, Begun::OtherRequest);
    let other = ApiTokenId::of(2);
    assert_eq!(ledger.begin(other, b"b").await.1, Begun::New);
}

#[tokio::test]
async fn what_came_to_nothing_may_be_tried_again() {
    let ledger = Ledger::new();
    let (request, _) = ledger.begin(BEARER, b"a").await;
    ledger
        .requests
        .forget(&ledger.tenant, &request)
        .await
        .unwrap();
    assert_eq!(ledger.begin(BEARER, b"a").await.1, Begun::New);
}

#[tokio::test]
async fn what_a_dead_process_left_is_begun_anew_after_a_while() {
    let ledger = Ledger::new();
    ledger.begin(BEARER, b"a").await;
    ledger.clock.advance(TimeDelta::minutes(5));
    assert_eq!(ledger.begin(BEARER, b"a").await.1, Begun::UnderWay);
    ledger.clock.advance(TimeDelta::seconds(1));
    assert_eq!(ledger.begin(BEARER, b"a").await.1, Begun::New);
}

#[tokio::test]
async fn a_profile_is_named_after_the_key_and_its_bearer_alone() {
    let ledger = Ledger::new();
    let named = |bearer, key: &str, body: &[u8]| {
        let requests = &ledger.requests;
        let request = KeyedRequest {
            bearer,
            key: key.to_owned(),
            request: requests.mint.digest(body),
        };
        requests.profile_id(&request).unwrap()
    };
    let id = named(BEARER, "key-1", b"a");
    assert_eq!(id.as_str().len(), "prof_".len() + 26);
    assert_eq!(id, named(BEARER, "key-1", b"b"));
    assert_ne!(id, named(BEARER, "key-2", b"a"));
    assert_ne!(id, named(ApiTokenId::of(2), "key-1", b"a"));
}
