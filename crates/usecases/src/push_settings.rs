//! Read and change the marketplace's push settings of a profile's app.
//!
//! The settings are the app's: one URL for all of its shops. The URL that the marketplace takes is
//! the one that pushes are signed over, so it becomes the registered URL of every profile of the app.
//! When the answer to a change is lost, the settings are read again instead of changed again.

mod card;
mod checking;

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ProfileId;
use hawker_domain::{IdSource, TenantSlug};
use hawker_ports::marketplace::{AppAccess, MarketplaceError};
use hawker_ports::profiles::Profile;
use hawker_ports::push_console::{PushConsole, PushSettings, PushSettingsChange};
use hawker_ports::watches::SeenPushSettings;
use hawker_ports::{Clock, Store, StoreError, UnitOfWork};

use crate::problems::{FieldProblem, told};
use crate::profile::living;
use crate::tokens::{Blocked, ShopTokens};
use checking::{is_as_wanted, problems};

pub use card::PushSettingsCard;

/// Reads and changes push settings.
pub struct ManagePushSettings {
    /// Opens the access of the app.
    pub tokens: Arc<ShopTokens>,
    /// Reads and changes them.
    pub console: Arc<dyn PushConsole>,
    /// Where profiles are, and what was seen of the settings.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// Why the settings were not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum PushSettingsError {
    /// There is no such profile (any more).
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// The input is not acceptable.
    #[error("the push settings were not changed: {}", told(.problems))]
    Invalid {
        /// Everything that is wrong with it.
        problems: Vec<FieldProblem>,
    },
    /// The app cannot be called for.
    #[error("{0}")]
    Blocked(Blocked),
    /// The marketplace refused, or could not be asked.
    #[error("the marketplace did not do as asked")]
    Marketplace(#[from] MarketplaceError),
    /// The answer to a change was lost, and the settings are not what was asked for.
    #[error(
        "the answer of the marketplace was lost, and the settings are not as asked for: the change did not happen, or only in part. Look at the settings and repeat it"
    )]
    NotApplied,
    /// The settings were changed, but could not be read again.
    #[error("the push settings were changed, but could not be read again: look at them later")]
    NotSeen(#[source] MarketplaceError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ManagePushSettings {
    /// The settings as the marketplace has them.
    pub async fn show(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<PushSettingsCard, PushSettingsError> {
        let (found, access) = self.open(tenant, profile).await?;
        let settings = self.console.push_settings(&access).await?;
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        uow.watches()
            .note_push_settings(profile, &seen(&settings), now)
            .await?;
        uow.commit().await?;
        Ok(PushSettingsCard::of(
            settings,
            found.registered_url.as_deref(),
        ))
    }

    /// Changes the settings and answers them as they are then.
    pub async fn change(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        profile: &ProfileId,
        change: PushSettingsChange,
    ) -> Result<PushSettingsCard, PushSettingsError> {
        let change = PushSettingsChange {
            callback_url: change.callback_url.map(|url| url.trim().to_owned()),
            ..change
        };
        let (_, access) = self.open(tenant, profile).await?;
        let problems = problems(&change);
        if !problems.is_empty() {
            return Err(PushSettingsError::Invalid { problems });
        }
        let lost = match self.console.change_push_settings(&access, &change).await {
            Ok(()) => None,
            Err(lost @ MarketplaceError::MaybeApplied { .. }) => Some(lost),
            Err(error) => return Err(error.into()),
        };
        // Looked at in any case: what the marketplace has is what counts.
        let settings = self.console.push_settings(&access).await;
        let is_applied = match (&lost, &settings) {
            (None, _) => Some(true),
            (Some(_), Ok(settings)) => Some(is_as_wanted(settings, &change)),
            (Some(_), Err(_)) => None,
        };
        let registered_url = self
            .keep(
                tenant,
                actor,
                profile,
                &change,
                settings.as_ref().ok(),
                is_applied,
            )
            .await?;
        match (settings, lost) {
            (Ok(settings), _) if is_applied == Some(true) => {
                Ok(PushSettingsCard::of(settings, registered_url.as_deref()))
            }
            (Ok(_), _) => Err(PushSettingsError::NotApplied),
            (Err(_), Some(lost)) => Err(lost.into()),
            (Err(error), None) => Err(PushSettingsError::NotSeen(error)),
        }
    }

    async fn open(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
    ) -> Result<(Profile, AppAccess), PushSettingsError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let found = living(&mut *uow, profile).await?;
        drop(uow);
        let found = found.ok_or_else(|| PushSettingsError::NoSuchProfile(profile.clone()))?;
        let access = self.tokens.app_access(tenant, profile).await?;
        Ok((found, access.map_err(PushSettingsError::Blocked)?))
    }

    /// Keeps what the marketplace has by now, in one commit with who changed it; answers the
    /// registered URL of the profile.
    async fn keep(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        profile: &ProfileId,
        change: &PushSettingsChange,
        settings: Option<&PushSettings>,
        is_applied: Option<bool>,
    ) -> Result<Option<String>, StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        if let Some(settings) = settings {
            uow.watches()
                .note_push_settings(profile, &seen(settings), now)
                .await?;
        }
        let wanted = change.callback_url.as_deref();
        let taken = match settings {
            Some(settings) => wanted.filter(|url| settings.callback_url.as_deref() == Some(url)),
            None => wanted.filter(|_| is_applied == Some(true)),
        };
        let registered = match taken {
            Some(url) => self.register(&mut *uow, profile, url).await?,
            None => Vec::new(),
        };
        let subject = format!("profile:{profile}");
        let entry = AuditEntry::new(actor, "push_settings.changed", subject, now, &*self.ids)
            .with("fields", checking::fields(change))
            .with("is_applied", is_applied)
            .with("registered_for", registered);
        uow.audit().record(&[entry]).await?;
        let found = living(&mut *uow, profile).await?;
        uow.commit().await?;
        Ok(found.and_then(|found| found.registered_url))
    }

    /// Notes a URL that the marketplace took as the registered one of every profile of the app;
    /// answers the ids of those that had another.
    async fn register(
        &self,
        uow: &mut dyn UnitOfWork,
        profile: &ProfileId,
        url: &str,
    ) -> Result<Vec<String>, StoreError> {
        let Some(of) = living(uow, profile).await? else {
            return Ok(Vec::new());
        };
        uow.profiles().lock(of.connector).await?;
        let mut profiles = uow.profiles().of_connector(of.connector, false).await?;
        profiles.retain(|other| {
            (other.environment, other.partner_id) == (of.environment, of.partner_id)
                && other.registered_url.as_deref() != Some(url)
        });
        for other in &mut profiles {
            other.registered_url = Some(url.to_owned());
            uow.profiles().put(other, self.clock.now()).await?;
        }
        let ids = profiles
            .into_iter()
            .map(|other| other.id.as_str().to_owned());
        Ok(ids.collect())
    }
}

fn seen(settings: &PushSettings) -> SeenPushSettings {
    SeenPushSettings {
        status: settings.status.clone(),
        callback_url: settings.callback_url.clone(),
        suspended_at: settings.suspended_at,
    }
}
