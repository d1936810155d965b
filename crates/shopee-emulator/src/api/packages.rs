//! `GET order/get_shipment_list`, what is to be shipped, and `GET order/get_package_detail`, up to
//! fifty packages by their numbers.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::item_wire::grams;
use super::page::{cursor, next_cursor, page, page_size};
use crate::shared::Shared;
use crate::world::{
    Address, InvoiceState, LogisticsStatus, Order, OrderStatus, Package, PackageNumber, ShopId,
    Timestamp, World,
};

const PAGE_MAX: usize = 100;
/// Most package numbers in one call.
const PACKAGES_MAX: usize = 50;

pub(super) async fn shipment_list(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ShipmentList, request, &[], to_ship).await
}

pub(super) async fn detail(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::PackageDetail, request, &[], details).await
}

/// All packages of a shop with their orders, by order number.
pub(super) fn packages_of(
    world: &World,
    shop_id: ShopId,
) -> impl Iterator<Item = (&Order, &Package)> {
    world
        .orders
        .values()
        .filter(move |order| order.shop_id == shop_id)
        .flat_map(|order| order.packages.iter().map(move |package| (order, package)))
}

/// Ready for the seller to arrange.
pub(super) fn is_to_arrange(package: &Package) -> bool {
    matches!(
        package.logistics_status,
        LogisticsStatus::Ready | LogisticsStatus::PickupRetry
    )
}

fn to_ship(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let sizes = "Wrong parameters, detail: page_size must be 100 or less.";
    let size = page_size(call.query, None, PAGE_MAX, sizes)?;
    let skip = cursor(call.query.get("cursor"))?;
    let waiting: Vec<_> = packages_of(call.world, call.caller.shop_id)
        .filter(|(order, _)| {
            matches!(
                order.status,
                OrderStatus::ReadyToShip | OrderStatus::RetryShip
            )
        })
        .filter(|(_, package)| is_to_arrange(package))
        .map(|(order, package)| {
            json!({
                "order_sn": order.order_sn,
                "package_number": package.package_number,
            })
        })
        .collect();
    let page = page(waiting, skip, size);
    Ok(Reply::Enveloped(json!({
        "more": page.more,
        "next_cursor": next_cursor(&page),
        "order_list": page.entries,
    })))
}

fn details(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let numbers = call.query.list("package_number_list");
    if numbers.is_empty() || numbers.len() > PACKAGES_MAX {
        return Err(ApiError::wrong_parameters(
            "the size of package_number_list should be in 1..50",
        ));
    }
    let location = call
        .world
        .shop(call.caller.shop_id)
        .and_then(|shop| shop.shop.location_id.as_deref());
    let found: Vec<_> = numbers
        .iter()
        .filter_map(|number| {
            packages_of(call.world, call.caller.shop_id)
                .find(|(_, package)| package.package_number.as_str() == *number)
        })
        .map(|(order, package)| PackageDetailWire::of(order, package, location))
        .collect();
    if found.is_empty() {
        return Err(ApiError::package_not_found());
    }
    Ok(Reply::Enveloped(json!({ "package_list": found })))
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the wire has these flags")]
struct PackageDetailWire<'a> {
    order_sn: &'a str,
    package_number: &'a PackageNumber,
    fulfillment_status: &'static str,
    update_time: Timestamp,
    logistics_channel_id: i64,
    shipping_carrier: &'static str,
    allow_self_design_awb: bool,
    days_to_ship: i64,
    ship_by_date: Timestamp,
    pending_terms: &'a [String],
    tracking_number: &'a str,
    /// 0 until picked up.
    pickup_done_time: Timestamp,
    is_split_up: bool,
    item_list: Vec<PackedWire<'a>>,
    recipient_address: Address,
    parcel_chargeable_weight_gram: i64,
    group_shipment_id: i64,
    is_shipment_arranged: bool,
    can_split_order: bool,
    can_unsplit_order: bool,
    is_pre_order: bool,
    can_full_cancel_order: bool,
    can_partial_cancel_order: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_pending: Option<InvoicePendingWire>,
}

#[derive(Serialize)]
struct InvoicePendingWire {
    status: &'static str,
    pending_reason: &'static str,
}

#[derive(Serialize)]
struct PackedWire<'a> {
    item_id: i64,
    model_id: i64,
    item_sku: &'a str,
    model_sku: &'a str,
    model_quantity: u32,
    order_item_id: i64,
    promotion_group_id: i32,
    product_location_id: &'a str,
}

impl<'a> PackageDetailWire<'a> {
    fn of(order: &'a Order, package: &'a Package, location: Option<&'a str>) -> Self {
        let packed = || {
            package.contents.iter().filter_map(|packed| {
                let line = order.lines.get(packed.line)?;
                Some((line, packed.quantity))
            })
        };
        let item = |(line, model_quantity): (&'a crate::world::Line, u32)| PackedWire {
            item_id: line.listing.item_id,
            model_id: line.listing.model_id,
            item_sku: &line.listing.item_sku,
            model_sku: &line.listing.model_sku,
            model_quantity,
            order_item_id: line.order_item_id,
            promotion_group_id: line.bundle.map_or(0, |bundle| bundle.group_id),
            product_location_id: location.unwrap_or_default(),
        };
        let picked_up = package
            .history
            .iter()
            .find(|(_, status)| *status == LogisticsStatus::PickupDone);
        let ready = order.status == OrderStatus::ReadyToShip;
        Self {
            order_sn: order.order_sn.as_str(),
            package_number: &package.package_number,
            fulfillment_status: package.logistics_status.fulfillment_status(),
            update_time: package
                .history
                .last()
                .map_or(order.update_time, |(at, _)| *at),
            logistics_channel_id: order.region.logistics_channel_id(),
            shipping_carrier: order.region.carrier(),
            allow_self_design_awb: true,
            days_to_ship: order.days_to_ship,
            ship_by_date: order.ship_by_date,
            pending_terms: &order.held_for,
            tracking_number: package.tracking_number.as_deref().unwrap_or_default(),
            pickup_done_time: picked_up.map_or(0, |(at, _)| *at),
            is_split_up: order.split_up,
            item_list: packed().map(item).collect(),
            recipient_address: order.shown_address(),
            parcel_chargeable_weight_gram: packed()
                .map(|(line, quantity)| grams(line, quantity))
                .sum(),
            group_shipment_id: 0,
            is_shipment_arranged: package.logistics_status == LogisticsStatus::RequestCreated,
            can_split_order: ready && !order.split_up,
            can_unsplit_order: ready && order.split_up,
            is_pre_order: false,
            can_full_cancel_order: ready,
            can_partial_cancel_order: ready,
            invoice_pending: invoice_pending(order),
        }
    }
}

fn invoice_pending(order: &Order) -> Option<InvoicePendingWire> {
    let status = match order.invoice {
        InvoiceState::NotNeeded => return None,
        InvoiceState::Missing => "pending",
        InvoiceState::Given { .. } => "valid",
    };
    Some(InvoicePendingWire {
        status,
        pending_reason: "",
    })
}
