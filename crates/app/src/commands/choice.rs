//! Which profile a command is about.

use hawker_domain::{ConnectorName, TenantSlug};
use hawker_usecases::ManageProfiles;
use hawker_usecases::manage_profiles::ProfileCard;

use super::profile_id;
use crate::cli::ProfileChoice;
use crate::exit::Missing;

const CONNECTOR: ConnectorName = ConnectorName::Shopee;

/// The profile with the given id, else the active one of the given or the active environment.
pub(super) async fn chosen(
    profiles: &ManageProfiles,
    tenant: &TenantSlug,
    choice: ProfileChoice,
) -> anyhow::Result<ProfileCard> {
    if let Some(id) = choice.profile {
        let found = profiles.show(tenant, &profile_id(&id)?).await?;
        let missing = Missing {
            what: "profile",
            name: id,
        };
        return found.ok_or_else(|| {
            anyhow::Error::new(missing).context("`hawker profiles list` shows those there are")
        });
    }
    let environment = match choice.env {
        Some(environment) => environment,
        None => profiles.active_environment(tenant, CONNECTOR).await?,
    };
    let found = profiles.active(tenant, CONNECTOR, environment).await?;
    let missing = Missing {
        what: "active profile of the environment",
        name: environment.to_string(),
    };
    found.ok_or_else(|| {
        anyhow::Error::new(missing)
            .context("name one with --profile, or activate one: `hawker profiles activate`")
    })
}
