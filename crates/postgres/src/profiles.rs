//! Connector profiles. Secrets go in and out sealed.
//!
//! The database counts versions (`connector_profile_is_changed`) and keeps one active profile for
//! each environment (`connector_profile_active_per_env`), whoever writes.

mod managed;
mod receiving;
mod save;

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::profiles::{
    CallingProfile, NewProfile, Profile, ProfileRepository, ProfilesVersion, ReceivingProfile,
};
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::unit_of_work::PgUnitOfWork;

const PROFILE: &str = "profile";

#[async_trait]
impl ProfileRepository for PgUnitOfWork {
    async fn receiving(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Vec<ReceivingProfile>, StoreError> {
        let done = receiving::receiving(self.enter()?, connector).await;
        self.leave(PROFILE, done)
    }

    async fn version(&mut self, connector: ConnectorName) -> Result<ProfilesVersion, StoreError> {
        let done = receiving::version(self.enter()?, connector).await;
        self.leave(PROFILE, done)
    }

    async fn calling(&mut self, profile: &ProfileId) -> Result<Option<CallingProfile>, StoreError> {
        let done = receiving::calling(self.enter()?, profile).await;
        self.leave(PROFILE, done)
    }

    async fn save(&mut self, profile: &NewProfile, now: Timestamp) -> Result<(), StoreError> {
        let done = save::save(self.enter()?, profile, now).await;
        self.leave(PROFILE, done)
    }

    async fn lock(&mut self, connector: ConnectorName) -> Result<(), StoreError> {
        let done = lock(self.enter()?, connector).await;
        self.leave(PROFILE, done)
    }

    async fn find(&mut self, profile: &ProfileId) -> Result<Option<Profile>, StoreError> {
        let done = managed::find(self.enter()?, profile).await;
        self.leave(PROFILE, done)
    }

    async fn of_connector(
        &mut self,
        connector: ConnectorName,
        with_deleted: bool,
    ) -> Result<Vec<Profile>, StoreError> {
        let done = managed::of_connector(self.enter()?, connector, with_deleted).await;
        self.leave(PROFILE, done)
    }

    async fn put(&mut self, profile: &Profile, now: Timestamp) -> Result<(), StoreError> {
        let done = managed::put(self.enter()?, profile, now).await;
        self.leave(PROFILE, done)
    }

    async fn active_environment(
        &mut self,
        connector: ConnectorName,
    ) -> Result<Option<Environment>, StoreError> {
        let done = active_environment(self.enter()?, connector).await;
        self.leave(PROFILE, done)
    }

    async fn set_active_environment(
        &mut self,
        connector: ConnectorName,
        environment: Environment,
    ) -> Result<(), StoreError> {
        let done = set_active_environment(self.enter()?, connector, environment).await;
        self.leave(PROFILE, done)
    }
}

/// First among those who ask, then against a statement typed by hand, which asks nobody. A lock of
/// the transaction on a key of the tenant's own: no tenant waits for another, and a pooler may hand
/// the connection on.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    connector: ConnectorName,
) -> Result<(), Fault> {
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(
             hashtextextended(current_schema() || '.connector_profile:' || $1::text, 0)
         )",
        connector.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "SELECT id FROM connector_profile WHERE connector = $1 ORDER BY id FOR NO KEY UPDATE",
        connector.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

async fn active_environment(
    connection: &mut PgConnection,
    connector: ConnectorName,
) -> Result<Option<Environment>, Fault> {
    sqlx::query_scalar!(
        "SELECT environment FROM connector_active_environment WHERE connector = $1",
        connector.as_str(),
    )
    .fetch_optional(connection)
    .await?
    .map(|environment| read("active environment", connector.as_str(), &environment))
    .transpose()
}

async fn set_active_environment(
    connection: &mut PgConnection,
    connector: ConnectorName,
    environment: Environment,
) -> Result<(), Fault> {
    sqlx::query!(
        "INSERT INTO connector_active_environment (connector, environment) VALUES ($1, $2)
         ON CONFLICT (connector) DO UPDATE SET environment = excluded.environment",
        connector.as_str(),
        environment.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A stored text as the id of a profile.
pub(crate) fn profile_id(id: &str) -> Result<ProfileId, Fault> {
    ProfileId::parse(id).ok_or_else(|| Fault::corrupt("profile", id, "the id is malformed"))
}
