//! The lines of an order: what was sold, how many, at what price.

use std::collections::BTreeMap;

use hawker_domain::catalogue::Sku;
use hawker_domain::order::PriceBasis;
use hawker_domain::order::snapshot::{LineKey, ListingRef, SnapshotLine};
use hawker_ports::marketplace::NormalizationError;
use rust_decimal::Decimal;

use super::at::At;
use crate::wire::{Fault, Loose, OrderItemWire, PromotionWire};

/// `promotion_type` of a line that was sold in a bundle.
const BUNDLE_DEAL: &str = "bundle_deal";

/// Translates `item_list`; an order without lines is none that could be worked on.
pub(super) fn lines(list: Loose<'_>) -> Result<Vec<SnapshotLine>, NormalizationError> {
    let elements = At::order().checked("item_list", list.list())?;
    if elements.is_empty() {
        return Err(At::order().error("item_list", &Fault::Empty));
    }
    let mut seen = BTreeMap::<String, u32>::new();
    let lines = elements.into_iter().enumerate().map(|(index, element)| {
        let at = At::element("item_list", index);
        let mut line = line(&at, &at.whole(element)?)?;
        line.key = unique(line.key, &mut seen);
        Ok(line)
    });
    lines.collect()
}

fn line(at: &At, wire: &OrderItemWire<'_>) -> Result<SnapshotLine, NormalizationError> {
    let listing = ListingRef {
        item_id: at.required("item_id", wire.item_id.integer())?,
        model_id: at
            .optional("model_id", wire.model_id.integer())?
            .unwrap_or(0),
    };
    let item_sku = at.optional("item_sku", wire.item_sku.code())?;
    let model_sku = at.optional("model_sku", wire.model_sku.code())?;
    let sku = Sku::of_line(model_sku.as_deref(), item_sku.as_deref());
    let quantity = quantity(at, wire)?;
    let price = price(at, wire)?;
    Ok(SnapshotLine {
        key: key(at, wire, listing)?,
        listing,
        title: title(at, wire, sku.as_ref(), listing)?,
        sku,
        quantity,
        cancelled_quantity: cancelled_quantity(at, wire, quantity)?,
        unit_price: price.unit,
        original_price: price.original,
        price_basis: price.basis,
    })
}

/// `line_item_id` where the platform sends one. `order_item_id` alone is shared by the lines of a
/// bundle.
fn key(
    at: &At,
    wire: &OrderItemWire<'_>,
    listing: ListingRef,
) -> Result<LineKey, NormalizationError> {
    let line_item_id = at.optional("line_item_id", wire.line_item_id.integer())?;
    if let Some(id) = line_item_id.filter(|id| *id > 0) {
        return Ok(LineKey(id.to_string()));
    }
    let order_item_id = at.optional("order_item_id", wire.order_item_id.integer())?;
    let group = at.optional("promotion_group_id", wire.promotion_group_id.integer())?;
    Ok(LineKey(format!(
        "{}:{}:{}:{}",
        order_item_id.unwrap_or(0),
        listing.item_id,
        listing.model_id,
        group.unwrap_or(0),
    )))
}

/// Two lines that the platform does not tell apart are told apart by their order.
fn unique(key: LineKey, seen: &mut BTreeMap<String, u32>) -> LineKey {
    let count = seen.entry(key.0.clone()).or_default();
    *count += 1;
    match *count {
        1 => key,
        nth => LineKey(format!("{}#{nth}", key.0)),
    }
}

fn title(
    at: &At,
    wire: &OrderItemWire<'_>,
    sku: Option<&Sku>,
    listing: ListingRef,
) -> Result<String, NormalizationError> {
    let item = at.optional("item_name", wire.item_name.code())?;
    let model = at.optional("model_name", wire.model_name.code())?;
    Ok(match (item, model) {
        (Some(item), Some(model)) => format!("{item} — {model}"),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => sku.map_or_else(|| listing.item_id.to_string(), Sku::to_string),
    })
}

fn quantity(at: &At, wire: &OrderItemWire<'_>) -> Result<u32, NormalizationError> {
    let member = "model_quantity_purchased";
    let pieces = at.required(member, wire.model_quantity_purchased.integer())?;
    u32::try_from(pieces)
        .ok()
        .filter(|pieces| *pieces >= 1)
        .ok_or_else(|| at.error(member, &Fault::not("a quantity", &pieces.to_string())))
}

/// Pieces that are cancelled for good: the platform's own number, else what is left when all
/// others are taken off. Never more than were bought.
fn cancelled_quantity(
    at: &At,
    wire: &OrderItemWire<'_>,
    purchased: u32,
) -> Result<u32, NormalizationError> {
    let cancelled = match at.optional("cancelled_qty", wire.cancelled_qty.integer())? {
        Some(cancelled) => cancelled,
        None => match at.optional("active_qty", wire.active_qty.integer())? {
            Some(active) => [
                ("returned_qty", wire.returned_qty),
                ("return_requested_qty", wire.return_requested_qty),
                ("cancel_requested_qty", wire.cancel_requested_qty),
            ]
            .into_iter()
            .try_fold(
                i64::from(purchased).saturating_sub(active),
                |left, (member, other)| {
                    let other = at.optional(member, other.integer())?.unwrap_or(0);
                    Ok(left.saturating_sub(other))
                },
            )?,
            None => 0,
        },
    };
    let cancelled = cancelled.clamp(0, i64::from(purchased));
    Ok(u32::try_from(cancelled).unwrap_or(purchased))
}

struct Price {
    unit: Decimal,
    original: Decimal,
    basis: PriceBasis,
}

/// The discounted price is one piece's. For a bundle deal the platform gives 0 by design; the
/// original price stands in. Any other 0 is meant: gifts cost nothing.
fn price(at: &At, wire: &OrderItemWire<'_>) -> Result<Price, NormalizationError> {
    let original = at.optional("model_original_price", wire.model_original_price.amount())?;
    let member = "model_discounted_price";
    let discounted = at.optional(member, wire.model_discounted_price.amount())?;
    if discounted.is_none_or(|price| price.is_zero()) && is_of_a_bundle(at, wire)? {
        let original = at.required("model_original_price", Ok(original))?;
        return Ok(Price {
            unit: original,
            original,
            basis: PriceBasis::BundleEstimate,
        });
    }
    let unit = at.required(member, Ok(discounted))?;
    Ok(Price {
        unit,
        original: original.unwrap_or(unit),
        basis: PriceBasis::Discounted,
    })
}

fn is_of_a_bundle(at: &At, wire: &OrderItemWire<'_>) -> Result<bool, NormalizationError> {
    let own = at.optional("promotion_type", wire.promotion_type.code())?;
    if own.as_deref() == Some(BUNDLE_DEAL) {
        return Ok(true);
    }
    for element in at.checked("promotion_list", wire.promotion_list.list())? {
        let promotion: Option<PromotionWire<'_>> =
            at.optional("promotion_list[]", element.object())?;
        let kind = promotion.map_or(Ok(None), |promotion| promotion.promotion_type.code());
        if at
            .optional("promotion_list[].promotion_type", kind)?
            .as_deref()
            == Some(BUNDLE_DEAL)
        {
            return Ok(true);
        }
    }
    Ok(false)
}
