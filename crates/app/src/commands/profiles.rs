//! `hawker profiles`.

mod input;
mod shown;

use hawker_domain::audit::Actor;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, TenantSlug};
use hawker_usecases::ManageProfiles;
use hawker_usecases::manage_profiles::ProfileCard;

use self::input::{Changes, drafted, edited};
use super::{more, profile_id};
use crate::cli::ProfilesCommand;
use crate::config::{Config, Variables};
use crate::exit::Missing;
use crate::output::{self, line};
use crate::wiring::Adapters;

const CONNECTOR: ConnectorName = ConnectorName::Shopee;

pub(crate) async fn profiles(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: ProfilesCommand,
) -> anyhow::Result<()> {
    let profiles = Adapters::for_command(&Config::read(variables)?)?.manage_profiles();
    match command {
        ProfilesCommand::List { env, list } => {
            let after = list.after.as_deref();
            let page = profiles.list(tenant, CONNECTOR, env, after, list.limit);
            let page = page.await?;
            if json {
                return output::json(&page);
            }
            shown::list(&page)?;
            Ok(more(page.page.next.as_deref())?)
        }
        ProfilesCommand::Show { id } => {
            let profile = profiles.show(tenant, &profile_id(&id)?).await?;
            let profile = profile.ok_or(Missing {
                what: "profile",
                name: id,
            })?;
            answer(json, &profile)
        }
        command => change(&profiles, tenant, json, command).await,
    }
}

async fn change(
    profiles: &ManageProfiles,
    tenant: &TenantSlug,
    json: bool,
    command: ProfilesCommand,
) -> anyhow::Result<()> {
    let actor = Actor::terminal();
    let changed = match command {
        ProfilesCommand::List { .. } | ProfilesCommand::Show { .. } => return Ok(()),
        ProfilesCommand::Create {
            env,
            name,
            region,
            fields,
        } => {
            let draft = drafted(env, name, region, *fields)?;
            profiles.create(tenant, &actor, draft).await?
        }
        ProfilesCommand::Edit {
            id,
            name,
            region,
            fields,
            default_location,
            if_version,
        } => {
            let edit = edited(
                Changes {
                    name,
                    region,
                    default_location,
                },
                *fields,
            )?;
            let id = profile_id(&id)?;
            profiles.edit(tenant, &actor, &id, if_version, edit).await?
        }
        ProfilesCommand::Activate { id } => {
            let id = profile_id(&id)?;
            profiles.activate(tenant, &actor, &id, None).await?
        }
        ProfilesCommand::Delete { id } => {
            let id = profile_id(&id)?;
            profiles.delete(tenant, &actor, &id, None).await?;
            return deleted(json, &id);
        }
        ProfilesCommand::Switch { environment } => {
            profiles
                .switch_environment(tenant, &actor, CONNECTOR, environment)
                .await?;
            if json {
                return output::json(&serde_json::json!({ "active_environment": environment }));
            }
            return Ok(line(&format!(
                "The active environment is {environment}: from the next push on, only its active profile is worked for."
            ))?);
        }
    };
    answer(json, &changed)
}

fn answer(json: bool, profile: &ProfileCard) -> anyhow::Result<()> {
    if json {
        return output::json(profile);
    }
    Ok(shown::detail(profile)?)
}

fn deleted(json: bool, id: &ProfileId) -> anyhow::Result<()> {
    if json {
        return output::json(&serde_json::json!({ "id": id, "deleted": true }));
    }
    Ok(line(&format!("Profile {id} is deleted."))?)
}
