//! Alerts: trying the sinks.

use actix_web::HttpResponse;

use super::{Reply, Shared};
use crate::identity::Identity;
use crate::wire::AlertTestWire;

/// Send a test alert
///
/// To every sink that is set up. The answer says of each whether it took it.
#[utoipa::path(
    post,
    path = "/admin/alerts/test",
    operation_id = "testAlerts",
    tag = "Alerts",
    responses((status = 200, description = "What came of it, sink by sink.",
               body = AlertTestWire)),
)]
pub(crate) async fn test(_: Identity, state: Shared) -> Reply {
    let tried = state.admin.try_alerts.run().await;
    Ok(HttpResponse::Ok().json(AlertTestWire::from(tried)))
}
