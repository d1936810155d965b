//! From the platform's words to ours: a wire order becomes an [`OrderSnapshot`], or a
//! [`NormalizationError`] that names the member at fault. Payout details likewise become an
//! [`EscrowAnswer`](hawker_ports::marketplace::EscrowAnswer).
//!
//! Past this module nothing of the wire format is left. Nothing is invented: what the platform
//! does not say is absent, and what must be said is asked for.

mod at;
mod escrow;
mod income;
mod lines;

use hawker_domain::OrderSn;
use hawker_domain::order::snapshot::{LogisticsStatus, Package};
use hawker_domain::order::{Address, Cancellation, FulfilledBy, OrderSnapshot, OrderStatus};
use hawker_ports::marketplace::NormalizationError;

use crate::wire::{AddressWire, Fault, Loose, OrderDetailWire, PackageWire};
use at::At;

pub use escrow::escrow_answer;

/// `fulfillment_flag` of an order that the platform sends from its own warehouse.
const FULFILLED_BY_SHOPEE: &str = "fulfilled_by_shopee";

/// Translates one element of `order_list`, given as JSON.
pub fn order_snapshot(json: &str) -> Result<OrderSnapshot, NormalizationError> {
    let wire: OrderDetailWire<'_> = serde_json::from_str(json).map_err(|_| NormalizationError {
        field: "order_list[]".to_owned(),
        fault: Fault::NotObject.to_string(),
    })?;
    snapshot(&wire)
}

/// Translates one order.
pub fn snapshot(wire: &OrderDetailWire<'_>) -> Result<OrderSnapshot, NormalizationError> {
    let at = At::order();
    let order_sn = at.required("order_sn", wire.order_sn.code())?;
    let order_sn = OrderSn::parse(&order_sn)
        .ok_or_else(|| at.error("order_sn", &Fault::not("an order number", &order_sn)))?;
    let currency = at.required("currency", wire.currency.code())?;
    let currency = currency
        .parse()
        .map_err(|_| at.error("currency", &Fault::not("a currency", &currency)))?;
    let paid_at = at.optional("pay_time", wire.pay_time.moment())?;
    // The platform sends 0, or nothing, until an order is paid. A paid order may cost nothing.
    let total = at
        .optional("total_amount", wire.total_amount.amount())?
        .filter(|total| !total.is_zero() || paid_at.is_some());

    Ok(OrderSnapshot {
        order_sn,
        status: OrderStatus::from_text(&at.required("order_status", wire.order_status.code())?),
        currency,
        cash_on_delivery: at.optional("cod", wire.cod.boolean())?.unwrap_or(false),
        total,
        created_at: at.required("create_time", wire.create_time.moment())?,
        updated_at: at.required("update_time", wire.update_time.moment())?,
        paid_at,
        ship_by: at.optional("ship_by_date", wire.ship_by_date.moment())?,
        picked_up_at: at.optional("pickup_done_time", wire.pickup_done_time.moment())?,
        buyer_id: at
            .optional("buyer_user_id", wire.buyer_user_id.integer())?
            .filter(|id| *id > 0),
        buyer_username: at.optional("buyer_username", wire.buyer_username.code())?,
        address: address(wire)?,
        payment_method: at.optional("payment_method", wire.payment_method.code())?,
        shipping_carrier: at.optional("shipping_carrier", wire.shipping_carrier.code())?,
        message_to_seller: at.optional("message_to_seller", wire.message_to_seller.text())?,
        note: at.optional("note", wire.note.text())?,
        fulfilled_by: match at
            .optional("fulfillment_flag", wire.fulfillment_flag.code())?
            .as_deref()
        {
            Some(FULFILLED_BY_SHOPEE) => FulfilledBy::Marketplace,
            _ => FulfilledBy::Seller,
        },
        cancellation: cancellation(wire)?,
        lines: lines::lines(wire.item_list)?,
        packages: packages(wire.package_list)?,
    })
}

/// Absent where nothing but the region is known.
fn address(wire: &OrderDetailWire<'_>) -> Result<Option<Address>, NormalizationError> {
    let whole = wire.recipient_address.object::<AddressWire<'_>>();
    let Some(parts) = At::order().optional("recipient_address", whole)? else {
        return Ok(None);
    };
    let at = At::within("recipient_address");
    let region = match at.optional("region", parts.region.code())? {
        Some(region) => Some(region),
        None => At::order().optional("region", wire.region.code())?,
    };
    let without_country = Address {
        name: at.optional("name", parts.name.text())?,
        phone: at.optional("phone", parts.phone.text())?,
        full_address: at.optional("full_address", parts.full_address.text())?,
        town: at.optional("town", parts.town.text())?,
        district: at.optional("district", parts.district.text())?,
        city: at.optional("city", parts.city.text())?,
        state: at.optional("state", parts.state.text())?,
        postal_code: at.optional("zipcode", parts.zipcode.code())?,
        country_code: None,
    };
    Ok((without_country != Address::default()).then(|| Address {
        country_code: region.map(|region| region.to_ascii_lowercase()),
        ..without_country
    }))
}

fn cancellation(wire: &OrderDetailWire<'_>) -> Result<Option<Cancellation>, NormalizationError> {
    let at = At::order();
    let cancellation = Cancellation {
        by: at.optional("cancel_by", wire.cancel_by.code())?,
        reason: at.optional("cancel_reason", wire.cancel_reason.code())?,
        buyer_reason: at.optional("buyer_cancel_reason", wire.buyer_cancel_reason.text())?,
    };
    Ok((cancellation != Cancellation::default()).then_some(cancellation))
}

fn packages(list: Loose<'_>) -> Result<Vec<Package>, NormalizationError> {
    let elements = At::order().checked("package_list", list.list())?;
    let packages = elements.into_iter().enumerate().map(|(index, element)| {
        let at = At::element("package_list", index);
        let wire: PackageWire<'_> = at.whole(element)?;
        let logistics = at.optional("logistics_status", wire.logistics_status.code())?;
        Ok(Package {
            number: at
                .optional("package_number", wire.package_number.code())?
                .unwrap_or_default(),
            logistics: LogisticsStatus::from_text(logistics.as_deref().unwrap_or_default()),
            carrier: at.optional("shipping_carrier", wire.shipping_carrier.code())?,
        })
    });
    packages.collect()
}
