//! `GET payment/get_escrow_detail`: the payout of one completed order.

use actix_web::{HttpRequest, HttpResponse, web};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::escrow_wire::EscrowWire;
use crate::shared::Shared;
use crate::sync::lock;
use crate::world::Escrow;

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::EscrowDetail, request, &[], escrow_detail).await
}

fn escrow_detail(call: &Call<'_>) -> Result<Reply, ApiError> {
    let sn = call
        .query
        .get("order_sn")
        .ok_or_else(|| ApiError::param("order_sn is required"))?;
    let delay = lock(&call.shared.switches).escrow_delay;
    let delay = i64::try_from(delay.as_secs()).unwrap_or(i64::MAX);
    let now = call.shared.clock.now();
    let shop = call
        .world
        .shop(call.caller.shop_id)
        .ok_or_else(ApiError::not_linked)?;
    let order = call
        .world
        .order_of(call.caller.shop_id, sn)
        .filter(|order| {
            order
                .completed_at
                .is_some_and(|at| now.max(order.update_time) - at >= delay)
        })
        .ok_or_else(ApiError::escrow_not_found)?;
    let escrow = Escrow::of(order, shop.shop.fees);
    let response = serde_json::to_value(EscrowWire::of(order, &escrow));
    Ok(Reply::Enveloped(response.map_err(|_| ApiError::inner())?))
}
