//! `GET public/get_shops_by_partner` and `GET public/get_merchants_by_partner`, who has authorised
//! the app, and `GET public/get_shopee_ip_ranges`, where pushes come from. All are signed for the
//! app, and flat.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::page::{Page, page, page_size};
use super::query::Query;
use crate::shared::Shared;
use crate::switches::SipListName;
use crate::sync::lock;

const PAGE_MAX: usize = 100;

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ShopsByPartner, request, &[], shops).await
}

pub(super) async fn merchants(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(
        shared,
        Endpoint::MerchantsByPartner,
        request,
        &[],
        authorised_merchants,
    )
    .await
}

pub(super) async fn ip_ranges(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::IpRanges, request, &[], ranges).await
}

fn shops(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let list_name = match lock(&call.shared.switches).sip_list_name {
        SipListName::Table => "sip_affi_shop_list",
        SipListName::Sample => "sip_affi_shops",
    };
    let all: Vec<Value> = call
        .world
        .shops
        .iter()
        .filter(|shop| shop.shop.partner_id == call.caller.partner_id)
        .filter(|shop| shop.is_authorised(call.now))
        .map(|shop| {
            let mut entry = json!({
                "shop_id": shop.shop.shop_id,
                "region": shop.shop.region.code(),
                "auth_time": shop.authorised_at,
                "expire_time": shop.authorised_until,
            });
            entry[list_name] = json!([]);
            entry
        })
        .collect();
    let page = asked_page(call.query, all)?;
    Ok(Reply::Bare(json!({
        "authed_shop_list": page.entries,
        "more": page.more,
    })))
}

fn authorised_merchants(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let all: Vec<Value> = call
        .world
        .merchants
        .iter()
        .filter(|(_, merchant)| merchant.partner_id == call.caller.partner_id)
        .filter(|(_, merchant)| call.now < merchant.authorised_until)
        .map(|(merchant_id, merchant)| {
            json!({
                "merchant_id": merchant_id,
                "region": merchant.region.code(),
                "auth_time": merchant.authorised_at,
                "expire_time": merchant.authorised_until,
            })
        })
        .collect();
    let page = asked_page(call.query, all)?;
    Ok(Reply::Flat(json!({
        "authed_merchant_list": page.entries,
        "more": page.more,
    })))
}

/// Pages are counted from one.
fn asked_page<T>(query: &Query, all: Vec<T>) -> Result<Page<T>, ApiError> {
    let sizes = "Wrong parameters, detail: page_size should be in 1..100.";
    let size = page_size(query, Some(PAGE_MAX), PAGE_MAX, sizes)?;
    let number = query.optional_integer("page_no")?.unwrap_or(1);
    let before = usize::try_from(number - 1)
        .map_err(|_| ApiError::wrong_parameters("page_no should be 1 or more"))?;
    Ok(page(all, before.saturating_mul(size), size))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of every endpoint")]
fn ranges(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::Flat(json!({ "ip_list": call.world.ip_ranges })))
}
