//! The audit log.

use std::str::FromStr as _;

use actix_web::HttpResponse;
use hawker_domain::ids::AuditId;
use hawker_ports::views::AuditFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Reply, Shared};
use crate::extract::Query;
use crate::identity::Identity;
use crate::paging::part;
use crate::wire::AuditPageWire;

/// Which entries are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// About this thing, for example `profile:prof_live`.
    subject: Option<String>,
    /// Of this deed, for example `profile.changed`.
    action: Option<String>,
    /// At most so many entries.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List the audit log
///
/// Who did what to which thing, newest first.
#[utoipa::path(
    get,
    path = "/admin/dashboard/audit",
    operation_id = "listAudit",
    tag = "Audit",
    params(AuditQuery),
    responses((status = 200, description = "A part of the log.", body = AuditPageWire)),
)]
pub(crate) async fn list(identity: Identity, query: Query<AuditQuery>, state: Shared) -> Reply {
    let Query(AuditQuery {
        subject,
        action,
        limit,
        after,
    }) = query;
    let part = part(limit, after, |after| AuditId::from_str(after).is_ok())?;
    let filter = AuditFilter { subject, action };
    let page = part.request();
    let found = state
        .admin
        .views
        .audit(&identity.tenant, &filter, &page)
        .await;
    let found = found.map_err(|error| part.failed(error))?;
    Ok(HttpResponse::Ok().json(AuditPageWire::from(found)))
}
