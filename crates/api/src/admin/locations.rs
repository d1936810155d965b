//! The marketplace's warehouses of a shop.

use actix_web::HttpResponse;

use super::{Reply, Shared};
use crate::extract::ProfileInPath;
use crate::identity::Identity;
use crate::problem::ProblemWire;
use crate::wire::LocationsWire;

/// Show the warehouses of a profile
///
/// As they were fetched last.
#[utoipa::path(
    get,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}/locations",
    operation_id = "showLocations",
    tag = "Locations",
    params(("id" = String, Path, description = "The profile.")),
    responses((status = 200, description = "The warehouses.", body = LocationsWire)),
)]
pub(crate) async fn show(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    state: Shared,
) -> Reply {
    let locations = &state.admin.locations;
    let card = locations.show(&identity.tenant, &id).await?;
    Ok(HttpResponse::Ok().json(LocationsWire::from(card)))
}

/// Fetch the warehouses of a profile
///
/// The default stays as long as it exists. A shop without multi-warehouse shows the one location
/// that it has.
#[utoipa::path(
    post,
    path = "/admin/dashboard/connectors/shopee/profiles/{id}/refresh-locations",
    operation_id = "refreshLocations",
    tag = "Locations",
    params(("id" = String, Path, description = "The profile.")),
    responses(
        (status = 200, description = "The warehouses as they are now.", body = LocationsWire),
        (status = 502, description = "The marketplace refused.", body = ProblemWire,
         content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn refresh(
    identity: Identity,
    ProfileInPath(id): ProfileInPath,
    state: Shared,
) -> Reply {
    let locations = &state.admin.locations;
    let card = locations
        .run(&identity.tenant, &identity.actor(), &id)
        .await?;
    Ok(HttpResponse::Ok().json(LocationsWire::from(card)))
}
