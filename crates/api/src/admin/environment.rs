//! The connector by environment: what one page shows of it, and which environment it works in.

use actix_web::HttpResponse;
use actix_web::http::header::ETAG;
use hawker_domain::Environment;
use hawker_domain::ids::ProfileId;
use hawker_usecases::manage_profiles::ProfileCard;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{CONNECTOR, Reply, Shared};
use crate::etag::{ExpectedProfile, tag_of};
use crate::extract::{Json, Query};
use crate::identity::Identity;
use crate::problem::{Kind, Problem, ProblemWire};
use crate::state::ApiState;
use crate::wire::{ConnectorWire, EnvironmentWire, ProfileEditForm};

/// Which environment is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EnvironmentQuery {
    /// The environment; the active one where none is named.
    #[param(value_type = Option<EnvironmentWire>)]
    env: Option<Environment>,
}

/// The environment that is to be worked in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActiveEnvironment)]
pub(crate) struct EnvironmentForm {
    /// Sandbox or live.
    #[schema(value_type = EnvironmentWire)]
    environment: Environment,
}

/// Show the connector in an environment
///
/// Its active profile with its token's state, what is missing, and which environment is worked in.
/// An environment that nobody has configured is shown as such.
#[utoipa::path(
    get,
    path = "/admin/dashboard/connectors/shopee",
    operation_id = "showConnector",
    tag = "Connector",
    params(EnvironmentQuery),
    responses((status = 200, description = "The connector.", body = ConnectorWire,
               headers(("ETag" = String, description = "The profile and its version, as \
                        `\"prof_….v7\"`; absent while there is no profile.")))),
)]
pub(crate) async fn show(
    identity: Identity,
    query: Query<EnvironmentQuery>,
    state: Shared,
) -> Reply {
    let Query(EnvironmentQuery { env }) = query;
    connector(&identity, env, &state).await
}

/// Edit the active profile of an environment
///
/// What is left out stays as it is, and so does a secret that is blank.
#[utoipa::path(
    patch,
    path = "/admin/dashboard/connectors/shopee",
    operation_id = "editConnector",
    tag = "Connector",
    params(
        EnvironmentQuery,
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what was read: refused \
         (412) when another version, or another active profile, is there by now."),
    ),
    request_body = ProfileEditForm,
    responses(
        (status = 200, description = "The connector as it is now.", body = ConnectorWire,
         headers(("ETag" = String, description = "The profile and its version."))),
        (status = 404, description = "The environment has no active profile.", body = ProblemWire,
         content_type = "application/problem+json"),
        (status = 412, description = "It was changed since it was read (`current_version` is there), \
         or another profile is the active one.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn edit(
    identity: Identity,
    query: Query<EnvironmentQuery>,
    ExpectedProfile(expected): ExpectedProfile,
    form: Json<ProfileEditForm>,
    state: Shared,
) -> Reply {
    let Query(EnvironmentQuery { env }) = query;
    let Json(form) = form;
    let (environment, card) = active(&identity, env, &state).await?;
    let id = card.ok_or_else(|| no_profile(environment))?.id;
    // Giving way to another profile counts as a change: a profile that still has the version at which
    // it was read as the active one is the active one.
    let version = match expected {
        Some((profile, _)) if profile != id => {
            return Err(other_profile(environment, &profile, &id));
        }
        Some((_, version)) => Some(version),
        None => None,
    };
    let profiles = &state.admin.profiles;
    profiles
        .edit(
            &identity.tenant,
            &identity.actor(),
            &id,
            version,
            form.into(),
        )
        .await?;
    connector(&identity, Some(environment), &state).await
}

/// Choose the environment that is worked in
///
/// Its active profile must be fully configured. Nothing happens where it is the one already.
#[utoipa::path(
    post,
    path = "/admin/dashboard/connectors/shopee/active-environment",
    operation_id = "switchEnvironment",
    tag = "Connector",
    request_body = EnvironmentForm,
    responses((status = 200, description = "The connector as it is now.", body = ConnectorWire,
               headers(("ETag" = String, description = "The profile and its version.")))),
)]
pub(crate) async fn switch(
    identity: Identity,
    form: Json<EnvironmentForm>,
    state: Shared,
) -> Reply {
    let Json(EnvironmentForm { environment }) = form;
    let profiles = &state.admin.profiles;
    profiles
        .switch_environment(&identity.tenant, &identity.actor(), CONNECTOR, environment)
        .await?;
    connector(&identity, Some(environment), &state).await
}

/// The connector in an environment, with the tag of its active profile.
async fn connector(
    identity: &Identity,
    environment: Option<Environment>,
    state: &ApiState,
) -> Reply {
    let profiles = &state.admin.profiles;
    let active_environment = profiles
        .active_environment(&identity.tenant, CONNECTOR)
        .await?;
    let environment = environment.unwrap_or(active_environment);
    let card = profiles
        .active(&identity.tenant, CONNECTOR, environment)
        .await?;
    let mut answer = HttpResponse::Ok();
    if let Some(card) = &card {
        answer.insert_header((ETAG, tag_of(&card.id, card.version)));
    }
    Ok(answer.json(ConnectorWire::of(environment, active_environment, card)))
}

/// The active profile of an environment, of the active one where none is named.
async fn active(
    identity: &Identity,
    environment: Option<Environment>,
    state: &ApiState,
) -> Result<(Environment, Option<ProfileCard>), Problem> {
    let profiles = &state.admin.profiles;
    let environment = match environment {
        Some(environment) => environment,
        None => {
            profiles
                .active_environment(&identity.tenant, CONNECTOR)
                .await?
        }
    };
    let card = profiles
        .active(&identity.tenant, CONNECTOR, environment)
        .await?;
    Ok((environment, card))
}

/// The active profile of an environment, for what needs one.
pub(super) async fn active_profile(
    identity: &Identity,
    environment: Option<Environment>,
    state: &ApiState,
) -> Result<ProfileId, Problem> {
    let (environment, card) = active(identity, environment, state).await?;
    Ok(card.ok_or_else(|| no_profile(environment))?.id)
}

/// The profile that is meant: the one that is named, else the active one of the environment, of the
/// active one where none is named.
pub(super) async fn profile_meant(
    identity: &Identity,
    named: Option<&str>,
    environment: Option<Environment>,
    state: &ApiState,
) -> Result<ProfileCard, Problem> {
    let Some(named) = named else {
        let (environment, card) = active(identity, environment, state).await?;
        return card.ok_or_else(|| no_profile(environment));
    };
    let shown: String = named.chars().take(64).collect();
    let id = ProfileId::parse(named).ok_or_else(|| Problem::no_such("profile", &shown))?;
    let profiles = &state.admin.profiles;
    let card = profiles.show(&identity.tenant, &id).await?;
    card.ok_or_else(|| Problem::no_such("profile", &shown))
}

fn other_profile(environment: Environment, read: &ProfileId, active: &ProfileId) -> Problem {
    Problem::new(
        Kind::VersionMismatch,
        format!(
            "You read the profile `{read}`, but the active one of the environment {environment} is \
             `{active}` by now. Read it again and repeat the change."
        ),
    )
}

fn no_profile(environment: Environment) -> Problem {
    Problem::new(
        Kind::NotFound,
        format!(
            "The environment {environment} has no active profile. Create one, or activate one."
        ),
    )
}
