//! `GET order/get_order_list`: order numbers by creation, newest first, or by change, oldest first;
//! at most 15 days at a time.
//!
//! A page goes on after the last order of the page before, by its time and number. So an order
//! that changes between two pages is met again, or later, while it stays within the window, and
//! never takes another one's place.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use crate::shared::Shared;
use crate::world::{Order, OrderSn, OrderStatus, Timestamp};

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
    let after = match query.get("cursor") {
        None | Some("\"\"") => None,
        Some(text) => {
            Some(place_of(text).ok_or_else(|| ApiError::wrong_parameters("cursor is invalid"))?)
        }
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
    let newest_first = query.get("time_range_field") == Some("create_time");
    let place = |order: &Order| {
        let time = time_of(order);
        let rank = if newest_first { -time } else { time };
        (rank, order.order_sn.clone())
    };
    found.retain(|order| after.as_ref().is_none_or(|after| place(order) > *after));
    found.sort_by_key(|order| place(order));

    let page: Vec<Value> = found
        .iter()
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
    let more = page.len() < found.len();
    let next_cursor = match found.get(page_size - 1) {
        Some(last) if more => {
            let (rank, sn) = place(last);
            format!("{rank}:{sn}")
        }
        _ => String::new(),
    };
    Ok(Reply::Enveloped(
        json!({ "more": more, "next_cursor": next_cursor, "order_list": page }),
    ))
}

/// Where a cursor stands in the list.
fn place_of(cursor: &str) -> Option<(Timestamp, OrderSn)> {
    let (rank, sn) = cursor.split_once(':')?;
    Some((rank.parse().ok()?, OrderSn::from(sn)))
}
