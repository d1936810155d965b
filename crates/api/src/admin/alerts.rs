//! Alerts: trying the sinks.

use actix_web::HttpResponse;

use super::{Reply, Shared};
use crate::identity::Identity;
use crate::wire::AlertTestWire;

/// Send a test alert
///
/// To every sink that is set up. The answer says of each whether it took it; that it was tried stands
/// in the audit log.
#[utoipa::path(
    post,
    path = "/admin/alerts/test",
    operation_id = "testAlerts",
    tag = "Alerts",
    responses((status = 200, description = "What came of it, sink by sink.",
               body = AlertTestWire)),
)]
pub(crate) async fn test(identity: Identity, state: Shared) -> Reply {
    let trial = &state.admin.try_alerts;
    let tried = trial.run(&identity.tenant, &identity.actor()).await;
    tried.recorded?;
    Ok(HttpResponse::Ok().json(AlertTestWire::from(tried.sinks)))
}
