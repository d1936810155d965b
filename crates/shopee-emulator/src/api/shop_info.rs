//! `GET shop/get_shop_info`: a flat answer, and the usual health probe.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use crate::shared::Shared;

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ShopInfo, request, &[], shop_info).await
}

fn shop_info(call: &Call<'_>) -> Result<Reply, ApiError> {
    let shop = call
        .world
        .shop(call.caller.shop_id)
        .ok_or_else(ApiError::not_linked)?;
    let facts = json!({
        "shop_name": shop.shop.name,
        "region": shop.shop.region.code(),
        "status": "NORMAL",
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
    });
    match facts {
        Value::Object(fields) => Ok(Reply::Flat(fields)),
        _ => Err(ApiError::inner()),
    }
}
