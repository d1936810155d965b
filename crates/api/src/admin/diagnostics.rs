//! What is known of a profile's connection.

use actix_web::HttpResponse;

use super::{Reply, Shared};
use crate::extract::ProfileInPath;
use crate::identity::Identity;
use crate::wire::DiagnosticsWire;

/// Diagnose a profile
///
/// From what is stored; no call is made for it. Metadata only, never a token. Who looked is in the
/// audit log.
#[utoipa::path(
    get,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}/diagnostics",
    operation_id = "diagnoseProfile",
    tag = "Connection",
    params(("id" = String, Path, description = "The profile.")),
    responses((status = 200, description = "What is known.", body = DiagnosticsWire)),
)]
pub(crate) async fn show(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    state: Shared,
) -> Reply {
    let diagnose = &state.admin.diagnose;
    let found = diagnose
        .run(&identity.tenant, &identity.actor(), &id)
        .await?;
    Ok(HttpResponse::Ok().json(DiagnosticsWire::from(found)))
}
