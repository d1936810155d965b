//! What takes pushes in and finds tenants, in tests.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use hawker_domain::TenantSlug;
use hawker_domain::ids::ProfileId;
use hawker_ports::pushes::{IntakeError, PushIntake, ReceivedPush};
use hawker_ports::tenants::{Readiness, StoreHealth, TenantDirectory};
use hawker_ports::{Sealed, StoreError};

/// Keeps every push, and answers as it is told.
#[derive(Default)]
pub(crate) struct FakeIntake {
    pushes: Mutex<Vec<ReceivedPush>>,
    failures: Mutex<VecDeque<IntakeError>>,
}

impl FakeIntake {
    pub(crate) fn fail_next(&self, error: IntakeError) {
        self.failures.lock().expect("unpoisoned").push_back(error);
    }

    /// The pushes since the last time that this was asked.
    pub(crate) fn take(&self) -> Vec<ReceivedPush> {
        std::mem::take(&mut self.pushes.lock().expect("unpoisoned"))
    }

    /// The only push since then.
    pub(crate) fn take_one(&self) -> ReceivedPush {
        let pushes = self.take();
        let [push] = <[_; 1]>::try_from(pushes).expect("exactly one push");
        push
    }
}

#[async_trait]
impl PushIntake for FakeIntake {
    async fn accept(&self, push: ReceivedPush) -> Result<(), IntakeError> {
        if let Some(error) = self.failures.lock().expect("unpoisoned").pop_front() {
            return Err(error);
        }
        self.pushes.lock().expect("unpoisoned").push(push);
        Ok(())
    }
}

/// Knows the profile `scp_cards` of the tenant `cards`; the database is away for `scp_away`.
#[derive(Default)]
pub(crate) struct FakeDirectory {
    asked: Mutex<Vec<String>>,
}

impl FakeDirectory {
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("unpoisoned").clone()
    }
}

#[async_trait]
impl TenantDirectory for FakeDirectory {
    async fn tenants(&self) -> Result<Vec<TenantSlug>, StoreError> {
        Ok(vec![TenantSlug::default_tenant()])
    }

    async fn tenant_of(&self, profile: &ProfileId) -> Result<Option<TenantSlug>, StoreError> {
        self.asked
            .lock()
            .expect("unpoisoned")
            .push(profile.to_string());
        match profile.as_str() {
            "scp_cards" => Ok(Some("cards".parse().expect("a tenant"))),
            "scp_away" => Err(StoreError::Unavailable("connection refused".into())),
            _ => Ok(None),
        }
    }
}

pub(super) struct Ready;

#[async_trait]
impl StoreHealth for Ready {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        Ok(Readiness::Ready)
    }

    async fn stored_secret(&self) -> Result<Option<Sealed>, StoreError> {
        Ok(None)
    }
}
