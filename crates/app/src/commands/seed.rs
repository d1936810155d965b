//! `hawker seed`.

use std::sync::Arc;

use hawker_domain::TenantSlug;
use hawker_usecases::AddVariants;
use hawker_usecases::first_boot::FirstBootResult;

use super::demo;
use crate::config::{Config, Variables};
use crate::output::{line, list_or_dash};
use crate::system::system;
use crate::{seeding, wiring};

pub(crate) async fn seed(
    variables: &Variables,
    tenant: &TenantSlug,
    with_demo: bool,
) -> anyhow::Result<()> {
    let config = Config::read(variables)?;
    // Before anything is added: whoever reads the problems wants none of it half done.
    config.shop.clone()?;
    if with_demo {
        add_demo(&config, tenant).await?;
    }
    let text = match seeding::first_boot(&config, tenant).await? {
        FirstBootResult::Seeded { filled, empty } => {
            format!("Profile {filled} is set up, profile {empty} is there to be filled in.")
        }
        FirstBootResult::AlreadyThere { profiles } => format!(
            "Profiles exist already ({}); nothing was changed. `hawker profiles edit` changes one.",
            list_or_dash(&profiles)
        ),
    };
    Ok(line(&text)?)
}

async fn add_demo(config: &Config, tenant: &TenantSlug) -> anyhow::Result<()> {
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
    Ok(line(&format!(
        "Demonstration catalogue: {} cards added, {} were there already.",
        added.added, added.already_there
    ))?)
}
