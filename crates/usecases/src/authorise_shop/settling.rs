//! What follows an authorisation. None of it is needed for the pair to be good: what does not work
//! now is made up for by what looks after tokens and connections.

use std::sync::Arc;

use hawker_domain::TenantSlug;
use hawker_domain::audit::Actor;
use hawker_ports::StoreError;
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::tokens::TokenKey;

use super::keeping::Kept;
use super::{AuthoriseShop, Authorised};
use crate::chain::chain;
use crate::tokens::CallError;

impl AuthoriseShop {
    pub(super) async fn settle(
        &self,
        tenant: &TenantSlug,
        authorised: &Authorised,
        kept: &Kept,
        actor: &Actor,
    ) {
        if kept.is_shared {
            self.renew_each(tenant, authorised, kept).await;
        }
        if let Err(error) = self.note_end(tenant, authorised, kept).await {
            tell(authorised, "the end of the authorisation", &chain(&error));
        }
        if authorised.is_first {
            let fetched = self.locations.run(tenant, actor, &authorised.profile).await;
            if let Err(error) = fetched {
                tell(authorised, "the warehouses", &chain(&error));
            }
        }
    }

    /// Each shop of a main account gets a pair of its own.
    async fn renew_each(&self, tenant: &TenantSlug, authorised: &Authorised, kept: &Kept) {
        for shop in &authorised.shops {
            let key = TokenKey {
                connector: kept.connector,
                environment: authorised.environment,
                shop: *shop,
            };
            match self
                .tokens
                .renew_now(tenant, key, &authorised.profile)
                .await
            {
                Ok(Ok(())) => {}
                Ok(Err(blocked)) => tell(authorised, "a pair", &blocked.to_string()),
                Err(error) => tell(authorised, "a pair", &chain(&error)),
            }
        }
    }

    /// Notes when the authorisation ends, as the marketplace says of the shop.
    async fn note_end(
        &self,
        tenant: &TenantSlug,
        authorised: &Authorised,
        kept: &Kept,
    ) -> Result<(), StoreError> {
        let desk = &self.desk;
        let ask = |access: Arc<ShopAccess>| async move {
            Ok((access.shop, desk.shop_info(&access).await?))
        };
        let (shop, info) = match self.tokens.call(tenant, &authorised.profile, ask).await? {
            Ok(told) => told,
            Err(CallError::Blocked(blocked)) => {
                tell(authorised, "the shop", &blocked.to_string());
                return Ok(());
            }
            Err(CallError::Marketplace { error, .. }) => {
                tell(authorised, "the shop", &chain(&error));
                return Ok(());
            }
        };
        let Some(ends_at) = info.authorisation_ends_at else {
            return Ok(());
        };
        let mut uow = self.store.begin(tenant).await?;
        uow.tokens()
            .note_authorisation_ends(kept.connector, authorised.environment, &[(shop, ends_at)])
            .await?;
        uow.commit().await
    }
}

fn tell(authorised: &Authorised, what: &'static str, error: &str) {
    tracing::warn!(
        event = "authorisation.unsettled", profile_id = %authorised.profile, what, error,
        "a shop is authorised, but something that follows did not work; it is made up for later"
    );
}
