//! `GET order/get_order_list`: order numbers by creation or change, at most 15 days at a time.

use std::cmp::Reverse;

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use crate::shared::Shared;
use crate::world::{Order, OrderStatus, Timestamp};

const WINDOW_SECONDS: i64 = 15 * 86_400;
const PAGE_MAX: i64 = 100;

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::OrderList, request, &[], list).await
}

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let query = call.query;
    let time_of: fn(&Order) -> Timestamp = match query.get("time_range_field") {
        Some("create_time") => |order| order.create_time,
        Some("update_time") => |order| order.update_time,
        _ => {
            return Err(ApiError::wrong_parameters(
                "time_range_field is missing or invalid",
            ));
        }
    };
    let (from, to) = (query.integer("time_from")?, query.integer("time_to")?);
    if from >= to || to - from > WINDOW_SECONDS {
        return Err(ApiError::invalid_time_range());
    }
    let page_size = query.integer("page_size")?;
    if !(1..=PAGE_MAX).contains(&page_size) {
        return Err(ApiError::wrong_parameters("page_size should be in 1..100"));
    }
    let page_size = usize::try_from(page_size).unwrap_or(0);
    let skip = match query.get("cursor") {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| ApiError::wrong_parameters("cursor is invalid"))?,
    };
    let wanted = match query.get("order_status") {
        None => None,
        Some(text) => Some(
            OrderStatus::parse_filter(text)
                .ok_or_else(|| ApiError::wrong_parameters("order_status is invalid"))?,
        ),
    };
    let knows_pending = query.flag("request_order_status_pending");
    let shows_status = query
        .list("response_optional_fields")
        .contains(&"order_status");
    let shows_invoice_pending = call
        .world
        .shop(call.caller.shop_id)
        .is_some_and(|shop| shop.shop.shows_invoice_pending);

    let mut found: Vec<&Order> = call
        .world
        .orders
        .values()
        .filter(|order| order.shop_id == call.caller.shop_id)
        .filter(|order| (from..=to).contains(&time_of(order)))
        // The filter tells orders apart that wait for an invoice, even where the detail does not.
        .filter(|order| {
            wanted.is_none_or(|status| order.shown_status(knows_pending, true) == status)
        })
        .collect();
    found.sort_by_key(|order| (Reverse(time_of(order)), &order.order_sn));

    let page: Vec<Value> = found
        .iter()
        .skip(skip)
        .take(page_size)
        .map(|order| {
            let mut entry = json!({ "order_sn": order.order_sn });
            if shows_status {
                let status = order.shown_status(knows_pending, shows_invoice_pending);
                entry["order_status"] = json!(status.as_str());
            }
            entry
        })
        .collect();
    let end = skip + page.len();
    let more = end < found.len();
    let next_cursor = if more { end.to_string() } else { String::new() };
    Ok(Reply::Enveloped(
        json!({ "more": more, "next_cursor": next_cursor, "order_list": page }),
    ))
}
