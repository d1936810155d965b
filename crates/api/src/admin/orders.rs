//! Orders: the list, each one, and asking for one.

use actix_web::HttpResponse;
use hawker_domain::ids::ProfileId;
use hawker_ports::views::OrderFilter;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Reply, Shared};
use crate::extract::{OrderInPath, Query};
use crate::identity::Identity;
use crate::paging::{may_be_cursor, part};
use crate::problem::{Problem, ProblemWire};
use crate::wire::{AskedOrderWire, OrderDetailWire, OrderPageWire};

/// Which orders are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrdersQuery {
    /// With this status at the marketplace, for example `READY_TO_SHIP`.
    marketplace_status: Option<String>,
    /// With this state of synchronisation.
    #[param(inline)]
    sync_status: Option<SyncStatus>,
    /// Only those that wait for a SKU (`true`), or that do not (`false`).
    held: Option<bool>,
    /// At most so many orders.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// How far our own order is.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SyncStatus {
    /// It is not there yet.
    Pending,
    /// It is there.
    Created,
    /// It could not be made, or not be brought up to date.
    Failed,
}

impl SyncStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Created => "created",
            Self::Failed => "failed",
        }
    }
}

/// Through which profile an order is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RefreshQuery {
    /// The profile; without it the one by which the order is known, else the active one.
    profile_id: Option<String>,
}

/// List orders
///
/// Newest first, those included that wait for a SKU.
#[utoipa::path(
    get,
    path = "/admin/orders",
    operation_id = "listOrders",
    tag = "Orders",
    params(OrdersQuery),
    responses((status = 200, description = "A part of the orders.", body = OrderPageWire)),
)]
pub(crate) async fn list(identity: Identity, query: Query<OrdersQuery>, state: Shared) -> Reply {
    let Query(OrdersQuery {
        marketplace_status,
        sync_status,
        held,
        limit,
        after,
    }) = query;
    let part = part(limit, after, may_be_cursor)?;
    let filter = OrderFilter {
        marketplace_status,
        sync_status: sync_status.map(|status| status.as_str().to_owned()),
        held,
    };
    let views = &state.admin.views;
    let found = views
        .orders(&identity.tenant, &filter, &part.request())
        .await
        .map_err(|error| part.failed(error))?;
    Ok(HttpResponse::Ok().json(OrderPageWire::from(found)))
}

/// Show an order
///
/// The live one where both environments have it.
#[utoipa::path(
    get,
    path = "/admin/orders/{sn}",
    operation_id = "showOrder",
    tag = "Orders",
    params(("sn" = String, Path, description = "The marketplace's number of the order.")),
    responses((status = 200, description = "The order.", body = OrderDetailWire)),
)]
pub(crate) async fn show(
    identity: Identity,
    OrderInPath(order_sn): OrderInPath,
    state: Shared,
) -> Reply {
    let found = state.admin.views.order(&identity.tenant, &order_sn).await?;
    let found = found.ok_or_else(|| Problem::no_such("order", order_sn.as_str()))?;
    Ok(HttpResponse::Ok().json(OrderDetailWire::from(found)))
}

/// Refresh an order
///
/// It is fetched from the marketplace now, whether it is known or not. The event is processed once
/// that is done.
#[utoipa::path(
    post,
    path = "/admin/orders/{sn}/refresh",
    operation_id = "refreshOrder",
    tag = "Orders",
    params(
        ("sn" = String, Path, description = "The marketplace's number of the order."),
        RefreshQuery,
    ),
    responses(
        (status = 202, description = "It is asked for.", body = AskedOrderWire),
        (status = 409, description = "No profile is active, so that one has to be named.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn refresh(
    identity: Identity,
    OrderInPath(order_sn): OrderInPath,
    query: Query<RefreshQuery>,
    state: Shared,
) -> Reply {
    let Query(RefreshQuery { profile_id }) = query;
    let profile = profile_id.as_deref().map(profile_named).transpose()?;
    let refresh = &state.admin.refresh_one;
    let asked = refresh
        .ask(
            &identity.tenant,
            &identity.actor(),
            &order_sn,
            profile.as_ref(),
        )
        .await?;
    (state.admin.wake)(&identity.tenant);
    Ok(HttpResponse::Accepted().json(AskedOrderWire::from(asked)))
}

/// What cannot be the id of a profile is the id of none.
fn profile_named(text: &str) -> Result<ProfileId, Problem> {
    let shown: String = text.chars().take(64).collect();
    ProfileId::parse(text).ok_or_else(|| Problem::no_such("profile", &shown))
}
