//! Changing a profile.

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ProfileId;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::UnitOfWork;
use hawker_ports::locations::ShopLocation;
use hawker_ports::profiles::Profile;

use super::card::ProfileCard;
use super::draft::{Edited, ProfileEdit};
use super::keys;
use super::validation::problems;
use super::{ManageProfiles, ProfileError};
use crate::problems::FieldProblem;
use crate::profile::living;

/// Fields by which the marketplace is reached: once they change, it is looked anew what it says.
const REACHING: [&str; 5] = [
    "region",
    "base_url_override",
    "partner_id",
    "partner_key",
    "shop_id",
];

impl ManageProfiles {
    /// Changes what `edit` names of a profile and nothing else. With `expected_version`, only if
    /// nobody changed it since it had that version.
    pub async fn edit(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        profile: &ProfileId,
        expected_version: Option<i64>,
        edit: ProfileEdit,
    ) -> Result<ProfileCard, ProfileError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let before = self.locked(&mut *uow, profile, expected_version).await?;
        let is_other_shop = before.shop.is_some()
            && match edit.shop {
                Edited::Kept => false,
                Edited::Cleared => true,
                Edited::To(shop) => before.shop != Some(shop),
            };
        // Another shop inherits no warehouses.
        if is_other_shop {
            uow.locations().replace(profile, &[], now).await?;
            uow.watches().forget_locations(profile).await?;
        }
        let locations = uow.locations().of_profile(profile).await?;
        refuse(problems(&edit, Some(&before), &locations))?;
        let default = edit.default_location_id.clone();
        let mut after = before.clone();
        let mut fields = self.apply(edit, &mut after)?;
        if let Some(other) = other_default(default.as_deref(), &locations) {
            uow.locations().choose_default(profile, other).await?;
            fields.push("default_location_id");
        }
        if fields.is_empty() {
            let card = self.stored_card(&mut *uow, profile).await?;
            drop(uow);
            return Ok(card);
        }
        uow.profiles().put(&after, now).await?;
        if fields.iter().any(|field| REACHING.contains(field)) {
            uow.watches()
                .look_soon(after.connector, after.environment, now)
                .await?;
        }
        let entry = self
            .entry(actor, "profile.changed", profile, now)
            .with("fields", fields.clone());
        uow.audit().record(&[entry]).await?;
        let card = self.stored_card(&mut *uow, profile).await?;
        uow.commit().await?;
        tracing::info!(
            event = "profile.changed", profile_id = %profile, actor = actor.as_str(), ?fields
        );
        Ok(card)
    }

    /// The profile, under the lock of its connector's profiles, at the version that is expected.
    pub(super) async fn locked(
        &self,
        uow: &mut dyn UnitOfWork,
        profile: &ProfileId,
        expected_version: Option<i64>,
    ) -> Result<Profile, ProfileError> {
        let no_such_profile = || ProfileError::NoSuchProfile(profile.clone());
        let found = living(uow, profile).await?;
        let connector = found.ok_or_else(no_such_profile)?.connector;
        uow.profiles().lock(connector).await?;
        // It may have changed while we waited.
        let found = living(uow, profile).await?;
        let found = found.ok_or_else(no_such_profile)?;
        if expected_version.is_some_and(|expected| expected != found.version) {
            return Err(ProfileError::Changed {
                profile: profile.clone(),
                current_version: found.version,
            });
        }
        Ok(found)
    }

    pub(super) fn entry(
        &self,
        actor: &Actor,
        action: &'static str,
        profile: &ProfileId,
        now: Timestamp,
    ) -> AuditEntry {
        AuditEntry::new(actor, action, format!("profile:{profile}"), now, &*self.ids)
    }

    /// Puts what `edit` says into `profile`; answers the names of the fields that changed by it.
    pub(super) fn apply(
        &self,
        edit: ProfileEdit,
        profile: &mut Profile,
    ) -> Result<Vec<&'static str>, ProfileError> {
        let ProfileEdit {
            display_name,
            region,
            base_url_override,
            registered_url,
            partner_id,
            shop,
            partner_key,
            partner_key_ends_at,
            push_key,
            accepts_body_only,
            default_location_id: _,
        } = edit;
        let mut fields = Vec::new();
        let mut changed = |field, has_changed| {
            if has_changed {
                fields.push(field);
            }
        };
        let name = display_name.map(|name| name.trim().to_owned());
        changed("display_name", set(&mut profile.display_name, name));
        changed("region", set(&mut profile.region, region));
        changed(
            "base_url_override",
            put(&mut profile.base_url_override, trimmed(base_url_override)),
        );
        changed(
            "registered_url",
            put(&mut profile.registered_url, trimmed(registered_url)),
        );
        changed("partner_id", put(&mut profile.partner_id, partner_id));
        changed("shop_id", put(&mut profile.shop, shop));
        let mut key_ends_at = partner_key_ends_at;
        if let Some(given) = keys::given(partner_key.as_ref())
            && let Some(sealed) =
                keys::changed(profile.partner_key.as_ref(), &given, &*self.sealer)?
        {
            profile.partner_key = Some(sealed);
            changed("partner_key", true);
            if key_ends_at == Edited::Kept {
                key_ends_at = Edited::Cleared;
            }
        }
        changed(
            "partner_key_expires_at",
            put(&mut profile.partner_key_ends_at, key_ends_at),
        );
        if let Some(given) = keys::given(push_key.as_ref())
            && let Some(sealed) = keys::changed(profile.push_key.as_ref(), &given, &*self.sealer)?
        {
            let replaced = profile.push_key.replace(sealed);
            let previous = profile.previous_push_key.take();
            profile.previous_push_key = keys::previous(replaced, previous, &*self.sealer);
            changed("push_partner_key", true);
        }
        changed(
            "accepts_body_only",
            set(&mut profile.accepts_body_only, accepts_body_only),
        );
        Ok(fields)
    }
}

/// Nothing is stored of what is wrong.
pub(super) fn refuse(problems: Vec<FieldProblem>) -> Result<(), ProfileError> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(ProfileError::Invalid { problems })
}

/// The location that is to become the default and is not yet.
fn other_default<'a>(wanted: Option<&'a str>, locations: &[ShopLocation]) -> Option<&'a str> {
    let default = locations.iter().find(|location| location.is_default);
    let default = default.map(|location| location.warehouse.location_id.as_str());
    let wanted = wanted.map(str::trim).filter(|id| !id.is_empty());
    wanted.filter(|id| default != Some(id))
}

/// A text without the blanks around it; a blank one clears.
fn trimmed(text: Edited<String>) -> Edited<String> {
    match text.map(|text| text.trim().to_owned()) {
        Edited::To(text) if text.is_empty() => Edited::Cleared,
        text => text,
    }
}

/// Sets what is given; answers whether that changed anything.
fn set<T: PartialEq>(field: &mut T, given: Option<T>) -> bool {
    match given {
        Some(given) if *field != given => {
            *field = given;
            true
        }
        _ => false,
    }
}

/// The same for a field that can be cleared.
fn put<T: PartialEq>(field: &mut Option<T>, edited: Edited<T>) -> bool {
    match edited {
        Edited::Kept => false,
        Edited::Cleared => set(field, Some(None)),
        Edited::To(value) => set(field, Some(Some(value))),
    }
}
