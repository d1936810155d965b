//! `GET returns/get_return_list`, in pages that are counted from zero, and `GET
//! returns/get_return_detail`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::page::{page, page_size};
use super::return_wire::{ReturnDetailWire, ReturnWire};
use crate::shared::Shared;
use crate::world::{Order, Return, ShopId, Timestamp, World};

const PAGE_MAX: usize = 100;
const WINDOW_SECONDS: i64 = 15 * 86_400;

pub(super) async fn list(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ReturnList, request, &[], return_list).await
}

pub(super) async fn detail(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ReturnDetail, request, &[], return_detail).await
}

fn returns_of(world: &World, shop_id: ShopId) -> impl Iterator<Item = (&Order, &Return)> {
    world
        .orders
        .values()
        .filter(move |order| order.shop_id == shop_id)
        .flat_map(|order| order.returns.iter().map(move |entry| (order, entry)))
}

fn return_list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let sizes = "Wrong parameters, detail: page_size should be in 1..100.";
    let size = page_size(call.query, None, PAGE_MAX, sizes)?;
    let number = usize::try_from(call.query.integer("page_no")?)
        .map_err(|_| ApiError::wrong_parameters("page_no should be 0 or more"))?;
    let created = window(call, "create_time")?;
    let updated = window(call, "update_time")?;
    let status = call.query.get("status");

    let mut found: Vec<_> = returns_of(call.world, call.caller.shop_id)
        .filter(|(_, entry)| created.is_none_or(|window| within(window, entry.opened_at)))
        .filter(|(_, entry)| updated.is_none_or(|window| within(window, entry.updated_at)))
        .filter(|(_, entry)| status.is_none_or(|status| entry.status.as_str() == status))
        .collect();
    found.sort_by_key(|(_, entry)| (entry.opened_at, &entry.return_sn));
    let page = page(found, number.saturating_mul(size), size);
    let list: Vec<_> = page
        .entries
        .iter()
        .map(|(order, entry)| ReturnWire::of(order, entry))
        .collect();
    Ok(Reply::Enveloped(
        json!({ "more": page.more, "return": list }),
    ))
}

fn return_detail(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let sn = call
        .query
        .get("return_sn")
        .ok_or_else(|| ApiError::param("Return SN or ID is invalid."))?;
    let (order, entry) = returns_of(call.world, call.caller.shop_id)
        .find(|(_, entry)| entry.return_sn.as_str() == sn)
        .ok_or_else(ApiError::return_not_found)?;
    Ok(Reply::Enveloped(json!(ReturnDetailWire::of(order, entry))))
}

type Window = (Timestamp, Timestamp);

const fn within((from, to): Window, at: Timestamp) -> bool {
    from <= at && at <= to
}

/// `<field>_from` and `<field>_to`, if one of them is there.
fn window(call: &Call<'_>, field: &str) -> Result<Option<Window>, ApiError> {
    let (first, last) = (format!("{field}_from"), format!("{field}_to"));
    if call.query.get(&first).is_none() && call.query.get(&last).is_none() {
        return Ok(None);
    }
    let (from, to) = (call.query.integer(&first)?, call.query.integer(&last)?);
    if to <= from {
        return Err(ApiError::param(format!(
            "The {last} should be later than {first}."
        )));
    }
    if to - from > WINDOW_SECONDS {
        // The platform's own wording, which differs between the two.
        return Err(ApiError::param(if field == "create_time" {
            "The period between create_time_from and created_time_of must not more than 15 days."
        } else {
            "The period between update_time_from and update_time_to must not more than 15 days."
        }));
    }
    Ok(Some((from, to)))
}
