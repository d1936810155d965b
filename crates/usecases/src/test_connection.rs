//! Test a profile's connection, from what is stored to what the marketplace says of the shop, and
//! tell in words what is wrong and what to do about it.
//!
//! The checks build on each other: behind one that failed the others are skipped. The app is tried
//! first, without a token, so that a wrong key is not taken for a wrong token. Nothing is changed,
//! but for a token pair that is renewed where it has to be.

mod app;
mod clock;
mod report;
mod shop;
mod words;

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ProfileId;
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::authorisation::Authoriser;
use hawker_ports::calls::ClockSkew;
use hawker_ports::profiles::Profile;
use hawker_ports::shops::ShopDesk;
use hawker_ports::{Clock, Sealer, Store, StoreError};

use crate::profile::living;
use crate::tokens::ShopTokens;
use crate::words::listed;
use report::Checks;

pub use report::{Check, ConnectionReport, Outcome};

/// Tests connections.
pub struct TestConnection {
    /// Opens the access of the shop.
    pub tokens: Arc<ShopTokens>,
    /// Says which shops authorise the app.
    pub authoriser: Arc<dyn Authoriser>,
    /// Says how the clocks differ.
    pub skew: Arc<dyn ClockSkew>,
    /// Says how the shop is.
    pub desk: Arc<dyn ShopDesk>,
    /// Opens the secrets.
    pub sealer: Arc<dyn Sealer>,
    /// Where the profile is.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// Why nothing was tested.
#[derive(Debug, thiserror::Error)]
pub enum TestConnectionError {
    /// There is no such profile (any more).
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TestConnection {
    /// Makes every check that can be made.
    pub async fn run(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        profile: &ProfileId,
    ) -> Result<ConnectionReport, TestConnectionError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let found = living(&mut *uow, profile).await?;
        drop(uow);
        let found = found.ok_or_else(|| TestConnectionError::NoSuchProfile(profile.clone()))?;
        let report = self.checked(tenant, &found).await?.report(profile);
        let now = self.clock.now();
        let subject = format!("profile:{profile}");
        let failed: Vec<_> = report.failed().map(|check| check.name).collect();
        let entry = AuditEntry::new(actor, "connection.tested", subject, now, &*self.ids)
            .with("is_ok", report.is_ok)
            .with("failed", failed);
        let mut uow = self.store.begin(tenant).await?;
        uow.audit().record(&[entry]).await?;
        uow.commit().await?;
        Ok(report)
    }

    async fn checked(&self, tenant: &TenantSlug, profile: &Profile) -> Result<Checks, StoreError> {
        let mut checks = Checks::default();
        let is_to_be_tried = settings(&mut checks, profile)
            && self.secrets(&mut checks, profile)
            && self.app(&mut checks, tenant, profile).await?;
        if is_to_be_tried {
            self.shop(&mut checks, tenant, profile).await?;
        }
        Ok(checks)
    }

    fn secrets(&self, checks: &mut Checks, profile: &Profile) -> bool {
        let secrets = [
            ("partner key", &profile.partner_key),
            ("push key", &profile.push_key),
            ("previous push key", &profile.previous_push_key),
        ];
        let unreadable: Vec<_> = secrets
            .into_iter()
            .filter(|(_, sealed)| {
                let sealed = sealed.as_ref();
                sealed.is_some_and(|sealed| self.sealer.open(sealed).is_err())
            })
            .map(|(name, _)| name)
            .collect();
        if unreadable.is_empty() {
            checks.passed("secrets", "The stored keys can be read.");
            return true;
        }
        checks.failed(
            "secrets",
            format!(
                "The {} cannot be read: sealed under another JWT_SECRET, or altered. Add that JWT_SECRET to JWT_SECRET_PREVIOUS and restart, or save the key again.",
                unreadable.join(" and the ")
            ),
            None,
        );
        // Pushes need their keys; calls need the partner key alone.
        !unreadable.contains(&"partner key")
    }
}

fn settings(checks: &mut Checks, profile: &Profile) -> bool {
    let missing = profile.missing();
    if missing.is_empty() {
        checks.passed("settings", "Everything that calls need is filled in.");
        return true;
    }
    checks.failed(
        "settings",
        format!(
            "Profile {} is not fully configured: missing {}. Fill it in; an authorisation fills in the shop.",
            profile.id,
            listed(&missing)
        ),
        None,
    );
    // The app can be tried without a shop.
    profile.partner_id.is_some() && profile.partner_key.is_some()
}
