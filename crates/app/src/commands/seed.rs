//! `hawker seed`.

use std::sync::Arc;

use hawker_domain::TenantSlug;
use hawker_usecases::AddVariants;

use super::demo;
use crate::config::{Config, ShopConfig, Variables};
use crate::output::line;
use crate::system::system;
use crate::{seeding, wiring};

pub(crate) async fn seed(
    variables: &Variables,
    tenant: &TenantSlug,
    with_demo: bool,
) -> anyhow::Result<()> {
    let config = Config::read(variables)?;
    let shop = ShopConfig::read(variables)?;
    if shop.is_none() && !with_demo {
        anyhow::bail!(
            "there is nothing to set up: set SHOPEE_PARTNER_ID and its like, or ask for --demo"
        );
    }
    if with_demo {
        let (clock, ids) = system();
        let store = Arc::new(wiring::store_for_command(&config.database_url)?);
        let add = AddVariants { store, clock, ids };
        let added = add
            .run(
                tenant,
                &demo::places(),
                &demo::variants()?,
                "seed",
                "demonstration catalogue",
            )
            .await?;
        line(&format!(
            "Demonstration catalogue: {} cards added, {} were there already.",
            added.added, added.already_there
        ))?;
    }
    if let Some(shop) = shop {
        let what = format!(
            "Profile {} ({}, {})",
            shop.profile_id, shop.environment, shop.region
        );
        seeding::set_up_shop(&config, tenant, shop).await?;
        line(&format!("{what} is set up."))?;
    }
    Ok(())
}
