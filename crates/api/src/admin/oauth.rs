//! Authorising shops, as far as an operator does it: the link, and the code of last resort. Where the
//! seller comes back is a public route (`callback`).

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use hawker_domain::ids::ProfileId;
use hawker_domain::{Environment, ShopId};
use hawker_usecases::authorise_shop::Authorised;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::environment::active_profile;
use super::{Reply, Shared};
use crate::extract::{Json, ProfileInPath, Query};
use crate::identity::Identity;
use crate::problem::{FieldError, Kind, Problem, ProblemWire};
use crate::wire::{EnvironmentWire, SecretField, required_secret};

/// For which profile.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StartQuery {
    /// The active profile of this environment; of the active one where nothing is named.
    #[param(value_type = Option<EnvironmentWire>)]
    env: Option<Environment>,
    /// This profile.
    profile_id: Option<String>,
}

/// Where the seller's browser is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = StartedAuthorisation)]
struct StartedWire {
    /// The marketplace's page on which the seller agrees. Good for one use by whoever has it.
    #[schema(format = "uri")]
    authorization_url: String,
    /// Sandbox or live.
    #[schema(value_type = EnvironmentWire)]
    environment: Environment,
    /// The profile that the shop is authorised for.
    profile_id: String,
    /// Where the seller comes back to. Its origin has to be registered at the marketplace.
    #[schema(format = "uri")]
    redirect_url: String,
    /// Until when the link is good.
    expires_at: DateTime<Utc>,
}

/// A code that the marketplace's support gave out for a token pair that was lost.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResendCode)]
pub(crate) struct ResendCodeForm {
    /// The code.
    code: SecretField,
}

/// Shops that are authorised.
#[derive(Serialize, ToSchema)]
#[schema(as = Authorised)]
struct AuthorisedWire {
    /// By way of this profile.
    profile_id: String,
    /// Sandbox or live.
    #[schema(value_type = EnvironmentWire)]
    environment: Environment,
    /// The shops.
    shop_ids: Vec<i64>,
    /// Whether none of them had been authorised before.
    is_first: bool,
}

/// Start an authorisation
///
/// Makes a link for the seller. It is good for five minutes; each call makes another one.
#[utoipa::path(
    get,
    path = "/admin/dashboard/connectors/shopee/oauth/start",
    operation_id = "startAuthorisation",
    tag = "Authorisation",
    params(StartQuery),
    responses(
        (status = 200, description = "The link.", body = StartedWire),
        (status = 404, description = "There is no such profile, or none is active.", body = ProblemWire,
         content_type = "application/problem+json"),
        (status = 409, description = "The profile's app is not fully configured, or \
         PUBLIC_API_BASE_URL is not set: `missing` says what.", body = ProblemWire,
         content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn start(identity: Identity, query: Query<StartQuery>, state: Shared) -> Reply {
    let Query(StartQuery { env, profile_id }) = query;
    let profile = match profile_id {
        Some(text) => named(env, &text)?,
        None => active_profile(&identity, env, &state).await?,
    };
    let authorise = &state.admin.authorise;
    let started = authorise
        .start(&identity.tenant, &profile, &identity.actor())
        .await?;
    Ok(HttpResponse::Ok().json(StartedWire {
        authorization_url: started.link,
        environment: started.environment,
        profile_id: started.profile.as_str().to_owned(),
        redirect_url: started.redirect,
        expires_at: started.expires_at,
    }))
}

/// A profile that is named belongs to one environment: naming both would be one too many.
fn named(environment: Option<Environment>, profile: &str) -> Result<ProfileId, Problem> {
    if environment.is_some() {
        let message = "name either a profile or an environment".to_owned();
        let detail = format!("`env` and `profile_id` came together: {message}.");
        let field = "env".to_owned();
        return Err(
            Problem::new(Kind::Invalid, detail).with_errors(vec![FieldError { field, message }])
        );
    }
    let no_such = || Problem::no_such("profile", &profile.chars().take(64).collect::<String>());
    ProfileId::parse(profile).ok_or_else(no_such)
}

/// Redeem a resend code
///
/// The way out when the answer to a renewal was lost: the marketplace's support gives out a code, and
/// it is exchanged for a new token pair.
#[utoipa::path(
    post,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}/resend-code",
    operation_id = "redeemResendCode",
    tag = "Authorisation",
    params(("id" = String, Path, description = "The profile.")),
    request_body = ResendCodeForm,
    responses(
        (status = 200, description = "The shop is authorised again.", body = AuthorisedWire),
        (status = 502, description = "The marketplace did not accept it, or its answer was lost.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn redeem_resend_code(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    form: Json<ResendCodeForm>,
    state: Shared,
) -> Reply {
    let Json(ResendCodeForm { code }) = form;
    let code = required_secret("code", code)?;
    let authorise = &state.admin.authorise;
    let authorised = authorise
        .redeem_resend_code(&identity.tenant, &id, &code, &identity.actor())
        .await?;
    Ok(HttpResponse::Ok().json(AuthorisedWire::from(authorised)))
}

impl From<Authorised> for AuthorisedWire {
    fn from(authorised: Authorised) -> Self {
        let Authorised {
            profile,
            environment,
            shops,
            is_first,
        } = authorised;
        Self {
            profile_id: profile.as_str().to_owned(),
            environment,
            shop_ids: shops.into_iter().map(|ShopId(id)| id).collect(),
            is_first,
        }
    }
}
