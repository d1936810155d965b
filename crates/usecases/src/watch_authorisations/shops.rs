//! Which shops still authorise the app: pairs of those that do not are good for no call any more.
//!
//! A push that took an authorisation back may have been late: the platform sends it again for hours,
//! with a new time (shopee.md §4.2), and the seller may have authorised anew in between. So a pair that
//! was revoked while the marketplace lists its authorisation is good again.

use hawker_domain::ShopId;
use hawker_domain::TenantSlug;
use hawker_domain::exception::RaisedException;
use hawker_domain::token::TokenState;
use hawker_ports::StoreError;
use hawker_ports::authorisation::AuthorisedShop;
use hawker_ports::marketplace::AppAccess;
use hawker_ports::tokens::StoredToken;

use super::connections::WatchConnections;
use super::{CONNECTOR, Standing};
use crate::chain::chain;
use crate::raise::raise;
use crate::tokens::Blocked;

/// Why a pair is good again.
const LISTED: &str = "the marketplace lists the authorisation";

impl WatchConnections {
    /// Withdraws the pairs of shops that are gone, gives back those that were withdrawn by mistake,
    /// and notes when the authorisations of the others end. `false` where the marketplace could not
    /// be asked.
    pub(super) async fn look_at_shops(
        &self,
        tenant: &TenantSlug,
        app: &AppAccess,
    ) -> Result<bool, StoreError> {
        // What is authorised from here on is not judged by what was asked before.
        let began_at = self.clock.now();
        let Some(listed) = self.listed(app).await else {
            return Ok(false);
        };
        let standing = Standing::read(&*self.store, tenant).await?;
        let mut gone = missing(&standing, app, &listed);
        if !gone.is_empty() {
            // The list comes in pages: one that shifts under the reader hides a shop. What is
            // missing twice is gone.
            let Some(again) = self.listed(app).await else {
                return Ok(false);
            };
            gone.retain(|shop| !again.iter().any(|listed| listed.shop == *shop));
        }
        let Some(profile) = standing.profile(&app.profile) else {
            return Ok(true);
        };
        let environment = profile.environment;
        let now = self.clock.now();
        let reason = format!(
            "the marketplace did not list it at {}",
            began_at.format("%F %H:%M UTC")
        );
        let back = wrongly_revoked(&standing, app, &listed);
        let ends: Vec<_> = listed
            .iter()
            .filter(|listed| of_app(&standing, app).any(|token| token.key.shop == listed.shop))
            .filter_map(|listed| Some((listed.shop, listed.ends_at?)))
            .collect();
        let mut uow = self.store.begin(tenant).await?;
        let state = TokenState::Revoked;
        let withdrawn = uow
            .tokens()
            .withdraw(CONNECTOR, environment, &gone, began_at, state, &reason)
            .await?;
        let reinstated = uow
            .tokens()
            .reinstate(CONNECTOR, environment, &back, began_at, LISTED)
            .await?;
        let raised: Vec<RaisedException> = of_app(&standing, app)
            .filter(|token| withdrawn.contains(&token.key.shop))
            .filter_map(|token| {
                let of_shop = standing.of_shop(environment, token.key.shop);
                let profile = of_shop.map_or(&token.profile, |profile| &profile.id);
                let blocked = Blocked::revoked(profile, token.key.shop, &reason);
                blocked.raised(token.key, profile, &*self.ids)
            })
            .collect();
        raise(&mut *uow, &raised, now).await?;
        uow.tokens()
            .note_authorisation_ends(CONNECTOR, environment, &ends)
            .await?;
        uow.commit().await?;
        for shop in &reinstated {
            tracing::info!(
                event = "token.reinstated", profile_id = %app.profile, %shop,
                "a shop that was told to be gone authorises the app; calls are made for it again"
            );
        }
        for shop in &withdrawn {
            tracing::warn!(
                event = "token.withdrawn", profile_id = %app.profile, %shop, %state,
                error = %reason, "a shop does not authorise the app any more; no call is made for it"
            );
        }
        Ok(true)
    }

    async fn listed(&self, app: &AppAccess) -> Option<Vec<AuthorisedShop>> {
        match self.authoriser.authorised_shops(app).await {
            Ok(listed) => Some(listed),
            Err(error) => {
                tracing::warn!(
                    event = "connection.not_looked_at", profile_id = %app.profile,
                    error = %chain(&error), "which shops authorise the app could not be asked"
                );
                None
            }
        }
    }
}

/// The pairs that were obtained through this app: another app of the environment is asked for itself.
fn of_app<'a>(standing: &'a Standing, app: &AppAccess) -> impl Iterator<Item = &'a StoredToken> {
    let own = standing.profile(&app.profile).map(|own| own.environment);
    let partner_id = app.partner_id;
    standing.tokens.iter().filter(move |token| {
        let through = standing.profile(&token.profile);
        Some(token.key.environment) == own
            && through.and_then(|through| through.partner_id) == Some(partner_id)
    })
}

/// Shops with a good pair that are not listed.
fn missing(standing: &Standing, app: &AppAccess, listed: &[AuthorisedShop]) -> Vec<ShopId> {
    of_app(standing, app)
        .filter(|token| token.state == TokenState::Active)
        .map(|token| token.key.shop)
        .filter(|shop| !listed.iter().any(|listed| listed.shop == *shop))
        .collect()
}

/// Shops whose pair was revoked although the very authorisation that it comes from is listed.
fn wrongly_revoked(standing: &Standing, app: &AppAccess, listed: &[AuthorisedShop]) -> Vec<ShopId> {
    let is_listed = |token: &&StoredToken| {
        listed.iter().any(|listed| {
            listed.shop == token.key.shop
                && listed
                    .authorised_at
                    .is_some_and(|given| given <= token.authorised_at)
        })
    };
    of_app(standing, app)
        .filter(|token| token.state == TokenState::Revoked)
        .filter(is_listed)
        .map(|token| token.key.shop)
        .collect()
}
