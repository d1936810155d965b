//! Escrows: what is charged, what is paid out when, and what changes afterwards.

use rust_decimal::Decimal;

use super::Controls;
use crate::switches::{EscrowRelease, MissingEscrows};
use crate::sync::lock;
use crate::world::{Escrow, OrderSn, WorldError};

impl Controls {
    /// What the platform would pay out for the order as it stands, adjustments included, and when
    /// it did so. An order that is not completed has this as an outlook only.
    pub fn escrow(&self, sn: &OrderSn) -> Option<Escrow> {
        self.shared.run_due();
        let switches = *lock(&self.shared.switches);
        let world = lock(&self.shared.world);
        let order = world.orders.get(sn)?;
        let shop = world.shop(order.shop_id)?;
        Some(switches.escrow_of(order, shop.shop.fees, self.shared.clock.now()))
    }

    /// Gives orders that are placed from now on random fees, taxes and rebates, so that more parts
    /// of the formula are not zero. None: orders have the shop's three fees alone.
    pub fn charge_at_random(&self, seed: Option<u64>) {
        lock(&self.shared.world).charge_at_random(seed);
    }

    /// Makes the escrow of an order that much more than its parts explain; 0 makes it right again.
    pub fn plant_unexplained(&self, sn: &OrderSn, amount: Decimal) -> Result<(), WorldError> {
        lock(&self.shared.world).plant_unexplained(sn, amount)
    }

    /// Changes the payout of a completed order, with a reason of its own. The order stays as it
    /// is, and no push tells.
    pub fn adjust_escrow(
        &self,
        sn: &OrderSn,
        amount: Decimal,
        reason: &str,
    ) -> Result<(), WorldError> {
        self.shared.run_due();
        let now = self.shared.clock.now();
        lock(&self.shared.world).adjust(sn, amount, reason, now)
    }

    /// Pays out a completed order now.
    pub fn release_escrow(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.shared.run_due();
        let now = self.shared.clock.now();
        lock(&self.shared.world).release(sn, now)
    }

    /// When escrows are released that nobody releases by hand. It counts for all orders, those
    /// that are completed already included.
    pub fn set_escrow_release(&self, release: EscrowRelease) {
        lock(&self.shared.switches).escrow_release = release;
    }

    /// What a batch says of orders without an escrow.
    pub fn set_missing_escrows(&self, missing: MissingEscrows) {
        lock(&self.shared.switches).missing_escrows = missing;
    }
}
