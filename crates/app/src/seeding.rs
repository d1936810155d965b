//! Setting up a shop from the environment: what `hawker seed` does.

use std::sync::Arc;

use anyhow::Context as _;
use chrono::TimeDelta;
use hawker_domain::ids::ProfileId;
use hawker_domain::{Environment, TenantSlug, Timestamp};
use hawker_usecases::SetUpShop;
use hawker_usecases::set_up_shop::{ShopToSetUp, TokenPair};

use crate::config::{Config, ShopConfig};
use crate::system::system;
use crate::wiring;

/// How long a token from the environment is believed: it does not say when it ends. A refresh
/// token lives this long, an access token four hours; the marketplace says no when it is over.
const TOKEN_BELIEVED_FOR: TimeDelta = TimeDelta::days(30);

/// Adds the profile that `shop` describes, or replaces what it says.
pub async fn set_up_shop(
    config: &Config,
    tenant: &TenantSlug,
    shop: ShopConfig,
) -> anyhow::Result<()> {
    let (clock, ids) = system();
    let shop = shop_to_set_up(shop, clock.now())?;
    let set_up = SetUpShop {
        store: Arc::new(wiring::store_for_command(&config.database_url)?),
        sealer: Arc::new(wiring::sealer(config)?),
        clock,
        ids,
    };
    Ok(set_up.run(tenant, shop).await?)
}

fn shop_to_set_up(shop: ShopConfig, now: Timestamp) -> anyhow::Result<ShopToSetUp> {
    let token = shop.access_token.map(|access_token| TokenPair {
        access_token,
        refresh_token: shop.refresh_token.unwrap_or_default(),
        expires_at: now + TOKEN_BELIEVED_FOR,
    });
    Ok(ShopToSetUp {
        id: ProfileId::parse(&shop.profile_id).with_context(|| {
            format!(
                "SHOPEE_PROFILE_ID is `{}`: use letters, digits, _ and -",
                shop.profile_id
            )
        })?,
        display_name: match shop.environment {
            Environment::Sandbox => "Sandbox".into(),
            Environment::Live => "Live".into(),
        },
        environment: shop.environment,
        region: shop.region,
        base_url_override: shop.base_url,
        registered_url: shop.push_url,
        partner_id: shop.partner_id,
        partner_key: shop.partner_key,
        push_key: shop.push_key,
        shop: shop.shop_id,
        token,
    })
}
