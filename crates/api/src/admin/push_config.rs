//! The marketplace's push settings of a profile's app.

use actix_web::HttpResponse;

use super::{Reply, Shared};
use crate::extract::{Json, ProfileInPath};
use crate::identity::Identity;
use crate::problem::ProblemWire;
use crate::wire::{PushConfigForm, PushConfigWire};

/// Show the push settings of a profile's app
///
/// As the marketplace has them at this moment.
#[utoipa::path(
    get,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}/push-config",
    operation_id = "showPushConfig",
    tag = "Push settings",
    params(("id" = String, Path, description = "The profile.")),
    responses(
        (status = 200, description = "The settings.", body = PushConfigWire),
        (status = 409, description = "The app cannot be called for: something is missing.",
         body = ProblemWire, content_type = "application/problem+json"),
        (status = 502, description = "The marketplace refused.", body = ProblemWire,
         content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    state: Shared,
) -> Reply {
    let settings = &state.admin.push_settings;
    let card = settings.show(&identity.tenant, &id).await?;
    Ok(HttpResponse::Ok().json(PushConfigWire::from(card)))
}

/// Change the push settings of a profile's app
///
/// What is left out stays. A callback URL that the marketplace takes becomes the registered URL of
/// every profile of the app. There is no `If-Match`: the settings are the marketplace's, which gives
/// them no version.
#[utoipa::path(
    patch,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}/push-config",
    operation_id = "changePushConfig",
    tag = "Push settings",
    params(("id" = String, Path, description = "The profile.")),
    request_body = PushConfigForm,
    responses(
        (status = 200, description = "The settings as they are now.", body = PushConfigWire),
        (status = 502, description = "The marketplace refused, or its answer was lost and the \
         settings are not as asked for.", body = ProblemWire,
         content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    form: Json<PushConfigForm>,
    state: Shared,
) -> Reply {
    let Json(form) = form;
    let settings = &state.admin.push_settings;
    let card = settings
        .change(&identity.tenant, &identity.actor(), &id, form.into())
        .await?;
    Ok(HttpResponse::Ok().json(PushConfigWire::from(card)))
}
