//! Order statuses and the one table of what may follow what.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The status an order really has. `PENDING` and `INVOICE_PENDING` are ways of *showing* a
/// `READY_TO_SHIP` order (see [`super::order::Order::shown_status`]) and never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    Unpaid,
    ReadyToShip,
    Processed,
    RetryShip,
    Shipped,
    ToConfirmReceive,
    InCancel,
    Cancelled,
    ToReturn,
    Completed,
    Pending,
    InvoicePending,
}

impl OrderStatus {
    pub const ALL: [Self; 12] = [
        Self::Unpaid,
        Self::ReadyToShip,
        Self::Processed,
        Self::RetryShip,
        Self::Shipped,
        Self::ToConfirmReceive,
        Self::InCancel,
        Self::Cancelled,
        Self::ToReturn,
        Self::Completed,
        Self::Pending,
        Self::InvoicePending,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "UNPAID",
            Self::ReadyToShip => "READY_TO_SHIP",
            Self::Processed => "PROCESSED",
            Self::RetryShip => "RETRY_SHIP",
            Self::Shipped => "SHIPPED",
            Self::ToConfirmReceive => "TO_CONFIRM_RECEIVE",
            Self::InCancel => "IN_CANCEL",
            Self::Cancelled => "CANCELLED",
            Self::ToReturn => "TO_RETURN",
            Self::Completed => "COMPLETED",
            Self::Pending => "PENDING",
            Self::InvoicePending => "INVOICE_PENDING",
        }
    }

    /// The values that the order list can be filtered by.
    pub fn parse_filter(text: &str) -> Option<Self> {
        let status = Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)?;
        match status {
            Self::RetryShip | Self::ToConfirmReceive | Self::ToReturn | Self::Pending => None,
            filterable => Some(filterable),
        }
    }

    /// The seller still has the goods.
    pub const fn is_before_pickup(self) -> bool {
        matches!(
            self,
            Self::Unpaid | Self::ReadyToShip | Self::Processed | Self::RetryShip
        )
    }

    /// What this status becomes by that step.
    pub fn after(self, step: Step) -> Result<Next, IllegalTransition> {
        use Next::{Back, Stay, To};
        use OrderStatus as S;

        let next = match (self, step) {
            (S::Unpaid, Step::Pay) => To(S::ReadyToShip),
            (S::ReadyToShip | S::RetryShip, Step::Arrange) => To(S::Processed),
            (S::ReadyToShip, Step::HandOver) | (S::Processed, Step::PickUp) => To(S::Shipped),
            (S::Processed, Step::FailPickup) => To(S::RetryShip),
            (S::Shipped, Step::Deliver) | (S::ToReturn, Step::WithdrawReturn) => {
                To(S::ToConfirmReceive)
            }
            (S::Shipped | S::ToConfirmReceive, Step::Complete)
            | (S::ToReturn, Step::CloseReturn) => To(S::Completed),
            (S::ReadyToShip | S::Processed | S::RetryShip, Step::RequestCancel) => To(S::InCancel),
            (S::InCancel, Step::RejectCancel) => Back,
            (
                S::Unpaid | S::ReadyToShip | S::Processed | S::RetryShip | S::InCancel,
                Step::Cancel,
            )
            | (S::InCancel, Step::AcceptCancel)
            | (S::Shipped, Step::FailDelivery)
            | (S::ToReturn, Step::RefundReturn) => To(S::Cancelled),
            (S::Shipped | S::ToConfirmReceive, Step::OpenReturn) => To(S::ToReturn),
            // A return after completion runs beside the order; its end is a second completion.
            (
                S::Completed,
                Step::OpenReturn | Step::WithdrawReturn | Step::CloseReturn | Step::RefundReturn,
            )
            // Cash on delivery: the money comes at any time after the order was accepted.
            | (
                S::ReadyToShip
                | S::Processed
                | S::RetryShip
                | S::Shipped
                | S::ToConfirmReceive
                | S::Completed,
                Step::CollectCash,
            ) => Stay,
            (from, step) => return Err(IllegalTransition { from, step }),
        };
        Ok(next)
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Something that happens to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The buyer pays an order that was not cash on delivery.
    Pay,
    /// The courier collects the cash of a cash-on-delivery order.
    CollectCash,
    /// The seller arranges shipment with an integrated courier.
    Arrange,
    /// The seller hands the goods to a courier of their own: shipped at once.
    HandOver,
    PickUp,
    FailPickup,
    Deliver,
    /// Delivery failed for good, or the parcel was lost.
    FailDelivery,
    Complete,
    RequestCancel,
    AcceptCancel,
    RejectCancel,
    Cancel,
    OpenReturn,
    /// The buyer takes the return back.
    WithdrawReturn,
    /// The return ends with part of the money, or none, going back.
    CloseReturn,
    /// The return ends with all of the money going back.
    RefundReturn,
}

impl Step {
    pub const ALL: [Self; 17] = [
        Self::Pay,
        Self::CollectCash,
        Self::Arrange,
        Self::HandOver,
        Self::PickUp,
        Self::FailPickup,
        Self::Deliver,
        Self::FailDelivery,
        Self::Complete,
        Self::RequestCancel,
        Self::AcceptCancel,
        Self::RejectCancel,
        Self::Cancel,
        Self::OpenReturn,
        Self::WithdrawReturn,
        Self::CloseReturn,
        Self::RefundReturn,
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    To(OrderStatus),
    /// To the status before this one.
    Back,
    Stay,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {from} cannot take the step {step:?}")]
pub struct IllegalTransition {
    pub from: OrderStatus,
    pub step: Step,
}
