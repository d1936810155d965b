//! The connector by environment: what one page shows of it, and which environment it works in.

use actix_web::HttpResponse;
use hawker_domain::Environment;
use hawker_domain::ids::ProfileId;
use hawker_usecases::manage_profiles::ProfileCard;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{CONNECTOR, Reply, Shared};
use crate::etag::Expected;
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
    responses((status = 200, description = "The connector.", body = ConnectorWire)),
)]
pub(crate) async fn show(
    identity: Identity,
    query: Query<EnvironmentQuery>,
    state: Shared,
) -> Reply {
    let Query(EnvironmentQuery { env }) = query;
    let connector = connector(&identity, env, &state).await?;
    Ok(HttpResponse::Ok().json(connector))
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
        ("If-Match" = Option<String>, Header, description = "`\"v<version>\"` of the profile that \
         was read: refused (412) when another version is there by now."),
    ),
    request_body = ProfileEditForm,
    responses(
        (status = 200, description = "The connector as it is now.", body = ConnectorWire),
        (status = 404, description = "The environment has no active profile.", body = ProblemWire,
         content_type = "application/problem+json"),
        (status = 412, description = "It was changed since it was read; `current_version` is there.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn edit(
    identity: Identity,
    query: Query<EnvironmentQuery>,
    Expected(version): Expected,
    form: Json<ProfileEditForm>,
    state: Shared,
) -> Reply {
    let Query(EnvironmentQuery { env }) = query;
    let Json(form) = form;
    let (environment, card) = active(&identity, env, &state).await?;
    let id = card.ok_or_else(|| no_profile(environment))?.id;
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
    let connector = connector(&identity, Some(environment), &state).await?;
    Ok(HttpResponse::Ok().json(connector))
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
    responses((status = 200, description = "The connector as it is now.", body = ConnectorWire)),
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
    let connector = connector(&identity, Some(environment), &state).await?;
    Ok(HttpResponse::Ok().json(connector))
}

async fn connector(
    identity: &Identity,
    environment: Option<Environment>,
    state: &ApiState,
) -> Result<ConnectorWire, Problem> {
    let profiles = &state.admin.profiles;
    let active_environment = profiles
        .active_environment(&identity.tenant, CONNECTOR)
        .await?;
    let environment = environment.unwrap_or(active_environment);
    let card = profiles
        .active(&identity.tenant, CONNECTOR, environment)
        .await?;
    Ok(ConnectorWire::of(environment, active_environment, card))
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

fn no_profile(environment: Environment) -> Problem {
    Problem::new(
        Kind::NotFound,
        format!(
            "The environment {environment} has no active profile. Create one, or activate one."
        ),
    )
}
