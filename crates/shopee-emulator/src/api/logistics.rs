//! `GET logistics/get_tracking_number`, `GET logistics/get_tracking_info` and `GET
//! logistics/get_channel_list`: what the couriers know.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use crate::shared::Shared;
use crate::world::{LogisticsStatus, Order, Package, Region};

pub(super) async fn tracking_number(
    shared: web::Data<Shared>,
    request: HttpRequest,
) -> HttpResponse {
    answer(shared, Endpoint::TrackingNumber, request, &[], number).await
}

pub(super) async fn tracking_info(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::TrackingInfo, request, &[], info).await
}

pub(super) async fn channels(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ChannelList, request, &[], channel_list).await
}

/// Blank until the courier has named one.
fn number(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (_, package) = asked_for(call)?;
    Ok(Reply::Enveloped(json!({
        "tracking_number": package.tracking_number.as_deref().unwrap_or_default(),
        "hint": "",
    })))
}

fn info(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let (order, package) = asked_for(call)?;
    let events: Vec<Value> = package
        .history
        .iter()
        .rev()
        .filter_map(|(at, status)| {
            let (name, description) = event(*status)?;
            Some(json!({
                "update_time": at,
                "description": description,
                "logistics_status": name,
            }))
        })
        .collect();
    if events.is_empty() {
        return Err(ApiError::nothing_to_track());
    }
    Ok(Reply::Enveloped(json!({
        "order_sn": order.order_sn,
        "package_number": package.package_number,
        "logistics_status": package.logistics_status.as_str(),
        "tracking_info": events,
    })))
}

/// An order that was split has to be asked for by package.
fn asked_for<'a>(call: &'a Call<'_>) -> Result<(&'a Order, &'a Package), ApiError> {
    let sn = call
        .query
        .get("order_sn")
        .ok_or_else(|| ApiError::wrong_parameters("order_sn is required"))?;
    let order = call
        .world
        .order_of(call.caller.shop_id, sn)
        .ok_or_else(ApiError::no_such_order_to_ship)?;
    let package = match call.query.get("package_number") {
        Some(number) => order
            .packages
            .iter()
            .find(|package| package.package_number.as_str() == number)
            .ok_or_else(ApiError::no_such_package)?,
        None if order.split_up => return Err(ApiError::package_number_needed()),
        None => order
            .packages
            .first()
            .ok_or_else(ApiError::no_such_package)?,
    };
    Ok((order, package))
}

/// What a buyer sees of a status; nothing before the courier is involved.
const fn event(status: LogisticsStatus) -> Option<(&'static str, &'static str)> {
    use LogisticsStatus as L;

    match status {
        L::RequestCreated => Some(("ORDER_CREATED", "The seller is preparing the parcel.")),
        L::PickupDone => Some(("PICKED_UP", "The courier has picked up the parcel.")),
        L::PickupFailed | L::PickupRetry => Some((
            "FAILED_PICKED_UP",
            "The courier could not pick up the parcel.",
        )),
        L::DeliveryDone => Some(("DELIVERED", "The parcel has been delivered.")),
        L::DeliveryFailed => Some(("FAILED_DELIVERED", "The parcel could not be delivered.")),
        L::RequestCanceled => Some(("CANCELED", "The shipment was cancelled.")),
        L::Lost => Some(("LOST", "The parcel was lost.")),
        L::NotStart | L::PendingArrange | L::CodRejected | L::Ready | L::Invalid => None,
    }
}

fn channel_list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let region = call
        .world
        .shop(call.caller.shop_id)
        .ok_or_else(ApiError::not_linked)?
        .shop
        .region;
    let own = channel(80_088, "Seller Own Fleet", region, true);
    let integrated = channel(
        region.logistics_channel_id(),
        region.carrier(),
        region,
        false,
    );
    Ok(Reply::Enveloped(
        json!({ "logistics_channel_list": [integrated, own] }),
    ))
}

fn channel(id: i64, name: &str, region: Region, of_seller: bool) -> Value {
    json!({
        "logistics_channel_id": id,
        "logistics_channel_name": name,
        "enabled": true,
        "cod_enabled": !matches!(region, Region::Br | Region::Tw),
        "fee_type": if of_seller { "CUSTOM_PRICE" } else { "SIZE_INPUT" },
        "size_list": [],
        "weight_limit": { "item_max_weight": 30, "item_min_weight": 0 },
        "item_max_dimension": {
            "height": 100, "width": 100, "length": 100, "unit": "cm", "dimension_sum": 280,
        },
        "volume_limit": { "item_max_volume": 0, "item_min_volume": 0 },
        "logistics_description": "",
        "force_enable": false,
        "mask_channel_id": 0,
        "block_seller_cover_shipping_fee": false,
        "support_cross_border": false,
        "seller_logistic_has_configuration": null,
        "logistics_capability": { "seller_logistics": of_seller },
        "preprint": false,
        "support_pause": false,
    })
}
