//! Checkout: from what a buyer wants to an order in its first status.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::address::Address;
use super::error::WorldError;
use super::ids::{Serials, Timestamp};
use super::line::{Bundle, Line};
use super::new_order::{NewLine, NewOrder};
use super::order::{InvoiceState, Order};
use super::package::{LogisticsStatus, Package, PackedLine};
use super::payout::Payout;
use super::shop::OpenShop;
use super::status::OrderStatus;

/// Seller's preparation time, in days.
const DAYS_TO_SHIP: i64 = 2;

pub(super) fn place(
    new: NewOrder,
    shop: &mut OpenShop,
    serials: &mut Serials,
    now: Timestamp,
) -> Result<Order, WorldError> {
    if new.lines.is_empty() || new.lines.iter().any(|line| line.quantity == 0) {
        return Err(WorldError::EmptyOrder);
    }
    let region = shop.shop.region;
    let lines = order_lines(&new.lines, shop, serials, now);
    let contents = lines
        .iter()
        .enumerate()
        .map(|(line, entry)| PackedLine {
            line,
            quantity: entry.quantity,
        })
        .collect();
    let package = Package {
        package_number: serials.package_number(),
        logistics_status: LogisticsStatus::NotStart,
        tracking_number: None,
        history: Vec::new(),
        contents,
    };
    let buyer_user_id = new.buyer_user_id.unwrap_or_else(|| serials.buyer_id());
    let method = if new.cod {
        "Cash on Delivery"
    } else {
        "ShopeePay"
    };
    let mut order = Order {
        order_sn: new
            .order_sn
            .unwrap_or_else(|| serials.order_sn(region, now)),
        shop_id: shop.shop.shop_id,
        region,
        status: OrderStatus::Unpaid,
        resume_at: None,
        create_time: now,
        update_time: now,
        pay_time: None,
        pickup_done_time: None,
        completed_at: None,
        completed_again: 0,
        cod: new.cod,
        lines,
        packages: vec![package],
        split_up: false,
        buyer_user_id,
        buyer_username: new
            .buyer_username
            .unwrap_or_else(|| format!("buyer{buyer_user_id}")),
        address: new.address.unwrap_or_else(|| Address::sample(region)),
        masking: new.masking,
        payment_method: new.payment_method.unwrap_or_else(|| method.to_owned()),
        message_to_seller: new.message_to_seller,
        note: String::new(),
        note_update_time: 0,
        days_to_ship: DAYS_TO_SHIP,
        ship_by_date: 0,
        own_courier: new.own_courier,
        tracking_comes_later: new.tracking_comes_later,
        held_for: new.held_for,
        invoice: if new.needs_invoice {
            InvoiceState::Missing
        } else {
            InvoiceState::NotNeeded
        },
        cancellation: None,
        returns: Vec::new(),
        quantities_touched: false,
        buyer_shipping_fee: new.buyer_shipping_fee,
        courier_fee: new.buyer_shipping_fee + courier_surcharge(region.decimals()),
        seller_voucher: new.seller_voucher,
        shopee_voucher: new.shopee_voucher,
        coins: new.coins,
        payout: Payout::default(),
    };
    if new.cod {
        order.status = OrderStatus::ReadyToShip;
        order.accept(now);
    } else if new.paid {
        order.pay(now)?;
    }
    Ok(order)
}

/// What the courier takes above the buyer's fee; the platform's rebate covers it.
fn courier_surcharge(decimals: u32) -> Decimal {
    if decimals == 0 {
        Decimal::from(5000)
    } else {
        Decimal::new(99, 2)
    }
}

fn order_lines(
    new: &[NewLine],
    shop: &mut OpenShop,
    serials: &mut Serials,
    now: Timestamp,
) -> Vec<Line> {
    // By the checkout's bundle number: the bundle, and the `order_item_id` its lines share.
    let mut bundles: BTreeMap<i32, (Bundle, i64)> = BTreeMap::new();
    new.iter()
        .map(|line| {
            let listing = shop.listing_for(line, serials, now);
            let line_item_id = serials.listing_id();
            let bundle = line.bundle.map(|group_id| {
                *bundles.entry(group_id).or_insert_with(|| {
                    (
                        Bundle {
                            promotion_id: serials.listing_id(),
                            group_id,
                        },
                        line_item_id,
                    )
                })
            });
            Line {
                order_item_id: bundle.map_or(listing.item_id, |(_, shared)| shared),
                line_item_id,
                quantity: line.quantity,
                original_price: line.price,
                paid_price: line.discounted.unwrap_or(line.price),
                bundle: bundle.map(|(bundle, _)| bundle),
                listing,
                cancelled: 0,
                cancel_requested: 0,
                returned: 0,
                return_requested: 0,
            }
        })
        .collect()
}
