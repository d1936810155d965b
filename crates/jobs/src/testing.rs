//! What the tests of this crate share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;
use hawker_domain::{Environment, TenantSlug};
use hawker_ports::StoreError;
use hawker_ports::pushes::ReceivedPush;
use hawker_ports::tenants::TenantDirectory;

/// Long enough for everything that a test lets run; time is paused, so nobody waits for it.
pub(crate) const GRACE: Duration = Duration::from_mins(10);

pub(crate) fn tenant(name: &str) -> TenantSlug {
    name.parse().expect("a tenant name")
}

pub(crate) fn push(of: &str, body: &str) -> ReceivedPush {
    ReceivedPush {
        tenant: tenant(of),
        environment: Environment::Sandbox,
        profile: None,
        body: body.as_bytes().to_vec(),
        authorization: None,
        event_id: None,
        received_at: chrono::DateTime::UNIX_EPOCH,
    }
}

pub(crate) fn unavailable() -> StoreError {
    StoreError::Unavailable("connection refused".into())
}

/// These tenants and no others.
pub(crate) struct Tenants(Vec<TenantSlug>);

impl Tenants {
    pub(crate) fn named(names: &[&str]) -> Arc<dyn TenantDirectory> {
        Arc::new(Self(names.iter().map(|name| tenant(name)).collect()))
    }
}

#[async_trait]
impl TenantDirectory for Tenants {
    async fn tenants(&self) -> Result<Vec<TenantSlug>, StoreError> {
        Ok(self.0.clone())
    }

    async fn tenant_of(&self, _: &ProfileId) -> Result<Option<TenantSlug>, StoreError> {
        Ok(None)
    }
}

/// A list that tests and the code under test write to.
pub(crate) struct Notes<T>(Mutex<Vec<T>>);

impl<T> Default for Notes<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Notes<T> {
    pub(crate) fn add(&self, note: T) -> usize {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notes.push(note);
        notes.len()
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
