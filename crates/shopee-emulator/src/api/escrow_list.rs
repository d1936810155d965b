//! `GET payment/get_escrow_list`: what was paid out when, in pages that are counted from one.

use actix_web::{HttpRequest, HttpResponse, web};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::page::{page, page_size};
use crate::shared::Shared;
use crate::sync::lock;
use crate::world::{OrderSn, Timestamp};

const PAGE_DEFAULT: usize = 40;
const PAGE_MAX: usize = 100;

#[derive(Serialize)]
struct PayoutWire<'a> {
    order_sn: &'a OrderSn,
    #[serde(with = "crate::amount")]
    payout_amount: Decimal,
    escrow_release_time: Timestamp,
}

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::EscrowList, request, &[], list).await
}

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (from, to) = window(call)?;
    let sizes = "Invalid page_size parameter. Please provide a valid value between 1 and 100. If \
                 left empty, the default value of 40 will be applied.";
    let size = page_size(call.query, Some(PAGE_DEFAULT), PAGE_MAX, sizes)?;
    let number = call.query.optional_integer("page_no")?.unwrap_or(1);
    let before = usize::try_from(number - 1)
        .map_err(|_| ApiError::wrong_parameters("page_no should be 1 or more"))?;
    let shop = call
        .world
        .shop(call.caller.shop_id)
        .ok_or_else(ApiError::not_linked)?;

    let switches = *lock(&call.shared.switches);
    let now = call.shared.clock.now();
    let mut payouts: Vec<_> = call
        .world
        .orders
        .values()
        .filter(|order| order.shop_id == call.caller.shop_id)
        .filter_map(|order| {
            let escrow = switches.escrow_of(order, shop.shop.fees, now);
            Some(PayoutWire {
                order_sn: &order.order_sn,
                payout_amount: escrow.escrow_amount_after_adjustment,
                escrow_release_time: escrow.released_at?,
            })
        })
        .filter(|payout| (from..=to).contains(&payout.escrow_release_time))
        .collect();
    payouts.sort_by_key(|payout| (payout.escrow_release_time, payout.order_sn));
    let page = page(payouts, before.saturating_mul(size), size);
    Ok(Reply::Enveloped(json!({
        "escrow_list": page.entries,
        "more": page.more,
    })))
}

fn window(call: &Call<'_>) -> Result<(Timestamp, Timestamp), ApiError> {
    let time = |name| {
        call.query.integer(name).map_err(|_| {
            ApiError::param(
                "release_time_from and/or release_time_to parameter is missing or invalid. \
                 Please provide both a valid start date, and end date to query.",
            )
        })
    };
    let (from, to) = (time("release_time_from")?, time("release_time_to")?);
    if from > to {
        return Err(ApiError::param(
            "release_time_from and/or release_time_to parameter is invalid. Please provide both \
             a valid start date, and end date to query where start date cannot be later than \
             the end date.",
        ));
    }
    Ok((from, to))
}
