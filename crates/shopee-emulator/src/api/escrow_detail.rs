//! `payment/get_escrow_detail`, the payout of one completed order, and
//! `payment/get_escrow_detail_batch`, that of up to fifty at once.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::escrow_wire::EscrowWire;
use crate::shared::Shared;
use crate::sync::lock;
use crate::world::{Escrow, Order, Timestamp};

/// Most orders in one batch.
const BATCH_MAX: usize = 50;

#[derive(Deserialize)]
struct BatchWire {
    order_sn_list: Vec<String>,
}

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::EscrowDetail, request, &[], escrow_detail).await
}

pub(super) async fn batch(
    shared: web::Data<Shared>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    answer(
        shared,
        Endpoint::EscrowDetailBatch,
        request,
        &body,
        escrow_details,
    )
    .await
}

fn escrow_detail(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let sn = call
        .query
        .get("order_sn")
        .ok_or_else(|| ApiError::param("order_sn is required"))?;
    let escrow = escrow(call, sn)?.ok_or_else(ApiError::escrow_not_found)?;
    Ok(Reply::Enveloped(escrow))
}

/// Orders without an escrow are left out.
fn escrow_details(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let numbers = asked_for(call)?;
    if numbers.len() > BATCH_MAX {
        return Err(ApiError::too_many_escrows());
    }
    let mut found = Vec::new();
    for sn in &numbers {
        if let Some(escrow) = escrow(call, sn)? {
            found.push(json!({ "escrow_detail": escrow }));
        }
    }
    Ok(Reply::Enveloped(Value::Array(found)))
}

/// In the body of a POST, in the query of a GET.
fn asked_for(call: &Call<'_>) -> Result<Vec<String>, ApiError> {
    let missing = || ApiError::param("order_sn_list is required, format should be string[]");
    let numbers = if call.body.is_empty() {
        let in_query = call.query.list("order_sn_list");
        in_query.into_iter().map(str::to_owned).collect()
    } else {
        let wire: BatchWire = serde_json::from_slice(call.body).map_err(|_| missing())?;
        wire.order_sn_list
    };
    if numbers.is_empty() {
        return Err(missing());
    }
    Ok(numbers)
}

fn escrow(call: &Call<'_>, sn: &str) -> Result<Option<Value>, ApiError> {
    let shop = call
        .world
        .shop(call.caller.shop_id)
        .ok_or_else(ApiError::not_linked)?;
    let order = call
        .world
        .order_of(call.caller.shop_id, sn)
        .filter(|order| is_released(call, order));
    let Some(order) = order else { return Ok(None) };
    let escrow = Escrow::of(order, shop.shop.fees);
    let wire = serde_json::to_value(EscrowWire::of(order, &escrow));
    wire.map(Some).map_err(|_| ApiError::inner())
}

/// When the money of a completed order is paid out: some time after its completion.
pub(super) fn release_time(call: &Call<'_>, order: &Order) -> Option<Timestamp> {
    let delay = lock(&call.shared.switches).escrow_delay;
    let delay = i64::try_from(delay.as_secs()).unwrap_or(i64::MAX);
    order.completed_at.map(|at| at.saturating_add(delay))
}

/// Changes of an order may run ahead of the shop's clock by some seconds.
pub(super) fn is_released(call: &Call<'_>, order: &Order) -> bool {
    let now = call.shared.clock.now().max(order.update_time);
    release_time(call, order).is_some_and(|at| at <= now)
}
