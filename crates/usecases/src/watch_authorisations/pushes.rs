//! How the marketplace judges our answers to its pushes, and where it sends them.

use hawker_domain::TenantSlug;
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_ports::StoreError;
use hawker_ports::marketplace::AppAccess;
use hawker_ports::profiles::Profile;
use hawker_ports::push_console::{PushSettings, PushStatus};
use hawker_ports::watches::SeenPushSettings;

use super::CONNECTOR;
use super::connections::WatchConnections;
use crate::chain::chain;
use crate::raise::{clear_profile, raise};

const WARNING: &str = "push-status:warning";
const SUSPENDED: &str = "push-status:suspended";
const URL: &str = "push-url";

/// Whether it is the cause of an exception that is told from what the console says.
pub(crate) fn is_about_pushes(cause: &str) -> bool {
    [WARNING, SUSPENDED, URL].contains(&cause)
}

impl WatchConnections {
    /// Keeps what the marketplace says of the app's pushes; raises and resolves what follows.
    pub(super) async fn look_at_pushes(
        &self,
        tenant: &TenantSlug,
        app: &AppAccess,
    ) -> Result<(), StoreError> {
        let settings = match self.console.push_settings(app).await {
            Ok(settings) => settings,
            Err(error) => {
                tracing::warn!(
                    event = "connection.not_looked_at", profile_id = %app.profile,
                    error = %chain(&error), "the push settings of the app could not be read"
                );
                return Ok(());
            }
        };
        let seen = SeenPushSettings {
            status: settings.status.clone(),
            callback_url: settings.callback_url.clone(),
            suspended_at: settings.suspended_at,
        };
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let Some(profile) = uow.profiles().find(&app.profile).await? else {
            return Ok(());
        };
        uow.watches()
            .note_push_settings(&profile.id, &seen, now)
            .await?;
        let profiles = uow.profiles().of_connector(CONNECTOR, false).await?;
        let (standing, over) = if speaks_for_its_app(&profile, &profiles) {
            judge(&profile, &settings)
        } else {
            (Vec::new(), vec![WARNING, SUSPENDED, URL])
        };
        let raised: Vec<_> = standing
            .into_iter()
            .map(|cause| RaisedException::once(subject(&profile), cause, &*self.ids))
            .collect();
        let over: Vec<_> = over
            .into_iter()
            .map(|key| (ErrorClass::ActionRequired, Some(key)))
            .collect();
        let source = (CONNECTOR, profile.environment, &profile.id);
        clear_profile(&mut *uow, source, &over, now).await?;
        raise(&mut *uow, &raised, now).await?;
        uow.commit().await
    }
}

/// How pushes go is the app's affair: of several profiles of one app, one says it. The active one
/// does, else the oldest; one that cannot be looked at cannot.
fn speaks_for_its_app(profile: &Profile, profiles: &[Profile]) -> bool {
    let speaker = profiles
        .iter()
        .filter(|other| other.environment == profile.environment)
        .filter(|other| other.partner_id == profile.partner_id && other.partner_key.is_some())
        .min_by_key(|other| !other.is_active);
    speaker.is_none_or(|speaker| speaker.id == profile.id)
}

/// What stands, and the keys of what is over.
fn judge(profile: &Profile, settings: &PushSettings) -> (Vec<Cause>, Vec<&'static str>) {
    let (mut standing, mut over) = (Vec::new(), Vec::new());
    match &settings.status {
        PushStatus::Normal => over.extend([WARNING, SUSPENDED]),
        PushStatus::Warning => {
            standing.push(warning(profile));
            over.push(SUSPENDED);
        }
        PushStatus::Suspended => {
            standing.push(suspended(profile, settings));
            over.push(WARNING);
        }
        PushStatus::Other(status) => tracing::warn!(
            event = "push.status_unknown", profile_id = %profile.id, status,
            "the marketplace judges our answers to its pushes with a word that is not known"
        ),
    }
    match elsewhere(profile, settings) {
        Some(cause) => standing.push(cause),
        None => over.push(URL),
    }
    (standing, over)
}

fn warning(profile: &Profile) -> Cause {
    let message = format!(
        "The marketplace warns that fewer than 70 % of its pushes for profile {} were answered well in the last six hours; below 30 % it stops sending. Look at the health of this service and of what stands before it.",
        profile.id
    );
    cause(WARNING, message)
}

fn suspended(profile: &Profile, settings: &PushSettings) -> Cause {
    let since = match settings.suspended_at {
        Some(at) => format!(" since {}", at.format("%F %H:%M UTC")),
        None => String::new(),
    };
    let message = format!(
        "The marketplace has suspended the pushes for profile {}{since}: too few were answered well. What happens meanwhile is never sent. Put right what kept them from being answered, then switch pushes on again in the marketplace's console.",
        profile.id
    );
    cause(SUSPENDED, message)
}

/// Pushes go to another URL than the one that is registered here. Of several profiles of one app only
/// the active one can be meant.
fn elsewhere(profile: &Profile, settings: &PushSettings) -> Option<Cause> {
    let registered = profile.registered_url.as_deref()?;
    let theirs = settings.callback_url.as_deref().unwrap_or_default();
    if !profile.is_active || theirs == registered {
        return None;
    }
    let message = if theirs.is_empty() {
        format!(
            "The marketplace has no URL to send the pushes for profile {} to. Set it to {registered} in its console, or by way of the API.",
            profile.id
        )
    } else {
        format!(
            "The marketplace sends the pushes for profile {} to {theirs}, but {registered} is noted as the registered URL, so that none verifies. Save in the profile what stands in the console, or change it there.",
            profile.id
        )
    };
    Some(cause(URL, message))
}

fn cause(key: &str, message: String) -> Cause {
    Cause {
        class: ErrorClass::ActionRequired,
        key: key.to_owned(),
        message,
        due_at: None,
    }
}

fn subject(profile: &Profile) -> Subject {
    Subject {
        connector: CONNECTOR,
        environment: profile.environment,
        profile: Some(profile.id.clone()),
        shop: profile.shop,
        order_sn: None,
        event: None,
    }
}
