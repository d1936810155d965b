//! Authorisations that sellers were asked for; a nonce is used up once.

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::Timestamp;

use super::unit_of_work::InMemoryUnitOfWork;
use crate::StoreError;
use crate::authorisation::{PendingAuthorisation, PendingAuthorisations, Redeemed};
use crate::sealing::Digest;

/// How long after its end an authorisation is still known, so that a late seller is told the reason.
const KEPT: TimeDelta = TimeDelta::days(1);

/// An authorisation that a seller was asked for.
#[derive(Clone, Debug)]
pub(super) struct AskedRow {
    asked: PendingAuthorisation,
    is_used: bool,
}

#[async_trait]
impl PendingAuthorisations for InMemoryUnitOfWork {
    async fn ask(
        &mut self,
        asked: &PendingAuthorisation,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(|state| {
            state
                .asked
                .retain(|_, row| row.asked.expires_at + KEPT >= now);
            let row = AskedRow {
                asked: asked.clone(),
                is_used: false,
            };
            state.asked.insert(asked.nonce, row);
            Ok(())
        })
        .await
    }

    async fn redeem(&mut self, nonce: &Digest, now: Timestamp) -> Result<Redeemed, StoreError> {
        self.write(|state| {
            let Some(row) = state.asked.get_mut(nonce) else {
                return Ok(Redeemed::Unknown);
            };
            if row.is_used {
                return Ok(Redeemed::Used);
            }
            if row.asked.expires_at <= now {
                return Ok(Redeemed::Expired);
            }
            row.is_used = true;
            Ok(Redeemed::Good {
                profile: row.asked.profile.clone(),
            })
        })
        .await
    }
}
