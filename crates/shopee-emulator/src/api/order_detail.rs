//! `GET order/get_order_detail`: up to fifty orders by their numbers.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::order_wire::{OrderWire, View};
use crate::shared::Shared;
use crate::switches::UnknownOrders;
use crate::sync::lock;

/// Most order numbers in one call.
const ORDERS_MAX: usize = 50;

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::OrderDetail, request, &[], detail).await
}

fn detail(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let numbers = call.query.list("order_sn_list");
    if numbers.is_empty() || numbers.len() > ORDERS_MAX {
        return Err(ApiError::wrong_parameters(
            "the size of order_sn_list should be in 1..50",
        ));
    }
    let mut tally = lock(&call.shared.tally);
    for sn in &numbers {
        tally.detail_asked(sn);
    }
    drop(tally);

    let asked = call.query.list("response_optional_fields");
    let switches = *lock(&call.shared.switches);
    let shop = call
        .world
        .shop(call.caller.shop_id)
        .ok_or_else(ApiError::not_linked)?;
    let view = View {
        shop: &shop.shop,
        switches,
        knows_pending: call.query.flag("request_order_status_pending"),
    };
    let orders: Vec<_> = numbers
        .iter()
        .filter_map(|sn| call.world.order_of(call.caller.shop_id, sn))
        .map(|order| OrderWire::of(order, &view).into_value(&asked))
        .collect();
    let refused = switches.unknown_orders == UnknownOrders::RefuseAll;
    if orders.is_empty() || (refused && orders.len() < numbers.len()) {
        return Err(ApiError::order_not_found());
    }
    Ok(Reply::Enveloped(json!({ "order_list": orders })))
}
