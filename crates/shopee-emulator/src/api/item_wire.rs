//! Lines and packages of an order as `order/get_order_detail` writes them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use super::order_wire::View;
use crate::world::{Line, Order, Package, PackageNumber};

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the wire has these flags")]
pub(super) struct ItemWire<'a> {
    item_id: i64,
    item_name: &'a str,
    item_sku: &'a str,
    model_id: i64,
    model_name: &'a str,
    model_sku: &'a str,
    model_quantity_purchased: u32,
    #[serde(with = "crate::amount")]
    model_original_price: Decimal,
    #[serde(with = "crate::amount")]
    model_discounted_price: Decimal,
    wholesale: bool,
    #[serde(with = "crate::amount")]
    weight: Decimal,
    add_on_deal: bool,
    main_item: bool,
    add_on_deal_id: i64,
    promotion_type: &'static str,
    promotion_id: i64,
    order_item_id: i64,
    line_item_id: i64,
    promotion_group_id: i32,
    image_info: ImageWire,
    /// An array in real answers, whatever the tables say.
    product_location_id: Vec<&'a str>,
    is_prescription_item: bool,
    is_b2c_owned_item: bool,
    #[serde(flatten)]
    quantities: Option<QuantitiesWire>,
}

#[derive(Serialize)]
struct ImageWire {
    image_url: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire's names")]
struct QuantitiesWire {
    active_qty: u32,
    cancel_requested_qty: u32,
    cancelled_qty: u32,
    return_requested_qty: u32,
    returned_qty: u32,
}

#[derive(Serialize)]
pub(super) struct PackageWire<'a> {
    package_number: &'a PackageNumber,
    logistics_status: &'static str,
    logistics_channel_id: i64,
    shipping_carrier: &'static str,
    allow_self_design_awb: bool,
    item_list: Vec<PackedItemWire<'a>>,
    parcel_chargeable_weight_gram: i64,
    group_shipment_id: Option<i64>,
}

#[derive(Serialize)]
struct PackedItemWire<'a> {
    item_id: i64,
    model_id: i64,
    model_quantity: u32,
    order_item_id: i64,
    promotion_group_id: i32,
    product_location_id: &'a str,
}

pub(super) fn item<'a>(line: &'a Line, order: &Order, view: &View<'a>) -> ItemWire<'a> {
    let listing = &line.listing;
    let discounted = line.paid_price < line.original_price;
    let promotion_type = match line.bundle {
        Some(_) => "bundle_deal",
        None if discounted => "product_promotion",
        None => "",
    };
    let shows_quantities = order.quantities_touched || view.shop.always_shows_quantities;
    ItemWire {
        item_id: listing.item_id,
        item_name: &listing.item_name,
        item_sku: &listing.item_sku,
        model_id: listing.model_id,
        model_name: &listing.model_name,
        model_sku: &listing.model_sku,
        model_quantity_purchased: line.quantity,
        model_original_price: line.original_price,
        model_discounted_price: line.shown_price(),
        wholesale: false,
        weight: listing.weight,
        add_on_deal: false,
        main_item: false,
        add_on_deal_id: 0,
        promotion_type,
        promotion_id: line.bundle.map_or(0, |bundle| bundle.promotion_id),
        order_item_id: line.order_item_id,
        line_item_id: line.line_item_id,
        promotion_group_id: line.bundle.map_or(0, |bundle| bundle.group_id),
        image_info: ImageWire {
            image_url: format!("https://images.example.com/file/{}_tn", listing.item_id),
        },
        product_location_id: view.shop.location_id.as_deref().into_iter().collect(),
        is_prescription_item: false,
        is_b2c_owned_item: false,
        quantities: shows_quantities.then(|| QuantitiesWire {
            active_qty: line.active() - line.cancel_requested,
            cancel_requested_qty: line.cancel_requested,
            cancelled_qty: line.cancelled,
            return_requested_qty: line.return_requested,
            returned_qty: line.returned,
        }),
    }
}

pub(super) fn package<'a>(
    entry: &'a Package,
    order: &Order,
    location: Option<&'a str>,
) -> PackageWire<'a> {
    let items = entry.contents.iter().filter_map(|packed| {
        let line = order.lines.get(packed.line)?;
        Some(PackedItemWire {
            item_id: line.listing.item_id,
            model_id: line.listing.model_id,
            model_quantity: packed.quantity,
            order_item_id: line.order_item_id,
            promotion_group_id: line.bundle.map_or(0, |bundle| bundle.group_id),
            product_location_id: location.unwrap_or_default(),
        })
    });
    let weight = entry.contents.iter().filter_map(|packed| {
        order
            .lines
            .get(packed.line)
            .map(|line| grams(line, packed.quantity))
    });
    PackageWire {
        package_number: &entry.package_number,
        logistics_status: entry.logistics_status.as_str(),
        logistics_channel_id: order.region.logistics_channel_id(),
        shipping_carrier: order.region.carrier(),
        allow_self_design_awb: true,
        item_list: items.collect(),
        parcel_chargeable_weight_gram: weight.sum(),
        group_shipment_id: None,
    }
}

pub(super) fn grams(line: &Line, quantity: u32) -> i64 {
    (line.listing.weight * Decimal::from(1000) * Decimal::from(quantity))
        .to_i64()
        .unwrap_or(0)
}
