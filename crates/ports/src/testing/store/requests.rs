//! Requests of the API that must not happen twice.

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_domain::ids::ApiTokenId;

use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::idempotency::{Begun, KeptAnswer, KeyedRequest, RequestLedger};
use crate::sealing::Digest;

/// How long a request is known.
const KEPT: TimeDelta = TimeDelta::days(1);

/// A request that was begun.
#[derive(Clone, Debug)]
pub(super) struct RequestRow {
    request: Digest,
    begun_at: Timestamp,
    answer: Option<KeptAnswer>,
}

#[async_trait]
impl RequestLedger for InMemoryUnitOfWork {
    async fn begin(
        &mut self,
        request: &KeyedRequest,
        now: Timestamp,
        abandoned_before: Timestamp,
    ) -> Result<Begun, StoreError> {
        self.write(|state| {
            state.requests.retain(|_, row| row.begun_at + KEPT >= now);
            if let Some(known) = state.requests.get(&place(request)) {
                if known.request != request.request {
                    return Ok(Begun::OtherRequest);
                }
                if let Some(answer) = &known.answer {
                    return Ok(Begun::Answered(answer.clone()));
                }
                if known.begun_at >= abandoned_before {
                    return Ok(Begun::UnderWay);
                }
            }
            let row = RequestRow {
                request: request.request,
                begun_at: now,
                answer: None,
            };
            state.requests.insert(place(request), row);
            Ok(Begun::New)
        })
        .await
    }

    async fn answer(
        &mut self,
        request: &KeyedRequest,
        answer: &KeptAnswer,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            let known = state.requests.get_mut(&place(request));
            if let Some(known) = known.filter(|known| known.request == request.request) {
                known.answer = Some(answer.clone());
            }
            Ok(())
        })
        .await
    }

    async fn forget(&mut self, request: &KeyedRequest) -> Result<(), StoreError> {
        self.write(|state| {
            let is_it = |row: &RequestRow| row.request == request.request && row.answer.is_none();
            if state.requests.get(&place(request)).is_some_and(is_it) {
                state.requests.remove(&place(request));
            }
            Ok(())
        })
        .await
    }
}

fn place(request: &KeyedRequest) -> (ApiTokenId, String) {
    (request.bearer, request.key.clone())
}
