//! Whether the shop can be called for: its token, its authorisation, and how it is itself.

use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_ports::marketplace::MarketplaceError;
use hawker_ports::profiles::Profile;
use hawker_ports::shops::ShopDetails;

use super::TestConnection;
use super::app::told;
use super::report::Checks;
use super::words::{next_step, otherwise};
use crate::tokens::CallError;

/// The status of a shop that can trade (`status` of `get_shop_info`, shopee.md §5.4).
const NORMAL: &str = "NORMAL";

impl TestConnection {
    /// Asks what the marketplace says of the shop.
    pub(super) async fn shop(
        &self,
        checks: &mut Checks,
        tenant: &TenantSlug,
        profile: &Profile,
    ) -> Result<(), StoreError> {
        if profile.shop.is_none() {
            return Ok(());
        }
        let desk = &self.desk;
        let call = self.tokens.call(tenant, &profile.id, |access| async move {
            desk.shop_info(&access).await
        });
        match call.await? {
            Ok(info) => answered(checks, &info),
            Err(CallError::Blocked(blocked)) => checks.failed("token", blocked.to_string(), None),
            Err(CallError::Marketplace { error, .. }) => refused(checks, profile, &error),
        }
        Ok(())
    }
}

fn answered(checks: &mut Checks, shop: &ShopDetails) {
    checks.passed("token", "The access token is accepted.");
    let ShopDetails {
        name,
        region,
        status,
        authorisation_ends_at,
        ..
    } = shop;
    if status != NORMAL {
        checks.failed(
            "shop",
            format!(
                "The shop {name} ({region}) is {status}: it cannot trade. Look into the marketplace's seller centre for what it asks of the seller."
            ),
            None,
        );
        return;
    }
    let until = authorisation_ends_at.map_or_else(String::new, |ends| {
        format!(" It authorises the app until {}.", ends.format("%F"))
    });
    checks.passed(
        "shop",
        format!("The shop {name} ({region}) answers.{until}"),
    );
}

fn refused(checks: &mut Checks, profile: &Profile, error: &MarketplaceError) {
    let request_id = error.request_id();
    match error {
        MarketplaceError::TokenInvalid { code, message, .. }
        | MarketplaceError::Reauthorise { code, message, .. } => {
            let what = format!(
                "The token of the shop is not accepted. Authorise the shop again: `hawker oauth start --profile {}`, or Connect by way of the API.",
                profile.id
            );
            checks.failed("token", told(&what, code, message), request_id);
        }
        MarketplaceError::Misconfigured {
            fault,
            code,
            message,
            ..
        } => {
            let host = hawker_domain::profile::base_url(
                profile.region,
                profile.base_url_override.as_deref(),
            );
            let what = next_step(*fault, profile, &host);
            checks.failed("shop", told(&what, code, message), request_id);
        }
        other => checks.failed("shop", otherwise(other), request_id),
    }
}
