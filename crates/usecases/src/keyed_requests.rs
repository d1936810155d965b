//! A request with a key of the client's choice happens once, however often it is sent.
//!
//! Each step is a commit of its own: the request is noted before it is worked on, its answer after.
//! A process that dies in between leaves it noted and without an answer; after five minutes
//! it may be begun anew.
//!
//! What is made by such a request can be named after it, so that beginning it anew makes nothing
//! twice.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::TenantSlug;
use hawker_domain::ids::{ApiTokenId, ProfileId};
use hawker_ports::idempotency::{Begun, KeptAnswer, KeyedRequest};
use hawker_ports::sealing::{Digest, TokenMint};
use hawker_ports::{Clock, Store, StoreError};

/// A request that has no answer after this time was left by a process that died: longer than any
/// request is worked on.
const ABANDONED_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Bytes of a digest that name a profile: `prof_` and 26 hexadecimal digits.
const NAMING_BYTES: usize = 13;

/// Notes requests and their answers.
pub struct KeyedRequests {
    /// Where they are noted.
    pub store: Arc<dyn Store>,
    /// Makes digests.
    pub mint: Arc<dyn TokenMint>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// What makes a request the same as another one.
#[derive(Clone, Copy, Debug)]
pub struct RequestContent<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The query, without its `?`.
    pub query: &'a str,
    /// The body.
    pub body: &'a [u8],
}

impl KeyedRequests {
    /// Begins a request, or answers what it came to before. The request that is answered has to be
    /// handed in again when it ends.
    pub async fn begin(
        &self,
        tenant: &TenantSlug,
        bearer: ApiTokenId,
        key: &str,
        content: &RequestContent<'_>,
    ) -> Result<(KeyedRequest, Begun), StoreError> {
        let request = KeyedRequest {
            bearer,
            key: key.to_owned(),
            request: self.mint.digest(&unambiguous(content)),
        };
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let begun = uow
            .requests()
            .begin(&request, now, now - ABANDONED_AFTER)
            .await?;
        uow.commit().await?;
        Ok((request, begun))
    }

    /// Keeps the answer, to be given again.
    pub async fn keep(
        &self,
        tenant: &TenantSlug,
        request: &KeyedRequest,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        uow.requests().answer(request, answer).await?;
        uow.commit().await
    }

    /// Forgets a request that came to no answer worth keeping.
    pub async fn forget(
        &self,
        tenant: &TenantSlug,
        request: &KeyedRequest,
    ) -> Result<(), StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        uow.requests().forget(request).await?;
        uow.commit().await
    }

    /// The id of the profile that a request makes: the same for the same key of the same bearer. What
    /// the request says is left out of it, because a profile's id is public and its secrets are not.
    pub fn profile_id(&self, request: &KeyedRequest) -> Option<ProfileId> {
        let Digest(digest) = self.mint.digest(&after_each_other(&[
            request.bearer.to_string().as_bytes(),
            request.key.as_bytes(),
        ]));
        let named = digest.iter().take(NAMING_BYTES);
        let number = named.fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        ProfileId::parse(&format!("prof_{number:026x}"))
    }
}

/// What makes a request the same as another one, so that no two requests look the same.
fn unambiguous(content: &RequestContent<'_>) -> Vec<u8> {
    let RequestContent {
        method,
        path,
        query,
        body,
    } = content;
    after_each_other(&[method.as_bytes(), path.as_bytes(), query.as_bytes(), body])
}

/// The parts one after the other, each with its length.
fn after_each_other(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_run_into_each_other_are_told_apart() {
        let content = |path, query| RequestContent {
            method: "POST",
            path,
            query,
            body: b"",
        };
        assert_ne!(
            unambiguous(&content("/ab", "c")),
            unambiguous(&content("/a", "bc"))
        );
    }
}
