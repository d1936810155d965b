//! Events: what came in, how it was verified, and verifying it again.

use std::str::FromStr as _;

use actix_web::HttpResponse;
use hawker_domain::ids::EventId;
use hawker_ports::views::EventFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Reply, Shared, order_named};
use crate::extract::{EventInPath, Query};
use crate::identity::Identity;
use crate::paging::part;
use crate::problem::Problem;
use crate::wire::{EventDetailWire, EventPageWire, SignatureReportWire, VerifiedWire};

/// More events than this are not counted: there can be millions.
const COUNTED_MAX: u32 = 1_000;

/// Which events are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Of this order.
    order_sn: Option<String>,
    /// Only those that are done (`true`) or pending (`false`).
    processed: Option<bool>,
    /// By this road: `webhook`, `poll`, `reconcile`, `manual`.
    source: Option<String>,
    /// Of this push code.
    code: Option<i32>,
    /// At most so many events.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List events
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/admin/dashboard/events",
    operation_id = "listEvents",
    tag = "Events",
    params(EventsQuery),
    responses((status = 200, description = "A part of the events.", body = EventPageWire)),
)]
pub(crate) async fn list(identity: Identity, query: Query<EventsQuery>, state: Shared) -> Reply {
    let Query(EventsQuery {
        order_sn,
        processed,
        source,
        code,
        limit,
        after,
    }) = query;
    let part = part(limit, after, |after| EventId::from_str(after).is_ok())?;
    let filter = EventFilter {
        order_sn: order_sn.as_deref().map(order_named).transpose()?,
        processed,
        source,
        code,
    };
    let views = &state.admin.views;
    let found = views
        .events(&identity.tenant, &filter, &part.request())
        .await
        .map_err(|error| part.failed(error))?;
    let count = views
        .event_count(&identity.tenant, &filter, COUNTED_MAX)
        .await?;
    Ok(HttpResponse::Ok().json(EventPageWire::of(found, count)))
}

/// Show an event
///
/// With its body.
#[utoipa::path(
    get,
    path = "/admin/dashboard/events/{id}",
    operation_id = "showEvent",
    tag = "Events",
    params(("id" = String, Path, description = "The event.")),
    responses((status = 200, description = "The event.", body = EventDetailWire)),
)]
pub(crate) async fn show(identity: Identity, EventInPath(id): EventInPath, state: Shared) -> Reply {
    let found = state.admin.views.event(&identity.tenant, id).await?;
    let found = found.ok_or_else(|| no_such_event(id))?;
    Ok(HttpResponse::Ok().json(EventDetailWire::from(found)))
}

/// Examine the signature of an event
///
/// Which schemes, URLs and keys were tried, which of them match now, and what may be wrong. Keys are
/// shown by their fingerprints.
#[utoipa::path(
    get,
    path = "/admin/dashboard/events/{id}/signature",
    operation_id = "examineSignature",
    tag = "Events",
    params(("id" = String, Path, description = "The event.")),
    responses((status = 200, description = "What was tried.", body = SignatureReportWire)),
)]
pub(crate) async fn signature(
    identity: Identity,
    EventInPath(id): EventInPath,
    state: Shared,
) -> Reply {
    let report = state.admin.signatures.run(&identity.tenant, id).await?;
    let report = report.ok_or_else(|| no_such_event(id))?;
    Ok(HttpResponse::Ok().json(SignatureReportWire::from(report)))
}

/// Verify events again
///
/// Judges every event that is kept unverified with the keys and URLs as they are now. What verifies
/// goes on as if it came now. It happens by itself within half a minute of every change of a profile.
#[utoipa::path(
    post,
    path = "/admin/dashboard/connectors/shopee/verify-again",
    operation_id = "verifyAgain",
    tag = "Events",
    responses((status = 200, description = "What came of it.", body = VerifiedWire)),
)]
pub(crate) async fn verify_again(identity: Identity, state: Shared) -> Reply {
    let verify = &state.admin.verify_again;
    let verified = verify.all(&identity.tenant, &identity.actor()).await?;
    Ok(HttpResponse::Ok().json(VerifiedWire::from(verified)))
}

fn no_such_event(id: EventId) -> Problem {
    Problem::no_such("event", &id.to_string())
}
