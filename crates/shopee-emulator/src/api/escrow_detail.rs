//! `payment/get_escrow_detail`, the payout of one completed order, and
//! `payment/get_escrow_detail_batch`, that of up to fifty at once.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::escrow_wire::{EscrowWire, named_as_in_a_batch};
use crate::shared::Shared;
use crate::switches::MissingEscrows;
use crate::sync::lock;

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

/// What is missing is marked, or left out. When there is nothing else, the marks are in a list of
/// their own: the specification has an example of that, and none of a mixture.
fn escrow_details(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let numbers = asked_for(call)?;
    if numbers.len() > BATCH_MAX {
        return Err(ApiError::too_many_escrows());
    }
    let marks = lock(&call.shared.switches).missing_escrows == MissingEscrows::Marked;
    let (mut list, mut found) = (Vec::new(), 0);
    for sn in &numbers {
        match escrow(call, sn)? {
            Some(escrow) => {
                found += 1;
                let escrow = named_as_in_a_batch(escrow);
                list.push(json!({ "escrow_detail": escrow }));
            }
            None if marks => list.push(missing(sn)),
            None => {}
        }
    }
    Ok(if marks && found == 0 {
        Reply::Flat(json!({ "escrow_detail_list": list }))
    } else {
        Reply::Enveloped(Value::Array(list))
    })
}

fn missing(sn: &str) -> Value {
    json!({
        "escrow_detail": { "order_sn": sn, "return_order_sn_list": [] },
        "fail_error": "order_not_found",
        "fail_message": "The order info not found.",
    })
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
    let switches = *lock(&call.shared.switches);
    let now = call.shared.clock.now();
    let order = call
        .world
        .order_of(call.caller.shop_id, sn)
        .filter(|order| switches.shows_escrow(order, now));
    let Some(order) = order else { return Ok(None) };
    let escrow = switches.escrow_of(order, shop.shop.fees, now);
    let wire = serde_json::to_value(EscrowWire::of(order, &escrow));
    wire.map(Some).map_err(|_| ApiError::inner())
}
