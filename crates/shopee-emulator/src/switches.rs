//! Behaviour that the sources leave open, that differs between sightings, or that a test wants
//! otherwise; and what follows from it for the payout of an order.

use std::time::Duration;

use crate::world::{Escrow, FeeRates, Order, Timestamp};

/// Behaviour of the API that the sources leave open, or that differs between sightings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Switches {
    pub unknown_orders: UnknownOrders,
    /// Answer every error with HTTP 200, as some integrators have seen.
    pub always_http_200: bool,
    /// From completion until the escrow can be read, on the shop clock.
    pub escrow_delay: Duration,
    /// Leave `total_amount` out of cash-on-delivery orders until the cash is collected.
    pub hides_uncollected_total: bool,
    pub escrow_release: EscrowRelease,
    pub missing_escrows: MissingEscrows,
    pub expire_in: ExpireIn,
    pub sip_list_name: SipListName,
}

/// What `expire_in` of new tokens says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpireIn {
    /// Seconds that the access token lives.
    #[default]
    Seconds,
    /// The time of its end: the specification's own sample has that.
    UnixTime,
}

/// How `public/get_shops_by_partner` calls the list of affiliate shops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SipListName {
    /// `sip_affi_shop_list`, as the specification's table has it.
    #[default]
    Table,
    /// `sip_affi_shops`, as its sample has it.
    Sample,
}

/// What happens to an unknown number among several known ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownOrders {
    /// It is left out of the answer.
    #[default]
    Omitted,
    /// The whole call is refused.
    RefuseAll,
}

/// When the money of a completed order is paid out, unless it is released by hand before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EscrowRelease {
    /// From the moment that the escrow can be read.
    #[default]
    WithEscrow,
    /// That long after completion, on the shop clock, and never before it can be read.
    After(Duration),
    /// Never by itself.
    ByHand,
}

/// What a batch says of orders that are unknown, or whose escrow is not ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingEscrows {
    /// An entry with `fail_error`; all by themselves, they are in `escrow_detail_list`, as in the
    /// specification's example.
    #[default]
    Marked,
    /// Nothing.
    Omitted,
}

impl Switches {
    /// Whether the escrow of an order can be read. Changes of an order may run ahead of the
    /// shop's clock by some seconds.
    pub(crate) fn shows_escrow(&self, order: &Order, now: Timestamp) -> bool {
        self.readable_at(order)
            .is_some_and(|at| at <= now.max(order.update_time))
    }

    /// When the money was paid out; None when that has not happened yet.
    pub(crate) fn released_at(&self, order: &Order, now: Timestamp) -> Option<Timestamp> {
        let readable_at = self.readable_at(order)?;
        let due = match self.escrow_release {
            EscrowRelease::WithEscrow => Some(readable_at),
            EscrowRelease::After(wait) => order
                .completed_at
                .map(|at| at.saturating_add(seconds(wait)).max(readable_at)),
            EscrowRelease::ByHand => None,
        };
        let by_itself = due.filter(|at| *at <= now.max(order.update_time));
        order.payout.released_at.or(by_itself)
    }

    /// The escrow with what the switches know of its release.
    pub(crate) fn escrow_of(&self, order: &Order, rates: FeeRates, now: Timestamp) -> Escrow {
        Escrow {
            released_at: self.released_at(order, now),
            ..Escrow::of(order, rates)
        }
    }

    fn readable_at(&self, order: &Order) -> Option<Timestamp> {
        let delay = seconds(self.escrow_delay);
        order.completed_at.map(|at| at.saturating_add(delay))
    }
}

fn seconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)
}
