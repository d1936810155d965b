//! Whose turn it is to renew a pair: one caller takes the right, the others wait for it a little.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::ids::LeaseId;
use hawker_domain::token::{RefreshStatus, TokenState};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::tokens::{StoredToken, TokenKey};

use super::ShopTokens;
use super::blocked::Blocked;
use super::opening::Callable;
use super::renewal::Renewal;
use crate::carried::carried;

/// How long the right to renew lasts: several times what the call takes. When it runs out, whoever
/// had it is taken for dead.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A pair is not asked to be renewed more often than this, and more seldom after a failure that said
/// so.
pub(super) const PAUSE: Duration = Duration::from_secs(10);

/// How often whoever waits for a renewal looks whether it is over.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How often it looks: for five seconds altogether.
const LOOKS: u32 = 25;

/// How a caller's wish for a newer pair ended.
#[derive(Clone, Debug)]
pub(super) enum Turn {
    /// What is stored has changed: a newer pair is there, or none is wanted any more.
    Over,
    /// There is no newer pair, and may be later.
    NotNow(Blocked),
    /// There will be none until somebody acts.
    Dead(Blocked),
}

/// The right to renew a pair.
#[derive(Clone, Copy)]
pub(super) struct Right {
    pub(super) lease: LeaseId,
    pub(super) until: Timestamp,
    /// Since when it is not known whether the refresh token was used up.
    pub(super) in_doubt_since: Option<Timestamp>,
}

impl ShopTokens {
    /// Renews the pair, or waits until somebody else has.
    pub(super) async fn renew(
        &self,
        tenant: &TenantSlug,
        found: &Callable,
    ) -> Result<Turn, StoreError> {
        if let Some(resting) = resting(&found.token, self.clock.now()) {
            return Ok(Turn::NotNow(resting));
        }
        // Whatever cannot be opened or sealed must show before the refresh token is used up.
        let renewal = match Renewal::prepare(self, tenant, found) {
            Ok(renewal) => renewal,
            Err(blocked) => return Ok(Turn::NotNow(blocked)),
        };
        Ok(match self.take_right(tenant, &found.token).await? {
            Some(right) => carried(&*self.background, renewal.run(right)).await,
            None => self.wait_for_other(tenant, &found.token).await?,
        })
    }

    async fn take_right(
        &self,
        tenant: &TenantSlug,
        pair: &StoredToken,
    ) -> Result<Option<Right>, StoreError> {
        let now = self.clock.now();
        let lease = LeaseId::fresh(&*self.ids);
        let until = now + LEASE;
        let mut uow = self.store.begin(tenant).await?;
        let taken = uow
            .tokens()
            .begin_refresh(pair.key, pair.generation, lease, now, until)
            .await?;
        // Read only when somebody else has it; then there is nothing to keep either.
        let Some(pair) = taken else { return Ok(None) };
        uow.commit().await?;
        Ok(Some(Right {
            lease,
            until,
            in_doubt_since: pair.in_doubt_since,
        }))
    }

    async fn wait_for_other(
        &self,
        tenant: &TenantSlug,
        seen: &StoredToken,
    ) -> Result<Turn, StoreError> {
        for _ in 0..LOOKS {
            let token = self.stored(tenant, seen.key).await?;
            let Some(token) = token.filter(|token| {
                token.generation == seen.generation && token.state == TokenState::Active
            }) else {
                return Ok(Turn::Over);
            };
            if token.last_attempt != seen.last_attempt
                && let Some(resting) = resting(&token, self.clock.now())
            {
                return Ok(Turn::NotNow(resting));
            }
            self.sleeper.sleep(LOOK_EVERY).await;
        }
        Ok(Turn::NotNow(Blocked::renewing(seen.key.shop)))
    }

    async fn stored(
        &self,
        tenant: &TenantSlug,
        key: TokenKey,
    ) -> Result<Option<StoredToken>, StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        uow.tokens().find(key).await
    }
}

/// Why the pair is not renewed now: that was tried a moment ago, or is of no use yet.
fn resting(token: &StoredToken, now: Timestamp) -> Option<Blocked> {
    let last = token.last_attempt.as_ref()?;
    let again_at = last.again_at.unwrap_or(last.at + PAUSE);
    let wait = (again_at - now).to_std().ok();
    let wait = wait.filter(|wait| !wait.is_zero())?;
    let shop = token.key.shop;
    Some(match (last.status, &last.error) {
        (RefreshStatus::Failure, Some(error)) => Blocked::not_renewed(shop, error, wait),
        _ => Blocked::waiting(shop, wait),
    })
}
