//! Requests of the API that must not happen twice: whoever repeats one with the same key gets the
//! answer of the first.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::ids::ApiTokenId;

use crate::StoreError;
use crate::sealing::Digest;

/// A request with a key of the client's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Who asks: keys of different bearers have nothing to do with each other.
    pub bearer: ApiTokenId,
    /// The key.
    pub key: String,
    /// The digest of method, path, query and body.
    pub request: Digest,
}

/// The answer to a request, as it is given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: String,
    /// The `ETag`, if it had one.
    pub etag: Option<String>,
    /// The body; answers of the API hold no secret.
    pub body: Vec<u8>,
}

/// Whether a request is to be worked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is new; from now on it is under way.
    New,
    /// It was answered before.
    Answered(KeptAnswer),
    /// It is under way elsewhere.
    UnderWay,
    /// The key was used for another request.
    OtherRequest,
}

/// Requests with keys.
#[async_trait]
pub trait RequestLedger: Send {
    /// Begins a request; one that was begun before `abandoned_before` and has no answer was left by
    /// a process that died and is begun anew. Rows older than a day go.
    async fn begin(
        &mut self,
        request: &KeyedRequest,
        now: Timestamp,
        abandoned_before: Timestamp,
    ) -> Result<Begun, StoreError>;

    /// Keeps the answer.
    async fn answer(
        &mut self,
        request: &KeyedRequest,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError>;

    /// Forgets a request that came to no answer worth keeping, so that it can be tried again.
    async fn forget(&mut self, request: &KeyedRequest) -> Result<(), StoreError>;
}
