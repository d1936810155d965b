//! Whether the marketplace can be called for a profile: trying it, and renewing its token pair.

use actix_web::HttpResponse;
use hawker_domain::profile::missing;
use hawker_ports::tokens::TokenKey;

use super::{CONNECTOR, Reply, Shared};
use crate::extract::ProfileInPath;
use crate::identity::Identity;
use crate::problem::{Problem, ProblemWire};
use crate::wire::{ConnectionReportWire, ProfileWire};

/// Test the connection of a profile
///
/// From what is stored to what the marketplace says of the shop: each check in words, each that
/// failed with what to do. That a check failed is an answer like any other (200).
#[utoipa::path(
    post,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}/test-connection",
    operation_id = "testConnection",
    tag = "Connection",
    params(("id" = String, Path, description = "The profile.")),
    responses((status = 200, description = "What was found.", body = ConnectionReportWire)),
)]
pub(crate) async fn test(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    state: Shared,
) -> Reply {
    let connection = &state.admin.connection;
    let report = connection
        .run(&identity.tenant, &identity.actor(), &id)
        .await?;
    Ok(HttpResponse::Ok().json(ConnectionReportWire::from(report)))
}

/// Renew the token pair of a profile
///
/// Whatever its age. When somebody else renews it at the same time, their pair is as good.
#[utoipa::path(
    post,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}/refresh-token",
    operation_id = "refreshToken",
    tag = "Connection",
    params(("id" = String, Path, description = "The profile.")),
    responses(
        (status = 200, description = "The profile with its newer pair.", body = ProfileWire),
        (status = 502, description = "The marketplace refused.", body = ProblemWire,
         content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn refresh_token(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    state: Shared,
) -> Reply {
    let profiles = &state.admin.profiles;
    let no_such_profile = || Problem::no_such("profile", id.as_str());
    let card = profiles.show(&identity.tenant, &id).await?;
    let card = card.ok_or_else(no_such_profile)?;
    let shop = card.shop.ok_or_else(|| {
        let missing = missing(true, true, false);
        let detail = format!("Profile {id} names no shop, so that there is no token to renew.");
        Problem::not_configured(detail, &missing)
    })?;
    let key = TokenKey {
        connector: CONNECTOR,
        environment: card.environment,
        shop,
    };
    let tokens = &state.admin.tokens;
    tokens
        .renew_for(&identity.tenant, &identity.actor(), key, &id)
        .await??;
    let card = profiles.show(&identity.tenant, &id).await?;
    let card = card.ok_or_else(no_such_profile)?;
    Ok(HttpResponse::Ok().json(ProfileWire::from(card)))
}
