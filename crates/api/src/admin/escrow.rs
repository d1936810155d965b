//! The payout of an order.

use actix_web::HttpResponse;
use hawker_domain::OrderSn;
use hawker_usecases::sync_escrow::SyncAnswer;

use super::{Reply, Shared};
use crate::extract::OrderInPath;
use crate::identity::Identity;
use crate::problem::{Kind, Problem, ProblemWire};
use crate::wire::EscrowWire;

/// Show what is paid out for an order
///
/// From the goods to the payout step by step, what the published formula makes of it, what it does
/// not explain, late adjustments, and every version with its cause.
#[utoipa::path(
    get,
    path = "/admin/orders/{sn}/escrow",
    operation_id = "showEscrow",
    tag = "Escrow",
    params(("sn" = String, Path, description = "The marketplace's number of the order.")),
    responses((status = 200, description = "The payout.", body = EscrowWire)),
)]
pub(crate) async fn show(
    identity: Identity,
    OrderInPath(order_sn): OrderInPath,
    state: Shared,
) -> Reply {
    let views = &state.admin.escrow_views;
    let versions = views.escrow_versions(&identity.tenant, &order_sn).await?;
    let escrow = EscrowWire::of(&versions).ok_or_else(|| no_payout(&order_sn))?;
    Ok(HttpResponse::Ok().json(escrow))
}

/// Fetch what is paid out for an order
///
/// As soon as a process takes it; the marketplace may have nothing yet.
#[utoipa::path(
    post,
    path = "/admin/orders/{sn}/escrow/sync",
    operation_id = "syncEscrow",
    tag = "Escrow",
    params(("sn" = String, Path, description = "The marketplace's number of the order.")),
    responses(
        (status = 202, description = "It is asked for."),
        (status = 409, description = "The order is not completed: there is no payout before.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn sync(
    identity: Identity,
    OrderInPath(order_sn): OrderInPath,
    state: Shared,
) -> Reply {
    let orders = std::slice::from_ref(&order_sn);
    let sync = &state.admin.sync_escrow;
    let answers = sync
        .ask(&identity.tenant, &identity.actor(), orders)
        .await?;
    match answers.first().map(|(_, answer)| *answer) {
        Some(SyncAnswer::Due) => Ok(HttpResponse::Accepted().finish()),
        Some(SyncAnswer::NotCompleted) => Err(Problem::new(
            Kind::Conflict,
            format!(
                "The order `{order_sn}` is not completed: there is no payout before. It is asked for \
                 by itself once it is."
            ),
        )),
        Some(SyncAnswer::Unknown) | None => Err(Problem::no_such("order", order_sn.as_str())),
    }
}

fn no_payout(order_sn: &OrderSn) -> Problem {
    Problem::new(
        Kind::NotFound,
        format!(
            "No payout of an order `{order_sn}` was captured yet. It is asked for by itself once the \
             order is completed; POST …/escrow/sync asks at once."
        ),
    )
}
