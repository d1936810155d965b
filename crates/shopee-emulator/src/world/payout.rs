//! What happens to an order's money after its completion: release, adjustments, and amounts that
//! nothing explains. None of it changes the order: no push tells of it, and its `update_time`
//! stays, so that only whoever asks for the escrow again can know.

use rust_decimal::Decimal;
use serde::Serialize;

use super::World;
use super::charges::Charges;
use super::error::WorldError;
use super::ids::{OrderSn, Timestamp};
use super::order::Order;
use super::status::OrderStatus;

/// The money of an order, besides its prices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Payout {
    pub charges: Charges,
    /// Added to the escrow without being a part of the formula.
    #[serde(with = "crate::amount")]
    pub unexplained: Decimal,
    /// Oldest first.
    pub adjustments: Vec<Adjustment>,
    /// Set when it was released by hand; else a switch says when that is.
    pub released_at: Option<Timestamp>,
}

/// A change of the payout that came late, with a reason of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adjustment {
    /// Positive: for the seller's good.
    #[serde(with = "crate::amount")]
    pub amount: Decimal,
    pub at: Timestamp,
    pub reason: String,
}

impl World {
    /// From now on, orders are placed with random charges. None: without any.
    pub fn charge_at_random(&mut self, seed: Option<u64>) {
        self.charges_seed = seed;
    }

    /// The same order gets the same charges, whatever was placed before it.
    pub(super) fn charge(&self, order: &mut Order) {
        let Some(seed) = self.charges_seed else {
            return;
        };
        let text = order.order_sn.as_str().bytes();
        let seed = text.fold(seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let goods = order
            .lines
            .iter()
            .map(|line| line.paid_price * Decimal::from(line.quantity))
            .sum();
        let mut random = fastrand::Rng::with_seed(seed);
        let charges = Charges::random(&mut random, goods, order.region.decimals());
        order.payout.charges = if order.region.taxes_corporate_income() {
            charges
        } else {
            charges.without_cit()
        };
    }

    /// Adds an amount to the escrow that no part of the formula explains.
    pub fn plant_unexplained(&mut self, sn: &OrderSn, amount: Decimal) -> Result<(), WorldError> {
        self.order_mut(sn)?.payout.unexplained = amount;
        Ok(())
    }

    pub fn adjust(
        &mut self,
        sn: &OrderSn,
        amount: Decimal,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), WorldError> {
        let order = self.completed_mut(sn)?;
        let at = now.max(order.update_time);
        order.payout.adjustments.push(Adjustment {
            amount,
            at,
            reason: reason.to_owned(),
        });
        Ok(())
    }

    pub fn release(&mut self, sn: &OrderSn, now: Timestamp) -> Result<(), WorldError> {
        let order = self.completed_mut(sn)?;
        if order.payout.released_at.is_some() {
            return Err(WorldError::AlreadyReleased);
        }
        order.payout.released_at = Some(now.max(order.update_time));
        Ok(())
    }

    fn completed_mut(&mut self, sn: &OrderSn) -> Result<&mut Order, WorldError> {
        let order = self.order_mut(sn)?;
        if order.status == OrderStatus::Completed {
            Ok(order)
        } else {
            Err(WorldError::NoEscrow(order.status))
        }
    }

    fn order_mut(&mut self, sn: &OrderSn) -> Result<&mut Order, WorldError> {
        self.orders
            .get_mut(sn)
            .ok_or_else(|| WorldError::UnknownOrder(sn.clone()))
    }
}
