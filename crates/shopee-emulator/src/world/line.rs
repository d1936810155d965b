//! One line of an order: what was bought, at which price, and what became of the units.

use rust_decimal::Decimal;
use serde::Serialize;

use super::listing::Listing;

/// A bundle deal or an add-on deal that groups lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bundle {
    pub promotion_id: i64,
    /// Shared by the lines of one bundle; `order_item_id` is shared along with it.
    pub group_id: i32,
}

/// Invariant: `cancelled + cancel_requested + returned + return_requested <= quantity`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    pub listing: Listing,
    pub order_item_id: i64,
    pub line_item_id: i64,
    pub quantity: u32,
    /// Unit price before any discount.
    #[serde(with = "crate::amount")]
    pub original_price: Decimal,
    /// Unit price that the buyer really pays, bundle discounts included. The order detail shows
    /// 0 instead for a bundle line.
    #[serde(with = "crate::amount")]
    pub paid_price: Decimal,
    pub bundle: Option<Bundle>,
    pub cancelled: u32,
    pub cancel_requested: u32,
    pub returned: u32,
    pub return_requested: u32,
}

impl Line {
    /// Units still to be fulfilled, or kept by the buyer.
    pub const fn active(&self) -> u32 {
        self.quantity - self.cancelled - self.returned
    }

    /// Units that the seller ships or shipped.
    pub const fn to_ship(&self) -> u32 {
        self.quantity - self.cancelled
    }

    /// The unit price as the order detail shows it.
    pub fn shown_price(&self) -> Decimal {
        if self.bundle.is_some() {
            Decimal::ZERO
        } else {
            self.paid_price
        }
    }
}
