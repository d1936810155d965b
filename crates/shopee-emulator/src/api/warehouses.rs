//! `GET shop/get_warehouse_detail`: an array in `response`, for the few shops that are on the
//! list for several warehouses.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use crate::shared::Shared;
use crate::world::{Region, Warehouse};

pub(super) async fn get(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::Warehouses, request, &[], warehouses).await
}

fn warehouses(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let shop = call
        .world
        .shop(call.caller.shop_id)
        .ok_or_else(ApiError::not_linked)?;
    let all = shop
        .warehouses
        .as_ref()
        .ok_or_else(ApiError::not_in_warehouse_list)?;
    // The specification's list of markets; Mexico is not among those of this shop world.
    let served = [Region::Id, Region::Ph, Region::Vn, Region::Sg, Region::Tw];
    if !served.contains(&shop.shop.region) {
        return Err(ApiError::no_warehouses_in_region());
    }
    let asked = call.query.optional_integer("warehouse_type")?;
    let asked = asked.unwrap_or(i64::from(Warehouse::PICKUP));
    let found: Vec<_> = all
        .iter()
        .filter(|warehouse| i64::from(warehouse.warehouse_type) == asked)
        .collect();
    if found.is_empty() {
        return Err(ApiError::no_warehouse());
    }
    Ok(Reply::Enveloped(json!(found)))
}
