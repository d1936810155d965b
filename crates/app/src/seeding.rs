//! The first boot: from the `SHOPEE_*` variables to the profiles that an installation starts with.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_jobs::{FirstBootSeeding, Reconciler};
use hawker_usecases::first_boot::{FirstBootResult, Seed, TokenPair};

use crate::config::{Config, ShopConfig};
use crate::wiring::Adapters;

/// How long a token from the environment is believed: it does not say when it ends. A refresh
/// token lives this long, an access token four hours; the marketplace says no when it is over.
const TOKEN_BELIEVED_FOR: TimeDelta = TimeDelta::days(30);

/// Makes the first profiles, unless there are any.
pub async fn first_boot(config: &Config, tenant: &TenantSlug) -> anyhow::Result<FirstBootResult> {
    let adapters = Adapters::for_command(config)?;
    let seed = seed(&config.shop.clone()?, adapters.clock.now());
    Ok(adapters.first_boot().run(tenant, seed).await?)
}

impl Adapters {
    /// The reconciler that makes the first profiles; none where the variables cannot be used, which
    /// matters to nobody once there are profiles.
    pub(crate) fn first_boot_seeding(&self, config: &Config) -> Option<Arc<dyn Reconciler>> {
        let shop = match config.shop.clone() {
            Ok(shop) => shop,
            Err(error) => {
                let problems = error.problems.join("; ");
                tracing::warn!(
                    event = "profiles.not_seeded",
                    problems,
                    "the SHOPEE_* variables cannot be used; they matter only where there is no profile yet"
                );
                return None;
            }
        };
        let clock = self.clock.clone();
        let seed = move || seed(&shop, clock.now());
        let tenant = TenantSlug::default_tenant();
        let seeding = FirstBootSeeding::new(self.first_boot(), tenant, seed);
        Some(Arc::new(seeding))
    }
}

/// What the first profile is made of.
pub fn seed(shop: &ShopConfig, now: Timestamp) -> Seed {
    let token = shop.access_token.clone().map(|access_token| TokenPair {
        access_token,
        refresh_token: shop.refresh_token.clone().unwrap_or_default(),
        expires_at: now + TOKEN_BELIEVED_FOR,
    });
    Seed {
        profile: shop.profile_id.clone(),
        environment: shop.environment,
        region: shop.region,
        base_url_override: shop.base_url.clone(),
        registered_url: shop.push_url.clone(),
        partner_id: shop.partner_id,
        partner_key: shop.partner_key.clone(),
        push_key: shop.push_key.clone(),
        shop: shop.shop_id,
        default_location_id: shop.default_location_id.clone(),
        token,
    }
}
