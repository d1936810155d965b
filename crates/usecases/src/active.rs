//! The profile that is meant where a person names none.

use hawker_domain::{ConnectorName, Environment};
use hawker_ports::profiles::Profile;
use hawker_ports::{StoreError, UnitOfWork};

/// The active profile of an environment, of the one that is in use where none is given.
pub(crate) async fn active_profile(
    uow: &mut dyn UnitOfWork,
    connector: ConnectorName,
    environment: Option<Environment>,
) -> Result<Option<Profile>, StoreError> {
    let environment = match environment {
        Some(environment) => Some(environment),
        None => uow.profiles().active_environment(connector).await?,
    };
    let profiles = uow.profiles().of_connector(connector, false).await?;
    Ok(profiles
        .into_iter()
        .find(|profile| profile.is_active && Some(profile.environment) == environment))
}
