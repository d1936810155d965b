//! Profiles: list, create, show, edit, delete, activate.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, HttpResponseBuilder};
use hawker_domain::Environment;
use hawker_domain::ids::ProfileId;
use hawker_usecases::manage_profiles::ProfileCard;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{CONNECTOR, Reply, Shared};
use crate::etag::{Expected, tag};
use crate::extract::{Json, ProfileInPath, Query};
use crate::identity::Identity;
use crate::keyed::Noted;
use crate::paging::part;
use crate::problem::{Problem, ProblemWire};
use crate::wire::{
    EnvironmentWire, ProfileDraftForm, ProfileEditForm, ProfilePageWire, ProfileWire,
};

/// Which profiles are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProfilesQuery {
    /// Of this environment; of both where none is named.
    #[param(value_type = Option<EnvironmentWire>)]
    env: Option<Environment>,
    /// At most so many profiles.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List profiles
///
/// Oldest first, deleted ones left out.
#[utoipa::path(
    get,
    path = "/admin/dashboard/connectors/shopee/profiles",
    operation_id = "listProfiles",
    tag = "Profiles",
    params(ProfilesQuery),
    responses((status = 200, description = "A part of the profiles.", body = ProfilePageWire)),
)]
pub(crate) async fn list(identity: Identity, query: Query<ProfilesQuery>, state: Shared) -> Reply {
    let Query(ProfilesQuery { env, limit, after }) = query;
    let part = part(limit, after, |after| ProfileId::parse(after).is_some())?;
    let after = part.after.as_deref();
    let profiles = &state.admin.profiles;
    let found = profiles
        .list(&identity.tenant, CONNECTOR, env, after, part.limit)
        .await
        .map_err(|error| part.failed(error))?;
    Ok(HttpResponse::Ok().json(ProfilePageWire::from(found)))
}

/// Create a profile
///
/// It is not active yet, unless it is the first of its environment. An `Idempotency-Key` decides its
/// id, so that no second profile comes of the key, whatever became of the first answer.
#[utoipa::path(
    post,
    path = "/admin/dashboard/connectors/shopee/profiles",
    operation_id = "createProfile",
    tag = "Profiles",
    request_body = ProfileDraftForm,
    responses((status = 201, description = "The profile.", body = ProfileWire,
               headers(("ETag" = String, description = "Its version, as `\"v1\"`.")))),
)]
pub(crate) async fn create(
    identity: Identity,
    Noted(request): Noted,
    form: Json<ProfileDraftForm>,
    state: Shared,
) -> Reply {
    let Json(form) = form;
    let (tenant, actor) = (&identity.tenant, identity.actor());
    let draft = form.into_draft(CONNECTOR);
    let profiles = &state.admin.profiles;
    let id = request.and_then(|request| state.admin.keyed.profile_id(&request));
    let card = match id {
        Some(id) => profiles.create_as(tenant, &actor, id, draft).await?,
        None => profiles.create(tenant, &actor, draft).await?,
    };
    Ok(tagged(HttpResponse::Created(), card))
}

/// Show a profile
#[utoipa::path(
    get,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}",
    operation_id = "showProfile",
    tag = "Profiles",
    params(("id" = String, Path, description = "The profile.")),
    responses((status = 200, description = "The profile.", body = ProfileWire,
               headers(("ETag" = String, description = "Its version, as `\"v7\"`.")))),
)]
pub(crate) async fn show(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    state: Shared,
) -> Reply {
    let card = state.admin.profiles.show(&identity.tenant, &id).await?;
    let card = card.ok_or_else(|| Problem::no_such("profile", id.as_str()))?;
    Ok(tagged(HttpResponse::Ok(), card))
}

/// Edit a profile
///
/// What is left out stays as it is, and so does a secret that is blank. It counts for the next push
/// and the next call in every process.
#[utoipa::path(
    patch,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}",
    operation_id = "editProfile",
    tag = "Profiles",
    params(
        ("id" = String, Path, description = "The profile."),
        ("If-Match" = Option<String>, Header,
         description = "The `ETag` of what was read: refused (412) when another is there by now."),
    ),
    request_body = ProfileEditForm,
    responses(
        (status = 200, description = "The profile as it is now.", body = ProfileWire,
         headers(("ETag" = String, description = "Its version, as `\"v7\"`."))),
        (status = 412, description = "It was changed since it was read; `current_version` is there.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn edit(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    Expected(version): Expected,
    form: Json<ProfileEditForm>,
    state: Shared,
) -> Reply {
    let Json(form) = form;
    let profiles = &state.admin.profiles;
    let card = profiles
        .edit(
            &identity.tenant,
            &identity.actor(),
            &id,
            version,
            form.into(),
        )
        .await?;
    Ok(tagged(HttpResponse::Ok(), card))
}

/// Delete a profile
///
/// Not while it is the active one of its environment. What it did stays on record.
#[utoipa::path(
    delete,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}",
    operation_id = "deleteProfile",
    tag = "Profiles",
    params(
        ("id" = String, Path, description = "The profile."),
        ("If-Match" = Option<String>, Header,
         description = "The `ETag` of what was read: refused (412) when another is there by now."),
    ),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 412, description = "It was changed since it was read; `current_version` is there.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    Expected(version): Expected,
    state: Shared,
) -> Reply {
    let profiles = &state.admin.profiles;
    profiles
        .delete(&identity.tenant, &identity.actor(), &id, version)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Activate a profile
///
/// It becomes the active one of its environment; the one that was gives way.
#[utoipa::path(
    post,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}/activate",
    operation_id = "activateProfile",
    tag = "Profiles",
    params(
        ("id" = String, Path, description = "The profile."),
        ("If-Match" = Option<String>, Header,
         description = "The `ETag` of what was read: refused (412) when another is there by now."),
    ),
    responses(
        (status = 200, description = "The profile as it is now.", body = ProfileWire,
         headers(("ETag" = String, description = "Its version, as `\"v7\"`."))),
        (status = 412, description = "It was changed since it was read; `current_version` is there.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn activate(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    Expected(version): Expected,
    state: Shared,
) -> Reply {
    let profiles = &state.admin.profiles;
    let card = profiles
        .activate(&identity.tenant, &identity.actor(), &id, version)
        .await?;
    Ok(tagged(HttpResponse::Ok(), card))
}

fn tagged(mut answer: HttpResponseBuilder, card: ProfileCard) -> HttpResponse {
    answer.insert_header((ETAG, tag(card.version)));
    answer.json(ProfileWire::from(card))
}
