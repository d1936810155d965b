//! An order as it truly is. The verbs that move it are in the modules beside this one; the wire
//! shape of the order detail is the API's business.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::address::{Address, Masking};
use super::ids::{OrderSn, ReturnSn, ShopId, Timestamp};
use super::line::Line;
use super::package::{LogisticsStatus, Package, PackedLine};
use super::payout::Payout;
use super::region::Region;
use super::status::{IllegalTransition, Next, OrderStatus, Step};

/// Invariants: `update_time` grows with every change, by at least one second; every unit that
/// is not cancelled is in exactly one package; `resume_at` is set exactly while the status is
/// `IN_CANCEL`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of an order, not states"
)]
pub struct Order {
    pub order_sn: OrderSn,
    pub shop_id: ShopId,
    pub region: Region,
    pub status: OrderStatus,
    /// Where a rejected cancellation request leads back to.
    pub resume_at: Option<OrderStatus>,
    pub create_time: Timestamp,
    pub update_time: Timestamp,
    pub pay_time: Option<Timestamp>,
    pub pickup_done_time: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    /// Completed again after a return that was opened after completion.
    pub completed_again: u32,
    pub cod: bool,
    pub lines: Vec<Line>,
    pub packages: Vec<Package>,
    pub split_up: bool,
    pub buyer_user_id: i64,
    pub buyer_username: String,
    pub address: Address,
    pub masking: Masking,
    pub payment_method: String,
    pub message_to_seller: String,
    pub note: String,
    pub note_update_time: Timestamp,
    pub days_to_ship: i64,
    pub ship_by_date: Timestamp,
    /// Shipped by a courier of the seller's own choice.
    pub own_courier: bool,
    /// The tracking number comes some time after the arrangement, by a verb of its own.
    pub tracking_comes_later: bool,
    /// Why the platform holds the order (`pending_terms`); empty when it does not.
    pub held_for: Vec<String>,
    pub invoice: InvoiceState,
    pub cancellation: Option<Cancellation>,
    pub returns: Vec<Return>,
    /// Quantity fields are on the wire only once something happened to the quantities.
    pub quantities_touched: bool,
    #[serde(with = "crate::amount")]
    pub buyer_shipping_fee: Decimal,
    #[serde(with = "crate::amount")]
    pub courier_fee: Decimal,
    #[serde(with = "crate::amount")]
    pub seller_voucher: Decimal,
    #[serde(with = "crate::amount")]
    pub shopee_voucher: Decimal,
    #[serde(with = "crate::amount")]
    pub coins: Decimal,
    pub payout: Payout,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cancellation {
    /// Nobody, as long as it is only a request.
    pub by: Option<CancelledBy>,
    pub reason: String,
    /// The reason that the buyer gave, when a buyer did.
    pub buyer_reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CancelledBy {
    Buyer,
    Seller,
    System,
}

impl CancelledBy {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Seller => "seller",
            Self::System => "system",
        }
    }
}

/// Invoices must be uploaded before shipping in some markets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    #[default]
    NotNeeded,
    Missing,
    Given {
        at: Timestamp,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Return {
    pub return_sn: ReturnSn,
    pub status: ReturnStatus,
    pub reason: String,
    pub contents: Vec<PackedLine>,
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
    pub after_completion: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReturnStatus {
    Requested,
    Accepted,
    Cancelled,
    Closed,
}

impl ReturnStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Accepted => "ACCEPTED",
            Self::Cancelled => "CANCELLED",
            Self::Closed => "CLOSED",
        }
    }
}

impl Order {
    /// The buyer has paid, or cash will be collected: the seller may go on.
    pub const fn is_paid(&self) -> bool {
        self.pay_time.is_some()
    }

    /// The status on the wire. A held order is `PENDING` only to callers that know the word;
    /// an order that waits for its invoice is `READY_TO_SHIP` unless the shop shows it plainly.
    pub fn shown_status(&self, knows_pending: bool, shows_invoice_pending: bool) -> OrderStatus {
        if self.status != OrderStatus::ReadyToShip {
            self.status
        } else if knows_pending && !self.held_for.is_empty() {
            OrderStatus::Pending
        } else if shows_invoice_pending && self.invoice == InvoiceState::Missing {
            OrderStatus::InvoicePending
        } else {
            OrderStatus::ReadyToShip
        }
    }

    pub fn shown_address(&self) -> Address {
        if self.masking.hides(self.status) {
            self.address.masked()
        } else {
            self.address.clone()
        }
    }

    /// What the buyer pays for the units that were not cancelled, shipping included.
    pub fn buyer_total(&self) -> Decimal {
        let goods: Decimal = self
            .lines
            .iter()
            .map(|line| line.paid_price * Decimal::from(line.to_ship()))
            .sum();
        let total = goods + self.buyer_shipping_fee
            - self.seller_voucher
            - self.shopee_voucher
            - self.coins;
        total.max(Decimal::ZERO)
    }

    /// Its units are sold, as far as the stock is concerned.
    pub fn keeps_units(&self) -> bool {
        self.status != OrderStatus::Cancelled
    }

    /// The return that waits for its outcome. An accepted one has been refunded.
    pub fn open_return(&self) -> Option<&Return> {
        let mut returns = self.returns.iter();
        returns.find(|entry| entry.status == ReturnStatus::Requested)
    }

    /// Takes a step of the life cycle, or says why not and changes nothing.
    pub(super) fn step(&mut self, step: Step) -> Result<(), IllegalTransition> {
        match self.status.after(step)? {
            Next::To(OrderStatus::InCancel) => {
                self.resume_at = Some(self.status);
                self.status = OrderStatus::InCancel;
            }
            Next::To(status) => {
                self.resume_at = None;
                self.status = status;
            }
            Next::Back => {
                let back = self.resume_at.take();
                self.status = back.ok_or(IllegalTransition {
                    from: self.status,
                    step,
                })?;
            }
            Next::Stay => {}
        }
        Ok(())
    }

    pub(super) fn note_packages(&mut self, at: Timestamp) {
        for package in &mut self.packages {
            package.note_status(at);
        }
    }

    pub(super) fn set_packages(&mut self, status: impl Fn(LogisticsStatus) -> LogisticsStatus) {
        for package in &mut self.packages {
            package.logistics_status = status(package.logistics_status);
        }
    }
}
