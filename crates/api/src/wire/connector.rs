//! The connector in an environment, as one page shows it.

use hawker_domain::Environment;
use hawker_domain::profile::{Missing, missing};
use hawker_usecases::manage_profiles::ProfileCard;
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{EnvironmentWire, MissingWire};
use super::profile::ProfileWire;

/// The connector in an environment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connector)]
pub(crate) struct ConnectorWire {
    /// The environment that this is about.
    #[schema(value_type = EnvironmentWire)]
    environment: Environment,
    /// The environment that is worked in.
    #[schema(value_type = EnvironmentWire)]
    active_environment: Environment,
    /// Its active profile, with the state of its token; `null` while there is none.
    #[schema(required)]
    profile: Option<ProfileWire>,
    /// What has to be filled in before the environment can be worked in.
    #[schema(value_type = Vec<MissingWire>)]
    missing: Vec<Missing>,
}

impl ConnectorWire {
    pub(crate) fn of(
        environment: Environment,
        active_environment: Environment,
        card: Option<ProfileCard>,
    ) -> Self {
        Self {
            environment,
            active_environment,
            missing: match &card {
                Some(card) => card.missing.clone(),
                None => missing(false, false, false),
            },
            profile: card.map(Into::into),
        }
    }
}
