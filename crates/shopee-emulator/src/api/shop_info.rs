//! `GET shop/get_shop_info`, a flat answer and the usual health probe, and `GET
//! shop/get_profile`, what buyers see.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use crate::shared::Shared;
use crate::world::Region;

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ShopInfo, request, &[], shop_info).await
}

pub(super) async fn profile(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ShopProfile, request, &[], shop_profile).await
}

fn shop_info(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let shop = call
        .world
        .shop(call.caller.shop_id)
        .ok_or_else(ApiError::not_linked)?;
    Ok(Reply::Flat(json!({
        "shop_name": shop.shop.name,
        "region": shop.shop.region.code(),
        "status": shop.standing.shop_status(),
        "shop_fulfillment_flag": "Others",
        "is_cb": false,
        "is_upgraded_cbsc": false,
        "merchant_id": null,
        "is_sip": false,
        "sip_affi_shops": [],
        "is_main_shop": false,
        "is_direct_shop": false,
        "linked_direct_shop_list": [],
        "linked_main_shop_id": 0,
        "auth_time": shop.authorised_at,
        "expire_time": shop.authorised_until,
    })))
}

fn shop_profile(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let shop = call
        .world
        .shop(call.caller.shop_id)
        .ok_or_else(ApiError::not_linked)?;
    let mut profile = json!({
        "shop_logo": format!("https://images.example.com/file/shop_{}", call.caller.shop_id),
        "description": format!("Welcome to {}.", shop.shop.name),
        "shop_name": shop.shop.name,
    });
    if shop.shop.region == Region::Br {
        profile["invoice_issuer"] = json!("Other");
    }
    Ok(Reply::Enveloped(profile))
}
