//! The marketplace says that a shop has to be authorised again: no further call is made for it.

use hawker_domain::TenantSlug;
use hawker_domain::token::TokenState;
use hawker_ports::StoreError;
use hawker_ports::marketplace::MarketplaceError;

use super::blocked::Blocked;
use super::renewal::shortened;
use super::{OpenedAccess, ShopTokens};
use crate::raise::raise;

impl ShopTokens {
    /// Stops the calls of a shop, if its pair is still the one that was used; `None` when a newer one
    /// is there, about which the answer says nothing.
    pub(super) async fn stop_calls(
        &self,
        tenant: &TenantSlug,
        used: &OpenedAccess,
        error: &MarketplaceError,
    ) -> Result<Option<Blocked>, StoreError> {
        let key = used.key;
        let mut uow = self.store.begin(tenant).await?;
        let token = uow.tokens().find(key).await?;
        let Some(token) = token.filter(|token| token.generation == used.generation) else {
            return Ok(None);
        };
        let profile = &used.access.profile;
        if let Some(blocked) = Blocked::by_state(profile, &token) {
            return Ok(Some(blocked));
        }
        let reason = shortened(&error.to_string());
        let state = TokenState::NeedsReauthorisation;
        let is_withdrawn = uow
            .tokens()
            .withdraw_pair(key, used.generation, state, &reason)
            .await?;
        if !is_withdrawn {
            // Renewed or withdrawn since it was read.
            return Ok(None);
        }
        let blocked = match token.in_doubt_since {
            Some(since) => Blocked::lost(profile, key.shop, since),
            None => Blocked::dead(profile, key.shop, &reason),
        };
        let raised = blocked.raised(key, profile, &*self.ids);
        raise(&mut *uow, raised.as_slice(), self.clock.now()).await?;
        uow.commit().await?;
        tracing::warn!(
            event = "token.withdrawn", profile_id = %profile, shop = %key.shop, %state,
            error = %reason, "a shop has to be authorised again; no call is made for it"
        );
        Ok(Some(blocked))
    }
}
