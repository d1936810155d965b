//! From the arguments to what a profile becomes.

use hawker_domain::profile::Region;
use hawker_domain::{ConnectorName, Environment, ShopId};
use hawker_usecases::manage_profiles::{Edited, ProfileDraft, ProfileEdit};
use secrecy::SecretString;

use crate::cli::ProfileFields;
use crate::commands::input::secret_from;

/// What only an existing profile can be given beside its fields.
pub(super) struct Changes {
    pub(super) name: Option<String>,
    pub(super) region: Option<Region>,
    pub(super) default_location: Option<String>,
}

/// A profile that is to be added.
pub(super) fn drafted(
    environment: Environment,
    name: String,
    region: Region,
    fields: ProfileFields,
) -> anyhow::Result<ProfileDraft> {
    let Secrets {
        partner_key,
        push_key,
    } = secrets(&fields)?;
    Ok(ProfileDraft {
        base_url_override: fields.base_url,
        registered_url: fields.registered_url,
        partner_id: fields.partner_id,
        shop: fields.shop_id.map(ShopId),
        partner_key,
        partner_key_ends_at: fields.partner_key_ends,
        push_key,
        accepts_body_only: fields.accept_body_only,
        ..ProfileDraft::new(ConnectorName::Shopee, environment, name, region)
    })
}

/// What is to change; what was not given stays.
pub(super) fn edited(changes: Changes, fields: ProfileFields) -> anyhow::Result<ProfileEdit> {
    let Secrets {
        partner_key,
        push_key,
    } = secrets(&fields)?;
    let Changes {
        name,
        region,
        default_location,
    } = changes;
    Ok(ProfileEdit {
        display_name: name,
        region,
        // A blank text takes them away.
        base_url_override: fields.base_url.into(),
        registered_url: fields.registered_url.into(),
        partner_id: fields.partner_id.into(),
        shop: fields.shop_id.map(ShopId).into(),
        partner_key,
        partner_key_ends_at: Edited::from(fields.partner_key_ends),
        push_key,
        accepts_body_only: fields.accept_body_only,
        default_location_id: default_location,
    })
}

struct Secrets {
    partner_key: Option<SecretString>,
    push_key: Option<SecretString>,
}

fn secrets(fields: &ProfileFields) -> anyhow::Result<Secrets> {
    let from_stdin = [&fields.partner_key_file, &fields.push_key_file]
        .into_iter()
        .filter(|file| file.as_deref().is_some_and(|file| file.as_os_str() == "-"));
    anyhow::ensure!(
        from_stdin.count() < 2,
        "standard input holds one secret: name a file for the other"
    );
    let read = |file: &Option<std::path::PathBuf>| file.as_deref().map(secret_from).transpose();
    Ok(Secrets {
        partner_key: read(&fields.partner_key_file)?,
        push_key: read(&fields.push_key_file)?,
    })
}
