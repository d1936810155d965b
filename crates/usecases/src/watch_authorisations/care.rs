//! Keep pairs alive, and announce what ends.

use std::sync::Arc;

use hawker_domain::token::{KEEP_ALIVE_AFTER, TokenState};
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::profiles::Profile;
use hawker_ports::tokens::StoredToken;
use hawker_ports::views::Views;
use hawker_ports::{Clock, Store, StoreError};

use super::Standing;
use crate::tokens::ShopTokens;

/// Pairs that are renewed in one run, one after the other.
const RENEWALS_PER_RUN: usize = 20;

/// Looks after token pairs.
pub struct CareForTokens {
    /// Renews.
    pub tokens: Arc<ShopTokens>,
    /// Where profiles, pairs and exceptions are.
    pub store: Arc<dyn Store>,
    /// Says which exceptions are open.
    pub views: Arc<dyn Views>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

impl CareForTokens {
    /// Renews what nobody renewed for long, and announces what ends; answers how many pairs were
    /// renewed and warnings opened or resolved.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let renewed = self.keep_alive(tenant).await?;
        let told = self.count_down(tenant).await?;
        Ok(renewed + told)
    }

    /// The refresh token of a shop without traffic must not end: every pair is renewed at least every
    /// seven days, of whatever profile. One that cannot be renewed is tried again with the next run.
    async fn keep_alive(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let standing = Standing::read(&*self.store, tenant).await?;
        let now = self.clock.now();
        let due = standing.tokens.iter().filter(|token| is_due(token, now));
        let mut due: Vec<_> = due
            .filter_map(|token| {
                Some((
                    token,
                    standing.keeper(token).filter(|keeper| has_app(keeper))?,
                ))
            })
            .collect();
        // Those that cannot be renewed do not keep the others waiting.
        due.sort_by_key(|(token, _)| token.last_attempt.as_ref().map(|last| last.at));
        let mut renewed = 0;
        for (token, keeper) in due.into_iter().take(RENEWALS_PER_RUN) {
            match self.tokens.renew_now(tenant, token.key, &keeper.id).await? {
                Ok(()) => renewed += 1,
                Err(blocked) => tracing::debug!(
                    event = "token.not_kept_alive", profile_id = %keeper.id, shop = %token.key.shop,
                    %blocked,
                ),
            }
        }
        Ok(renewed)
    }
}

/// Not renewed for long; or, as a pair that several shops share, never good for a call.
fn is_due(token: &StoredToken, now: Timestamp) -> bool {
    let was_never_good = token.expires_at <= token.obtained_at;
    token.state == TokenState::Active
        && (was_never_good || now - token.obtained_at >= KEEP_ALIVE_AFTER)
}

fn has_app(profile: &Profile) -> bool {
    profile.partner_id.is_some() && profile.partner_key.is_some()
}
