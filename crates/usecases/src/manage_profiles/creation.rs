//! Adding a profile.
//!
//! A profile is added once under its id: whoever asks again gets what is there.

use hawker_domain::audit::Actor;
use hawker_domain::ids::ProfileId;
use hawker_domain::{Environment, TenantSlug, Timestamp};
use hawker_ports::profiles::Profile;

use super::card::ProfileCard;
use super::changes::refuse;
use super::draft::ProfileDraft;
use super::reading::active_profile;
use super::validation::problems;
use super::{ManageProfiles, ProfileError};

impl ManageProfiles {
    /// Adds a profile. The first of its environment becomes the active one of it, the first
    /// environment the active environment.
    pub async fn create(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        draft: ProfileDraft,
    ) -> Result<ProfileCard, ProfileError> {
        let id = ProfileId::fresh(&*self.ids);
        self.create_as(tenant, actor, id, draft).await
    }

    /// The same under an id that stands for the request. Where the request was fulfilled before, the
    /// answer is the profile that is there, as it is now; a profile that was deleted since, or is of
    /// another name or environment, is [`ProfileError::Taken`].
    pub async fn create_as(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        id: ProfileId,
        draft: ProfileDraft,
    ) -> Result<ProfileCard, ProfileError> {
        let now = self.clock.now();
        let (connector, environment) = (draft.connector, draft.environment);
        let mut profile = blank(id, &draft, now);
        let edit = draft.into_edit();
        refuse(problems(&edit, None, &[]))?;
        let fields = self.apply(edit, &mut profile)?;
        let mut uow = self.store.begin(tenant).await?;
        uow.profiles().lock(connector).await?;
        if let Some(known) = uow.profiles().find(&profile.id).await? {
            if !is_as_asked_for(&known, &profile) {
                drop(uow);
                return Err(ProfileError::Taken(profile.id));
            }
            let card = self.card(&mut *uow, known).await?;
            drop(uow);
            return Ok(card);
        }
        let active = active_profile(&mut *uow, connector, environment).await?;
        profile.is_active = active.is_none();
        uow.profiles().put(&profile, now).await?;
        if uow
            .profiles()
            .active_environment(connector)
            .await?
            .is_none()
        {
            uow.profiles()
                .set_active_environment(connector, environment)
                .await?;
        }
        let entry = self
            .entry(actor, "profile.created", &profile.id, now)
            .with("env_type", environment.as_str())
            .with("fields", fields);
        uow.audit().record(&[entry]).await?;
        let card = self.stored_card(&mut *uow, &profile.id).await?;
        uow.commit().await?;
        tracing::info!(event = "profile.created", profile_id = %card.id, actor = actor.as_str());
        Ok(card)
    }
}

/// A profile of which no more is known than where it belongs.
fn blank(id: ProfileId, draft: &ProfileDraft, now: Timestamp) -> Profile {
    Profile {
        id,
        connector: draft.connector,
        environment: draft.environment,
        display_name: String::new(),
        region: draft.region,
        base_url_override: None,
        registered_url: None,
        partner_id: None,
        shop: None,
        partner_key: None,
        partner_key_ends_at: None,
        push_key: None,
        previous_push_key: None,
        accepts_body_only: draft.environment == Environment::Sandbox,
        is_active: false,
        version: 0,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// Whether a profile is the one that was asked for; what else of it was edited since does not matter.
fn is_as_asked_for(known: &Profile, asked: &Profile) -> bool {
    known.deleted_at.is_none()
        && known.connector == asked.connector
        && known.environment == asked.environment
        && known.display_name == asked.display_name
}
